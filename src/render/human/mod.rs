//! For people: reports as text with labels, at the width of the terminal.
//!
//! Knows the results and what can be drawn; does not know whether it is a terminal, and asks nothing.

use std::io;

use crate::render::style::{Out, columns, wrap};
use crate::runbook::{KnowledgeBase, Origin};
use crate::text::printable_path;

mod cases;
mod consent;
mod costs;
mod doctor;
mod hits;
mod past;
mod run;
mod time;
mod triage;
mod trust;
mod undo;

pub use cases::cases;
pub use consent::{consent, script};
pub use costs::costs;
pub use doctor::{Examined, Health, examined, health, reasons};
pub use hits::hits;
pub use past::{cut_off, past_run, past_runs};
pub use run::{RunWatch, check, ending, outcome, plan, verdict};
pub use time::{Moment, ago, span};
pub use triage::{View, triage};
pub use trust::{pins, to_trust};
pub use undo::{nothing_to_undo, undo_outcome, undo_plan};

/// The table of `kb list`: name and title, and the file of those that are not built in. In a pipe
/// (`one_line`) each runbook has one line, whole.
pub fn list(out: &mut Out<'_>, base: &KnowledgeBase, one_line: bool) -> io::Result<()> {
    let names = base.runbooks.iter().map(|runbook| columns(runbook.id.as_str()));
    let wide = names.max().unwrap_or(0).min(out.width() / 2);
    let indent = " ".repeat(wide + 2);
    for runbook in &base.runbooks {
        let name = runbook.id.as_str();
        out.label("runbook id", name)?;
        out.text(&" ".repeat(wide.saturating_sub(columns(name)) + 2))?;
        let title = runbook.title.replace('\n', " ");
        let room = if one_line { usize::MAX } else { out.width().saturating_sub(wide + 2) };
        for (at, line) in wrap(&title, room).iter().enumerate() {
            out.text(if at == 0 { "" } else { &indent })?;
            out.line("", line)?;
        }
        if runbook.origin != Origin::BuiltIn && !one_line {
            out.text(&indent)?;
            out.line("path", &printable_path(&runbook.source.path))?;
        }
    }
    Ok(())
}

/// Where a runbook came from, for a person.
pub fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Named => "a file you named",
        Origin::Given => "the folder of --kb",
        Origin::Project => "this project",
        Origin::User => "your own",
        Origin::System => "this machine's",
        Origin::BuiltIn => "built in",
    }
}

/// Text of one line cut to so many columns, with `…` where something is missing.
pub fn cut(text: &str, room: usize) -> String {
    let text = text.replace(['\n', '\r'], " ");
    if columns(&text) <= room {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if columns(&kept) >= room.max(1) {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

/// `1 line`, `2 lines`.
pub fn plural(count: u64, one: &str) -> String {
    let number = grouped(count);
    if count == 1 { format!("{number} {one}") } else { format!("{number} {one}s") }
}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
