//! What a run will do, worked out from the runbook alone.

use std::collections::BTreeSet;

use crate::runbook::{HostName, Runbook};

/// The hosts on which anything of the runbook runs: each needs a target.
pub fn hosts(runbook: &Runbook) -> BTreeSet<HostName> {
    let checks = runbook.checks.iter().map(|check| &check.script.host);
    let fixes = runbook.fixes.iter().filter_map(|fix| fix.script.as_ref()).map(|script| &script.host);
    let rollbacks = runbook.rollbacks.iter().map(|rollback| &rollback.script.host);
    checks.chain(fixes).chain(rollbacks).cloned().collect()
}

/// True when a block for this host needs root.
pub fn needs_root(runbook: &Runbook, host: &HostName) -> bool {
    let checks = runbook.checks.iter().map(|check| &check.script);
    let fixes = runbook.fixes.iter().filter_map(|fix| fix.script.as_ref());
    let rollbacks = runbook.rollbacks.iter().map(|rollback| &rollback.script);
    checks.chain(fixes).chain(rollbacks).any(|script| script.root && script.host == *host)
}
