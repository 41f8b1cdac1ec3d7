//! Fixes: is there a way back, do they stop at the first error, can they ever be offered?

use std::sync::LazyLock;

use regex::Regex;

use crate::diag::Diagnostic;
use crate::runbook::shell::ShellText;
use crate::runbook::{Fix, Language, Runbook, When};

/// A fix has a rollback, or its section says that it cannot be undone.
pub(super) fn undo(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    static SAYS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix) (?:cannot|can\ not|can't|can’t|not|never) \s+ be \s+ (?:undone|rolled\ back|reverted|taken\ back|put\ back)
              | \bno \s+ (?:undo|rollback|way\ back) | \bnothing \s+ to \s+ (?:undo|roll\ back|put\ back|take\ back)",
        )
        .expect("a legal pattern")
    });
    for fix in runbook.fixes.iter().filter(|fix| fix.rollback.is_none()) {
        let text = section_text(runbook, fix);
        // What a person does by hand is also undone by hand, so a sentence about it is enough.
        let said = fix.script.is_none()
            && ["undo", "undone", "put back", "take back"].iter().any(|word| text.contains(word));
        if !said && !SAYS.is_match(&text) {
            let message = format!("the fix `{}` has no rollback, and its section does not say so", fix.id);
            found.push(Diagnostic::warning("lint-undo", fix.span, message).hint(
                "Add `rollback=ID` and a block `sh rollback ID`, or write in the section that it cannot be undone.",
            ));
        }
    }
}

/// The section of a fix with the sections below it, a line as one run of words.
fn section_text(runbook: &Runbook, fix: &Fix) -> String {
    let level = runbook.sections[fix.section].level;
    let below = runbook.sections[fix.section + 1..].iter().take_while(|section| section.level > level);
    let own = std::iter::once(&runbook.sections[fix.section]);
    let text: String = own.chain(below).map(|section| runbook.source.slice(section.span)).collect();
    text.replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// kb adds no `set -e`: a script whose first command fails goes on with the second.
pub(super) fn stops_at_errors(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for fix in &runbook.fixes {
        let Some(script) = &fix.script else { continue };
        let shell = script.language != Language::Cisco;
        if shell && ShellText::new(&script.text).commands() > 1 && !sets_e(&script.text) {
            let message = format!("the fix `{}` goes on when one of its commands fails", fix.id);
            found.push(
                Diagnostic::warning("lint-set-e", fix.span, message)
                    .hint("Begin the block with `set -e` (or `set -eu`)."),
            );
        }
    }
}

fn sets_e(text: &str) -> bool {
    static SET: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*set\s+(?:-o\s+errexit|-[a-z]*e)").expect("a legal pattern"));
    SET.is_match(text)
}

/// A fix is offered when a check is sick; without one nobody ever sees it.
pub(super) fn never_offered(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    let judged = runbook.checks.iter().any(|check| check.when == When::Start && !check.rules.is_empty());
    for fix in runbook.fixes.iter().filter(|_| !judged) {
        let message = format!("the fix `{}` is never offered, because no check can be sick", fix.id);
        found.push(
            Diagnostic::warning("lint-never-offered", fix.span, message)
                .hint("Add a check with rules, and name it in `for=`."),
        );
    }
}

pub(super) fn unused_rollbacks(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for rollback in &runbook.rollbacks {
        if !runbook.fixes.iter().any(|fix| fix.rollback.as_ref() == Some(&rollback.id)) {
            let message = format!("no fix says `rollback={}`", rollback.id);
            found.push(Diagnostic::warning("lint-rollback", rollback.span, message));
        }
    }
}

/// A fix is the section of its heading, so the tasks of two fixes in one section run together.
pub(super) fn shared_sections(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for (at, fix) in runbook.fixes.iter().enumerate() {
        let mut same = runbook.fixes.iter().filter(|other| other.section == fix.section);
        let tasks = same.clone().any(|other| !other.tasks.is_empty());
        let later = same.next().is_some_and(|first| first.id != fix.id);
        if later && tasks {
            let message = format!("the fix `{}` shares its section, and its tasks, with another one", fix.id);
            found.push(
                Diagnostic::warning("lint-section", runbook.fixes[at].span, message)
                    .hint("Give each fix a heading of its own."),
            );
        }
    }
}
