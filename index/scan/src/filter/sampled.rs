//! Needles of about one length: which few bytes of each are sampled, and how a sample becomes an
//! occurrence.
//!
//! Of every needle one *window* is chosen, as long as it takes to hold one whole gram wherever the
//! sampling falls. All grams of the window are marked in the table of [`Bits`]. Where a marked gram
//! is sampled, the windows that it may belong to are looked up by the hash of all their bytes.

use super::rarity::Rarity;
use super::sample::{Bits, folded, load, mask};
use crate::file::{Reader, Writer};
use crate::flat::{Flat, Numbers};
use crate::texts::Texts;

/// No entry.
const NONE: u32 = u32::MAX;

/// How densely needles of a length are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Bytes from one sample to the next: 1, 2, 4 or 8.
    pub(crate) step: usize,
    /// Bytes of a sample.
    pub(crate) gram: usize,
}

impl Shape {
    /// Bytes of a needle that hold a whole sample wherever the sampling falls.
    pub(super) fn window(self) -> usize {
        self.gram + self.step - 1
    }
}

/// Needles that are sampled in one pass.
#[derive(Debug)]
pub(super) struct Sampled {
    shape: Shape,
    bits: Bits,
    /// For the hash of a gram: a bit for every distance from the start of a window it may have.
    distances: Flat,
    /// For the hash of a window: its first entry.
    first: Numbers,
    /// Four numbers for each, those of [`Entry`].
    entries: Numbers,
}

/// A needle with the place of its window.
#[derive(Clone, Copy, Debug)]
struct Entry {
    needle: u32,
    /// Where in the needle the window begins.
    offset: u32,
    /// All of the window's hash.
    hash: u32,
    /// The next entry with a window of the same place in the table.
    next: u32,
}

impl Sampled {
    /// Takes the needles with these numbers, all at least as long as the window.
    pub(super) fn new(shape: Shape, needles: &Texts, ids: &[u32], rarity: &Rarity) -> Self {
        let size = (ids.len() * shape.step * 2).next_power_of_two().max(64);
        let mut tier = Self {
            shape,
            bits: Bits::for_grams(ids.len() * shape.step),
            distances: Flat::zeros(size),
            first: Numbers::repeated(NONE, (ids.len() * 2).next_power_of_two()),
            entries: Numbers::default(),
        };
        for &id in ids {
            let text = needles.get(id as usize);
            tier.insert(id, text, rarity.rarest_window(text, shape));
        }
        tier
    }

    fn insert(&mut self, needle: u32, text: &[u8], offset: usize) {
        let mask = mask(self.shape.gram);
        for distance in 0..self.shape.step {
            let gram = folded(load(text, offset + distance), mask);
            self.bits.insert(gram);
            let place = self.distance_place(gram);
            self.distances.own()[place] |= 1 << distance;
        }
        let hash = self.window_hash(text, offset);
        let place = hash as usize % self.first.len();
        let next = self.first.replace(place, self.len() as u32);
        for field in [needle, offset as u32, hash, next] {
            self.entries.push(field);
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.number(self.shape.step as u32);
        writer.number(self.shape.gram as u32);
        self.bits.write(writer);
        writer.bytes(&self.distances);
        writer.numbers(&self.first);
        writer.numbers(&self.entries);
    }

    /// `None` also for tables in which a search could leave its bounds or never end.
    pub(super) fn read(reader: &mut Reader, needles: &Texts) -> Option<Self> {
        let shape = Shape { step: reader.number()? as usize, gram: reader.number()? as usize };
        let bits = Bits::read(reader)?;
        let (distances, first, entries) = (reader.bytes()?, reader.numbers()?, reader.numbers()?);
        let tier = Self { shape, bits, distances, first, entries };
        (tier.entries.len().is_multiple_of(4) && tier.fits(needles)).then_some(tier)
    }

    fn entry(&self, index: usize) -> Option<Entry> {
        let (fields, _) = self.entries.0.as_chunks::<16>();
        let (numbers, _) = fields.get(index)?.as_chunks::<4>();
        let [needle, offset, hash, next] =
            [0, 1, 2, 3].map(|field: usize| u32::from_le_bytes(numbers[field]));
        Some(Entry { needle, offset, hash, next })
    }

    fn fits(&self, needles: &Texts) -> bool {
        let window = match (self.shape.step, self.shape.gram) {
            (1 | 2 | 4 | 8, 1..=8) => self.shape.window(),
            _ => return false,
        };
        let known = |entry: u32, below: usize| entry == NONE || (entry as usize) < below;
        let entry_fits = |index: usize| {
            let Some(entry) = self.entry(index) else { return false };
            // An entry leads to earlier ones only, so every chain ends.
            (entry.needle as usize) < needles.len()
                && entry.offset as usize + window <= needles.get(entry.needle as usize).len()
                && known(entry.next, index)
        };
        self.distances.len().is_power_of_two()
            && self.distances.len() > 1
            && self.distances.iter().all(|&distances| u32::from(distances) >> self.shape.step == 0)
            && self.first.len() > 0
            && self.first.iter().all(|entry| known(entry, self.len()))
            && (0..self.len()).all(entry_fits)
    }

    /// The number of needles.
    pub(super) fn len(&self) -> usize {
        self.entries.len() / 4
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Calls `found` with every needle whose window may stand at a place, and that place.
    pub(super) fn search(&self, text: &[u8], found: &mut dyn FnMut(u32, usize, usize)) {
        let mask = mask(self.shape.gram);
        self.places(text, &mut |at| self.look_closely(text, at, mask, found));
    }

    /// Calls `maybe` with every place whose gram may be part of a window.
    pub(super) fn places(&self, text: &[u8], maybe: &mut dyn FnMut(usize)) {
        let mask = mask(self.shape.gram);
        match self.shape.step {
            1 => self.bits.sample::<1>(text, mask, maybe),
            2 => self.bits.sample::<2>(text, mask, maybe),
            4 => self.bits.sample::<4>(text, mask, maybe),
            _ => self.bits.sample::<8>(text, mask, maybe),
        }
    }

    fn look_closely(&self, text: &[u8], at: usize, mask: u64, found: &mut dyn FnMut(u32, usize, usize)) {
        let gram = folded(load(text, at), mask);
        let mut distances = self.distances[self.distance_place(gram)];
        while distances != 0 {
            let distance = distances.trailing_zeros() as usize;
            distances &= distances - 1;
            let Some(start) = at.checked_sub(distance) else { continue };
            if start + self.shape.window() > text.len() {
                continue;
            }
            let hash = self.window_hash(text, start);
            let mut next = self.first.at(hash as usize % self.first.len());
            while let Some(entry) = self.entry(next as usize) {
                if entry.hash == hash {
                    found(entry.needle, start, entry.offset as usize);
                }
                next = entry.next;
            }
        }
    }

    fn distance_place(&self, gram: u64) -> usize {
        let bits = self.distances.len().trailing_zeros();
        (gram.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) >> (64 - bits)) as usize
    }

    /// A hash of all bytes of a window, letter case folded away. It must lie within the text.
    fn window_hash(&self, text: &[u8], start: usize) -> u32 {
        let window = self.shape.window();
        let (first, last) = if window >= 8 {
            (folded(load(text, start), u64::MAX), folded(load(text, start + window - 8), u64::MAX))
        } else {
            (folded(load(text, start), mask(window)), 0)
        };
        let mixed = first.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ last;
        (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as u32
    }
}
