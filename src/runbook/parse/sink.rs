//! Where the readers of a page put what they find wrong.

use crate::diag::{Diagnostic, Severity};

/// More findings in one file than this help nobody.
const FOUND_MAX: usize = 500;

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

    /// The findings, in the order of the file; of very many the first ones, which is said.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|found| (found.span, std::cmp::Reverse(found.severity)));
        self.found.dedup();
        if let Some(next) = self.found.get(FOUND_MAX) {
            let (span, more) = (next.span, self.found.len() - FOUND_MAX);
            self.found.truncate(FOUND_MAX);
            let message = format!("{more} more findings behind this place are not listed");
            self.found.push(Diagnostic::warning("file-findings", span, message));
        }
        self.found
    }
}
