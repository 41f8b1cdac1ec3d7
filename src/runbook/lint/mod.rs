//! What a good runbook also has: outputs recorded, samples, a way back, the risk said aloud.
//!
//! Judges a parsed runbook; it only warns. What is wrong enough to disable a block is found when
//! the file is parsed, so that it holds for a runbook that nobody ever linted.

use super::Runbook;
use crate::diag::Diagnostic;

/// Warnings about one runbook, in the order of the file.
pub fn lint(_runbook: &Runbook) -> Vec<Diagnostic> {
    Vec::new()
}
