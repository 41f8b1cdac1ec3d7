//! A signature as a person reads it: the words that stand in a line, and `<name>` for values.
//!
//! A regex is shown by its literal text; what can be many things becomes `…`.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::runbook::{ParamName, Pattern, Piece, Signature};
use crate::text::printable;

/// So much of a signature is shown in a score.
const SHOWN_CHARS_MAX: usize = 44;
/// What stands for text that the signature does not fix.
const ANY: char = '…';

/// The signature in words.
pub fn wording(signature: &Signature) -> String {
    let Pattern::Regex(regex) = &signature.pattern else { return signature.text.clone() };
    let Some(hir) = parse(regex) else { return signature.text.clone() };
    let mut out = String::new();
    write(&hir, &mut out);
    out.trim_matches([' ', ANY]).to_owned()
}

/// The text that a line must hold, without the names of values.
pub fn literal_text(signature: &Signature) -> String {
    let mut text = String::new();
    match &signature.pattern {
        Pattern::Pieces(pieces) => {
            for piece in pieces {
                text.push_str(if let Piece::Text(text) = piece { text } else { " … " });
            }
        }
        Pattern::Regex(_) => {
            let read = wording(signature);
            let mut rest = read.as_str();
            while let Some((before, after)) = rest.split_once('<') {
                text.push_str(before);
                let name = after.find('>').filter(|end| ParamName::new(&after[..*end]).is_some());
                let Some(end) = name else {
                    text.push('<');
                    rest = after;
                    continue;
                };
                text.push(ANY);
                rest = &after[end + 1..];
            }
            text.push_str(rest);
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches([' ', ANY]).to_owned()
}

/// The text of a signature, cut to what a score shows.
pub fn shown(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
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

#[cfg(test)]
mod tests;
