//! A handful of short needles, compared with many bytes of the text at once.
//!
//! Of every needle the few bytes are compared that are rarest, letter case folded away. Where those of
//! any stand, all needles that may are looked at one by one.

use aho_corasick::Span;
use aho_corasick::packed::{Config, MatchKind, Searcher};

use super::Room;
use super::rarity::Rarity;
use super::sample::{FOLD_BYTE, folded, load, mask};
use super::sampled::Shape;
use super::wide::{self, Allowed, COMPARED};
use crate::texts::Texts;

/// So many needles at most. Beyond, too many places of an ordinary text look like one of them.
pub(super) const PACKED_MAX: usize = 64;

/// So few are told from other text by six bytes of each.
const FEW: usize = 24;

/// Needles, each with where in it the part begins that is compared.
#[derive(Debug)]
pub(super) struct Packed {
    search: Search,
    /// Sorted by the first byte of the part.
    parts: Vec<Part>,
    /// For every first byte how many parts come before it, and the number of all.
    first: Box<[u8; 257]>,
}

/// How the places are found that may be parts.
#[derive(Debug)]
enum Search {
    /// By registers of 64 bytes.
    Wide(Box<Allowed>),
    /// In a copy of the text with letter case folded away.
    Folded(Box<Searcher>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    first: u8,
    /// The part, letter case folded away, and which of its bytes there are.
    bytes: u64,
    mask: u64,
    needle: u32,
    offset: u32,
}

/// Where the part of a needle begins that should be compared.
pub(super) fn rarest_part(text: &[u8], rarity: &Rarity) -> u32 {
    rarity.rarest_window(text, Shape { step: 1, gram: COMPARED.min(text.len()) }) as u32
}

impl Packed {
    /// Takes needles with the places of their parts; `None` when this machine has no wide compares that
    /// serve, or a place is outside of its needle.
    pub(super) fn new(texts: &Texts, places: &[(u32, u32)]) -> Option<Self> {
        Self::made(texts, places, wide::available())
    }

    fn made(texts: &Texts, places: &[(u32, u32)], wide: bool) -> Option<Self> {
        let part = |&(needle, offset): &(u32, u32)| {
            let text = texts.get(needle as usize).get(offset as usize..)?;
            let mask = mask(text.len().min(COMPARED));
            let bytes = folded(load(text, 0), mask);
            Some(Part { first: text.first()? | FOLD_BYTE, bytes, mask, needle, offset })
        };
        let mut parts = places.iter().map(part).collect::<Option<Vec<Part>>>()?;
        parts.sort_unstable();
        let search = if wide {
            Search::Wide(Box::new(allowed(&parts)))
        } else {
            Search::Folded(Box::new(searcher(&parts)?))
        };
        let mut first = Box::new([parts.len() as u8; 257]);
        for (byte, first) in first.iter_mut().enumerate() {
            *first = parts.partition_point(|part| usize::from(part.first) < byte) as u8;
        }
        Some(Self { search, parts, first })
    }

    /// What [`Packed::new`] took.
    pub(super) fn places(&self) -> impl ExactSizeIterator<Item = (u32, u32)> {
        self.parts.iter().map(|part| (part.needle, part.offset))
    }

    /// Calls `maybe` with every needle that may stand at a place, that place, and the byte of the needle
    /// that would stand there.
    pub(super) fn search(&self, text: &[u8], room: &mut Room, maybe: &mut dyn FnMut(u32, usize, usize)) {
        match &self.search {
            Search::Wide(allowed) => {
                let few = self.parts.len() <= FEW;
                let done = wide::compare(allowed, few, text, &mut room.marks);
                debug_assert!(done, "it was chosen on a processor that can");
                room.marks.each(1, |place| self.look_closely(text, place, maybe));
            }
            Search::Folded(searcher) => {
                room.folded.clear();
                room.folded.extend(text.iter().map(|byte| byte | FOLD_BYTE));
                let mut span = Span::from(0..text.len());
                while let Some(found) = searcher.find_in(&room.folded, span) {
                    self.look_closely(text, found.start(), maybe);
                    span.start = found.start() + 1;
                }
            }
        }
    }

    fn look_closely(&self, text: &[u8], place: usize, maybe: &mut dyn FnMut(u32, usize, usize)) {
        let there = folded(load(text, place), u64::MAX);
        let first = usize::from(there as u8);
        let [from, to] = [first, first + 1].map(|byte| usize::from(self.first[byte]));
        for part in &self.parts[from..to] {
            if there & part.mask == part.bytes {
                maybe(part.needle, place, part.offset as usize);
            }
        }
    }
}

/// What registers of 64 bytes compare: needles that begin alike are one group of eight.
fn allowed(parts: &[Part]) -> Allowed {
    let mut allowed = [[0; 64]; COMPARED];
    for (number, part) in parts.iter().enumerate() {
        let group = 1 << (number * 8 / parts.len());
        let (bytes, there) = (part.bytes.to_le_bytes(), part.mask.to_le_bytes());
        for (at, table) in allowed.iter_mut().enumerate() {
            if there[at] == 0 {
                for groups in table {
                    *groups |= group;
                }
            } else {
                // Folding sets one bit; the text may have the byte with it and without.
                let byte = bytes[at] & 0x3f;
                table[usize::from(byte)] |= group;
                table[usize::from(byte & !FOLD_BYTE)] |= group;
            }
        }
    }
    allowed
}

fn searcher(parts: &[Part]) -> Option<Searcher> {
    let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
    for part in parts {
        let length = part.mask.count_ones() as usize / 8;
        builder.add(&part.bytes.to_le_bytes()[..length]);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn found(packed: &Packed, text: &[u8]) -> Vec<(u32, usize, usize)> {
        let mut found = Vec::new();
        packed.search(text, &mut Room::default(), &mut |needle, place, offset| {
            found.push((needle, place, offset));
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_way_finds_every_part(
            text in vec(prop::sample::select(b"abAB \xe1\xc1\n!".as_slice()), 0..300),
            needles in vec((vec(prop::sample::select(b"abAB \xe1".as_slice()), 2..14), 0..14_u32), 1..PACKED_MAX),
        ) {
            let mut texts = Texts::default();
            let mut places = Vec::new();
            for ((needle, offset), id) in needles.iter().zip(0..) {
                prop_assert!(texts.push(needle));
                places.push((id, offset % needle.len() as u32));
            }
            let part = |(id, offset): (u32, u32)| {
                let (needle, offset) = (texts.get(id as usize), offset as usize);
                let part = &needle[offset..needle.len().min(offset + COMPARED)];
                let same = |there: &[u8]| there.iter().zip(part).all(|(there, own)| there | FOLD_BYTE == own | FOLD_BYTE);
                let stands = |&at: &usize| text.get(at..at + part.len()).is_some_and(same);
                (0..text.len()).filter(stands).map(move |at| (id, at, offset)).collect::<Vec<_>>()
            };
            let mut expected: Vec<_> = places.iter().flat_map(|&place| part(place)).collect();
            expected.sort_unstable();
            for wide in [true, false] {
                // Some machines have only one way.
                let packed = Packed::made(&texts, &places, wide && wide::available());
                let Some(packed) = packed else { continue };
                let mut found = found(&packed, &text);
                // Behind the end of a text stand zeros, which fold to blanks.
                found.retain(|&(id, at, offset)| {
                    at + (texts.get(id as usize).len() - offset).min(COMPARED) <= text.len()
                });
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
