//! Shapes of log lines: lines that differ only in numbers, names and times are one shape.
//!
//! A megabyte of log has a few hundred shapes, so what must look at every kind of line looks at
//! shapes. Knows bytes only: no runbook, no index.

use std::collections::HashMap;

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
        if let Some(&known) = self.known.get(&key) {
            self.distinct[known].lines += 1;
            return false;
        }
        if self.distinct.len() == SHAPES_MAX {
            self.dropped += 1;
            return false;
        }
        self.known.insert(key, self.distinct.len());
        self.distinct.push(Shape { message: message.to_vec(), lines: 1 });
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

/// What the line says: behind quoting, time stamp, level, host and process number.
pub fn message(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}
