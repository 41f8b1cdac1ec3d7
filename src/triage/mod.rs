//! Triage: logs in, ranked runbooks with their reasons out.
//!
//! Signatures come first: blocks of input are searched whole, and line bounds, time stamps, hosts
//! and records are worked out only where something hit. Hits are judged by streaming evaluators,
//! so that memory does not grow with the input. Full text is the second step, for lines that no
//! signature explains. Reads only from the readers it is given; opens nothing, runs nothing, asks
//! no clock: what time it is comes in [`Options`].

mod bounds;
mod collect;
mod draft;
mod excerpt;
mod flow;
mod hit;
mod input;
pub mod library;
mod missing;
mod rank;
mod record;
mod results;
pub mod shape;
mod shelf;
mod slots;
mod time;
mod track;
mod unexplained;
mod window;
pub mod wording;
mod wrapped;

use std::fmt;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::report::{Match, Score, Tier, Triage};
use crate::runbook::{KnowledgeBase, Runbook};
use crate::signature::SignatureSet;
use crate::text::printable_path;
pub use shelf::{Shelf, Written};
pub use slots::Slots;

use bounds::Bounds;
use collect::Collector;
use flow::Event;
use results::Seen;
use track::{Followed, Matcher, Noticed};
use unexplained::Unexplained;

/// When lines that no signature explains are searched as full text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suggest {
    /// Never.
    Never,
    /// When the whole input has 200 lines or fewer.
    ForPastes,
    /// Always.
    Always,
}

/// What triage must be told, because it asks nobody.
#[derive(Clone, Debug)]
pub struct Options {
    /// The present: stamps without a year are in the nearest past seen from here.
    pub now: Timestamp,
    /// The zone of stamps that name none.
    pub zone: TimeZone,
    /// Lines stamped before this do not count.
    pub since: Option<Timestamp>,
    /// Lines stamped after this do not count.
    pub until: Option<Timestamp>,
    /// When to search by words.
    pub suggest: Suggest,
    /// How many threads may scan. What is found does not depend on it.
    pub threads: usize,
}

/// One log: a name and a reader. Compression is recognised by content.
pub struct Input {
    /// `-` for standard input, else its path.
    pub name: PathBuf,
    /// Where it is read from.
    pub reader: Box<dyn Read + Send>,
    /// Its size as stored, when known.
    pub bytes: Option<u64>,
    /// When it was last written: stamps without a year are not later than this.
    pub modified: Option<Timestamp>,
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Input")
            .field("name", &self.name)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// A captured value that is longer is not used.
const VALUE_BYTES_MAX: usize = 4096;

/// Names of the inputs, by number.
type Names<'a> = &'a [PathBuf];

/// Matches logs against all runbooks. `progress` is told how many bytes were taken from the readers.
pub fn triage(
    inputs: Vec<Input>,
    shelf: &dyn Shelf,
    signatures: &SignatureSet,
    options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Triage {
    let mut found = Triage::default();
    let mut collector = Collector::new(shelf, inputs.len());
    let mut noticed = Noticed::default();
    let mut unexplained = Unexplained::new(options);
    let mut bounds = Bounds::default();
    let matcher = Matcher { shelf, signatures, options };
    flow::read(inputs, matcher, options.threads.max(1), &mut |event| match event {
        Event::Found(hits) => collector.take(hits),
        Event::Ended(followed) => {
            let Followed { summary, long_lines, unexplained: rest, noticed: more, ends } = *followed;
            found.notices.extend(long_lines.map(|lines| say_long(&summary.name, lines)));
            bounds.push(ends, summary.lines);
            found.inputs.push(summary);
            unexplained.join(rest);
            noticed.join(more);
        }
        Event::Progress(bytes) => progress(bytes),
    });
    let (outcomes, late) = collector.finish();
    say(&noticed, late, &mut found.notices);
    let names: Vec<PathBuf> = found.inputs.iter().map(|input| input.name.clone()).collect();
    let mut outcomes: Vec<_> = outcomes.into_iter().collect();
    while let Some(((runbook, _), _)) = outcomes.first() {
        let runbook = *runbook;
        let end = outcomes.partition_point(|((other, _), _)| *other <= runbook);
        let of_runbook: Vec<_> =
            outcomes.drain(..end).map(|((_, block), outcome)| (block, outcome)).collect();
        let runbook = shelf.runbook(runbook);
        found.results.extend(results::results(
            runbook,
            &of_runbook,
            &Seen { names: &names, bounds: &bounds, now: options.now },
            &mut found.notices,
        ));
    }
    suggest(&mut found, unexplained, shelf);
    rank::sort(&mut found.results);
    found
}

fn say_long(name: &Path, (first, count): (u64, u64)) -> String {
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    let name = printable_path(name);
    format!("`{name}`: line {first}{more} is longer than 1 MiB and was searched in overlapping pieces.")
}

/// Sentences on what was noticed while hits were collected.
fn say(noticed: &Noticed, late: bool, out: &mut Vec<String>) {
    if !noticed.guessed_years.is_empty() {
        let years: Vec<String> = noticed.guessed_years.iter().map(i16::to_string).collect();
        out.push(format!("Times without a year were taken as the nearest past: {}.", years.join(", ")));
    }
    if noticed.untimed_kept {
        out.push(
            "Lines without a date were kept: whether they are in the time asked for is not known.".to_owned(),
        );
    }
    if late {
        out.push(
            "There are so many hits that lines far out of order were judged apart from their neighbours."
                .to_owned(),
        );
    }
    if noticed.record_cut {
        out.push("A record has so many hits that it was judged in parts.".to_owned());
    }
}

/// The second step: runbooks whose words are those of lines that no signature explains.
fn suggest(found: &mut Triage, unexplained: Unexplained, shelf: &dyn Shelf) {
    let identified = found.results.iter().any(|result| result.tier == Tier::Match);
    for suggested in unexplained.suggest(shelf, identified, &mut found.notices) {
        let known = found.results.iter().any(|result| result.runbook == suggested.runbook);
        if known {
            continue;
        }
        let score = f64::from(suggested.score);
        found.results.push(Match {
            runbook: suggested.runbook,
            title: suggested.title,
            tier: Tier::Suggestion,
            score: Score { total: score, parts: vec![("words found".to_owned(), score)] },
            instances: Vec::new(),
            missing: Vec::new(),
            words: suggested.words,
            notes: Vec::new(),
        });
    }
}

/// True when the text holds the runbook's symptom: a complete block of weight normal or high.
/// Records that are stamped at `newer_than` or before do not count; text without stamps does.
pub fn symptom_seen(
    runbook: &Runbook,
    text: &[u8],
    newer_than: Option<Timestamp>,
    options: &Options,
) -> bool {
    let base = KnowledgeBase { runbooks: vec![runbook.clone()], ..KnowledgeBase::default() };
    let input = Input {
        name: PathBuf::from("-"),
        reader: Box::new(Cursor::new(text.to_vec())),
        bytes: Some(text.len() as u64),
        modified: None,
    };
    let since = newer_than.map(|at| at.saturating_add(SignedDuration::from_micros(1)).unwrap_or(at));
    let options = Options { since, until: None, suggest: Suggest::Never, ..options.clone() };
    let found = triage(vec![input], &base, &SignatureSet::of(runbook), &options, &mut |_| {});
    found.results.iter().any(|result| result.tier == Tier::Match)
}

#[cfg(test)]
mod tests;
