//! The prefilter: where in a chunk of lines a needle occurs.
//!
//! Knows needles, not patterns. It reports every occurrence, overlapping and nested ones included,
//! of a needle without runs of blanks; of one with such runs it reports at least one place in every
//! line that holds it, and perhaps lines that do not.
//!
//! Needles are put into tiers by their length ([`tier`]): the longer a needle, the fewer places of
//! the text must be sampled to find it. Needles of a few bytes go into an Aho-Corasick automaton.

mod blanks;
mod rarity;
mod sample;
mod tier;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use blanks::{Blanks, Copied};
use rarity::Rarity;
use tier::{Shape, Tier};

/// How needles are sampled, from the longest to the shortest.
const SHAPES: [Shape; 4] = [
    Shape { step: 8, gram: 8 },
    Shape { step: 4, gram: 5 },
    Shape { step: 2, gram: 5 },
    Shape { step: 1, gram: 4 },
];

/// Up to so many bytes of needles the automaton is a table with one step a byte; beyond, the table
/// would leave the caches and take long to build.
const TABLE_BYTES_MAX: usize = 32 << 10;

/// A text that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Needle {
    /// Never empty, without a line feed; in lower case when `nocase`.
    pub(crate) bytes: Vec<u8>,
    /// Case of ASCII letters is ignored.
    pub(crate) nocase: bool,
    /// Every blank of it stands for a run of blanks and tabs. Then it has at least
    /// [`RUNS_BYTES_MIN`] bytes, no tab, and no blank at an end or beside another.
    pub(crate) blanks: bool,
}

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
    /// For needles below all tiers: one automaton where case counts, one where it does not.
    automata: Vec<(AhoCorasick, Vec<u32>)>,
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
        let mut by_tier: [Vec<u32>; SHAPES.len()] = Default::default();
        let mut short: [Vec<u32>; 2] = Default::default();
        for id in 0..count {
            let needle = &needles[id as usize];
            match SHAPES.iter().position(|shape| shape.window() <= needle.bytes.len()) {
                Some(tier) => by_tier[tier].push(id),
                None => short[usize::from(needle.nocase)].push(id),
            }
        }
        let tiers = SHAPES.iter().zip(&by_tier).filter(|(_, ids)| !ids.is_empty());
        let tiers: Vec<Tier> = tiers.map(|(&shape, ids)| Tier::new(shape, &needles, ids, &rarity)).collect();
        let mut automata = Vec::new();
        for (ids, nocase) in short.into_iter().zip([false, true]).filter(|(ids, _)| !ids.is_empty()) {
            automata.push((automaton(&needles, &ids, nocase)?, ids));
        }
        let reach = tiers.iter().map(|tier| tier.shape().window()).max().unwrap_or(0);
        let blanks = Blanks::new(&needles, reach);
        Some(Self { needles, tiers, automata, blanks })
    }

    /// Calls `found` for every occurrence, in no order.
    pub(crate) fn search(&self, chunk: &[u8], scratch: &mut Scratch, found: &mut dyn FnMut(Found)) {
        for (automaton, ids) in &self.automata {
            for hit in automaton.find_overlapping_iter(chunk) {
                found(Found { at: hit.start(), needle: ids[hit.pattern().as_usize()] });
            }
        }
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

fn automaton(needles: &[Needle], ids: &[u32], nocase: bool) -> Option<AhoCorasick> {
    let texts = || ids.iter().map(|&id| needles[id as usize].bytes.as_slice());
    let small = texts().map(<[u8]>::len).sum::<usize>() <= TABLE_BYTES_MAX;
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(nocase)
        .kind(small.then_some(AhoCorasickKind::DFA))
        .build(texts())
        .ok()
}

#[cfg(test)]
mod tests;
