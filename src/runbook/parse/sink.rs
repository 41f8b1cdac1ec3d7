//! Where the readers of a page put what they find wrong.

use crate::diag::{Diagnostic, Severity};

/// Findings in the order they were made, with a count of the errors: a reader that finds the count
/// risen knows that its block is disabled.
#[derive(Debug, Default)]
pub(super) struct Sink {
    found: Vec<Diagnostic>,
    errors: usize,
}

impl Sink {
    pub(super) fn push(&mut self, found: Diagnostic) {
        self.errors += usize::from(found.severity == Severity::Error);
        self.found.push(found);
    }

    pub(super) fn extend(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        for found in found {
            self.push(found);
        }
    }

    /// The value, or the finding put down.
    pub(super) fn ok<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|found| self.push(found)).ok()
    }

    /// How many errors there are so far.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// All findings, in the order of the file.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|found| (found.span, std::cmp::Reverse(found.severity)));
        self.found.dedup();
        self.found
    }
}
