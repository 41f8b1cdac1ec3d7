//! What matching needs of the runbooks: each by its number, and the full text of all.
//!
//! [`KnowledgeBase`] has them all in memory; `catalog` reads those that are asked for.

use std::fmt::Debug;

use super::library;
use crate::runbook::{KnowledgeBase, Runbook, RunbookId};

/// Runbooks by number.
pub trait Shelf: Debug + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// The runbook with this number, which is below [`Shelf::count`].
    fn runbook(&self, number: usize) -> &Runbook;

    /// The number of a runbook.
    fn number(&self, id: &RunbookId) -> Option<usize>;

    /// The full text of all, its documents in the order of the numbers.
    fn words(&self) -> kb_text::Index;
}

impl Shelf for KnowledgeBase {
    fn count(&self) -> usize {
        self.runbooks.len()
    }

    fn runbook(&self, number: usize) -> &Runbook {
        &self.runbooks[number]
    }

    fn number(&self, id: &RunbookId) -> Option<usize> {
        self.runbooks.binary_search_by(|runbook| runbook.id.cmp(id)).ok()
    }

    fn words(&self) -> kb_text::Index {
        library::index(self.runbooks.iter())
    }
}
