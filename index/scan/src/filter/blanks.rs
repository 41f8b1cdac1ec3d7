//! Text around runs of blanks that are not a single blank, with one blank in their place.
//!
//! A needle of several words is searched for with one blank between them, in the text as it is. Where
//! the text has more than one blank, or a tab, the bytes around are copied with one blank instead and
//! searched too. Most lines have no such place, and of the others only a few bytes are copied.

use std::ops::Range;

use super::Needle;
use super::sample::load;
use crate::file::{Reader, Writer};

/// Copied pieces stand apart by this byte, which no needle holds.
const APART: u8 = b'\n';

/// Finds the places and copies their surroundings.
#[derive(Debug)]
pub(super) struct Blanks {
    /// So many bytes on each side are copied: all that a window can reach.
    reach: usize,
    /// For the byte before a run a bit for every byte after it: whether any needle has the two.
    pairs: Vec<[u64; 4]>,
}

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
    /// `None` when no needle has a blank that may be a run.
    pub(super) fn new(needles: &[Needle], window: usize) -> Option<Self> {
        let mut pairs = vec![[0u64; 4]; 256];
        let mut any = false;
        for needle in needles.iter().filter(|needle| needle.blanks) {
            for around in needle.bytes.windows(3).filter(|around| around[1] == b' ') {
                any = true;
                let after = usize::from(around[2] | 0x20);
                pairs[usize::from(around[0] | 0x20)][after >> 6] |= 1 << (after & 63);
            }
        }
        any.then_some(Self { reach: window, pairs })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.number(self.reach as u32);
        let words = self.pairs.as_flattened().iter();
        writer.words(&words.flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>());
    }

    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let (reach, words) = (reader.number()? as usize, reader.words()?);
        let words: Vec<u64> = words.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let pairs = words.as_chunks::<4>().0.to_vec();
        (words.len() == 4 * 256).then_some(Self { reach, pairs })
    }

    /// Copies what is around every run that a needle may hold.
    pub(super) fn copy(&self, text: &[u8], copied: &mut Copied) {
        copied.text.clear();
        copied.stretches.clear();
        // The original up to here is in the copy, when a stretch is open.
        let mut open: Option<usize> = None;
        each_run(text, |run| {
            if !self.may_matter(text, &run) {
                return;
            }
            match open {
                Some(end) if end + 2 * self.reach >= run.start => copied.push(text, end..run.start),
                _ => {
                    self.close(text, open, copied);
                    copied.push(text, run.start.saturating_sub(self.reach)..run.start);
                }
            }
            copied.stretches.push((copied.text.len(), run.start));
            copied.text.push(b' ');
            open = Some(run.end);
        });
        self.close(text, open, copied);
    }

    fn close(&self, text: &[u8], open: Option<usize>, copied: &mut Copied) {
        if let Some(end) = open {
            copied.push(text, end..(end + self.reach).min(text.len()));
            copied.text.push(APART);
        }
    }

    fn may_matter(&self, text: &[u8], run: &Range<usize>) -> bool {
        let (Some(before), Some(&after)) = (run.start.checked_sub(1), text.get(run.end)) else {
            return false;
        };
        let after = usize::from(after | 0x20);
        self.pairs[usize::from(text[before] | 0x20)][after >> 6] >> (after & 63) & 1 == 1
    }
}

/// Bytes that are looked at before the first branch.
const GROUP: usize = 64;

/// Calls `run` with every run of blanks and tabs that is not a single blank.
fn each_run(text: &[u8], mut run: impl FnMut(Range<usize>)) {
    let mut end = 0;
    let mut start = 0;
    while start < text.len() {
        let mut padded = [0; GROUP];
        let group = text[start..].first_chunk::<GROUP>().unwrap_or_else(|| {
            let rest = &text[start..];
            padded[..rest.len()].copy_from_slice(rest);
            &padded
        });
        let Marks { blanks, tabs } = marks(group);
        let next = u64::from(text.get(start + GROUP) == Some(&b' '));
        let mut places = blanks & (blanks >> 1 | next << 63) | tabs;
        while places != 0 {
            let at = start + places.trailing_zeros() as usize;
            places &= places - 1;
            if at >= end {
                let before = text[end..at].iter().rev().take_while(|&&byte| is_blank(byte)).count();
                let after = text[at..].iter().take_while(|&&byte| is_blank(byte)).count();
                end = at + after;
                run(at - before..end);
            }
        }
        start += GROUP;
    }
}

/// A bit for every byte of a group that is a blank, and for every tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    blanks: u64,
    tabs: u64,
}

/// Sixteen bytes at a time, where the processor is one that can.
#[cfg(all(target_arch = "x86_64", not(feature = "safe")))]
#[expect(unsafe_code, reason = "the compiler wants it for every function with a target feature")]
fn marks(group: &[u8; GROUP]) -> Marks {
    // SAFETY: SSE2 is part of x86-64; the function has no other condition.
    unsafe { wide_marks(group) }
}

#[cfg(all(target_arch = "x86_64", not(feature = "safe")))]
#[target_feature(enable = "sse2")]
fn wide_marks(group: &[u8; GROUP]) -> Marks {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8};

    let (blank, tab) = (_mm_set1_epi8(b' ' as i8), _mm_set1_epi8(b'\t' as i8));
    let mut marks = Marks::default();
    for at in (0..GROUP).step_by(16) {
        let bytes = _mm_set_epi64x(load(group, at + 8) as i64, load(group, at) as i64);
        let (blanks, tabs) = (_mm_cmpeq_epi8(bytes, blank), _mm_cmpeq_epi8(bytes, tab));
        marks.blanks |= u64::from(_mm_movemask_epi8(blanks) as u16) << at;
        marks.tabs |= u64::from(_mm_movemask_epi8(tabs) as u16) << at;
    }
    marks
}

#[cfg(not(all(target_arch = "x86_64", not(feature = "safe"))))]
fn marks(group: &[u8; GROUP]) -> Marks {
    plain_marks(group)
}

/// Eight bytes at a time.
#[cfg(any(test, feature = "safe", not(target_arch = "x86_64")))]
fn plain_marks(group: &[u8; GROUP]) -> Marks {
    let mut marks = Marks::default();
    for at in (0..GROUP).step_by(8) {
        let bytes = load(group, at);
        let bits = |equal: u64| ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << at;
        marks.blanks |= bits(equal(bytes, b' '));
        marks.tabs |= bits(equal(bytes, b'\t'));
    }
    marks
}

/// The highest bit of every byte that is equal to `byte`.
#[cfg(any(test, feature = "safe", not(target_arch = "x86_64")))]
fn equal(bytes: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let differ = bytes ^ u64::from_ne_bytes([byte; 8]);
    !(((differ & LOW) + LOW) | differ | LOW)
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_every_byte_at_every_place() {
        for byte in 0..=255u8 {
            for place in 0..GROUP {
                for around in [b' ', b'\t', b'x', 0xa0] {
                    let mut group = [around; GROUP];
                    group[place] = byte;
                    let bits = |wanted| {
                        group
                            .iter()
                            .enumerate()
                            .fold(0, |bits, (at, &here)| bits | u64::from(here == wanted) << at)
                    };
                    let expected = Marks { blanks: bits(b' '), tabs: bits(b'\t') };
                    assert_eq!((marks(&group), plain_marks(&group)), (expected, expected));
                }
            }
        }
    }
}
