//! `kb undo` as a person follows it: what can be undone, what became of it, what is true now.

use std::io;

use super::run::{of_fix, verdict};
use crate::render::style::Out;
use crate::report::{UndoOutcome, UndoReport, UndoResult, UndoState};
use crate::run::journal::past::{PastRun, moment};
use crate::run::undo::Record;

/// What is about to be offered.
pub fn undo_plan(out: &mut Out<'_>, record: &Record) -> io::Result<()> {
    out.text("Undo ")?;
    out.label("runbook id", record.runbook.id.as_str())?;
    out.line("", &format!(", {}", record.origin))?;
    for step in &record.steps {
        out.wrapped("", 2, &format!("`{}` puts back {}", step.rollback, step.puts_back))?;
    }
    out.newline()
}

/// Why there is nothing to do.
pub fn nothing_to_undo(out: &mut Out<'_>, run: &PastRun, why: &str) -> io::Result<()> {
    out.label("runbook id", run.runbook())?;
    out.line("", &format!(", run {} of {}", run.number, moment(run.began())))?;
    out.wrapped("outcome open", 0, &format!("Nothing to undo: {why}."))
}

/// What became of undoing one change.
pub(super) fn undone(out: &mut Out<'_>, result: &UndoResult) -> io::Result<()> {
    let (label, word) = match result.state {
        UndoState::Offered => ("outcome open", "offered"),
        UndoState::Declined => ("outcome open", "declined"),
        UndoState::Skipped => ("outcome open", "skipped"),
        UndoState::Undone => ("outcome good", "UNDONE"),
        UndoState::Failed => ("outcome bad", "NOT UNDONE"),
        UndoState::Unknown => ("outcome bad", "STATE NOT KNOWN"),
    };
    of_fix(out, &result.fix, (label, word), &result.reason)
}

/// The last lines: how it ended, what is true now, what to type next. `name` is what was typed after
/// `kb undo`.
pub fn undo_outcome(out: &mut Out<'_>, report: &UndoReport, name: &str) -> io::Result<()> {
    let (label, text) = match report.outcome {
        UndoOutcome::Undone => ("outcome good", "Undone: every rollback ran to its end without an error."),
        UndoOutcome::Shown => ("outcome open", "Nothing was undone: this was a dry run."),
        UndoOutcome::Offered => ("outcome open", "Nothing was undone: nobody could be asked."),
        UndoOutcome::Broken => ("outcome bad", "Not undone, or its state is not known."),
        UndoOutcome::Declined => ("outcome open", "Not all was undone: you left some of it."),
        UndoOutcome::Interrupted => ("outcome open", "Interrupted."),
    };
    out.newline()?;
    out.line(label, text)?;
    if !report.checks.is_empty() {
        let (label, symbol, word) = verdict(out.screen(), report.verdict);
        out.text("The checks say now: ")?;
        out.line(label, &format!("{symbol} {word}"))?;
    }
    let id = &report.runbook;
    let next = match report.outcome {
        UndoOutcome::Undone => return Ok(()),
        UndoOutcome::Shown => format!("Next: `kb undo {name}` asks before it runs anything."),
        UndoOutcome::Offered => format!("Next: `kb undo {name}` in a terminal asks before it runs anything."),
        UndoOutcome::Broken => {
            format!("Next: look at the machine; `kb show {id}` says what the fix changes.")
        }
        UndoOutcome::Declined | UndoOutcome::Interrupted => format!("Next: `kb undo {name}` asks again."),
    };
    out.wrapped("dim", 0, &next)
}
