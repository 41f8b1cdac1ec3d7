//! Text cut at line ends, and the same text with its line numbers and what stood before it.
//!
//! Cutting ([`Cutter`]) is done ahead and by any thread; numbering ([`Reading`]) follows in the order
//! of the text. A line without an end is given in overlapping pieces, so that it costs no more memory
//! than [`LINE_BYTES_MAX`] and the lines after it are not lost. Where a text is cut depends on the
//! text alone.

use std::io::{self, Read};

/// A cut is about this long, unless the input ends: it fits the second-level cache.
const CUT_BYTES: usize = 256 << 10;
/// So much is made room for at first: most pastes need no more.
const FIRST_BYTES: usize = 16 << 10;
/// A longer line is given in pieces of this length.
pub(super) const LINE_BYTES_MAX: usize = 1 << 20;
/// What two pieces of one line share: a signature that lies across the cut is found whole.
const OVERLAP_BYTES: usize = 16 << 10;
/// What is kept of the start of a line in pieces, for its stamp and host.
const HEAD_BYTES: usize = 512;

/// Whole lines, or a piece of a line that is too long to be held.
#[derive(Debug, Default)]
pub(in crate::triage) struct Cut {
    buffer: Vec<u8>,
    length: usize,
    /// Its first line began in the cut before.
    continues: bool,
    /// Its last line goes on in the next cut.
    unfinished: bool,
}

impl Cut {
    pub(in crate::triage) fn text(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// The memory, to be used again; that of a long line is given back.
    pub(in crate::triage) fn into_buffer(mut self) -> Vec<u8> {
        self.buffer.truncate(CUT_BYTES);
        self.buffer.shrink_to(CUT_BYTES);
        self.buffer
    }
}

/// Cuts a reader's text.
pub(in crate::triage) struct Cutter {
    reader: Box<dyn Read + Send>,
    /// What the next cut begins with.
    carried: Vec<u8>,
    in_long_line: bool,
    ended: bool,
    /// Comes out once everything read before it was given.
    error: Option<io::Error>,
}

impl Cutter {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, carried: Vec::new(), in_long_line: false, ended: false, error: None }
    }

    /// The next cut, in this memory; `None` at the end. After an error there is nothing more.
    pub(in crate::triage) fn next(&mut self, mut buffer: Vec<u8>) -> io::Result<Option<Cut>> {
        if self.ended && self.carried.is_empty() {
            return self.error.take().map_or(Ok(None), Err);
        }
        let mut filled = self.carried.len();
        // Memory that was used before has that room already.
        let mut room = FIRST_BYTES.max(filled).max(buffer.len().min(CUT_BYTES));
        buffer.resize(room.max(buffer.len()), 0);
        buffer[..filled].copy_from_slice(&self.carried);
        let end = loop {
            self.fill(&mut buffer[..room], &mut filled);
            if !self.ended && room < CUT_BYTES {
                room = CUT_BYTES;
                buffer.resize(room.max(buffer.len()), 0);
                continue;
            }
            if let Some(at) = memchr::memrchr(b'\n', &buffer[..filled]) {
                break at + 1;
            }
            if self.ended || filled >= LINE_BYTES_MAX {
                break filled;
            }
            room = (2 * room).min(LINE_BYTES_MAX);
            buffer.resize(room.max(buffer.len()), 0);
        };
        if end == 0 {
            return self.error.take().map_or(Ok(None), Err);
        }
        let continues = self.in_long_line;
        self.in_long_line = buffer[end - 1] != b'\n' && !(self.ended && end == filled);
        let from = if self.in_long_line { end - OVERLAP_BYTES } else { end };
        self.carried.clear();
        self.carried.extend_from_slice(&buffer[from..filled]);
        Ok(Some(Cut { buffer, length: end, continues, unfinished: self.in_long_line }))
    }

    fn fill(&mut self, buffer: &mut [u8], filled: &mut usize) {
        while !self.ended && *filled < buffer.len() {
            match self.reader.read(&mut buffer[*filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => *filled += read,
                Err(error) => {
                    self.ended = true;
                    self.error = Some(error);
                }
            }
        }
    }
}

/// A cut with its place in the input.
pub(in crate::triage) struct Block<'a> {
    /// What stood before it, as far as it is kept: whole lines, but for the last when that goes on
    /// here.
    pub(in crate::triage) before: &'a [u8],
    /// The text of the block.
    pub(in crate::triage) text: &'a [u8],
    /// The number of its first line, from 1.
    pub(in crate::triage) first_line: u64,
    /// The start of the first line, when that line began in an earlier block.
    pub(in crate::triage) head: Option<&'a [u8]>,
    /// The last line goes on in the next block.
    pub(in crate::triage) unfinished: bool,
}

impl<'a> Block<'a> {
    /// The lines above the one that starts at `start`, from the nearest on.
    pub(in crate::triage) fn lines_above(&self, start: usize) -> impl Iterator<Item = &'a [u8]> {
        // Above a line that goes on from an earlier block stands nothing that is kept.
        let before = if self.head.is_some() { &[] } else { self.before };
        lines_up(&self.text[..start]).chain(lines_up(before))
    }
}

/// Whole lines, the last first.
fn lines_up(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let last = rest.len().checked_sub(1)?;
        let start = memchr::memrchr(b'\n', &rest[..last]).map_or(0, |feed| feed + 1);
        let line = &rest[start..];
        rest = &rest[..start];
        Some(line.strip_suffix(b"\n").unwrap_or(line))
    })
}

/// What was read of an input, as far as its cuts were numbered.
#[derive(Debug, Default)]
pub(in crate::triage) struct Reading {
    line_ends: u64,
    partial_line: bool,
    head: Vec<u8>,
    /// Bytes after decompression.
    pub(in crate::triage) bytes: u64,
    /// The number of the first line that was given in pieces, and how many there were.
    pub(in crate::triage) long_lines: Option<(u64, u64)>,
}

impl Reading {
    /// Lines so far; a last one without an end counts.
    pub(in crate::triage) fn lines(&self) -> u64 {
        self.line_ends + u64::from(self.partial_line)
    }

    /// The next cut, which has so many line ends, as a block; `before` is the text of the cut before.
    pub(in crate::triage) fn block<'a>(
        &'a mut self,
        cut: &'a Cut,
        before: &'a [u8],
        line_ends: u64,
    ) -> Block<'a> {
        let text = cut.text();
        let first_line = self.line_ends + 1;
        self.bytes += text.len() as u64 - if cut.continues { OVERLAP_BYTES as u64 } else { 0 };
        if !cut.continues {
            self.head.clear();
        }
        if (cut.unfinished || cut.continues) && self.head.is_empty() {
            // A hole of zeros, as rotating a file in use leaves it, says nothing.
            let text = &text[text.iter().take_while(|&&byte| byte == 0).count()..];
            self.head.extend_from_slice(&text[..text.len().min(HEAD_BYTES)]);
        }
        if cut.unfinished && !cut.continues {
            let (first, count) = self.long_lines.unwrap_or((first_line, 0));
            self.long_lines = Some((first, count + 1));
        }
        self.partial_line = !text.ends_with(b"\n");
        self.line_ends += line_ends;
        Block {
            before,
            text,
            first_line,
            head: cut.continues.then_some(self.head.as_slice()),
            unfinished: cut.unfinished,
        }
    }
}
