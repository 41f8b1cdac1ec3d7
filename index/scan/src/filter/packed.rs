//! A handful of short needles, compared with many bytes of the text at once.
//!
//! Of every needle the few bytes are compared that are rarest, in a copy of the text where letter case
//! is folded away. The search for all of them stops at the first place where any stands; which ones do
//! is then looked up, and the search goes on behind that place's first byte, so needles that overlap
//! are all found.

use aho_corasick::Span;
use aho_corasick::packed::{Config, MatchKind, Searcher};

use super::rarity::Rarity;
use super::sample::FOLD_BYTE;
use super::sampled::Shape;
use crate::texts::Texts;

/// So many needles at most. Beyond, too many places of an ordinary text look like one of them.
pub(super) const PACKED_MAX: usize = 40;

/// Of a needle so many bytes are compared, from the rarest few on.
pub(super) const PART_MAX: usize = 8;
const RAREST: usize = 4;

/// Needles, each with where in it the part begins that is compared.
#[derive(Debug)]
pub(super) struct Packed {
    searcher: Searcher,
    /// Sorted by the first byte of the part.
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    first: u8,
    needle: u32,
    offset: u32,
}

/// Where the part of a needle begins that should be compared.
pub(super) fn rarest_part(text: &[u8], rarity: &Rarity) -> u32 {
    rarity.rarest_window(text, Shape { step: 1, gram: RAREST.min(text.len()) }) as u32
}

impl Packed {
    /// Takes needles with the places of their parts; `None` when this machine has no wide compares that
    /// serve, or a place is outside of its needle.
    pub(super) fn new(texts: &Texts, places: &[(u32, u32)]) -> Option<Self> {
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        let mut parts = Vec::with_capacity(places.len());
        for &(needle, offset) in places {
            let text = texts.get(needle as usize).get(offset as usize..)?;
            let part: Vec<u8> = text.iter().take(PART_MAX).map(|byte| byte | FOLD_BYTE).collect();
            parts.push(Part { first: *part.first()?, needle, offset });
            builder.add(part);
        }
        parts.sort_unstable();
        Some(Self { searcher: builder.build()?, parts })
    }

    /// What [`Packed::new`] took.
    pub(super) fn places(&self) -> impl ExactSizeIterator<Item = (u32, u32)> {
        self.parts.iter().map(|part| (part.needle, part.offset))
    }

    /// Calls `maybe` with every needle that may stand at a place of the folded text, that place, and the
    /// byte of the needle that would stand there.
    pub(super) fn search(&self, folded: &[u8], maybe: &mut dyn FnMut(u32, usize, usize)) {
        let mut start = 0;
        while let Some(found) = self.searcher.find_in(folded, Span { start, end: folded.len() }) {
            let first = folded[found.start()];
            let from = self.parts.partition_point(|part| part.first < first);
            for part in self.parts[from..].iter().take_while(|part| part.first == first) {
                maybe(part.needle, found.start(), part.offset as usize);
            }
            start = found.start() + 1;
        }
    }
}
