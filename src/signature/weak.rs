//! Signatures that are wrong in themselves, whatever the log.

use kb_scan::required_literals;

use super::expression::scan_pattern;
use super::set::signatures;
use crate::diag::{Diagnostic, Severity};
use crate::runbook::pattern::LITERAL_CHARS_MIN;
use crate::runbook::{Pattern, Piece, Signature, Symptom};

/// The first error in a block: the reason not to search for it.
pub(super) fn block_error(symptom: &Symptom) -> Option<Diagnostic> {
    findings(symptom).find(|found| found.severity == Severity::Error)
}

/// What is wrong with the signatures of a block.
pub(super) fn findings(symptom: &Symptom) -> impl Iterator<Item = Diagnostic> {
    signatures(symptom)
        .filter_map(|(place, signature)| finding(signature, symptom, symptom.steps[place.step].negated))
}

fn finding(signature: &Signature, symptom: &Symptom, negated: bool) -> Option<Diagnostic> {
    let chars = match weakest_literal_chars(signature, symptom.nocase) {
        Ok(chars) if chars >= LITERAL_CHARS_MIN => return None,
        Ok(chars) => chars,
        Err(error) => return Some(unusable(signature, &error)),
    };
    let held = match chars {
        0 => "no text".to_owned(),
        1 => "text of only one character".to_owned(),
        _ => format!("text of only {chars} characters"),
    };
    let message = format!("`{}` demands {held} to be found by", signature.text);
    // A line that must not occur can only take a match away, so it need not be rare.
    let soft = symptom.broad || negated;
    let diagnostic = if soft {
        Diagnostic::warning("signature-broad", signature.span, message)
    } else {
        Diagnostic::error("signature-broad", signature.span, message).hint(format!(
            "Write more of the line as it is, at least {LITERAL_CHARS_MIN} characters in one piece in every \
             alternative, or say `broad` on the block."
        ))
    };
    Some(diagnostic)
}

/// A signature that the scanner does not take.
pub(super) fn unusable(signature: &Signature, error: &kb_scan::PatternError) -> Diagnostic {
    let message = format!("`{}` cannot be searched for: {error}", signature.text);
    Diagnostic::error("signature-unusable", signature.span, message)
}

/// The longest text, in characters, that every way of matching demands.
fn weakest_literal_chars(signature: &Signature, nocase: bool) -> Result<usize, kb_scan::PatternError> {
    if let Pattern::Pieces(pieces) = &signature.pattern {
        return Ok(pieces.iter().map(literal_chars).max().unwrap_or(0));
    }
    let branches = required_literals(&scan_pattern(&signature.pattern, nocase))?;
    let longest = |branch: &kb_scan::Branch| {
        let chars = |literal: &kb_scan::Literal| chars(&String::from_utf8_lossy(&literal.text()));
        branch.literals.iter().map(chars).max().unwrap_or(0)
    };
    Ok(branches.iter().map(longest).min().unwrap_or(0))
}

fn literal_chars(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) => chars(text),
        Piece::Capture { .. } | Piece::Gap => 0,
    }
}

/// The characters of a text, a run of blanks as one, without blanks at its ends.
fn chars(text: &str) -> usize {
    let words = text.split_whitespace();
    words.map(|word| word.chars().count() + 1).sum::<usize>().saturating_sub(1)
}
