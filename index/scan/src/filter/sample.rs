//! The innermost loop: a few bytes are looked at every few places, and two bits say whether they can
//! be part of a needle.
//!
//! Every `STEP` bytes a gram of up to eight bytes is loaded, letter case is folded away, and two bits
//! are tested in the word that the gram's hash names, of a table where every gram of every needle has
//! set both. Nothing is decided here: the table only says where to look closely.

use super::marks::{GROUP, GROUP_READ, Marks};
use super::sampled::Shape;
use super::wide;
use crate::file::{Reader, Writer};
use crate::flat::Flat;

/// Letter case and little else: this bit of every byte is set before anything is looked up.
pub(super) const FOLD_BYTE: u8 = 0x20;
pub(super) const FOLD: u64 = u64::from_ne_bytes([FOLD_BYTE; 8]);

/// What a gram is multiplied with for its hash.
pub(super) const HASH: u64 = 0x9e37_79b9_7f4a_7c15;

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
const VAST: usize = 1 << 17;
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
            16_385..=98_304 => HUGE,
            98_305..=393_216 => VAST,
            _ => COLOSSAL,
        };
        Self(Flat::zeros(8 * words))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.words(&self.0);
    }

    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let table = Self(reader.words()?);
        let sizes = [TINY, SMALL, MIDDLE, LARGE, HUGE, VAST, COLOSSAL];
        sizes.contains(&(table.0.len() / 8)).then_some(table)
    }

    /// Enters a folded gram.
    pub(super) fn insert(&mut self, gram: u64) {
        let words = self.0.len() / 8;
        let Place { word, first, second } = bits(gram, words);
        for bit in [first, second] {
            // The bit of a word in the order of its bytes.
            self.0.own()[8 * word + (bit >> 3)] |= 1 << (bit & 7);
        }
    }

    /// Marks every place of a sample, from the start of `text`, where an entered gram may stand.
    pub(super) fn sample(&self, shape: Shape, text: &[u8], marks: &mut Marks) {
        let mask = mask(shape.gram);
        match shape.step {
            1 => self.sample_every::<1>(text, mask, marks),
            2 => self.sample_every::<2>(text, mask, marks),
            4 => self.sample_every::<4>(text, mask, marks),
            _ => self.sample_every::<8>(text, mask, marks),
        }
    }

    fn sample_every<const STEP: usize>(&self, text: &[u8], mask: u64, marks: &mut Marks) {
        with_table!(self, table => {
            if !wide::sample::<STEP, _>(table, text, mask, marks) {
                marks.fill(text, |group| sample_group::<STEP, _>(table, group, mask));
            }
        });
    }

    /// The same without wide registers.
    #[cfg(test)]
    fn sample_plain<const STEP: usize>(&self, text: &[u8], mask: u64, marks: &mut Marks) {
        with_table!(self, table => marks.fill(text, |group| sample_group::<STEP, _>(table, group, mask)));
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

/// Where the two bits of a gram are.
struct Place {
    word: usize,
    first: usize,
    second: usize,
}

/// Those in a table of so many words (a power of two). [`wide`] knows it too.
fn bits(gram: u64, words: usize) -> Place {
    let hash = gram.wrapping_mul(HASH);
    let rest = 64 - words.trailing_zeros();
    let bit = |shift: u32| (hash >> shift) as usize & 63;
    Place { word: (hash >> rest) as usize, first: bit(rest - 6), second: bit(rest - 12) }
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
        let Place { word, first, second } = bits(folded(u64::from_le_bytes(bytes), mask), WORDS);
        // The hash has no more bits than the table has places; the remainder says so for free.
        let word = u64::from_le_bytes(table[word % WORDS]);
        found |= (word >> first & word >> second & 1) << place;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn marked<const STEP: usize>(table: &Bits, text: &[u8], mask: u64) -> [Vec<usize>; 2] {
        let mut marks = [Marks::default(), Marks::default()];
        table.sample_every::<STEP>(text, mask, &mut marks[0]);
        table.sample_plain::<STEP>(text, mask, &mut marks[1]);
        marks.map(|marks| {
            let mut places = Vec::new();
            marks.each(STEP, |place| places.push(place));
            places
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn wide_registers_mark_what_others_mark(
            text in vec(any::<u8>(), 0..400),
            grams in vec(0..400_usize, 0..40),
            gram in 1..=8_usize,
            more in prop::sample::select(vec![0, 300, 2000, 20_000, 100_000]),
        ) {
            let mask = mask(gram);
            let mut table = Bits::for_grams(grams.len() + more);
            for &at in &grams {
                table.insert(folded(load(&text, at), mask));
            }
            for ([wide, plain], step) in [
                (marked::<1>(&table, &text, mask), 1),
                (marked::<2>(&table, &text, mask), 2),
                (marked::<4>(&table, &text, mask), 4),
                (marked::<8>(&table, &text, mask), 8),
            ] {
                prop_assert_eq!(&wide, &plain);
                let missed = (0..text.len()).step_by(step).find(|&at| grams.contains(&at) && !plain.contains(&at));
                prop_assert_eq!(missed, None);
            }
        }
    }
}
