//! Text and positions in it: source files, spans, and bytes that came from outside.
//!
//! Knows nothing of runbooks. Everything that was read from a log, a host or a command's output is
//! [`Untrusted`]; it has no `Display`, so the only way to show it is through an escape.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who could have written a file, judged by the file that was opened, not by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOwner {
    /// Its owner.
    pub uid: u32,
    /// Somebody other than the owner and root may change it: by its own mode, or by the owner or
    /// the mode of a folder above it.
    pub others_may_write: bool,
}

/// A runbook file as it was read: its path and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Where it was read from; for a built-in runbook `built-in/<slug>.md`.
    pub path: PathBuf,
    /// The text; bytes that are not UTF-8 became U+FFFD.
    pub text: Arc<str>,
    /// Offset in `text` of the first byte sequence that was not UTF-8.
    pub broken_at: Option<u32>,
    /// Who could have written it; `None` when it was not read from a disk.
    pub owner: Option<FileOwner>,
    /// Where it really is, links followed; `None` when it was not read from a disk.
    pub real_path: Option<PathBuf>,
    line_starts: Arc<[u32]>,
}

impl SourceFile {
    /// A file from its path and text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        Self {
            path: path.into(),
            line_starts: starts.collect(),
            text,
            broken_at: None,
            owner: None,
            real_path: None,
        }
    }

    /// A file from its path and bytes, which need not be UTF-8.
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::new(path, text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to() as u32;
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Self { broken_at: Some(at), ..Self::new(path, text) }
            }
        }
    }

    /// The file name without its ending, which is the slug of a runbook.
    pub fn stem(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("")
    }

    /// Line and column (in characters) of a byte offset, both counted from 1.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let offset = self.floor_boundary(offset);
        let line = self.line_starts.partition_point(|&start| start as usize <= offset);
        let start = self.line_starts[line - 1] as usize;
        (line, self.text[start..offset].chars().count() + 1)
    }

    /// The text of a line, counted from 1, without its line end.
    pub fn line(&self, number: usize) -> &str {
        let Some(&start) = self.line_starts.get(number.wrapping_sub(1)) else { return "" };
        let rest = &self.text[start as usize..];
        rest.split('\n').next().unwrap_or("").trim_end_matches('\r')
    }

    /// The bytes of a span as text.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[self.floor_boundary(span.start)..self.floor_boundary(span.end)]
    }

    fn floor_boundary(&self, offset: u32) -> usize {
        self.text.floor_char_boundary(offset as usize)
    }
}

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The part of this span from `range`, counted from its start.
    #[must_use]
    pub fn part(self, range: Range<usize>) -> Self {
        Self { start: self.start + range.start as u32, end: self.start + range.end as u32 }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }
}

/// Bytes that came from a log, a host or a command. They are data: never code, never shown raw.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(Vec<u8>);

impl Untrusted {
    /// Wraps bytes from outside.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes as they came: for matching and for passing on as data, never for showing.
    pub fn raw(&self) -> &[u8] {
        &self.0
    }

    /// One line for a person: control, bidirectional and zero-width characters and bytes that are
    /// not UTF-8 are written out as escapes, line ends too.
    pub fn for_terminal(&self) -> String {
        escape(&self.0, false)
    }

    /// The same for text of several lines: line feeds stay, CR before LF is dropped.
    pub fn lines_for_terminal(&self) -> String {
        escape(&self.0, true)
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Untrusted(\"{}\")", self.for_terminal())
    }
}

/// Text of a runbook (which may be a stranger's) made safe to show; line feeds stay.
pub fn printable(text: &str) -> String {
    escape(text.as_bytes(), true)
}

/// A path made safe to show.
pub fn printable_path(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes(), false)
}

fn escape(bytes: &[u8], keep_lines: bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\t' => out.push(c),
                '\n' if keep_lines => out.push(c),
                '\r' if keep_lines && chars.peek() == Some(&'\n') => {}
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c if (c as u32) < 0x100 && c.is_control() => push_hex(&mut out, c as u32),
                c if is_deceptive(c) => {
                    let _ = write!(out, "\\u{{{:x}}}", c as u32);
                }
                c => out.push(c),
            }
        }
        for &byte in chunk.invalid() {
            push_hex(&mut out, u32::from(byte));
        }
    }
    out
}

fn push_hex(out: &mut String, value: u32) {
    let _ = write!(out, "\\x{value:02x}");
}

/// Characters that change how their neighbours look, or do not look like anything.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests;
