//! Text around runs of blanks that are not a single blank, with one blank in their place.
//!
//! A needle of several words is searched for with one blank between them, in the text as it is. Where
//! the text has more than one blank, or a tab, the bytes around are copied with one blank instead and
//! searched too. Most lines have no such place, and of the others only a few bytes are copied.

use std::ops::Range;

use super::Needle;
use super::marks::{GROUP, GROUP_READ, Marks};
use super::sample::{FOLD_BYTE, HASH, load};
use super::wide::{self, Around, equal_eight};
use crate::file::{Reader, Writer};
use crate::flat::Flat;

/// Copied pieces stand apart by this byte, which no needle holds.
const APART: u8 = b'\n';

/// Finds the places and copies their surroundings.
#[derive(Debug)]
pub(super) struct Blanks {
    /// So many bytes on each side are copied: all that a window can reach.
    reach: usize,
    /// The bytes around the blanks of all needles, to pass over most runs without a look.
    around: Box<Around>,
    /// A bit for the hash of the two bytes before and the two after each blank of a needle.
    fours: Flat,
    /// Some needle has a blank beside its first or its last byte.
    near_an_end: bool,
}

/// Stands for a byte that a needle does not have.
const NONE: u8 = 0;

/// The copy, and where its bytes come from.
#[derive(Debug, Default)]
pub(super) struct Copied {
    text: Vec<u8>,
    /// Where a stretch begins in `text`, and in the original.
    stretches: Vec<(usize, usize)>,
}

impl Copied {
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.text.capacity() + self.stretches.capacity()
    }

    /// Where a byte of the copy stands in the original; the blank of a run, where the run begins.
    pub(super) fn original(&self, at: usize) -> usize {
        let stretch = self.stretches.partition_point(|&(start, _)| start <= at);
        let (start, original) = self.stretches[stretch.saturating_sub(1)];
        original + (at - start)
    }

    fn push(&mut self, text: &[u8], range: Range<usize>) {
        self.stretches.push((self.text.len(), range.start));
        self.text.extend(&text[range]);
    }
}

impl Blanks {
    /// For needles of which a window reaches so far.
    pub(super) fn new(needles: &[Needle], reach: usize) -> Self {
        let mut around = Box::new([[0; 128]; 2]);
        let mut fours = Vec::new();
        for needle in needles.iter().filter(|needle| needle.blanks) {
            for (at, _) in needle.bytes.iter().enumerate().filter(|(_, byte)| **byte == b' ') {
                let four = four(&needle.bytes, at - 1, at + 1);
                let [_, before, after, _] = four;
                for (table, byte) in around.iter_mut().zip([before, after]) {
                    // Folding sets one bit; the text may have the byte with it and without.
                    for byte in [byte, byte & !FOLD_BYTE] {
                        table[usize::from(byte & 0x7f)] |= 1 << (before & 7);
                    }
                }
                fours.push(four);
            }
        }
        let near_an_end = fours.iter().any(|four| four.contains(&NONE));
        // Sixteen bits for each.
        let mut bits = vec![0; (2 * fours.len()).next_power_of_two().max(8)];
        for four in fours {
            let place = four_place(four, bits.len());
            bits[place >> 3] |= 1 << (place & 7);
        }
        Self { reach, around, fours: Flat::Own(bits), near_an_end }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.number(self.reach as u32);
        writer.bytes(self.around.as_flattened());
        writer.bytes(&self.fours);
        writer.number(u32::from(self.near_an_end));
    }

    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let (reach, around, fours) = (reader.number()? as usize, reader.bytes()?, reader.bytes()?);
        let near_an_end = reader.number()? != 0;
        let (tables, rest) = around.as_chunks();
        let around = Box::new(*tables.as_array().filter(|_| rest.is_empty())?);
        let fits = fours.len().is_power_of_two() && fours.len() >= 8;
        fits.then_some(Self { reach, around, fours, near_an_end })
    }

    /// True when some needle may hold a run between these bytes of a text.
    #[inline]
    fn may_hold(&self, fours: &[u8], text: &[u8], before: usize, after: usize) -> bool {
        let holds = |four: [u8; 4]| {
            let place = four_place(four, fours.len());
            fours[place >> 3] >> (place & 7) & 1 == 1
        };
        let [first, second, third, last] = four(text, before, after);
        // A needle may begin or end so near that it has only one byte there.
        holds([first, second, third, last])
            || self.near_an_end
                && (holds([NONE, second, third, last])
                    || holds([first, second, third, NONE])
                    || holds([NONE, second, third, NONE]))
    }

    /// Marks every byte that a run of blanks or tabs follows that is not a single blank, and that a needle
    /// may hold. Gives the number of line feeds, which is counted on the way.
    pub(super) fn survey(&self, text: &[u8], runs: &mut Marks) -> u64 {
        wide::survey(&self.around, text, runs).unwrap_or_else(|| survey_plain(text, runs))
    }

    /// Copies what is around every run that a needle may hold.
    pub(super) fn copy(&self, text: &[u8], runs: &Marks, copied: &mut Copied) {
        copied.text.clear();
        copied.stretches.clear();
        // The original up to here is in the copy, when a stretch is open.
        let mut open: Option<usize> = None;
        let fours: &[u8] = &self.fours;
        runs.each(1, |before| {
            let start = before + 1;
            let end = start + text[start..].iter().take_while(|&&byte| is_blank(byte)).count();
            if end == text.len() || !self.may_hold(fours, text, before, end) {
                return;
            }
            match open {
                Some(open) if open + 2 * self.reach >= start => copied.push(text, open..start),
                _ => {
                    self.close(text, open, copied);
                    copied.push(text, start.saturating_sub(self.reach)..start);
                }
            }
            copied.stretches.push((copied.text.len(), start));
            copied.text.push(b' ');
            open = Some(end);
        });
        self.close(text, open, copied);
    }

    fn close(&self, text: &[u8], open: Option<usize>, copied: &mut Copied) {
        if let Some(end) = open {
            copied.push(text, end..(end + self.reach).min(text.len()));
            copied.text.push(APART);
        }
    }
}

/// The two bytes up to `before` and the two from `after` on, letter case folded away.
#[inline]
fn four(text: &[u8], before: usize, after: usize) -> [u8; 4] {
    let byte = |byte: Option<&u8>| match byte {
        Some(b'\t') => b' ',
        Some(byte) => byte | FOLD_BYTE,
        None => NONE,
    };
    let first = before.checked_sub(1).and_then(|first| text.get(first));
    [byte(first), text[before] | FOLD_BYTE, text[after] | FOLD_BYTE, byte(text.get(after + 1))]
}

/// The number of the bit of four bytes in a table of so many bytes (a power of two, 8 at least).
fn four_place(four: [u8; 4], bytes: usize) -> usize {
    let hash = u64::from(u32::from_le_bytes(four)).wrapping_mul(HASH);
    (hash >> (64 - 3 - bytes.trailing_zeros())) as usize
}

/// The same without wide registers; asks of no run whether a needle may hold it.
fn survey_plain(text: &[u8], runs: &mut Marks) -> u64 {
    let mut feeds = 0;
    runs.fill(text, |group| {
        let [blanks, tabs, ends] = [b' ', b'\t', b'\n'].map(|byte| equal(group, byte));
        feeds += u64::from((ends as u64).count_ones());
        let either = blanks | tabs;
        (!either & either >> 1 & (either >> 2 | tabs >> 1)) as u64
    });
    feeds
}

/// A bit for each byte of a group and behind it: whether it is equal to `byte`.
#[inline]
fn equal(group: &[u8; GROUP_READ], byte: u8) -> u128 {
    let (first, last) = group.split_at(GROUP);
    let bits = wide::equal(first.first_chunk().expect("a group is longer"), byte);
    u128::from(bits) | u128::from(equal_eight(load(last, 0), byte)) << GROUP
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes before runs that are not a single blank and end before another byte.
    fn runs(text: &[u8]) -> Vec<usize> {
        let end = |at: usize| at + text[at..].iter().take_while(|&&byte| is_blank(byte)).count();
        let is_run = |&at: &usize| {
            let run = &text[at + 1..end(at + 1)];
            !is_blank(text[at]) && !run.is_empty() && run != b" " && end(at + 1) < text.len()
        };
        (0..text.len()).filter(is_run).collect()
    }

    #[test]
    fn every_run_at_every_place_is_marked() {
        let needle = Needle { bytes: b"link up".to_vec(), nocase: false, blanks: true };
        let blanks = Blanks::new(&[needle], 16);
        for byte in 0..=255u8 {
            for place in 0..GROUP + 6 {
                for around in [b"  ", b" \t", b"\t\t", b"k ", b"\tu", b"K\t", b" U", b"\n\n", b"\xeb "] {
                    let mut text = around.repeat(GROUP + 1);
                    text[place] = byte;
                    let feeds = memchr::memchr_iter(b'\n', &text).count() as u64;
                    let matter = |&at: &usize| {
                        let after = text[at + 1..].iter().position(|&byte| !is_blank(byte));
                        let after = at + 1 + after.expect("it ends before another byte");
                        blanks.may_hold(&blanks.fours, &text, at, after)
                    };
                    let expected: Vec<usize> = runs(&text).into_iter().filter(matter).collect();
                    let mut marks = [Marks::default(), Marks::default()];
                    assert_eq!(blanks.survey(&text, &mut marks[0]), feeds);
                    assert_eq!(survey_plain(&text, &mut marks[1]), feeds);
                    for marks in marks {
                        let mut found = Vec::new();
                        marks.each(1, |at| found.push(at));
                        assert!(expected.iter().all(|at| found.contains(at)), "{byte} {place} {around:?}");
                        assert!(found.iter().all(|at| !is_blank(text[*at])), "{byte} {place} {around:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_run_that_no_needle_holds_is_not_marked() {
        let needle = Needle { bytes: b"link up".to_vec(), nocase: false, blanks: true };
        let mut marks = Marks::default();
        Blanks::new(&[needle], 16).survey(&b"Nov  2 10:00:00 gw1 up\n".repeat(9), &mut marks);
        let mut count = 0;
        marks.each(1, |_| count += 1);
        let plain = !wide::available();
        assert_eq!(count, if plain { 9 } else { 0 });
    }
}
