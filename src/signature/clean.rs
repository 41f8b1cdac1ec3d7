//! A log line without what a terminal would not have shown.
//!
//! Knows escape sequences; knows nothing of signatures.

use std::borrow::Cow;

use memchr::memchr;

/// The escape character.
pub(crate) const ESCAPE: u8 = 0x1b;

/// The line without carriage returns at its end and without ANSI escape sequences: colours and
/// cursor moves (CSI), titles and links (OSC and the other strings), and the short ones.
///
/// A string sequence that does not end on the line loses its first two bytes only, so that a cut
/// sequence never hides text.
pub fn clean(line: &[u8]) -> Cow<'_, [u8]> {
    let line = without_returns(line);
    if memchr(ESCAPE, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut out = Vec::with_capacity(line.len());
    clean_into(line, &mut out);
    Cow::Owned(out)
}

/// Appends the cleaned line.
pub(super) fn clean_into(line: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = without_returns(line);
    while let Some(at) = memchr(ESCAPE, rest) {
        out.extend(&rest[..at]);
        rest = &rest[at + sequence_bytes(&rest[at..])..];
    }
    out.extend(rest);
    let kept = without_returns(&out[start..]).len();
    out.truncate(start + kept);
}

fn without_returns(line: &[u8]) -> &[u8] {
    let last = line.iter().rposition(|&byte| byte != b'\r');
    &line[..last.map_or(0, |last| last + 1)]
}

/// The length of the escape sequence that `text` begins with.
fn sequence_bytes(text: &[u8]) -> usize {
    match text.get(1) {
        Some(b'[') => 2 + control_bytes(&text[2..]),
        // Device control, start of string, title of `screen`, operating system, privacy, application.
        Some(b'P' | b'X' | b'k' | b']' | b'^' | b'_') => 2 + string_bytes(&text[2..]),
        // Character sets and the like: bytes of a middle kind, then a final one.
        Some(0x20..=0x2f) => {
            let middle = text[1..].iter().take_while(|byte| matches!(byte, 0x20..=0x2f)).count();
            1 + middle + usize::from(text.get(1 + middle).is_some_and(|byte| matches!(byte, 0x30..=0x7e)))
        }
        Some(0x30..=0x7e) => 2,
        Some(_) | None => 1,
    }
}

/// The rest of a control sequence: parameters, middle bytes, a final byte.
fn control_bytes(rest: &[u8]) -> usize {
    let parameters = rest.iter().take_while(|byte| matches!(byte, 0x30..=0x3f)).count();
    let middle = rest[parameters..].iter().take_while(|byte| matches!(byte, 0x20..=0x2f)).count();
    let before = parameters + middle;
    before + usize::from(rest.get(before).is_some_and(|byte| matches!(byte, 0x40..=0x7e)))
}

/// The rest of a string sequence with its end (BEL, or ESC and a backslash); 0 when it has none.
fn string_bytes(rest: &[u8]) -> usize {
    let end = rest.iter().position(|&byte| byte == 0x07 || byte == ESCAPE);
    match end {
        Some(at) if rest[at] == 0x07 => at + 1,
        Some(at) if rest.get(at + 1) == Some(&b'\\') => at + 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
