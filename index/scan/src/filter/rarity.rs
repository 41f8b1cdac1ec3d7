//! Which part of a needle is seen least often.

use super::sample::{folded, load, mask};
use super::sampled::Shape;
use crate::texts::Texts;

/// Bytes of logs from the most common to the least, letter case folded away; found by counting in
/// logs of many systems. What is not here is rare.
const COMMON: &[u8] = b" e01ot2n:asri.cd\"34p5lm-67/89fuvgbh*}{=wx,yk)(z+q;>'<j|?";

/// The place of every byte in [`COMMON`].
const BYTE_RARITY: [u8; 256] = {
    let mut rarity = [2 * COMMON.len() as u8; 256];
    let mut place = 0;
    while place < COMMON.len() {
        rarity[COMMON[place] as usize] = place as u8;
        place += 1;
    }
    rarity
};

/// Grams of so many bytes are counted within the set.
const GRAM: usize = 4;

/// Grams are counted by their hash in at most so many places.
const PLACES_MAX: usize = 1 << 18;

/// Knows how common bytes are in logs, and grams in the needles themselves: what many needles share,
/// logs have often.
#[derive(Debug)]
pub(super) struct Rarity {
    counts: Vec<u32>,
}

impl Rarity {
    pub(super) fn of(needles: &Texts) -> Self {
        let places = (2 * needles.bytes()).next_power_of_two().clamp(64, PLACES_MAX);
        let mut rarity = Self { counts: vec![0; places] };
        for needle in needles.iter() {
            for at in 0..(needle.len() + 1).saturating_sub(GRAM) {
                let place = rarity.place(needle, at);
                rarity.counts[place] += 1;
            }
        }
        rarity
    }

    /// Where the window begins that is expected least often.
    pub(super) fn rarest_window(&self, text: &[u8], shape: Shape) -> usize {
        let window = shape.window();
        let bytes = |at: usize| i64::from(BYTE_RARITY[usize::from(text[at] | 0x20)]);
        let gram = |at: usize| {
            let count = if at + GRAM <= text.len() { self.counts[self.place(text, at)] } else { 0 };
            8 * i64::from(count.checked_ilog2().unwrap_or(0))
        };
        let grams = (window + 1).saturating_sub(GRAM);
        let mut rarity: i64 = (0..window).map(bytes).sum::<i64>() - (0..grams).map(gram).sum::<i64>();
        let mut best = (rarity, 0);
        for at in 1..=text.len() - window {
            rarity += bytes(at + window - 1) - bytes(at - 1);
            if grams > 0 {
                rarity += gram(at - 1) - gram(at + grams - 1);
            }
            best = best.max((rarity, at));
        }
        best.1
    }

    fn place(&self, text: &[u8], at: usize) -> usize {
        let gram = folded(load(text, at), mask(GRAM));
        let bits = self.counts.len().trailing_zeros();
        (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - bits)) as usize
    }
}
