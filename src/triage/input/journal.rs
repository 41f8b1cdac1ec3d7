//! The export format of journald (`journalctl -o export`) as the lines that `journalctl` prints.
//!
//! An entry is a line for each field, and a message of several lines stands behind its length in binary.
//! What comes out has a line feed for each that went in: the message stands on its own lines, behind the
//! time, host and program of its entry, and all other lines are empty. So a line number is that of the
//! export. Lines that belong to no entry stay as they are.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use super::packed::cut_short;

/// More of a message is not kept.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// journald takes no longer field; what says so is no length.
const FIELD_BYTES_MAX: u64 = 768 << 20;
/// What is kept of a field that is not the message.
const FIELD_BYTES_KEPT: usize = 4096;
/// More line feeds in a row are counted, not kept: a field may hold more of them than memory does.
const FEEDS_KEPT: usize = 4096;
/// Where it is cut.
const CUT: &str = " in a field of the journal";
/// Names of the fields that an entry begins with.
const BEGINNINGS: [&[u8]; 2] = [b"__CURSOR=", b"__REALTIME_TIMESTAMP="];

/// True when a line of this text begins an entry.
pub(super) fn is_export(head: &[u8]) -> bool {
    head.split(|byte| *byte == b'\n').any(begins)
}

fn begins(line: &[u8]) -> bool {
    BEGINNINGS.iter().any(|name| line.starts_with(name))
}

/// The lines of a reader of the export format.
pub(super) struct Export {
    source: BufReader<Box<dyn Read + Send>>,
    entry: Option<Entry>,
    line: Vec<u8>,
    ready: Ready,
    ended: bool,
    error: Option<io::Error>,
}

/// What can be given.
#[derive(Default)]
struct Ready {
    text: Vec<u8>,
    given: usize,
    /// Where in the text line feeds stand that are not in it, and how many.
    feeds: VecDeque<(usize, usize)>,
}

impl Ready {
    fn is_empty(&self) -> bool {
        self.given == self.text.len() && self.feeds.is_empty()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.given = 0;
        self.feeds.clear();
    }

    fn add_feeds(&mut self, count: usize) {
        if count <= FEEDS_KEPT {
            self.text.extend(std::iter::repeat_n(b'\n', count));
        } else {
            self.feeds.push_back((self.text.len(), count));
        }
    }

    fn give(&mut self, buffer: &mut [u8]) -> usize {
        if let Some((_, left)) = self.feeds.front_mut().filter(|(at, _)| *at == self.given) {
            let count = buffer.len().min(*left);
            buffer[..count].fill(b'\n');
            *left -= count;
            if *left == 0 {
                self.feeds.pop_front();
            }
            return count;
        }
        let end = self.feeds.front().map_or(self.text.len(), |(at, _)| *at);
        let count = buffer.len().min(end - self.given);
        buffer[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        count
    }
}

/// What is known of an entry.
#[derive(Default)]
struct Entry {
    time: Vec<u8>,
    host: Vec<u8>,
    program: Vec<u8>,
    process: Vec<u8>,
    message: Option<Vec<u8>>,
    stamped: bool,
    /// Lines before the message and after it.
    before: usize,
    after: usize,
}

impl Entry {
    fn empty_lines(&mut self, count: usize) {
        if self.message.is_none() {
            self.before += count;
        } else {
            self.after += count;
        }
    }

    /// True when this line begins the next entry.
    fn is_over(&self, line: &[u8]) -> bool {
        line.starts_with(BEGINNINGS[0]) || self.stamped
    }

    /// Takes a field that stands on a line.
    fn text(&mut self, name: &[u8], value: &[u8]) {
        if name == b"MESSAGE" && self.message.is_none() {
            self.message = Some(value.to_vec());
        } else {
            self.field(name, value);
            self.empty_lines(1 + count(value));
        }
    }

    /// Takes note of a field; a name that journalctl prefers overwrites the other.
    fn field(&mut self, name: &[u8], value: &[u8]) {
        let value = &value[..value.len().min(FIELD_BYTES_KEPT)];
        let (kept, preferred) = match name {
            b"__REALTIME_TIMESTAMP" => {
                self.stamped = true;
                (&mut self.time, true)
            }
            b"_SOURCE_REALTIME_TIMESTAMP" => (&mut self.time, false),
            b"_HOSTNAME" => (&mut self.host, true),
            b"SYSLOG_IDENTIFIER" => (&mut self.program, true),
            b"_COMM" => (&mut self.program, false),
            b"_PID" => (&mut self.process, true),
            b"SYSLOG_PID" => (&mut self.process, false),
            _ => return,
        };
        if preferred || kept.is_empty() {
            kept.clear();
            kept.extend_from_slice(value);
        }
    }

    /// Its lines, as `journalctl -o short-unix` prints them, at their places.
    fn write(self, ready: &mut Ready) {
        ready.add_feeds(self.before);
        let Some(message) = self.message else { return };
        let out = &mut ready.text;
        if self.time.len() > 6 && self.time.iter().all(u8::is_ascii_digit) {
            let (seconds, micros) = self.time.split_at(self.time.len() - 6);
            out.extend_from_slice(seconds);
            out.push(b'.');
            out.extend_from_slice(micros);
            out.push(b' ');
        }
        out.extend_from_slice(&self.host);
        out.push(b' ');
        out.extend_from_slice(if self.program.is_empty() { b"unknown" } else { &self.program });
        if !self.process.is_empty() {
            out.push(b'[');
            out.extend_from_slice(&self.process);
            out.push(b']');
        }
        out.extend_from_slice(b": ");
        out.extend_from_slice(&message);
        out.push(b'\n');
        ready.add_feeds(self.after);
    }
}

impl Export {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        let source = BufReader::with_capacity(64 << 10, source);
        Self { source, entry: None, line: Vec::new(), ready: Ready::default(), ended: false, error: None }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.line.clear();
        let read = self.source.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line);
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let whole = line.len() < self.line.len();
        if self.line.is_empty() {
            self.ended = true;
            self.end_entry();
            return read.map(|_| ());
        }
        if begins(line)
            && self.entry.as_ref().is_none_or(|entry| entry.is_over(line))
            && let Some(over) = self.entry.replace(Entry::default())
        {
            over.write(&mut self.ready);
        }
        let Some(entry) = &mut self.entry else {
            self.ready.text.append(&mut self.line);
            return read.map(|_| ());
        };
        let name = line.iter().take_while(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')).count();
        match line.get(name) {
            Some(b'=') if name > 0 => {
                entry.text(&line[..name], &line[name + 1..]);
                if !whole {
                    skip_line(&mut self.source)?;
                }
            }
            None if name > 0 && whole => {
                entry.empty_lines(1);
                let is_message = line == b"MESSAGE" && entry.message.is_none();
                binary(&mut self.source, entry, is_message)?;
            }
            _ => {
                let other = std::mem::take(&mut self.line);
                self.end_entry();
                self.ready.text.extend_from_slice(&other);
            }
        }
        read.map(|_| ())
    }

    fn end_entry(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.write(&mut self.ready);
        }
    }
}

/// Reads a field whose length stands before it. One that is cut is taken as far as it goes.
fn binary(source: &mut impl BufRead, entry: &mut Entry, is_message: bool) -> io::Result<()> {
    let mut data = Vec::new();
    source.by_ref().take(8).read_to_end(&mut data)?;
    if data.len() < 8 && (data.is_empty() || data.contains(&0)) {
        entry.empty_lines(count(&data));
        return Err(cut_short(CUT));
    }
    let size = data.as_slice().try_into().map_or(u64::MAX, u64::from_le_bytes);
    if size > FIELD_BYTES_MAX {
        // Pasted from a terminal, which shows no zeros: this is the text itself.
        if !data.ends_with(b"\n") {
            source.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut data)?;
        }
        entry.text(if is_message { b"MESSAGE" } else { b"" }, data.strip_suffix(b"\n").unwrap_or(&data));
        return Ok(());
    }
    entry.empty_lines(count(&data));
    data.clear();
    let kept = if is_message { LINE_BYTES_MAX } else { 0 };
    source.by_ref().take(size.min(kept)).read_to_end(&mut data)?;
    let mut held = data.len() as u64;
    if is_message {
        entry.message = Some(data);
    }
    let mut left = source.by_ref().take(size.saturating_sub(kept) + 1);
    let mut ends = 0;
    loop {
        let piece = left.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        let read = piece.len();
        ends += count(piece);
        held += read as u64;
        left.consume(read);
    }
    // The line feed at the end of the message is written with it.
    entry.empty_lines(ends.saturating_sub(usize::from(is_message)));
    if held < size { Err(cut_short(CUT)) } else { Ok(()) }
}

/// Reads on to the end of a line.
fn skip_line(source: &mut impl BufRead) -> io::Result<()> {
    loop {
        let piece = source.fill_buf()?;
        let feed = memchr::memchr(b'\n', piece);
        let read = feed.map_or(piece.len(), |feed| feed + 1);
        source.consume(read);
        if feed.is_some() || read == 0 {
            return Ok(());
        }
    }
}

fn count(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

impl Read for Export {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            if self.ended {
                return Ok(0);
            }
            if let Err(error) = self.refill() {
                // What is known of the last entry comes first.
                self.end_entry();
                self.ended = true;
                self.error = Some(error);
            }
        }
        Ok(self.ready.give(buffer))
    }
}

#[cfg(test)]
mod tests;
