//! Text around runs of blanks that are not a single blank, with one blank in their place.
//!
//! A needle of several words is searched for with one blank between them, in the text as it is. Where
//! the text has more than one blank, or a tab, the bytes around are copied with one blank instead and
//! searched too. Most lines have no such place, and of the others only a few bytes are copied.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::Needle;

/// Copied pieces stand apart by this byte, which no needle holds.
const APART: u8 = b'\n';

/// Finds the places and copies their surroundings.
#[derive(Debug)]
pub(super) struct Blanks {
    /// So many bytes on each side are copied: all that a window can reach.
    reach: usize,
    /// For the byte before a run a bit for every byte after it: whether any needle has the two.
    pairs: Vec<[u64; 4]>,
    double: memmem::Finder<'static>,
}

/// The copy, and where its bytes come from.
#[derive(Debug, Default)]
pub(super) struct Copied {
    pub(super) text: Vec<u8>,
    /// Where a stretch begins in `text`, and in the original.
    stretches: Vec<(usize, usize)>,
}

impl Copied {
    /// Where a byte of the copy stands in the original, in the same line at least.
    pub(super) fn original(&self, at: usize) -> usize {
        let stretch = self.stretches.partition_point(|&(start, _)| start <= at);
        let (start, original) = self.stretches[stretch.saturating_sub(1)];
        original + (at - start)
    }

    fn push(&mut self, text: &[u8], range: Range<usize>) {
        self.stretches.push((self.text.len(), range.start));
        self.text.extend(&text[range]);
    }
}

impl Blanks {
    /// `None` when no needle has a blank that may be a run.
    pub(super) fn new(needles: &[Needle], window: usize) -> Option<Self> {
        let mut pairs = vec![[0u64; 4]; 256];
        let mut any = false;
        for needle in needles.iter().filter(|needle| needle.blanks) {
            for around in needle.bytes.windows(3).filter(|around| around[1] == b' ') {
                any = true;
                let after = usize::from(around[2] | 0x20);
                pairs[usize::from(around[0] | 0x20)][after >> 6] |= 1 << (after & 63);
            }
        }
        any.then(|| Self { reach: window, pairs, double: memmem::Finder::new(b"  ") })
    }

    /// Copies what is around every run that a needle may hold.
    pub(super) fn copy(&self, text: &[u8], copied: &mut Copied) {
        copied.text.clear();
        copied.stretches.clear();
        // The original up to here is in the copy, when a stretch is open.
        let mut open: Option<usize> = None;
        let mut runs = Runs { blanks: self, text, at: 0, double: None, tab: None };
        while let Some(run) = runs.next() {
            if !self.may_matter(text, &run) {
                continue;
            }
            match open {
                Some(end) if end + 2 * self.reach >= run.start => copied.push(text, end..run.start),
                _ => {
                    self.close(text, open, copied);
                    copied.push(text, run.start.saturating_sub(self.reach)..run.start);
                }
            }
            copied.stretches.push((copied.text.len(), run.start));
            copied.text.push(b' ');
            open = Some(run.end);
        }
        self.close(text, open, copied);
    }

    fn close(&self, text: &[u8], open: Option<usize>, copied: &mut Copied) {
        if let Some(end) = open {
            copied.push(text, end..(end + self.reach).min(text.len()));
            copied.text.push(APART);
        }
    }

    fn may_matter(&self, text: &[u8], run: &Range<usize>) -> bool {
        let (Some(before), Some(&after)) = (run.start.checked_sub(1), text.get(run.end)) else {
            return false;
        };
        let after = usize::from(after | 0x20);
        self.pairs[usize::from(text[before] | 0x20)][after >> 6] >> (after & 63) & 1 == 1
    }
}

/// The runs of blanks and tabs that are not a single blank.
struct Runs<'t> {
    blanks: &'t Blanks,
    text: &'t [u8],
    at: usize,
    /// The next two blanks and the next tab, when they are known and not passed.
    double: Option<usize>,
    tab: Option<usize>,
}

impl Runs<'_> {
    fn next(&mut self) -> Option<Range<usize>> {
        let rest = &self.text[self.at..];
        if self.double.is_none_or(|at| at < self.at) {
            self.double = Some(self.blanks.double.find(rest).map_or(usize::MAX, |at| self.at + at));
        }
        if self.tab.is_none_or(|at| at < self.at) {
            self.tab = Some(memchr(b'\t', rest).map_or(usize::MAX, |at| self.at + at));
        }
        let first = self.double.min(self.tab).filter(|&at| at != usize::MAX)?;
        let is_blank = |byte: &&u8| **byte == b' ' || **byte == b'\t';
        let before = self.text[self.at..first].iter().rev().take_while(is_blank).count();
        let after = self.text[first..].iter().take_while(is_blank).count();
        self.at = first + after;
        Some(first - before..first + after)
    }
}
