//! Signature lines: what one line of a symptom block means.
//!
//! Knows the small language of signatures; knows nothing of Markdown and does not search.

use std::ops::Range;

use super::regexes::{self, Flavour};
use super::{ParamName, Pattern, Piece};

/// A signature must demand so many characters of text in one piece: less is in half of all logs.
pub const LITERAL_CHARS_MIN: usize = 6;

/// A line of a symptom block.
#[derive(Clone, Debug)]
pub struct SignatureLine {
    /// What stands before it.
    pub prefix: Option<Prefix>,
    /// The signature in the line, prefixes and blanks at its ends cut.
    pub text: Range<usize>,
    /// What it means.
    pub pattern: Pattern,
    /// Names that it captures, with their places in the line.
    pub captures: Vec<(ParamName, Range<usize>)>,
    /// The longest text that every line it matches must hold, in characters.
    pub literal_chars: usize,
    /// What is probably not meant.
    pub doubts: Vec<Trouble>,
}

/// What stands before a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `! `: must not occur.
    Not,
    /// `| `: another way to write the line above.
    Or,
    /// `{5} `: how often it must occur.
    Count(u32),
}

/// What is wrong with a signature line, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The rule that speaks.
    pub rule: &'static str,
    /// Lower case, no full stop.
    pub message: String,
    /// The bytes of the line.
    pub at: Range<usize>,
    /// What to type instead.
    pub hint: Option<String>,
}

impl Trouble {
    fn new(rule: &'static str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), at, hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Reads one line; `None` for a blank one. `nocase` matters only for a regex.
pub fn read_line(line: &str, nocase: bool) -> Option<Result<SignatureLine, Trouble>> {
    let start = line.len() - line.trim_start().len();
    let end = line.trim_end().len();
    (start < end).then(|| read(line, start..end, nocase))
}

fn read(line: &str, text: Range<usize>, nocase: bool) -> Result<SignatureLine, Trouble> {
    let (prefix, start) = prefix(line, text.clone())?;
    let text = start..text.end;
    let written = &line[text.clone()];
    if written.is_empty() {
        return Err(Trouble::new("signature-empty", 0..line.len(), "nothing to look for"));
    }
    let mut signature = SignatureLine {
        prefix,
        text: text.clone(),
        pattern: Pattern::Pieces(Vec::new()),
        captures: Vec::new(),
        literal_chars: 0,
        doubts: Vec::new(),
    };
    match written.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(inner) if !inner.is_empty() => regex(inner, text.start + 1, nocase, &mut signature)?,
        _ => pieces(written, text.start, &mut signature)?,
    }
    Ok(signature)
}

/// `! `, `| ` or `{5} ` at the start; where the text behind it begins.
fn prefix(line: &str, text: Range<usize>) -> Result<(Option<Prefix>, usize), Trouble> {
    let Some((first, end)) = one_prefix(line, text.clone())? else { return Ok((None, text.start)) };
    if one_prefix(line, end..text.end)?.is_some() {
        let message = "only one of `! `, `| ` and `{N} ` can stand before a signature";
        return Err(Trouble::new("signature-prefix", text.start..end + 1, message)
            .hint("Write `\\` before the second one when it is text."));
    }
    Ok((Some(first), end))
}

fn one_prefix(line: &str, text: Range<usize>) -> Result<Option<(Prefix, usize)>, Trouble> {
    let rest = &line[text.clone()];
    let blank = |length: usize| text.end - rest[length..].trim_start().len();
    let begins = |sign: char| rest.strip_prefix(sign).is_some_and(|rest| rest.starts_with([' ', '\t']));
    if begins('!') {
        return Ok(Some((Prefix::Not, blank(1))));
    }
    if begins('|') {
        return Ok(Some((Prefix::Or, blank(1))));
    }
    let Some((count, length)) = counted(rest) else { return Ok(None) };
    let count = count.filter(|count| *count > 0).ok_or_else(|| {
        let place = text.start..text.start + length;
        Trouble::new("signature-count", place, "a count from 1 to 1000000 is wanted")
    })?;
    Ok(Some((Prefix::Count(count), blank(length))))
}

/// `{5} `: the number (`None` when it is out of range) and the length of the braces.
fn counted(rest: &str) -> Option<(Option<u32>, usize)> {
    let inner = &rest.strip_prefix('{')?;
    let (digits, after) = inner.split_once('}')?;
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let blank = after.starts_with([' ', '\t']);
    (number && blank).then(|| (digits.parse().ok().filter(|count| *count <= 1_000_000), digits.len() + 2))
}

fn regex(inner: &str, start: usize, nocase: bool, signature: &mut SignatureLine) -> Result<(), Trouble> {
    let compiled = regexes::compile(inner, Flavour::Signature { nocase }).map_err(|problem| {
        let at = start + problem.at.start..start + problem.at.end;
        Trouble::new("signature-regex", at, format!("not a regular expression: {}", problem.message))
            .hint("Write `\\/` at the start when the line is text and no pattern.")
    })?;
    if compiled.is_match(b"") {
        let at = start..start + inner.len();
        return Err(Trouble::new("signature-empty", at, "the pattern matches every line"));
    }
    for name in compiled.capture_names().flatten() {
        let at = inner.find(&format!("<{name}>")).map_or(0, |at| at + 1);
        let at = start + at..start + at + name.len();
        let Some(param) = ParamName::new(name) else {
            let message = format!("`{name}` is no legal name of a parameter");
            return Err(Trouble::new("capture-name", at, message)
                .hint("A name has lower-case letters, digits and `_`, and begins with a letter."));
        };
        signature.captures.push((param, at));
    }
    signature.literal_chars = regexes::required_literal(inner, nocase);
    signature.pattern = Pattern::Regex(inner.to_owned());
    Ok(())
}

fn pieces(written: &str, start: usize, signature: &mut SignatureLine) -> Result<(), Trouble> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    let flush = |literal: &mut String, pieces: &mut Vec<Piece>| {
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(literal)));
        }
    };
    while let Some(c) = written[at..].chars().next() {
        let rest = &written[at..];
        if let Some((text, length)) = escaped(rest, at == 0) {
            literal.push_str(text);
            at += length;
        } else if rest.starts_with("...") {
            flush(&mut literal, &mut pieces);
            pieces.push(Piece::Gap);
            at += 3;
        } else if let Some(capture) = capture(rest) {
            flush(&mut literal, &mut pieces);
            let place = start + at..start + at + capture.length;
            if let Some(name) = &capture.name {
                signature.captures.push((name.clone(), place));
            }
            pieces.push(Piece::Capture { name: capture.name, blanks: capture.blanks });
            at += capture.length;
        } else {
            signature.doubts.extend(odd_kind(rest, start + at));
            literal.push(c);
            at += c.len_utf8();
        }
    }
    flush(&mut literal, &mut pieces);
    signature.literal_chars = pieces.iter().map(literal_chars).max().unwrap_or(0);
    let whole = start..start + written.len();
    if signature.literal_chars == 0 {
        return Err(Trouble::new("signature-empty", whole, "nothing but captures: it matches every line"));
    }
    if pieces
        .windows(2)
        .any(|pair| matches!(pair, [Piece::Capture { .. }, Piece::Capture { .. } | Piece::Gap]))
    {
        let message = "nothing stands between a capture and what follows, so where it ends is a guess";
        signature.doubts.push(Trouble::new("capture-end", whole, message));
    }
    signature.pattern = Pattern::Pieces(pieces);
    Ok(())
}

/// One piece of so many characters, or so many in all, are hardly printed by other programs.
const TELLING_PIECE_CHARS: usize = 12;
const TELLING_CHARS: usize = 16;

/// True for a signature with so little text that other programs' lines hold it too.
pub fn says_little(pattern: &Pattern) -> bool {
    let longest = match pattern {
        Pattern::Regex(regex) => regexes::required_literal(regex, false),
        Pattern::Pieces(pieces) => pieces.iter().map(literal_chars).max().unwrap_or(0),
    };
    longest < TELLING_PIECE_CHARS && literal_total(pattern) < TELLING_CHARS
}

/// How many characters a matching line must hold as they are written, in all.
pub fn literal_total(pattern: &Pattern) -> usize {
    match pattern {
        Pattern::Regex(regex) => regexes::literal_total(regex),
        Pattern::Pieces(pieces) => pieces.iter().map(literal_chars).sum(),
    }
}

/// Characters of a text, a run of blanks counted as one.
fn literal_chars(piece: &Piece) -> usize {
    let Piece::Text(text) = piece else { return 0 };
    let words = text.split_whitespace();
    let (count, letters) =
        words.fold((0, 0), |(count, letters), word| (count + 1, letters + word.chars().count()));
    letters + usize::saturating_sub(count, 1)
}

/// What an escape stands for, and its length.
fn escaped(rest: &str, first: bool) -> Option<(&'static str, usize)> {
    let after = rest.strip_prefix('\\')?;
    if after.starts_with("...") {
        return Some(("...", 4));
    }
    let plain: &[&'static str] = if first { &["<", "\\", "/", "!", "|", "{"] } else { &["<", "\\"] };
    plain.iter().find(|text| after.starts_with(**text)).map(|text| (*text, 2))
}

struct Capture {
    name: Option<ParamName>,
    blanks: bool,
    length: usize,
}

/// `<name>`, `<name:text>`, `<_>`. Anything else after a `<` is text (`<TRACE>`, `<6>`).
fn capture(rest: &str) -> Option<Capture> {
    let inner = &rest.strip_prefix('<')?;
    let inner = &inner[..inner.find('>')?];
    let length = inner.len() + 2;
    if inner == "_" {
        return Some(Capture { name: None, blanks: false, length });
    }
    let (name, blanks) = inner.strip_suffix(":text").map_or((inner, false), |name| (name, true));
    Some(Capture { name: Some(ParamName::new(name)?), blanks, length })
}

/// `<name:word>`: looks like a capture of a kind that there is not.
fn odd_kind(rest: &str, at: usize) -> Option<Trouble> {
    let inner = rest.strip_prefix('<')?;
    let inner = &inner[..inner.find('>')?];
    let (name, kind) = inner.split_once(':')?;
    let looks = (ParamName::new(name).is_some() || name == "_")
        && !kind.is_empty()
        && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    looks.then(|| {
        Trouble::new("capture-kind", at..at + inner.len() + 2, format!("`<{inner}>` is taken as text"))
            .hint(format!("Write `<{name}>` for a run without blanks, `<{name}:text>` for one that may hold blanks, or `\\<` for the character."))
    })
}
