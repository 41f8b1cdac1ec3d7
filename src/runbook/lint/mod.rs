//! What a good runbook also has: outputs recorded, samples, a way back, the risk said aloud.
//!
//! Judges a parsed runbook; it only warns. What is wrong enough to disable a block is found when
//! the file is parsed, so that it holds for a runbook that nobody ever linted.

mod checks;
mod facts;
mod fixes;
mod reads;
mod values;

use super::Runbook;
use crate::diag::Diagnostic;

pub use facts::TO_FILL;

/// Every rule of lint: one file each for what it looks at.
const RULES: &[fn(&Runbook, &mut Vec<Diagnostic>)] = &[
    facts::title,
    facts::risk,
    facts::tested,
    facts::to_fill,
    facts::samples,
    checks::outputs,
    checks::history,
    reads::writes,
    fixes::undo,
    fixes::stops_at_errors,
    fixes::never_offered,
    fixes::unused_rollbacks,
    fixes::shared_sections,
    values::parameters,
    values::variables,
];

/// Warnings about one runbook, in the order of the file. A page without marks has none.
pub fn lint(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if runbook.has_marks() {
        for rule in RULES {
            rule(runbook, &mut found);
        }
    }
    found.sort_by_key(|found| found.span);
    found
}
