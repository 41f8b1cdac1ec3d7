//! What matching needs of the runbooks: each by its number, and the full text of all.
//!
//! [`KnowledgeBase`] has them all in memory; `catalog` reads those that are asked for.

use std::fmt::Debug;
use std::sync::Arc;

use super::library;
use crate::runbook::{KnowledgeBase, Runbook, RunbookId};

/// A runbook as it is written, for those who do not need what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which.
    pub id: RunbookId,
    /// Its title.
    pub title: String,
    /// All of its text.
    pub text: Arc<str>,
}

impl Written {
    /// What is written in a runbook.
    pub fn of(runbook: &Runbook) -> Self {
        let Runbook { id, title, source, .. } = runbook;
        Self { id: id.clone(), title: title.clone(), text: Arc::clone(&source.text) }
    }
}

/// Runbooks by number.
pub trait Shelf: Debug + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// The runbook with this number, which is below [`Shelf::count`].
    fn runbook(&self, number: usize) -> &Runbook;

    /// What is written in the runbook with this number; cheaper than the runbook.
    fn written(&self, number: usize) -> Written;

    /// The number of a runbook.
    fn number(&self, id: &RunbookId) -> Option<usize>;

    /// The full text of all, its documents in the order of the numbers.
    fn words(&self) -> kb_text::Index;

    /// Takes note that this full text could not be read, so that what was found with it is not used.
    fn words_failed(&self, error: &kb_text::IndexError);
}

impl Shelf for KnowledgeBase {
    fn count(&self) -> usize {
        self.runbooks.len()
    }

    fn runbook(&self, number: usize) -> &Runbook {
        &self.runbooks[number]
    }

    fn written(&self, number: usize) -> Written {
        Written::of(&self.runbooks[number])
    }

    fn number(&self, id: &RunbookId) -> Option<usize> {
        self.runbooks.binary_search_by(|runbook| runbook.id.cmp(id)).ok()
    }

    fn words(&self) -> kb_text::Index {
        library::index(self.runbooks.iter())
    }

    fn words_failed(&self, error: &kb_text::IndexError) {
        unreachable!("an index in memory has nothing that could fail: {error}");
    }
}
