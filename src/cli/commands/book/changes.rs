//! When a runbook was last changed: by its last commit where it is under git, else by its file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::book::{Changed, Known};
use crate::cli::context::Context;
use crate::disk;
use crate::runbook::{KnowledgeBase, RunbookId};
use crate::target::git;

/// The dates of all runbooks that were read from a disk.
pub(super) fn of(context: &Context, base: &KnowledgeBase) -> BTreeMap<RunbookId, Changed> {
    let mut commits: BTreeMap<&Path, BTreeMap<PathBuf, String>> = BTreeMap::new();
    let mut changes = BTreeMap::new();
    for runbook in &base.runbooks {
        let Some(path) = runbook.source.real_path.as_deref() else { continue };
        let Some(folder) = path.parent() else { continue };
        let dates = commits.entry(folder).or_insert_with(|| git::dates(folder));
        let committed = dates.get(path).map(|date| Changed { date: date.clone(), how: Known::Git });
        let written = || {
            let modified = Timestamp::try_from(disk::modified(path)?).ok()?;
            let date = modified.to_zoned(context.environment.zone.clone()).date().to_string();
            Some(Changed { date, how: Known::File })
        };
        if let Some(changed) = committed.or_else(written) {
            changes.insert(runbook.id.clone(), changed);
        }
    }
    changes
}
