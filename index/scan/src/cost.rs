//! An upper estimate of what an expression costs when it is compiled.
//!
//! It lets a pattern be accepted without compiling it: small ones are certain to fit.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::pattern::REGEX_BYTES_MAX;

/// Bytes of one state of the automaton, with room to spare.
const STATE: usize = 48;

/// True when the expression is certain to stay below [`REGEX_BYTES_MAX`] when compiled.
///
/// The estimate is meant to be above the truth; the factor covers what it does not know.
pub(crate) fn is_small(hir: &Hir) -> bool {
    estimate(hir) < REGEX_BYTES_MAX / 8
}

fn estimate(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => STATE,
        HirKind::Literal(literal) => literal.0.len() * STATE,
        HirKind::Class(Class::Bytes(class)) => STATE + class.ranges().len() * 16,
        // One range may become several sequences of up to four bytes.
        HirKind::Class(Class::Unicode(class)) => STATE + class.ranges().len() * 12 * STATE,
        HirKind::Capture(capture) => (2 * STATE).saturating_add(estimate(&capture.sub)),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(repetition.min).max(1) as usize + 1;
            estimate(&repetition.sub).saturating_add(2 * STATE).saturating_mul(times)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(STATE, |sum, part| sum.saturating_add(estimate(part)).saturating_add(STATE))
        }
    }
}
