//! Needles of about one length, and the way in which they are found.

use super::Room;
use super::packed::{PACKED_MAX, Packed, rarest_part};
use super::plan::Pass;
use super::rarity::Rarity;
use super::sampled::{Sampled, Shape};
use super::wide::COMPARED;
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
            Pass::Packed => {
                let place = |&id: &u32| (id, rarest_part(texts.get(id as usize), rarity));
                Self::packed(texts, &ids.iter().map(place).collect::<Vec<_>>())
            }
        }
    }

    fn packed(texts: &Texts, places: &[(u32, u32)]) -> Self {
        let sampled = || {
            let ids: Vec<u32> = places.iter().map(|&(id, _)| id).collect();
            Self::Sampled(Sampled::new(SHORT, texts, &ids, &Rarity::of(texts)))
        };
        Packed::new(texts, places).map_or_else(sampled, Self::Packed)
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
            Self::Packed(packed) => packed.places().len(),
        }
    }

    /// How many bytes the search looks at together.
    pub(super) fn reach(&self) -> usize {
        match self {
            Self::Sampled(sampled) => sampled.shape().window(),
            Self::Packed(_) => COMPARED,
        }
    }

    /// Calls `maybe` with every needle that may stand there, a place, and the byte of the needle that
    /// would stand at that place.
    pub(super) fn search(&self, text: &[u8], room: &mut Room, maybe: &mut dyn FnMut(u32, usize, usize)) {
        match self {
            Self::Sampled(sampled) => sampled.search(text, &mut room.marks, maybe),
            Self::Packed(packed) => packed.search(text, room, maybe),
        }
    }

    #[cfg(test)]
    pub(super) fn close_looks(&self, text: &[u8]) -> usize {
        let (mut count, mut room) = (0, Room::default());
        match self {
            Self::Sampled(sampled) => sampled.places(text, &mut room.marks, |_| count += 1),
            Self::Packed(packed) => packed.search(text, &mut room, &mut |_, _, _| count += 1),
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
                let mut numbers = Numbers::default();
                packed.places().flat_map(|(id, offset)| [id, offset]).for_each(|number| numbers.push(number));
                writer.numbers(&numbers);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader, texts: &Texts) -> Option<Self> {
        if reader.number()? == 0 {
            return Sampled::read(reader, texts).map(Self::Sampled);
        }
        let numbers: Vec<u32> = reader.numbers()?.iter().collect();
        let (pairs, rest) = numbers.as_chunks::<2>();
        let places: Vec<(u32, u32)> = pairs.iter().map(|&[id, offset]| (id, offset)).collect();
        let inside = |&(id, offset): &(u32, u32)| {
            let bytes = if (id as usize) < texts.len() { texts.get(id as usize).len() } else { 0 };
            bytes >= SHORT.window() && (offset as usize) < bytes
        };
        let fits = rest.is_empty() && (1..=PACKED_MAX).contains(&places.len()) && places.iter().all(inside);
        fits.then(|| Self::packed(texts, &places))
    }
}
