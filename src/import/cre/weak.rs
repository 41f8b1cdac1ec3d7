//! Phrases that say little by themselves, and the names of the program that they belong to.

use super::model::{Cre, Logic};
use crate::runbook::pattern;

const NAMES_MAX: usize = 8;

/// Words of sources and containers that name no program.
const COMMON: &[&str] = &[
    "agent",
    "api",
    "app",
    "application",
    "cluster",
    "client",
    "cli",
    "collector",
    "controller",
    "core",
    "cre",
    "container",
    "daemon",
    "events",
    "event",
    "ingress",
    "kubernetes",
    "linux",
    "log",
    "logs",
    "main",
    "manager",
    "node",
    "operator",
    "prequel",
    "process",
    "proxy",
    "server",
    "service",
    "system",
    "worker",
];

/// A signature that other programs' lines hold too.
pub(super) fn is_weak(line: &str) -> bool {
    matches!(pattern::read_line(line, false), Some(Ok(read)) if pattern::says_little(&read.pattern))
}

/// A signature for the names of the program, in any letter case; `None` when the rule names none.
pub(super) fn names(cre: &Cre, logic: &Logic) -> Option<String> {
    let groups = [&logic.set, &logic.sequence].into_iter().flatten();
    let sources = groups.filter_map(|group| group.event.as_ref()?.source.clone());
    let applications = cre.applications.iter();
    let applications = applications
        .flat_map(|one| [&one.name, &one.process_name, &one.container_name].into_iter().flatten().cloned());
    let mut names: Vec<String> = Vec::new();
    for text in sources.chain(applications) {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
            word.len() >= 3 && !COMMON.contains(word) && word.chars().any(|c| c.is_ascii_alphabetic())
        });
        names.extend(words.map(str::to_owned));
    }
    names.sort();
    names.dedup();
    names.truncate(NAMES_MAX);
    (!names.is_empty()).then(|| format!("/(?i)\\b(?:{})/", names.join("|")))
}
