//! A regular expression as JavaScript writes it.
//!
//! The page holds each byte of a log as one character (U+0000 to U+00FF), so an expression over bytes
//! becomes one over characters, and means the same: classes are written out, Unicode characters
//! become the bytes of their UTF-8. What JavaScript cannot say, or would say differently, is named.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};
use regex_syntax::utf8::Utf8Sequences;

/// An expression without flags, for a line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// The source, as between slashes.
    pub(super) source: String,
    /// The name of each capturing group, in order.
    pub(super) groups: Vec<String>,
    /// Where JavaScript may say otherwise than kb, in words; empty when it says the same.
    pub(super) differs: BTreeSet<&'static str>,
}

/// Writes an expression of the `regex` crate (parsed for bytes).
pub(super) fn expression(hir: &Hir) -> Expression {
    let mut out = Expression { source: String::new(), groups: Vec::new(), differs: BTreeSet::new() };
    write(hir, false, &mut out);
    out
}

/// The same, to be met by a whole value.
pub(super) fn anchored(hir: &Hir) -> Expression {
    let inner = expression(hir);
    Expression { source: format!("^(?:{})$", inner.source), ..inner }
}

fn write(hir: &Hir, repeated: bool, out: &mut Expression) {
    match hir.kind() {
        HirKind::Empty => out.source.push_str("(?:)"),
        HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| push_byte(byte, &mut out.source)),
        HirKind::Class(class) => push_class(class, &mut out.source),
        HirKind::Look(look) => push_look(*look, out),
        HirKind::Repetition(repetition) => push_repetition(repetition, repeated, out),
        HirKind::Capture(capture) => match &capture.name {
            Some(name) => {
                if repeated {
                    out.differs.insert("a value is captured in a repeated part");
                }
                out.groups.push(name.to_string());
                group("(", &capture.sub, repeated, out);
            }
            None => group("(?:", &capture.sub, repeated, out),
        },
        HirKind::Concat(parts) => parts.iter().for_each(|part| match part.kind() {
            HirKind::Alternation(_) => group("(?:", part, repeated, out),
            _ => write(part, repeated, out),
        }),
        HirKind::Alternation(parts) => {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.source.push('|');
                }
                write(part, repeated, out);
            }
        }
    }
}

fn group(open: &str, inner: &Hir, repeated: bool, out: &mut Expression) {
    out.source.push_str(open);
    write(inner, repeated, out);
    out.source.push(')');
}

fn push_repetition(repetition: &Repetition, repeated: bool, out: &mut Expression) {
    let many = repetition.max.is_none_or(|max| max > 1);
    if many && repetition.sub.properties().minimum_len() == Some(0) {
        out.differs.insert("a part that may be empty is repeated");
    }
    match repetition.sub.kind() {
        HirKind::Class(class @ Class::Bytes(_)) => push_class(class, &mut out.source),
        HirKind::Literal(literal) if literal.0.len() == 1 => push_byte(literal.0[0], &mut out.source),
        _ => group("(?:", &repetition.sub, repeated || many, out),
    }
    match (repetition.min, repetition.max) {
        (0, None) => out.source.push('*'),
        (1, None) => out.source.push('+'),
        (0, Some(1)) => out.source.push('?'),
        (min, None) => out.source.push_str(&format!("{{{min},}}")),
        (min, Some(max)) if min == max => out.source.push_str(&format!("{{{min}}}")),
        (min, Some(max)) => out.source.push_str(&format!("{{{min},{max}}}")),
    }
    if !repetition.greedy {
        out.source.push('?');
    }
}

fn push_byte(byte: u8, out: &mut String) {
    match byte {
        b' ' | b'%' | b'&' | b'\'' | b'"' | b'#' | b',' | b':' | b';' | b'=' | b'@' | b'_' | b'~' => {
            out.push(char::from(byte));
        }
        _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
        b'!'..=b'.' | b'/' | b'?' | b'['..=b'^' | b'{'..=b'}' => {
            out.push('\\');
            out.push(char::from(byte));
        }
        _ => out.push_str(&format!("\\x{byte:02x}")),
    }
}

fn push_class(class: &Class, out: &mut String) {
    match class {
        Class::Bytes(class) => {
            push_ranges(class.iter().map(|range| (range.start(), range.end())), out);
        }
        Class::Unicode(class) => {
            let sequences: Vec<_> =
                class.iter().flat_map(|range| Utf8Sequences::new(range.start(), range.end())).collect();
            if sequences.is_empty() {
                return out.push_str("[]");
            }
            out.push_str("(?:");
            for (at, sequence) in sequences.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                for range in sequence {
                    push_ranges(std::iter::once((range.start, range.end)), out);
                }
            }
            out.push(')');
        }
    }
}

fn push_ranges(ranges: impl Iterator<Item = (u8, u8)>, out: &mut String) {
    let ranges: Vec<_> = ranges.collect();
    if let [(start, end)] = ranges.as_slice()
        && start == end
    {
        return push_byte(*start, out);
    }
    out.push('[');
    for (start, end) in ranges {
        push_byte(start, out);
        if start < end {
            out.push('-');
            push_byte(end, out);
        }
    }
    out.push(']');
}

/// A line holds no line feed, so where a text begins or ends and where a line does are the same, but
/// for a carriage return in the middle.
fn push_look(look: Look, out: &mut Expression) {
    out.source.push_str(match look {
        Look::Start | Look::StartLF => "^",
        Look::End | Look::EndLF => "$",
        Look::StartCRLF => r"(?:^|(?<=\r))",
        Look::EndCRLF => r"(?:$|(?=\r))",
        Look::WordAscii => r"\b",
        Look::WordAsciiNegate => r"\B",
        Look::WordStartAscii => r"\b(?=\w)",
        Look::WordEndAscii => r"\b(?<=\w)",
        Look::WordStartHalfAscii => r"(?<!\w)",
        Look::WordEndHalfAscii => r"(?!\w)",
        Look::WordUnicode
        | Look::WordUnicodeNegate
        | Look::WordStartUnicode
        | Look::WordEndUnicode
        | Look::WordStartHalfUnicode
        | Look::WordEndHalfUnicode => {
            out.differs.insert("a border of words beyond ASCII");
            match look {
                Look::WordUnicodeNegate => r"\B",
                Look::WordStartUnicode => r"\b(?=\w)",
                Look::WordEndUnicode => r"\b(?<=\w)",
                Look::WordStartHalfUnicode => r"(?<!\w)",
                Look::WordEndHalfUnicode => r"(?!\w)",
                _ => r"\b",
            }
        }
    });
}

#[cfg(test)]
mod tests;
