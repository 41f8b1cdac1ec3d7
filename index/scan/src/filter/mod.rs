//! The prefilter: where in a chunk of lines a needle occurs.
//!
//! Knows needles, not patterns. It reports every occurrence, overlapping and nested ones included,
//! of a needle without runs of blanks; of one with such runs it reports at least one place in every
//! line that holds it, and perhaps lines that do not.
//!
//! Needles are put into tiers by their length ([`tier`]): the longer a needle, the fewer places of
//! the text must be sampled to find it.

mod blanks;
mod plan;
mod rarity;
mod sample;
mod tier;

use blanks::{Blanks, Copied};
use rarity::Rarity;
use tier::Tier;

/// A text that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Needle {
    /// At least [`NEEDLE_BYTES_MIN`] bytes, without a line feed; in lower case when `nocase`.
    pub(crate) bytes: Vec<u8>,
    /// Case of ASCII letters is ignored.
    pub(crate) nocase: bool,
    /// Every blank of it stands for a run of blanks and tabs. Then it has at least
    /// [`RUNS_BYTES_MIN`] bytes, no tab, and no blank at an end or beside another.
    pub(crate) blanks: bool,
}

/// The shortest needle.
pub(crate) const NEEDLE_BYTES_MIN: usize = 2;

/// The shortest needle that may hold runs of blanks.
pub(crate) const RUNS_BYTES_MIN: usize = 4;

/// An occurrence of a needle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Its first byte; with runs of blanks, any byte of the line.
    pub(crate) at: usize,
    /// Which needle.
    pub(crate) needle: u32,
}

/// Many needles searched at once.
#[derive(Debug)]
pub(crate) struct Filter {
    needles: Vec<Needle>,
    tiers: Vec<Tier>,
    blanks: Option<Blanks>,
}

/// What is kept from chunk to chunk so that nothing is allocated for each.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    copied: Copied,
}

impl Filter {
    /// `None` when the needles are too many to be numbered.
    pub(crate) fn new(needles: Vec<Needle>) -> Option<Self> {
        let count = u32::try_from(needles.len()).ok()?;
        let rarity = Rarity::of(&needles);
        let shapes = plan::shapes(needles.iter().map(|needle| needle.bytes.len()));
        let mut ids: Vec<Vec<u32>> = vec![Vec::new(); shapes.len()];
        for id in 0..count {
            let length = needles[id as usize].bytes.len();
            let tier = shapes.iter().position(|shape| shape.window() <= length)?;
            ids[tier].push(id);
        }
        let tiers = shapes.iter().zip(&ids).filter(|(_, ids)| !ids.is_empty());
        let tiers: Vec<Tier> = tiers.map(|(&shape, ids)| Tier::new(shape, &needles, ids, &rarity)).collect();
        let reach = tiers.iter().map(|tier| tier.shape().window()).max().unwrap_or(0);
        let blanks = Blanks::new(&needles, reach);
        Some(Self { needles, tiers, blanks })
    }

    /// Calls `found` for every occurrence, in no order.
    pub(crate) fn search(&self, chunk: &[u8], scratch: &mut Scratch, found: &mut dyn FnMut(Found)) {
        for tier in &self.tiers {
            let window = tier.shape().window();
            tier.search(chunk, &mut |needle, start, offset| {
                if let Some(at) = self.needles[needle as usize].occurs(chunk, start, offset, window) {
                    found(Found { at, needle });
                }
            });
        }
        if let Some(blanks) = &self.blanks {
            blanks.copy(chunk, &mut scratch.copied);
            self.search_copied(&scratch.copied, found);
        }
    }

    fn search_copied(&self, copied: &Copied, found: &mut dyn FnMut(Found)) {
        for tier in &self.tiers {
            let window = tier.shape().window();
            tier.search(&copied.text, &mut |needle, start, offset| {
                let text = &self.needles[needle as usize];
                if text.blanks && text.has(&copied.text[start..start + window], offset) {
                    found(Found { at: copied.original(start), needle });
                }
            });
        }
    }
}

impl Needle {
    /// Where the needle occurs, if it does with its window at `start`.
    fn occurs(&self, text: &[u8], start: usize, offset: usize, window: usize) -> Option<usize> {
        if self.blanks {
            return self.has(&text[start..start + window], offset).then_some(start);
        }
        let at = start.checked_sub(offset)?;
        let there = text.get(at..at + self.bytes.len())?;
        self.has(there, 0).then_some(at)
    }

    /// True when this is the part of the needle that begins at `offset`.
    fn has(&self, part: &[u8], offset: usize) -> bool {
        let own = &self.bytes[offset..offset + part.len()];
        if self.nocase { own.eq_ignore_ascii_case(part) } else { own == part }
    }
}

#[cfg(test)]
mod tests;
