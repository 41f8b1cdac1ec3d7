//! Where each input begins and ends: what is missing of a set may lie beyond.
//!
//! A log that goes on past the window of a set says itself that the rest did not happen; a fragment
//! says nothing. Knows marks and windows; judges no set.

use super::hit::{Gap, Mark};
use super::record::Records;
use super::window::Tally;
use crate::runbook::{Symptom, SymptomMode};

/// An input of so many lines or fewer in all is a fragment.
const FRAGMENT_LINES_MAX: u64 = 200;
/// At either end of an input so much is looked at for a stamp.
const EDGE_BYTES: usize = 4 << 10;
/// Lines that come so often, each within a few windows of the last, are no accident.
const KEEPS_COMING: u64 = 3;
const WINDOWS_BETWEEN: i64 = 4;

/// The first and the last line of one input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    first: Mark,
    last: Mark,
}

/// The ends of all inputs, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    inputs: Vec<Option<Ends>>,
    lines: u64,
}

/// The ends of the input at hand.
#[derive(Debug, Default)]
pub(super) struct Edges {
    first: Option<Mark>,
    tail: Vec<u8>,
}

impl Edges {
    /// Takes note of a block of text.
    pub(super) fn take(&mut self, text: &[u8], records: &Records) {
        let head = &text[..text.len().min(EDGE_BYTES)];
        self.first.get_or_insert_with(|| records.edge(head.split(|byte| *byte == b'\n'), 1));
        self.tail.extend_from_slice(&text[text.len().saturating_sub(EDGE_BYTES)..]);
        self.tail.drain(..self.tail.len().saturating_sub(EDGE_BYTES));
    }

    /// The ends of the input, once all of its lines were taken; `None` when it had none.
    pub(super) fn ends(&self, records: &Records, lines: u64) -> Option<Ends> {
        let first = self.first?;
        Some(Ends { first, last: records.edge(self.tail.rsplit(|byte| *byte == b'\n'), lines.max(1)) })
    }
}

impl Bounds {
    /// Takes the ends of the next input, which has so many lines.
    pub(super) fn push(&mut self, ends: Option<Ends>, lines: u64) {
        self.lines += lines;
        self.inputs.push(ends);
    }

    /// True when what is missing beside these hits may have been, for all that was read.
    pub(super) fn leave_open(&self, symptom: &Symptom, hits: &Tally) -> bool {
        let Some(within) = symptom.within.map(|within| i64::try_from(within.as_micros()).unwrap_or(i64::MAX))
        else {
            return true;
        };
        // Without times nothing says how long the log went on.
        if self.lines <= FRAGMENT_LINES_MAX || hits.last.stamp.is_none() {
            return true;
        }
        let ends = |mark: &Mark| self.inputs.get(mark.file as usize).copied().flatten();
        let ends_in_it =
            ends(&hits.last).is_none_or(|ends| hits.last.gap(&ends.last, Some(within)) != Gap::Over);
        let begins_in_it = || {
            let gap = ends(&hits.first).map(|ends| ends.first.gap(&hits.first, Some(within)));
            symptom.mode != SymptomMode::Sequence && gap != Some(Gap::Over)
        };
        let keeps_coming = || {
            let between = i64::try_from(hits.count).unwrap_or(i64::MAX).saturating_mul(WINDOWS_BETWEEN);
            hits.count >= KEEPS_COMING
                && hits.first.gap(&hits.last, Some(within.saturating_mul(between))).is_met()
        };
        ends_in_it || begins_in_it() || keeps_coming()
    }
}
