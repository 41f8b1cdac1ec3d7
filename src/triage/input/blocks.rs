//! Blocks of text cut at line ends, with what stood before them.
//!
//! A line without an end is given in overlapping pieces, so that it costs no more memory than
//! [`LINE_BYTES_MAX`] and the lines after it are not lost.

use std::io::{self, Read};

/// A block is at least this long, unless the input ends: it fits the second-level cache.
const BLOCK_BYTES: usize = 256 << 10;
/// What is kept before a block for looking back.
const KEPT_BYTES: usize = 64 << 10;
/// A longer line is given in pieces of this length.
pub(super) const LINE_BYTES_MAX: usize = 1 << 20;
/// What two pieces of one line share: a signature that lies across the cut is found whole.
const OVERLAP_BYTES: usize = 16 << 10;
/// What is kept of the start of a line in pieces, for its stamp and host.
const HEAD_BYTES: usize = 512;

/// A block of whole lines, or a piece of a line that is too long to be held.
pub(in crate::triage) struct Block<'a> {
    /// What is kept of the text so far, the block at its end.
    pub(in crate::triage) kept: &'a [u8],
    /// Where the block starts in `kept`.
    pub(in crate::triage) start: usize,
    /// The number of its first line, from 1.
    pub(in crate::triage) first_line: u64,
    /// The start of the first line, when that line began in an earlier block.
    pub(in crate::triage) head: Option<&'a [u8]>,
    /// The last line goes on in the next block.
    pub(in crate::triage) unfinished: bool,
}

impl<'a> Block<'a> {
    /// The text of the block.
    pub(in crate::triage) fn text(&self) -> &'a [u8] {
        &self.kept[self.start..]
    }
}

/// Reads blocks.
pub(in crate::triage) struct Blocks {
    reader: Box<dyn Read>,
    /// Holds, in this order: lines before the block, the block, what was read beyond it.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    filled: usize,
    /// Of the line at the start of the next block.
    line: u64,
    head: Vec<u8>,
    in_long_line: bool,
    ended: bool,
    /// Comes out once everything read before it was given.
    error: Option<io::Error>,
    /// Bytes given, after decompression.
    pub(in crate::triage) bytes: u64,
    /// The number of the first line that was given in pieces, and how many there were.
    pub(in crate::triage) long_lines: Option<(u64, u64)>,
    partial_line: bool,
}

impl Blocks {
    pub(super) fn new(reader: Box<dyn Read>) -> Self {
        Self {
            reader,
            buffer: vec![0; KEPT_BYTES + BLOCK_BYTES],
            start: 0,
            end: 0,
            filled: 0,
            line: 1,
            head: Vec::new(),
            in_long_line: false,
            ended: false,
            error: None,
            bytes: 0,
            long_lines: None,
            partial_line: false,
        }
    }

    /// Lines given so far; a last one without an end counts.
    pub(in crate::triage) fn lines(&self) -> u64 {
        self.line - 1 + u64::from(self.partial_line)
    }

    /// The next block; `None` at the end. After an error there is nothing more.
    pub(in crate::triage) fn next(&mut self) -> io::Result<Option<Block<'_>>> {
        self.release();
        let end = loop {
            self.fill();
            if let Some(at) = memchr::memrchr(b'\n', &self.buffer[self.start..self.filled]) {
                break self.start + at + 1;
            }
            if self.ended || self.filled - self.start >= LINE_BYTES_MAX {
                break self.filled;
            }
            let wanted = (self.filled - self.start) * 2;
            self.buffer.resize(self.start + wanted.clamp(BLOCK_BYTES, LINE_BYTES_MAX), 0);
        };
        if end == self.start {
            return self.error.take().map_or(Ok(None), Err);
        }
        self.end = end;
        let was_long = self.in_long_line;
        let newlines = self.count(was_long);
        Ok(Some(Block {
            kept: &self.buffer[..self.end],
            start: self.start,
            first_line: self.line - newlines,
            head: was_long.then_some(self.head.as_slice()),
            unfinished: self.in_long_line,
        }))
    }

    /// Takes note of the block `start..end`; gives its line ends.
    fn count(&mut self, was_long: bool) -> u64 {
        let block = &self.buffer[self.start..self.end];
        let ends = block.ends_with(b"\n");
        let newlines = memchr::memchr_iter(b'\n', block).count() as u64;
        self.bytes += block.len() as u64 - if was_long { OVERLAP_BYTES as u64 } else { 0 };
        let goes_on = !(ends || self.ended && self.end == self.filled);
        if !was_long {
            self.head.clear();
        }
        if (goes_on || was_long) && self.head.is_empty() {
            // A hole of zeros, as rotating a file in use leaves it, says nothing.
            let text = &block[block.iter().take_while(|&&byte| byte == 0).count()..];
            self.head.extend_from_slice(&text[..text.len().min(HEAD_BYTES)]);
        }
        if goes_on && !was_long {
            let (first, count) = self.long_lines.unwrap_or((self.line, 0));
            self.long_lines = Some((first, count + 1));
        }
        self.in_long_line = goes_on;
        self.partial_line = !ends;
        self.line += newlines;
        newlines
    }

    /// Drops the last block but for what is kept to look back on.
    fn release(&mut self) {
        let from =
            if self.in_long_line { self.end - OVERLAP_BYTES } else { self.end.saturating_sub(KEPT_BYTES) };
        // Whole lines only: half a line could be taken for one.
        let from = match memchr::memchr(b'\n', &self.buffer[from..self.end]) {
            Some(at) if from > 0 && !self.in_long_line => from + at + 1,
            None if from > 0 && !self.in_long_line => self.end,
            _ => from,
        };
        self.buffer.copy_within(from..self.filled, 0);
        self.filled -= from;
        self.start = if self.in_long_line { 0 } else { self.end - from };
        self.end = self.start;
        if self.buffer.len() > KEPT_BYTES + BLOCK_BYTES && !self.in_long_line {
            self.buffer.truncate((KEPT_BYTES + BLOCK_BYTES).max(self.filled));
        }
    }

    fn fill(&mut self) {
        while !self.ended && self.filled < self.buffer.len() {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(error) => {
                    self.ended = true;
                    self.error = Some(error);
                }
            }
        }
    }
}
