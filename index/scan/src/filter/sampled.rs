//! Needles of about one length: which few bytes of each are sampled, and how a sample becomes an
//! occurrence.
//!
//! Of every needle one *window* is chosen, as long as it takes to hold one whole gram wherever the
//! sampling falls. All grams of the window are marked in the table of [`Bits`]. Where a marked gram
//! is sampled, the windows that it may belong to are looked up by the hash of all their bytes.

use super::marks::Marks;
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

impl From<&[u8; 16]> for Entry {
    fn from(bytes: &[u8; 16]) -> Self {
        let (fields, _) = bytes.as_chunks();
        let [needle, offset, hash, next] = [0, 1, 2, 3].map(|field: usize| u32::from_le_bytes(fields[field]));
        Self { needle, offset, hash, next }
    }
}

impl Sampled {
    /// Takes the needles with these numbers, all at least as long as the window.
    pub(super) fn new(shape: Shape, needles: &Texts, ids: &[u32], rarity: &Rarity) -> Self {
        let size = (ids.len() * shape.step).next_power_of_two().max(64);
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
            let place = distance_place(gram, self.distances.len());
            self.distances.own()[place] |= 1 << distance;
        }
        let hash = Window::new(self.shape.window()).hash(text, offset).expect("a needle holds its window");
        let place = hash as usize & (self.first.len() - 1);
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

    fn fits(&self, needles: &Texts) -> bool {
        let window = match (self.shape.step, self.shape.gram) {
            (1 | 2 | 4 | 8, 1..=8) => self.shape.window(),
            _ => return false,
        };
        let known = |entry: u32, below: usize| entry == NONE || (entry as usize) < below;
        let entry_fits = |(index, entry): (usize, &[u8; 16])| {
            let entry = Entry::from(entry);
            // An entry leads to earlier ones only, so every chain ends.
            (entry.needle as usize) < needles.len()
                && entry.offset as usize + window <= needles.get(entry.needle as usize).len()
                && known(entry.next, index)
        };
        self.distances.len().is_power_of_two()
            && self.distances.len() > 1
            && self.distances.iter().all(|&distances| u32::from(distances) >> self.shape.step == 0)
            && self.first.len().is_power_of_two()
            && self.first.iter().all(|entry| known(entry, self.len()))
            && self.entries.0.as_chunks().0.iter().enumerate().all(entry_fits)
    }

    /// The number of needles.
    pub(super) fn len(&self) -> usize {
        self.entries.len() / 4
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Calls `found` with every needle whose window may stand at a place, that place, and where in the
    /// needle the window begins.
    pub(super) fn search(&self, text: &[u8], marks: &mut Marks, found: &mut dyn FnMut(u32, usize, usize)) {
        let tables = self.tables();
        self.places(text, marks, |at| tables.look_closely(text, at, found));
    }

    /// Calls `maybe` with every place whose gram may be part of a window.
    pub(super) fn places(&self, text: &[u8], marks: &mut Marks, maybe: impl FnMut(usize)) {
        self.bits.sample(self.shape, text, marks);
        marks.each(self.shape.step, maybe);
    }

    fn tables(&self) -> Tables<'_> {
        let window = Window::new(self.shape.window());
        let (distances, first) = (self.distances.as_ref(), self.first.all());
        let entries = self.entries.0.as_chunks().0;
        Tables { mask: mask(self.shape.gram), window, distances, first, entries }
    }
}

/// The tables of [`Sampled`] as they are searched.
struct Tables<'s> {
    mask: u64,
    window: Window,
    distances: &'s [u8],
    first: &'s [[u8; 4]],
    entries: &'s [[u8; 16]],
}

impl Tables<'_> {
    #[inline]
    fn look_closely(&self, text: &[u8], at: usize, found: &mut dyn FnMut(u32, usize, usize)) {
        let gram = folded(load(text, at), self.mask);
        let mut distances = self.distances[distance_place(gram, self.distances.len())];
        while distances != 0 {
            let distance = distances.trailing_zeros() as usize;
            distances &= distances - 1;
            let Some(start) = at.checked_sub(distance) else { continue };
            let Some(hash) = self.window.hash(text, start) else { continue };
            let mut next = u32::from_le_bytes(self.first[hash as usize & (self.first.len() - 1)]);
            while let Some(entry) = self.entries.get(next as usize) {
                let entry = Entry::from(entry);
                if entry.hash == hash {
                    found(entry.needle, start, entry.offset as usize);
                }
                next = entry.next;
            }
        }
    }
}

/// Where in a table of so many places (a power of two) the distances of a gram are.
fn distance_place(gram: u64, places: usize) -> usize {
    // Only so many bits, so that nobody has to ask whether the place is inside.
    (gram.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) >> 32) as usize & (places - 1)
}

/// How a window is hashed: its first eight bytes and its last eight.
#[derive(Clone, Copy)]
struct Window {
    bytes: usize,
    first: u64,
    last: u64,
}

impl Window {
    fn new(bytes: usize) -> Self {
        Self { bytes, first: mask(bytes.min(8)), last: if bytes > 8 { u64::MAX } else { 0 } }
    }

    /// A hash of all bytes of the window, letter case folded away; `None` when it does not lie within the
    /// text.
    #[inline]
    fn hash(self, text: &[u8], start: usize) -> Option<u32> {
        if start + self.bytes > text.len() {
            return None;
        }
        let first = folded(load(text, start), self.first);
        let last = folded(load(text, start + self.bytes.saturating_sub(8)), self.last);
        let mixed = first.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ last;
        Some((mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as u32)
    }
}
