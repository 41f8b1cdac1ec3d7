//! Needles of about one length, and the way in which they are found.

use super::packed::{PACKED_MAX, PREFIX_MAX, Packed};
use super::plan::Pass;
use super::rarity::Rarity;
use super::sampled::{Sampled, Shape};
use crate::file::{Reader, Writer};
use crate::flat::Numbers;
use crate::texts::Texts;

/// For needles that should be compared, on a machine that cannot.
const SHORT: Shape = Shape { step: 1, gram: 2 };

/// Needles that are found in one pass.
#[derive(Debug)]
pub(super) enum Tier {
    Sampled(Sampled),
    Packed(Packed),
}

impl Tier {
    /// Takes the needles with these numbers, which fit the pass.
    pub(super) fn new(pass: Pass, texts: &Texts, ids: &[u32], rarity: &Rarity) -> Self {
        match pass {
            Pass::Sampled(shape) => Self::Sampled(Sampled::new(shape, texts, ids, rarity)),
            Pass::Packed => Self::packed(texts, ids),
        }
    }

    fn packed(texts: &Texts, ids: &[u32]) -> Self {
        let sampled = || Self::Sampled(Sampled::new(SHORT, texts, ids, &Rarity::of(texts)));
        Packed::new(texts, ids).map_or_else(sampled, Self::Packed)
    }

    pub(super) fn pass(&self) -> Pass {
        match self {
            Self::Sampled(sampled) => Pass::Sampled(sampled.shape()),
            Self::Packed(_) => Pass::Packed,
        }
    }

    /// The number of needles.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Sampled(sampled) => sampled.len(),
            Self::Packed(packed) => packed.ids().len(),
        }
    }

    /// How many bytes the search looks at together.
    pub(super) fn reach(&self) -> usize {
        match self {
            Self::Sampled(sampled) => sampled.shape().window(),
            Self::Packed(_) => PREFIX_MAX,
        }
    }

    /// Calls `maybe` with every needle that may stand there, a place, and the byte of the needle that
    /// would stand at that place.
    pub(super) fn search(&self, text: &[u8], maybe: &mut dyn FnMut(u32, usize, usize)) {
        match self {
            Self::Sampled(sampled) => sampled.search(text, maybe),
            Self::Packed(packed) => packed.search(text, &mut |needle, at| maybe(needle, at, 0)),
        }
    }

    #[cfg(test)]
    pub(super) fn close_looks(&self, text: &[u8]) -> usize {
        let mut count = 0;
        match self {
            Self::Sampled(sampled) => sampled.places(text, &mut |_| count += 1),
            Self::Packed(packed) => packed.search(text, &mut |_, _| count += 1),
        }
        count
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Sampled(sampled) => {
                writer.number(0);
                sampled.write(writer);
            }
            Self::Packed(packed) => {
                writer.number(1);
                let mut ids = Numbers::default();
                packed.ids().for_each(|id| ids.push(id));
                writer.numbers(&ids);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader, texts: &Texts) -> Option<Self> {
        if reader.number()? == 0 {
            return Sampled::read(reader, texts).map(Self::Sampled);
        }
        let ids: Vec<u32> = reader.numbers()?.iter().collect();
        let long_enough =
            |id: u32| (id as usize) < texts.len() && texts.get(id as usize).len() >= SHORT.window();
        let fits = (1..=PACKED_MAX).contains(&ids.len()) && ids.iter().all(|&id| long_enough(id));
        fits.then(|| Self::packed(texts, &ids))
    }
}
