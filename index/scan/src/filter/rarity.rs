//! Which part of a needle is seen least often.

use std::collections::HashMap;

use super::Needle;
use super::sample::{folded, load};
use super::tier::Shape;

/// Bytes of logs from the most common to the least, letter case folded away; found by counting in
/// logs of many systems. What is not here is rare.
const COMMON: &[u8] = b" e01ot2n:asri.cd\"34p5lm-67/89fuvgbh*}{=wx,yk)(z+q;>'<j|?";

/// Grams of so many bytes are counted within the set.
const GRAM: usize = 4;

/// Knows how common bytes are in logs, and grams in the needles themselves: what many needles share,
/// logs have often.
#[derive(Debug)]
pub(super) struct Rarity {
    counts: HashMap<u64, u32>,
}

impl Rarity {
    pub(super) fn of(needles: &[Needle]) -> Self {
        let mut counts = HashMap::new();
        for needle in needles {
            for at in 0..(needle.bytes.len() + 1).saturating_sub(GRAM) {
                *counts.entry(gram(&needle.bytes, at)).or_insert(0) += 1;
            }
        }
        Self { counts }
    }

    /// Where the window begins that is expected least often.
    pub(super) fn rarest_window(&self, text: &[u8], shape: Shape) -> usize {
        let places = 0..=text.len() - shape.window();
        places.max_by_key(|&at| self.rarity(&text[at..at + shape.window()])).unwrap_or(0)
    }

    fn rarity(&self, window: &[u8]) -> i64 {
        let bytes: i64 = window.iter().map(|&byte| byte_rarity(byte)).sum();
        let shared = |at| self.counts.get(&gram(window, at)).copied().unwrap_or(0);
        let grams = (0..(window.len() + 1).saturating_sub(GRAM)).map(shared);
        bytes - grams.map(|count| 8 * i64::from(count.checked_ilog2().unwrap_or(0))).sum::<i64>()
    }
}

fn gram(text: &[u8], at: usize) -> u64 {
    folded(load(text, at), super::sample::mask(GRAM))
}

fn byte_rarity(byte: u8) -> i64 {
    let place = COMMON.iter().position(|&common| common == byte | 0x20);
    place.map_or(2 * COMMON.len() as i64, |place| place as i64)
}
