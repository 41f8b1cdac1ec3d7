//! Healthy logs of many systems, made from shapes: what no runbook may match on.
//!
//! The shapes are text files beside this one (`shapes/*.txt`), so a new kind of log needs no Rust:
//! - `== WEIGHT PREFIX|` opens a section whose lines all begin with PREFIX;
//! - a paragraph is one event: its lines come together, from one host;
//! - `@N` lets N seconds pass; `# ` is a comment;
//! - `{kind}`, `{1-65000}` and `{a|b|c}` are made up anew each time, `{x:kind}` keeps its value for
//!   the event; any other brace is itself.
//!
//! The same seed gives the same bytes for ever, so a failure can be looked at again. Knows nothing
//! of runbooks; no clock and no randomness from outside.

use jiff::civil::DateTime;

use self::shape::{Event, Section, sections};
use self::values::{Dice, EventValues};

mod shape;
mod values;

/// The files of shapes, in no order that matters.
const SHAPES: &[&str] = &[
    include_str!("shapes/apps.txt"),
    include_str!("shapes/data.txt"),
    include_str!("shapes/linux.txt"),
    include_str!("shapes/mail-web.txt"),
    include_str!("shapes/net.txt"),
    include_str!("shapes/virt.txt"),
];

/// Where the clock of the sample starts.
const START: DateTime = jiff::civil::datetime(2026, 11, 2, 0, 0, 0, 0);

/// Makes whole lines of healthy logs, at least `bytes` of them.
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let sections: Vec<Section> = SHAPES.iter().flat_map(|text| sections(text)).collect();
    let total: u64 = sections.iter().map(|section| section.weight).sum();
    let mut dice = Dice::new(seed);
    let mut clock = Clock { seconds: 0 };
    let mut out = Vec::with_capacity(bytes + 4096);
    while out.len() < bytes && total > 0 {
        clock.seconds += dice.below(4) as i64;
        let section = pick(&sections, dice.below(total));
        let event = &section.events[dice.below(section.events.len() as u64) as usize];
        write_event(&mut out, section, event, &mut clock, &mut dice);
    }
    out
}

fn pick(sections: &[Section], mut ticket: u64) -> &Section {
    for section in sections {
        if ticket < section.weight {
            return section;
        }
        ticket -= section.weight;
    }
    &sections[0]
}

fn write_event(out: &mut Vec<u8>, section: &Section, event: &Event, clock: &mut Clock, dice: &mut Dice) {
    let mut values = EventValues::default();
    for line in &event.lines {
        clock.seconds += line.after_s;
        if line.pieces.is_empty() {
            continue;
        }
        let now = clock.now();
        for piece in section.prefix.iter().chain(&line.pieces) {
            piece.write(out, &now, &mut values, dice);
        }
        out.push(b'\n');
    }
}

struct Clock {
    seconds: i64,
}

/// A moment, worked out once a line.
struct Moment {
    civil: DateTime,
    since_start_s: i64,
}

impl Clock {
    fn now(&self) -> Moment {
        let civil = START.saturating_add(jiff::SignedDuration::from_secs(self.seconds));
        Moment { civil, since_start_s: self.seconds }
    }
}

#[cfg(test)]
mod tests;
