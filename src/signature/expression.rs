//! A signature as a pattern of the scanner.
//!
//! Knows the pieces of a signature and the syntax of the regex crate; searches nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::runbook::{ParamName, Pattern, Piece};

/// A run of blanks, as the scanner knows it.
const BLANKS: &str = r"[ \t]+";

/// The pattern by which the scanner finds a signature. Its groups are named after the captures; a
/// name that occurs again carries a number ([`capture_name`]).
pub fn scan_pattern(pattern: &Pattern, nocase: bool) -> kb_scan::Pattern {
    let found = match pattern {
        Pattern::Regex(text) => kb_scan::Pattern::regex(text.clone()),
        Pattern::Pieces(pieces) => plain(pieces, nocase)
            .map_or_else(|| kb_scan::Pattern::regex(expression(pieces)), kb_scan::Pattern::literal),
    };
    kb_scan::Pattern { nocase, ..found }
}

/// The capture that a group stands for; `None` when it is no legal name of a parameter.
pub fn capture_name(group: &str) -> Option<ParamName> {
    ParamName::new(group.split('.').next().unwrap_or(group))
}

/// The text, when the signature is nothing but text without blanks.
fn plain(pieces: &[Piece], nocase: bool) -> Option<String> {
    let [Piece::Text(text)] = pieces else { return None };
    let simple = !text.contains(is_blank) && (text.is_ascii() || !nocase);
    simple.then(|| text.clone())
}

/// A part of a signature in which runs of blanks stand apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'p> {
    Text(&'p str),
    Blanks,
    Capture { name: Option<&'p ParamName>, blanks: bool },
    Gap,
}

fn expression(pieces: &[Piece]) -> String {
    let tokens = tokens(pieces);
    let mut out = String::new();
    let mut names = BTreeSet::new();
    let mut rest = tokens.as_slice();
    // "Any text" at an end says nothing; with a blank beside it, that the line may end there.
    while let Some(after) = rest.strip_prefix(&[Token::Gap]) {
        rest = after;
        if let Some(after) = rest.strip_prefix(&[Token::Blanks]) {
            out.push_str(r"(?:^|[ \t])");
            rest = after;
        }
    }
    while let Some((&token, after)) = rest.split_first() {
        rest = match (token, after) {
            (Token::Blanks, [Token::Gap]) => {
                out.push_str(r"(?:[ \t]|$)");
                &[]
            }
            (Token::Blanks, [Token::Gap, Token::Blanks, after @ ..]) => {
                out.push_str(r"[ \t]+(?:(?s-u:.)*?[ \t]+)??");
                after
            }
            (Token::Gap, []) => &[],
            _ => {
                push(token, after.first(), &mut out, &mut names);
                after
            }
        };
    }
    out
}

fn push<'p>(
    token: Token<'p>,
    next: Option<&Token<'p>>,
    out: &mut String,
    names: &mut BTreeSet<&'p ParamName>,
) {
    // Where nothing that could end it follows, a value is as long as it can be.
    let lazy = if matches!(next, None | Some(Token::Gap)) { "" } else { "?" };
    match token {
        Token::Text(text) => push_text(text, out),
        Token::Blanks => out.push_str(BLANKS),
        Token::Gap => out.push_str("(?s-u:.)*?"),
        Token::Capture { name, blanks: false } => {
            push_group(name, &format!(r"(?-u:[^ \t])+{lazy}"), out, names);
        }
        // Blanks around such a value are not part of it.
        Token::Capture { name, blanks: true } => {
            out.push_str(r"[ \t]*");
            let value = format!(r"(?-u:[^ \t])(?:(?s-u:.)*{lazy}(?-u:[^ \t]))?{lazy}");
            push_group(name, &value, out, names);
            if next.is_some() {
                out.push_str(r"[ \t]*");
            }
        }
    }
}

fn push_text(text: &str, out: &mut String) {
    let escaped = regex::escape(text);
    if text.is_ascii() {
        return out.push_str(&escaped);
    }
    // So that ignoring letter case reaches letters beyond ASCII.
    out.push_str("(?u:");
    out.push_str(&escaped);
    out.push(')');
}

fn push_group<'p>(
    name: Option<&'p ParamName>,
    value: &str,
    out: &mut String,
    names: &mut BTreeSet<&'p ParamName>,
) {
    let Some(name) = name else {
        return out.push_str(value);
    };
    let again = if names.insert(name) { String::new() } else { format!(".{}", out.len()) };
    let _ = write!(out, "(?P<{name}{again}>{value})");
}

fn tokens(pieces: &[Piece]) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => push_words(text, &mut tokens),
            Piece::Capture { name, blanks } => {
                tokens.push(Token::Capture { name: name.as_ref(), blanks: *blanks });
            }
            Piece::Gap => tokens.push(Token::Gap),
        }
    }
    tokens.dedup_by(|a, b| a == b && matches!(a, Token::Gap | Token::Blanks));
    // Any text, a blank and again any text say no more than the first.
    let repeated = [Token::Blanks, Token::Gap, Token::Blanks, Token::Gap];
    while let Some(at) = tokens.windows(repeated.len()).position(|window| window == repeated) {
        tokens.drain(at..at + 2);
    }
    tokens
}

fn push_words<'p>(text: &'p str, tokens: &mut Vec<Token<'p>>) {
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(is_blank).unwrap_or(rest.len());
        if word > 0 {
            tokens.push(Token::Text(&rest[..word]));
        }
        rest = &rest[word..];
        let blanks = rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
        if blanks > 0 {
            tokens.push(Token::Blanks);
        }
        rest = &rest[blanks..];
    }
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

#[cfg(test)]
mod tests;
