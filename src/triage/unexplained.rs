//! Lines that no signature explains, kept for a search by words.
//!
//! Of a paste all of them, of anything larger their shapes; both within limits.

use super::input::Block;
use super::library::{Library, Suggested};
use super::shape::Shapes;
use super::{Options, Shelf, Suggest};
use crate::signature::Said;

/// An input of so many lines or fewer is a paste.
const PASTE_LINES_MAX: u64 = 200;
/// What is kept of a line.
const LINE_BYTES_MAX: usize = 4 << 10;
/// Shapes that are searched for, the rarest first.
const SHAPES_SEARCHED_MAX: usize = 2000;
/// Runbooks that are suggested.
const SUGGESTED_MAX: usize = 5;

/// Keeps lines.
#[derive(Debug)]
pub(super) struct Unexplained {
    mode: Suggest,
    lines_read: u64,
    lines: Vec<Vec<u8>>,
    shapes: Shapes,
}

impl Unexplained {
    pub(super) fn new(options: &Options) -> Self {
        Self { mode: options.suggest, lines_read: 0, lines: Vec::new(), shapes: Shapes::default() }
    }

    /// Takes the lines of a block but for those that start at `explained`.
    pub(super) fn take(&mut self, block: &Block<'_>, explained: &[usize]) {
        if self.mode == Suggest::Never || (self.mode == Suggest::ForPastes && !self.is_paste()) {
            return;
        }
        let mut start = 0;
        for raw in block.text.split_inclusive(|&byte| byte == b'\n') {
            let line = raw.strip_suffix(b"\n").unwrap_or(raw);
            let known = explained.binary_search(&start).is_ok();
            // The rest of a line in pieces says no more than its start.
            let rest = start == 0 && block.head.is_some();
            start += raw.len();
            self.lines_read += 1;
            if known || rest {
                continue;
            }
            let said = Said::by(&line[..line.len().min(LINE_BYTES_MAX)]);
            let line = said.headline();
            match self.mode {
                Suggest::ForPastes if !self.is_paste() => {
                    self.lines.clear();
                    return;
                }
                Suggest::ForPastes => self.lines.push(line.to_vec()),
                _ => {
                    self.shapes.add(line);
                }
            }
        }
    }

    /// Adds what another input left unexplained, which comes after this one.
    pub(super) fn join(&mut self, later: Self) {
        self.lines_read += later.lines_read;
        self.shapes.join(later.shapes);
        if self.is_paste() {
            self.lines.extend(later.lines);
        } else {
            self.lines.clear();
        }
    }

    fn is_paste(&self) -> bool {
        self.lines_read <= PASTE_LINES_MAX
    }

    /// Searches for what was kept. `identified`: a signature has told which runbook it is, so only
    /// one who asked is given more.
    pub(super) fn suggest(
        self,
        runbooks: &dyn Shelf,
        identified: bool,
        notices: &mut Vec<String>,
    ) -> Vec<Suggested> {
        let mut shapes: Vec<_> = self.shapes.iter().collect();
        shapes.sort_by_key(|shape| shape.lines);
        if shapes.len() > SHAPES_SEARCHED_MAX || self.shapes.dropped() > 0 {
            notices.push(format!(
                "Of the kinds of lines that no signature explains, only the rarest {SHAPES_SEARCHED_MAX} were searched by words."
            ));
            shapes.truncate(SHAPES_SEARCHED_MAX);
        }
        let lines: Vec<&[u8]> = match self.mode {
            Suggest::Never => return Vec::new(),
            Suggest::ForPastes if identified || !self.is_paste() => return Vec::new(),
            Suggest::ForPastes => self.lines.iter().map(Vec::as_slice).collect(),
            Suggest::Always => shapes.iter().map(|shape| shape.message.as_slice()).collect(),
        };
        if lines.iter().all(|line| line.trim_ascii().is_empty()) {
            return Vec::new();
        }
        Library::new(runbooks).suggest(&lines, SUGGESTED_MAX)
    }
}
