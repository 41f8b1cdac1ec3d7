//! The patterns of a scanner, and their expressions once a line has called for them.

use std::sync::OnceLock;

use regex::bytes::Regex;

use crate::file::{Reader, Writer};
use crate::flat::Flat;
use crate::pattern::{Checked, Pattern, PatternText, compile_checked};
use crate::texts::Texts;

const IS_REGEX: u8 = 1;
const NOCASE: u8 = 2;
const UNICODE: u8 = 4;
/// The pattern is its needle: where that occurs, the pattern matches.
const PLAIN: u8 = 8;

/// Patterns by number.
#[derive(Debug, Default)]
pub(crate) struct Store {
    texts: Texts,
    flags: Flat,
    /// By chunks that are made when a line first calls for one of them.
    regexes: Vec<OnceLock<Vec<Cell>>>,
}

/// `None` in a cell for a pattern that does not compile, which only a forged file can hold.
type Cell = OnceLock<Option<Regex>>;

/// Cells of a chunk.
const CHUNK: usize = 64;

impl Store {
    /// Adds a pattern behind the others; `false` when there is no room for it.
    #[must_use]
    pub(crate) fn push(&mut self, pattern: &Pattern, checked: Checked, plain: bool) -> bool {
        let (kind, text) = match &pattern.text {
            PatternText::Literal(bytes) => (0, bytes.as_slice()),
            PatternText::Regex(text) => (IS_REGEX, text.as_bytes()),
        };
        let flag = |set, flag| if set { flag } else { 0 };
        let options = flag(pattern.nocase, NOCASE) | flag(pattern.unicode, UNICODE) | flag(plain, PLAIN);
        let pushed = self.push_text(text, kind | options);
        if let Some(regex) = checked.regex {
            let _ = self.cell(self.len() - 1).set(Some(regex));
        }
        pushed
    }

    /// Adds a pattern of another store behind the others; `false` when there is no room for it.
    #[must_use]
    pub(crate) fn push_known(&mut self, other: &Self, index: usize) -> bool {
        self.push_text(other.texts.get(index), other.flags[index])
    }

    fn push_text(&mut self, text: &[u8], flags: u8) -> bool {
        self.flags.own().push(flags);
        self.regexes.resize_with(self.len().div_ceil(CHUNK), OnceLock::new);
        self.texts.push(text)
    }

    pub(crate) fn len(&self) -> usize {
        self.flags.len()
    }

    /// The pattern as it was given.
    pub(crate) fn pattern(&self, index: usize) -> Pattern {
        let text = self.texts.get(index).to_vec();
        let flags = self.flags[index];
        let text = if flags & IS_REGEX == 0 {
            PatternText::Literal(text)
        } else {
            PatternText::Regex(String::from_utf8_lossy(&text).into_owned())
        };
        Pattern { text, nocase: flags & NOCASE != 0, unicode: flags & UNICODE != 0 }
    }

    /// The bytes of a pattern that matches wherever its needle occurs.
    pub(crate) fn plain_bytes(&self, index: usize) -> Option<usize> {
        (self.flags[index] & PLAIN != 0).then(|| self.texts.get(index).len())
    }

    /// The expression of a pattern.
    pub(crate) fn regex(&self, index: usize) -> Option<&Regex> {
        self.cell(index).get_or_init(|| compile_checked(&self.pattern(index))).as_ref()
    }

    fn cell(&self, index: usize) -> &Cell {
        let chunk = self.regexes[index / CHUNK].get_or_init(|| (0..CHUNK).map(|_| Cell::new()).collect());
        &chunk[index % CHUNK]
    }

    /// The number of expressions that were compiled so far.
    pub(crate) fn compiled(&self) -> usize {
        let chunks = self.regexes.iter().filter_map(OnceLock::get);
        chunks.flatten().filter(|cell| cell.get().is_some()).count()
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        self.texts.write(writer);
        writer.bytes(&self.flags);
    }

    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let (texts, flags) = (Texts::read(reader)?, reader.bytes()?);
        let mut regexes = Vec::new();
        regexes.resize_with(flags.len().div_ceil(CHUNK), OnceLock::new);
        (texts.len() == flags.len()).then_some(Self { texts, flags, regexes })
    }
}
