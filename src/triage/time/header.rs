//! What stands before the message of a line: stamp and host, behind whatever a paste puts there.
//!
//! A host is taken only from the shape of syslog (`host tag:`), never guessed from free text: a
//! wrong host would keep evidence apart that belongs together.

use std::ops::Range;

use super::Written;
use super::cursor::Cursor;
use super::stamp::{Style, stamp};
use super::{json, logfmt};
use crate::signature::json::first_object;

/// A stamp begins within so many bytes of a line (a path of `grep -H` may stand before it).
const PREFIX_BYTES_MAX: usize = 256;
/// What stands in brackets before a stamp is no longer.
const BRACKET_BYTES_MAX: usize = 64;
/// No host name is longer.
const HOST_BYTES_MAX: usize = 255;
/// Words in the place of a host that are levels or zones.
const NO_HOSTS: &str = "trace debug info information notice warn warning err error crit critical fatal \
    alert emerg severe panic verbose log in wa er hint \
    utc gmt cet cest bst est edt cst cdt mst mdt pst pdt";

/// Stamp and host of a line, where it has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::triage) struct Header {
    /// The stamp, as written.
    pub(in crate::triage) written: Option<Written>,
    /// The host, as bytes of the line.
    pub(in crate::triage) host: Option<Range<usize>>,
    /// Where the message begins: behind stamp and host, or where the line does when it has neither.
    pub(in crate::triage) message: usize,
}

/// Reads the header of a line; the line must be free of ANSI escapes.
pub(in crate::triage) fn header(line: &[u8]) -> Header {
    let mut at = noise(line, 0);
    for _ in 0..3 {
        if line.get(at) == Some(&b'{') && first_object(&line[at..]) == Some(0) {
            return json::record(line, at);
        }
        if let Some(found) = logfmt::record(line, at) {
            return found;
        }
        if let Some((written, end, style)) = stamp(Cursor::new(line, at)) {
            let host = if style == Style::Bare { None } else { host(Cursor::new(line, end), style) };
            let message = message(line, host.as_ref().map_or(end, |host| host.end));
            return Header { written: Some(written), host, message };
        }
        let Some(next) = label(line, at) else { break };
        at = noise(line, next);
    }
    if let Some(open) = first_object(&line[..line.len().min(PREFIX_BYTES_MAX)]) {
        return json::record(line, open);
    }
    let bare = Cursor::new(line, noise(line, 0));
    let host = host_word(bare, Style::Free);
    let message = host.as_ref().map_or(0, |host| message(line, host.end));
    Header { written: None, host, message }
}

/// The start of the message after the end of a stamp or host: blanks and what separates are skipped.
fn message(line: &[u8], end: usize) -> usize {
    let mut cursor = Cursor::new(line, end);
    // `fw1: %ASA-…`, `11:25:51, x`, `[… 11:25:51] x`.
    if matches!(cursor.peek(), Some(b':' | b',' | b';' | b']')) {
        cursor.at += 1;
    }
    cursor.blanks();
    // `fw1 : %ASA-…`, `11:25:51 | x`, `11:25:51 - x`.
    if let [b':' | b'|' | b'-', b' ' | b'\t', ..] = cursor.rest() {
        cursor.at += 1;
        cursor.blanks();
    }
    cursor.at
}

/// Skips what pasting puts before a line: blanks, NUL, quoting, bullets, opening quotes.
fn noise(line: &[u8], from: usize) -> usize {
    let mut cursor = Cursor::new(line, from);
    while let Some(byte) = cursor.peek() {
        let next = line.get(cursor.at + 1).copied();
        match byte {
            b' ' | b'\t' | 0 | b'>' | b'"' | b'\'' | b'`' => cursor.at += 1,
            b'-' | b'*' | b'+' | b'|' if matches!(next, Some(b' ' | b'\t')) => cursor.at += 2,
            // A byte order mark in the middle of joined files, and a round bullet.
            0xef if cursor.rest().starts_with("\u{feff}".as_bytes()) => cursor.at += 3,
            0xe2 if cursor.rest().starts_with("•".as_bytes()) => cursor.at += 3,
            _ => break,
        }
    }
    cursor.at
}

/// The end of a label before the line proper: a level (`ERROR: `, `E `, `D, `), something in brackets
/// (`[main] `, `(XEN) `), a number (`12: `, `3. `, `1\t`), a path of `grep -H`, the name of a container
/// (`web_1  | `).
fn label(line: &[u8], from: usize) -> Option<usize> {
    let window = &line[from..line.len().min(from + PREFIX_BYTES_MAX)];
    let letters = window.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if letters == 1 || (letters > 1 && is_no_host(&window[..letters])) {
        let mut after = Cursor::new(line, from + letters);
        if matches!(after.peek(), Some(b':' | b',')) {
            after.at += 1;
        }
        if after.blanks() > 0 {
            return Some(after.at);
        }
    }
    if let Some(closing) = window.first().and_then(|first| match first {
        b'[' => Some(b']'),
        b'(' => Some(b')'),
        _ => None,
    }) {
        let end = window.iter().take(BRACKET_BYTES_MAX).position(|byte| *byte == closing)?;
        let mut after = Cursor::new(line, from + end + 1);
        after.eat(b':');
        return (after.blanks() > 0).then_some(after.at);
    }
    let mut number = Cursor::new(line, from);
    if number.number(1..=7).is_some() && matches!(number.peek(), Some(b':' | b'.' | b'\t' | b' ')) {
        return Some(number.at + 1);
    }
    let word_end = window.iter().position(|&byte| byte == b' ' || byte == b'\t').unwrap_or(window.len());
    if let Some(colon) = memchr::memchr(b':', &window[..word_end])
        && colon + 1 < word_end
    {
        return Some(from + colon + 1);
    }
    let mut after = Cursor::new(line, from + word_end);
    (after.blanks() > 0 && after.eat(b'|')).then_some(after.at)
}

fn host(mut cursor: Cursor<'_>, style: Style) -> Option<Range<usize>> {
    if style == Style::Rfc5424 {
        cursor.eat(b' ');
        let word = cursor.word();
        return (is_host_name(word) && word != b"-").then(|| cursor.at..cursor.at + word.len());
    }
    // One blank and no more: two mean that the place of the host is empty.
    if cursor.blanks() != 1 {
        return None;
    }
    if cursor.peek() == Some(b'<') {
        let priority = cursor.word();
        if !priority.ends_with(b">") {
            return None;
        }
        cursor.at += priority.len();
        cursor.blanks();
    }
    host_word(cursor, style)
}

/// A word that is a host because of what follows it: the tag of a program, or a Cisco message.
fn host_word(cursor: Cursor<'_>, style: Style) -> Option<Range<usize>> {
    let word = cursor.word();
    let (name, colon) = match word.strip_suffix(b":") {
        Some(name) => (name, true),
        None => (word, false),
    };
    if !is_host_name(name) || is_no_host(name) {
        return None;
    }
    let found = cursor.at..cursor.at + name.len();
    let mut after = Cursor::new(cursor.line, cursor.at + word.len());
    if after.blanks() != 1 {
        return None;
    }
    if after.eat_text(b": ") || colon {
        return (after.peek() == Some(b'%')).then_some(found);
    }
    let tag = after.word();
    let is_tag = match style {
        Style::Syslog => {
            tag.starts_with(b"%")
                || (tag.ends_with(b":") && tag.len() > 1)
                || after.rest().starts_with(b"last message ")
        }
        _ => tag.ends_with(b"]:") && has_process(tag),
    };
    is_tag.then_some(found)
}

fn has_process(tag: &[u8]) -> bool {
    let inner = tag.strip_suffix(b"]:").unwrap_or(tag);
    let digits = inner.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && inner[..inner.len() - digits].ends_with(b"[") && inner.len() > digits + 1
}

pub(super) fn is_host_name(word: &[u8]) -> bool {
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%');
    (1..=HOST_BYTES_MAX).contains(&word.len())
        && word.iter().all(legal)
        && (word[0].is_ascii_alphanumeric() || word.starts_with(b"::"))
}

fn is_no_host(word: &[u8]) -> bool {
    NO_HOSTS.split_ascii_whitespace().any(|other| word.eq_ignore_ascii_case(other.as_bytes()))
}
