//! Shapes of log lines: lines that differ only in numbers, names and times are one shape.
//!
//! A megabyte of log has a few hundred shapes, so what must look at every kind of line looks at
//! shapes. Knows bytes only: no runbook, no index.

use std::collections::HashMap;

use super::time::header;

/// More distinct shapes than this are not told apart any more.
const SHAPES_MAX: usize = 50_000;

/// Only so much of a line makes its shape.
const LINE_BYTES_MAX: usize = 2048;

/// The distinct shapes of many lines, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub struct Shapes {
    known: HashMap<Vec<u8>, usize>,
    distinct: Vec<Shape>,
    dropped: u64,
}

/// One shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The message of the first line of this shape: without time stamp, host and process number.
    pub message: Vec<u8>,
    /// How many lines have it.
    pub lines: u64,
}

impl Shapes {
    /// Counts a line in. Returns whether its shape is new.
    pub fn add(&mut self, line: &[u8]) -> bool {
        let message = message(line);
        let message = &message[..message.len().min(LINE_BYTES_MAX)];
        let key = reduce(message);
        self.count(key, 1, || message.to_vec())
    }

    /// Adds the lines of another log, which come after these.
    pub fn join(&mut self, later: Self) {
        self.dropped += later.dropped;
        for shape in later.distinct {
            self.count(reduce(&shape.message), shape.lines, || shape.message.clone());
        }
    }

    fn count(&mut self, key: Vec<u8>, lines: u64, message: impl FnOnce() -> Vec<u8>) -> bool {
        if let Some(&known) = self.known.get(&key) {
            self.distinct[known].lines += lines;
            return false;
        }
        if self.distinct.len() == SHAPES_MAX {
            self.dropped += lines;
            return false;
        }
        self.known.insert(key, self.distinct.len());
        self.distinct.push(Shape { message: message(), lines });
        true
    }

    /// All shapes, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Shape> {
        self.distinct.iter()
    }

    /// How many lines had a shape of their own after the limit was reached.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// True for a line that begins with a time stamp.
pub fn is_stamped(line: &[u8]) -> bool {
    message(line).len() != line.trim_ascii().len()
}

/// The line with every word that holds a digit replaced by `#`, and runs of blanks by one blank.
fn reduce(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some(&first) = rest.first() {
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        if word == 0 {
            if !(first.is_ascii_whitespace() && out.last().is_none_or(|last| *last == b' ')) {
                out.push(if first.is_ascii_whitespace() { b' ' } else { first });
            }
            rest = &rest[1..];
            continue;
        }
        let (word, after) = rest.split_at(word);
        if word.iter().any(u8::is_ascii_digit) {
            out.push(b'#');
        } else {
            out.extend_from_slice(word);
        }
        rest = after;
    }
    out
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// What the line says: behind quoting, time stamp, host and time since boot.
pub fn message(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let header = header(line);
    if header.message > 0 {
        let rest = &line[header.message..];
        return next_word(rest).filter(|(word, _)| is_zone(word)).map_or(rest, |(_, after)| after);
    }
    behind_a_part_of_a_stamp(line)
}

/// The same for a line that was cut in its stamp, or has one without a date: word by word.
fn behind_a_part_of_a_stamp(line: &[u8]) -> &[u8] {
    let mut rest = skip_quotes(line);
    let mut stamped = false;
    let mut month = false;
    // Seconds since boot stand in rings that name no host.
    let mut clock = false;
    while let Some((word, after)) = next_word(rest) {
        let bare = bare(word);
        let part = match () {
            () if is_month_or_day(bare) => {
                next_word(after).is_some_and(|(next, _)| next[0].is_ascii_digit() || is_month_or_day(next))
            }
            () if month && bare.len() <= 2 => bare.iter().all(u8::is_ascii_digit),
            () => is_stamp(bare) || (stamped && is_year_or_zone(bare)),
        };
        if !part {
            break;
        }
        month = is_month_or_day(bare);
        stamped = true;
        clock |= bare.contains(&b':');
        rest = after;
    }
    if clock { skip_host(rest) } else { rest }
}

/// `> ` of a mail, `<6>` of the kernel.
fn skip_quotes(mut line: &[u8]) -> &[u8] {
    loop {
        if let Some(rest) = line.strip_prefix(b"> ").or_else(|| line.strip_prefix(b">>")) {
            line = rest.trim_ascii_start();
            continue;
        }
        let Some(end) =
            line.strip_prefix(b"<").and_then(|rest| rest.iter().take(4).position(|byte| *byte == b'>'))
        else {
            return line;
        };
        if end == 0 || !line[1..=end].iter().all(u8::is_ascii_digit) {
            return line;
        }
        line = line[end + 2..].trim_ascii_start();
    }
}

/// A name ahead of `program:` or `program[pid]:` is the host.
fn skip_host(rest: &[u8]) -> &[u8] {
    let Some((host, after)) = next_word(rest) else { return rest };
    let Some((program, _)) = next_word(after) else { return rest };
    let named = host.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if named && program.ends_with(b":") { after } else { rest }
}

/// The first word and what follows it; a bracket that holds blanks (`[  12.3]`) is one word.
fn next_word(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = rest.trim_ascii_start();
    let closing = |end: u8| rest.iter().take(40).position(|byte| *byte == end).map(|at| at + 1);
    let bracket = match rest.first()? {
        b'[' if rest[1..].trim_ascii_start().first().is_some_and(u8::is_ascii_digit) => closing(b']'),
        _ => None,
    };
    let blank = || rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let (word, after) = rest.split_at(bracket.unwrap_or_else(blank));
    Some((word, after.trim_ascii_start()))
}

fn bare(word: &[u8]) -> &[u8] {
    let around = |byte: &u8| {
        matches!(byte, b'[' | b']' | b'(' | b')' | b',' | b':' | b';' | b'|' | b'*')
            || byte.is_ascii_whitespace()
    };
    let start = word.iter().position(|byte| !around(byte)).unwrap_or(word.len());
    let end = word.iter().rposition(|byte| !around(byte)).map_or(start, |at| at + 1);
    &word[start..end]
}

/// Digits with what joins them in dates, times, epochs and times since boot; `I0423` of klog.
fn is_stamp(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let joined = word.iter().any(|byte| matches!(byte, b':' | b'-' | b'/' | b'.'));
    let known = |byte: &u8| {
        byte.is_ascii_digit() || matches!(byte, b':' | b'-' | b'/' | b'.' | b',' | b'+' | b'T' | b'Z' | b' ')
    };
    let klog = matches!(word, [b'I' | b'W' | b'E' | b'F', rest @ ..] if rest.len() == 4 && rest.iter().all(u8::is_ascii_digit));
    klog || (word.iter().all(known) && ((joined && digits >= 4) || digits >= 10))
}

fn is_month_or_day(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 19] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
        b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun",
    ];
    word.len() == 3 && NAMES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn is_year_or_zone(word: &[u8]) -> bool {
    let year = word.len() == 4 && (word.starts_with(b"19") || word.starts_with(b"20"));
    year && word.iter().all(u8::is_ascii_digit) || is_zone(word)
}

fn is_zone(word: &[u8]) -> bool {
    matches!(word, b"UTC" | b"GMT" | b"CET" | b"CEST" | b"EST" | b"PST")
}

#[cfg(test)]
mod tests;
