//! The words that a run uses in the journal and in its reasons.

use std::fmt::Write as _;

use crate::report::{FixState, Outcome, UndoOutcome, UndoState, Verdict};
use crate::runbook::Risk;

/// An error with its causes.
pub(super) fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let _ = write!(words, ": {next}");
        cause = next.source();
    }
    // A number says nothing to a person.
    words.split(" (os error ").next().unwrap_or("").to_owned()
}

/// A verdict in the words of the page.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sick => "sick",
        Verdict::Healthy => "healthy",
        Verdict::Unknown => "unknown",
        Verdict::DoesNotApply => "not applicable",
        Verdict::Refuse => "refusing",
        Verdict::Shown => "only shown",
    }
}

pub(super) fn fix_word(state: FixState) -> &'static str {
    match state {
        FixState::Offered => "offered",
        FixState::Unneeded => "unneeded",
        FixState::Declined => "declined",
        FixState::Skipped => "skipped",
        FixState::Applied => "applied",
        FixState::Held => "held",
        FixState::Failed => "failed",
        FixState::Undone => "undone",
        FixState::Unknown => "unknown",
    }
}

pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Healthy => "healthy",
        Outcome::Held => "held",
        Outcome::DoesNotApply => "does-not-apply",
        Outcome::Sick => "sick",
        Outcome::Unknown => "unknown",
        Outcome::NoRight => "no-right",
        Outcome::Undone => "undone",
        Outcome::Broken => "broken",
        Outcome::Declined => "declined",
        Outcome::Interrupted => "interrupted",
    }
}

pub(super) fn undo_word(state: UndoState) -> &'static str {
    match state {
        UndoState::Offered => "offered",
        UndoState::Declined => "declined",
        UndoState::Skipped => "skipped",
        UndoState::Undone => "undone",
        UndoState::Failed => "not undone",
        UndoState::Unknown => "unknown",
    }
}

pub(super) fn undo_outcome_word(outcome: UndoOutcome) -> &'static str {
    match outcome {
        UndoOutcome::Undone => "undone",
        UndoOutcome::Shown => "shown",
        UndoOutcome::Offered => "offered",
        UndoOutcome::Broken => "broken",
        UndoOutcome::Declined => "declined",
        UndoOutcome::Interrupted => "interrupted",
    }
}

pub(super) fn risk_word(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}
