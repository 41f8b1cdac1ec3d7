//! The innermost loop: a few bytes are looked at every few places, and one bit says whether they can
//! be part of a needle.
//!
//! Every `STEP` bytes a gram of up to eight bytes is loaded, letter case is folded away, and a bit is
//! tested in a table that has one for the hash of every gram of every needle. Nothing is decided
//! here: the table only says where to look closely.

use crate::file::{Reader, Writer};
use crate::flat::Flat;

/// Letter case and little else: this bit of every byte is set before anything is looked up.
pub(super) const FOLD_BYTE: u8 = 0x20;
const FOLD: u64 = u64::from_ne_bytes([FOLD_BYTE; 8]);

/// Bytes that are sampled before the first branch.
const GROUP: usize = 64;

/// A gram may reach so far beyond the last place of a group.
const GROUP_READ: usize = GROUP + 8;

/// A table of bits: words of eight bytes. Its size is one of a few that are known when it is compiled,
/// so that no access is checked.
#[derive(Debug)]
pub(super) struct Bits(Flat);

/// Does one thing with the table of whatever size it is.
macro_rules! with_table {
    ($bits:expr, $table:ident => $body:expr) => {
        match $bits.0.len() >> 3 {
            TINY => with_table!($bits, $table, TINY => $body),
            SMALL => with_table!($bits, $table, SMALL => $body),
            MIDDLE => with_table!($bits, $table, MIDDLE => $body),
            LARGE => with_table!($bits, $table, LARGE => $body),
            HUGE => with_table!($bits, $table, HUGE => $body),
            VAST => with_table!($bits, $table, VAST => $body),
            GIANT => with_table!($bits, $table, GIANT => $body),
            _ => with_table!($bits, $table, COLOSSAL => $body),
        }
    };
    ($bits:expr, $table:ident, $words:ident => $body:expr) => {{
        let table: Option<&[[u8; 8]; $words]> = $bits.0.as_chunks().0.first_chunk();
        if let Some($table) = table {
            $body
        }
    }};
}

const TINY: usize = 1 << 7;
const SMALL: usize = 1 << 9;
const MIDDLE: usize = 1 << 11;
const LARGE: usize = 1 << 13;
const HUGE: usize = 1 << 15;
const VAST: usize = 1 << 16;
const GIANT: usize = 1 << 17;
const COLOSSAL: usize = 1 << 19;

impl Bits {
    /// An empty table for so many grams, with some thirty bits or more for each where the caches
    /// allow it.
    pub(super) fn for_grams(grams: usize) -> Self {
        let words = match grams {
            0..=256 => TINY,
            257..=1024 => SMALL,
            1025..=4096 => MIDDLE,
            4097..=16_384 => LARGE,
            16_385..=65_536 => HUGE,
            65_537..=131_072 => VAST,
            131_073..=262_144 => GIANT,
            _ => COLOSSAL,
        };
        Self(Flat::zeros(8 * words))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.words(&self.0);
    }

    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let table = Self(reader.words()?);
        let sizes = [TINY, SMALL, MIDDLE, LARGE, HUGE, VAST, GIANT, COLOSSAL];
        sizes.contains(&(table.0.len() / 8)).then_some(table)
    }

    /// Marks a folded gram.
    pub(super) fn insert(&mut self, gram: u64) {
        let hash = hash(gram, self.0.len() / 8);
        // The bit of a word in the order of its bytes.
        self.0.own()[hash >> 3] |= 1 << (hash & 7);
    }

    /// Calls `maybe` with every place, `STEP` bytes apart from the start of `text`, where a marked
    /// gram may stand.
    pub(super) fn sample<const STEP: usize>(&self, text: &[u8], mask: u64, maybe: &mut dyn FnMut(usize)) {
        with_table!(self, table => sample::<STEP, _>(table, text, mask, maybe));
    }
}

/// The mask that keeps the first so many bytes of a gram.
pub(super) fn mask(bytes: usize) -> u64 {
    u64::MAX >> (64 - 8 * bytes.clamp(1, 8))
}

/// A gram as it is hashed: only its bytes, letter case folded away.
pub(super) fn folded(gram: u64, mask: u64) -> u64 {
    (gram | FOLD) & mask
}

/// Up to eight bytes from `at` on; zero where the text ends.
pub(super) fn load(text: &[u8], at: usize) -> u64 {
    if let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        return u64::from_le_bytes(*bytes);
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |gram, &byte| gram << 8 | u64::from(byte))
}

/// The number of a gram's bit in a table of so many words (a power of two).
fn hash(gram: u64, words: usize) -> usize {
    (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - 6 - words.trailing_zeros())) as usize
}

fn sample<const STEP: usize, const WORDS: usize>(
    table: &[[u8; 8]; WORDS],
    text: &[u8],
    mask: u64,
    maybe: &mut dyn FnMut(usize),
) {
    let mut start = 0;
    while let Some(group) = text[start..].first_chunk::<GROUP_READ>() {
        let found = sample_group::<STEP, WORDS>(table, group, mask);
        report::<STEP>(found, start, maybe);
        start += GROUP;
    }
    while start < text.len() {
        let mut group = [0; GROUP_READ];
        let rest = &text[start..];
        let length = rest.len().min(GROUP_READ);
        group[..length].copy_from_slice(&rest[..length]);
        let found = sample_group::<STEP, WORDS>(table, &group, mask);
        report::<STEP>(found, start, maybe);
        start += GROUP;
    }
}

/// One bit for each place of the group.
#[inline]
fn sample_group<const STEP: usize, const WORDS: usize>(
    table: &[[u8; 8]; WORDS],
    group: &[u8; GROUP_READ],
    mask: u64,
) -> u64 {
    let mut found = 0;
    for place in 0..GROUP / STEP {
        let at = place * STEP;
        let bytes = [
            group[at],
            group[at + 1],
            group[at + 2],
            group[at + 3],
            group[at + 4],
            group[at + 5],
            group[at + 6],
            group[at + 7],
        ];
        let hash = hash(folded(u64::from_le_bytes(bytes), mask), WORDS);
        // The hash has no more bits than the table has places; the remainder says so for free.
        let word = u64::from_le_bytes(table[(hash >> 6) % WORDS]);
        found |= (word >> (hash & 63) & 1) << place;
    }
    found
}

#[inline]
fn report<const STEP: usize>(mut found: u64, start: usize, maybe: &mut dyn FnMut(usize)) {
    while found != 0 {
        maybe(start + found.trailing_zeros() as usize * STEP);
        found &= found - 1;
    }
}
