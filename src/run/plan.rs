//! What a run will do, worked out from the runbook alone. Pure.

use std::collections::BTreeSet;

use crate::run::values::used_by_check;
use crate::runbook::{BlockId, Check, Fix, HostName, Runbook, Script, ValueSource, When};

/// The hosts on which anything of the runbook runs or is done: each needs a target.
pub fn hosts(runbook: &Runbook) -> BTreeSet<HostName> {
    let manual = runbook.fixes.iter().map(|fix| &fix.host);
    scripts(runbook).map(|script| &script.host).chain(manual).cloned().collect()
}

/// True when a block for this host needs root.
pub fn needs_root(runbook: &Runbook, host: &HostName) -> bool {
    scripts(runbook).any(|script| script.root && script.host == *host)
}

/// Every block that runs.
pub fn scripts(runbook: &Runbook) -> impl Iterator<Item = &Script> {
    let checks = runbook.checks.iter().map(|check| &check.script);
    let fixes = runbook.fixes.iter().filter_map(|fix| fix.script.as_ref());
    checks.chain(fixes).chain(runbook.rollbacks.iter().map(|rollback| &rollback.script))
}

/// The checks that run at the start.
pub fn at_start(runbook: &Runbook) -> Vec<&Check> {
    runbook.checks.iter().filter(|check| check.when == When::Start).collect()
}

/// The checks that are run ahead of a fix.
pub fn before<'a>(runbook: &'a Runbook, fix: &Fix) -> Vec<&'a Check> {
    runbook.checks.iter().filter(|check| check.when == When::Before(fix.id.clone())).collect()
}

/// The checks that are run after a fix only.
pub fn after<'a>(runbook: &'a Runbook, fix: &Fix) -> Vec<&'a Check> {
    runbook.checks.iter().filter(|check| check.when == When::After(fix.id.clone())).collect()
}

/// Checks in the order in which they can run: those that give values first, and one batch for each
/// host as far as that allows, since a host done by hand costs a person one paste for each.
pub fn batches<'a>(runbook: &Runbook, checks: &[&'a Check]) -> Vec<Vec<&'a Check>> {
    let mut left = checks.to_vec();
    let mut batches = Vec::new();
    while !left.is_empty() {
        let ids: Vec<BlockId> = left.iter().map(|check| check.id.clone()).collect();
        let waits = |check: &&Check| {
            let mut givers = givers(runbook, check).into_iter();
            givers.any(|giver| giver != check.id && ids.contains(&giver))
        };
        let (waiting, ready): (Vec<&Check>, Vec<&Check>) = left.into_iter().partition(waits);
        // Checks that wait for each other never get their values; they run and say so.
        let (ready, waiting) = if ready.is_empty() { (waiting, Vec::new()) } else { (ready, waiting) };
        batches.extend(by_host(ready));
        left = waiting;
    }
    batches
}

fn by_host(checks: Vec<&Check>) -> Vec<Vec<&Check>> {
    let mut groups: Vec<Vec<&Check>> = Vec::new();
    for check in checks {
        match groups.iter_mut().find(|group| group[0].script.host == check.script.host) {
            Some(group) => group.push(check),
            None => groups.push(vec![check]),
        }
    }
    groups
}

/// The checks whose captures a check uses.
pub fn givers(runbook: &Runbook, check: &Check) -> Vec<BlockId> {
    let sources = used_by_check(runbook, check).into_iter().flat_map(|parameter| &parameter.sources);
    let checks = sources.filter_map(|source| match source {
        ValueSource::Check(id) => Some(id.clone()),
        _ => None,
    });
    checks.collect()
}
