//! A signature as a person reads it: the words that stand in a line, and `<name>` for values.
//!
//! A regex is shown by its literal text; what can be many things becomes `…`.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::runbook::{Pattern, Signature};

/// What stands for text that the signature does not fix.
const ANY: char = '…';

/// The signature in words.
pub(super) fn wording(signature: &Signature) -> String {
    let Pattern::Regex(regex) = &signature.pattern else { return signature.text.clone() };
    let Some(hir) = parse(regex) else { return signature.text.clone() };
    let mut out = String::new();
    write(&hir, &mut out);
    out.trim_matches([' ', ANY]).to_owned()
}

/// How many characters a matching line must hold as they are written.
pub(super) fn literal_length(signature: &Signature) -> usize {
    match &signature.pattern {
        Pattern::Regex(regex) => parse(regex).map_or(0, |hir| least_literal(&hir)),
        Pattern::Pieces(pieces) => {
            let texts = pieces.iter().map(|piece| match piece {
                crate::runbook::Piece::Text(text) => text.chars().count(),
                _ => 0,
            });
            texts.sum()
        }
    }
}

fn parse(regex: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(regex).ok()
}

fn write(hir: &Hir, out: &mut String) {
    match hir.kind() {
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Capture(capture) => match &capture.name {
            Some(name) => {
                out.push('<');
                out.push_str(name);
                out.push('>');
            }
            None => write(&capture.sub, out),
        },
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, out)),
        // Where nothing may stand, nothing is shown; else the first of several is an example.
        HirKind::Alternation(parts)
            if parts.iter().any(|part| part.properties().minimum_len() == Some(0)) => {}
        HirKind::Alternation(parts) => parts.iter().take(1).for_each(|part| write(part, out)),
        HirKind::Repetition(repetition) if repetition.min == 0 && repetition.max == Some(1) => {}
        HirKind::Class(class) => out.push(example(class).unwrap_or(ANY)),
        HirKind::Repetition(_) if out.ends_with(ANY) => {}
        HirKind::Repetition(_) => out.push(ANY),
        HirKind::Look(_) | HirKind::Empty => {}
    }
}

/// A character for a class of a few, such as the two cases of a letter.
fn example(class: &Class) -> Option<char> {
    const FEW: usize = 4;
    let chars: Vec<char> = match class {
        Class::Unicode(class) => {
            class.iter().flat_map(|range| range.start()..=range.end()).take(FEW + 1).collect()
        }
        Class::Bytes(class) => {
            class.iter().flat_map(|range| range.start()..=range.end()).map(char::from).take(FEW + 1).collect()
        }
    };
    chars.last().copied().filter(|last| chars.len() <= FEW && last.is_ascii_alphanumeric())
}

fn least_literal(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Capture(capture) => least_literal(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(least_literal).sum(),
        HirKind::Alternation(parts) => parts.iter().map(least_literal).min().unwrap_or(0),
        HirKind::Repetition(repetition) => repetition.min as usize * least_literal(&repetition.sub),
        HirKind::Class(_) | HirKind::Look(_) | HirKind::Empty => 0,
    }
}

#[cfg(test)]
mod tests;
