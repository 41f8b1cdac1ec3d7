//! The prefilter: where in a chunk of lines a needle occurs.
//!
//! Knows needles, not patterns. It reports every occurrence, overlapping and nested ones included;
//! one of a needle with runs of blanks perhaps twice.
//!
//! Needles are put into tiers by their length ([`tier`]): the longer a needle, the fewer places of
//! the text must be sampled to find it. A few short ones are compared instead ([`packed`]).

mod blanks;
mod marks;
mod packed;
mod plan;
mod rarity;
mod sample;
mod sampled;
mod tier;
mod wide;

use crate::file::{Reader, Writer};
use crate::flat::Flat;
use crate::texts::Texts;
use blanks::{Blanks, Copied};
use marks::Marks;
use rarity::Rarity;
use tier::Tier;

pub(crate) use plan::Pass;
pub(crate) use rarity::rarest_byte;

/// A text that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Needle {
    /// At least [`NEEDLE_BYTES_MIN`] bytes, without a line feed; in lower case when `nocase`.
    pub(crate) bytes: Vec<u8>,
    /// Case of ASCII letters is ignored.
    pub(crate) nocase: bool,
    /// Every blank of it stands for a run of blanks and tabs. Then it has at least
    /// [`RUNS_BYTES_MIN`] bytes, no tab, and no blank at an end or beside another.
    pub(crate) blanks: bool,
}

/// The shortest needle.
pub(crate) const NEEDLE_BYTES_MIN: usize = 2;

/// The shortest needle that may hold runs of blanks.
pub(crate) const RUNS_BYTES_MIN: usize = 4;

/// An occurrence of a needle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Its first byte.
    pub(crate) at: usize,
    /// Which needle.
    pub(crate) needle: u32,
}

/// Many needles searched at once.
#[derive(Debug)]
pub(crate) struct Filter {
    texts: Texts,
    /// Whether each needle is `nocase`, and whether it has `blanks`.
    flags: Flat,
    tiers: Vec<Tier>,
    blanks: Blanks,
}

const NOCASE: u8 = 1;
const BLANKS: u8 = 2;

/// What is kept from chunk to chunk so that nothing is allocated for each.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    copied: Copied,
    /// Runs of blanks.
    runs: Marks,
    room: Room,
}

/// What a pass works with.
#[derive(Debug, Default)]
struct Room {
    marks: Marks,
    folded: Vec<u8>,
}

impl Scratch {
    #[cfg(test)]
    pub(crate) fn room(&self) -> usize {
        self.copied.room() + self.runs.room() + self.room.marks.room() + self.room.folded.capacity()
    }
}

impl Filter {
    /// `None` when there is no room for so many needles.
    pub(crate) fn new(needles: &[Needle]) -> Option<Self> {
        let count = u32::try_from(needles.len()).ok()?;
        let passes = plan::passes(needles.iter().map(|needle| needle.bytes.len()));
        let mut ids: Vec<Vec<u32>> = vec![Vec::new(); passes.len()];
        let mut texts = Texts::default();
        for (id, needle) in (0..count).zip(needles) {
            let pass = passes.iter().position(|pass| pass.takes(needle.bytes.len()))?;
            ids[pass].push(id);
            texts.push(&needle.bytes).then_some(())?;
        }
        let rarity = Rarity::of(&texts);
        let tiers = passes.iter().zip(&ids).filter(|(_, ids)| !ids.is_empty());
        let tiers: Vec<Tier> = tiers.map(|(&pass, ids)| Tier::new(pass, &texts, ids, &rarity)).collect();
        let flag = |set, flag| if set { flag } else { 0 };
        let flags = needles.iter().map(|needle| flag(needle.nocase, NOCASE) | flag(needle.blanks, BLANKS));
        let reach = tiers.iter().map(Tier::reach).max().unwrap_or(0);
        let blanks = Blanks::new(needles, reach);
        Some(Self { texts, flags: Flat::Own(flags.collect()), tiers, blanks })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        self.texts.write(writer);
        writer.bytes(&self.flags);
        writer.number(self.tiers.len() as u32);
        self.tiers.iter().for_each(|tier| tier.write(writer));
        self.blanks.write(writer);
    }

    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let (texts, flags) = (Texts::read(reader)?, reader.bytes()?);
        let count = reader.number()?;
        let tiers = (0..count).map(|_| Tier::read(reader, &texts)).collect::<Option<Vec<_>>>()?;
        let blanks = Blanks::read(reader)?;
        let fits = flags.len() == texts.len()
            && texts.iter().zip(flags.iter()).all(|(text, flags)| is_needle(text, flags & BLANKS != 0));
        fits.then_some(Self { texts, flags, tiers, blanks })
    }

    /// The number of needles.
    pub(crate) fn needles(&self) -> usize {
        self.flags.len()
    }

    /// A needle as it was given.
    pub(crate) fn needle(&self, number: u32) -> Needle {
        let flags = self.flags[number as usize];
        let bytes = self.texts.get(number as usize).to_vec();
        Needle { bytes, nocase: flags & NOCASE != 0, blanks: flags & BLANKS != 0 }
    }

    /// How the text is searched: the passes and the needles of each.
    pub(crate) fn passes(&self) -> Vec<(Pass, usize)> {
        self.tiers.iter().map(|tier| (tier.pass(), tier.len())).collect()
    }

    /// How many places of a text are looked at closely: what the search costs beyond its passes.
    #[cfg(test)]
    fn close_looks(&self, text: &[u8]) -> usize {
        self.tiers.iter().map(|tier| tier.close_looks(text)).sum()
    }

    /// Calls `found` for every occurrence, in no order. Gives the number of line feeds.
    pub(crate) fn search(&self, chunk: &[u8], scratch: &mut Scratch, found: &mut dyn FnMut(Found)) -> u64 {
        let Scratch { copied, runs, room } = scratch;
        let feeds = self.blanks.survey(chunk, runs);
        for tier in &self.tiers {
            tier.search(chunk, room, &mut |needle, start, offset| {
                if let Some(at) = self.occurs(needle as usize, chunk, start, offset) {
                    found(Found { at, needle });
                }
            });
        }
        self.blanks.copy(chunk, runs, copied);
        for tier in &self.tiers {
            tier.search(copied.text(), room, &mut |needle, start, offset| {
                let spread = self.flags[needle as usize] & BLANKS != 0;
                let original = copied.original(start);
                let at = spread.then(|| self.occurs(needle as usize, chunk, original, offset));
                if let Some(at) = at.flatten() {
                    found(Found { at, needle });
                }
            });
        }
        feeds
    }

    /// Where a needle occurs, if it does with its byte `offset` at `start`.
    fn occurs(&self, needle: usize, text: &[u8], start: usize, offset: usize) -> Option<usize> {
        let own = self.texts.get(needle);
        let nocase = self.flags[needle] & NOCASE != 0;
        if self.flags[needle] & BLANKS != 0 {
            return occurs_spread(own, text, start, offset, nocase);
        }
        let at = start.checked_sub(offset)?;
        let there = text.get(at..at + own.len())?;
        let same = if nocase { own.eq_ignore_ascii_case(there) } else { own == there };
        same.then_some(at)
    }
}

/// True for bytes that are a [`Needle`].
fn is_needle(bytes: &[u8], blanks: bool) -> bool {
    let ends = || bytes.first() != Some(&b' ') && bytes.last() != Some(&b' ');
    let apart = || !bytes.contains(&b'\t') && bytes.windows(2).all(|two| two != b"  ");
    bytes.len() >= if blanks { RUNS_BYTES_MIN } else { NEEDLE_BYTES_MIN }
        && memchr::memchr(b'\n', bytes).is_none()
        && (!blanks || ends() && apart())
}

/// Where a needle occurs whose blanks are runs of blanks and tabs.
fn occurs_spread(needle: &[u8], text: &[u8], start: usize, offset: usize, nocase: bool) -> Option<usize> {
    let same = |own: u8, there: u8| if nocase { own.eq_ignore_ascii_case(&there) } else { own == there };
    let mut end = start;
    for &own in &needle[offset..] {
        if own == b' ' {
            end += blanks_before(text.get(end..)?.iter())?;
        } else {
            text.get(end).filter(|&&there| same(own, there))?;
            end += 1;
        }
    }
    let mut at = start;
    for &own in needle[..offset].iter().rev() {
        if own == b' ' {
            at -= blanks_before(text[..at].iter().rev())?;
        } else {
            at = at.checked_sub(1).filter(|&before| same(own, text[before]))?;
        }
    }
    Some(at)
}

/// How many blanks and tabs come first; `None` without any.
fn blanks_before<'t>(bytes: impl Iterator<Item = &'t u8>) -> Option<usize> {
    let count = bytes.take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    (count > 0).then_some(count)
}

#[cfg(test)]
mod tests;
