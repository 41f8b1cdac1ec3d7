//! A handful of short needles, compared with many bytes of the text at once.
//!
//! The search for all of them stops at the first place where any stands; which ones do is then looked
//! up, and the search goes on behind that place's first byte, so needles that overlap are all found.

use aho_corasick::Span;
use aho_corasick::packed::{Config, MatchKind, Searcher};

use crate::texts::Texts;

/// So many needles at most. Beyond, too many places of an ordinary text look like one of them.
pub(super) const PACKED_MAX: usize = 40;

/// Of a needle so many bytes are compared.
pub(super) const PREFIX_MAX: usize = 8;

/// Needles where letter case counts.
#[derive(Debug)]
pub(super) struct Packed {
    searcher: Searcher,
    /// The first byte of a needle and the needle, sorted.
    needles: Vec<(u8, u32)>,
}

impl Packed {
    /// `None` when this machine has no wide compares that serve.
    pub(super) fn new(texts: &Texts, ids: &[u32]) -> Option<Self> {
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        let mut needles = Vec::with_capacity(ids.len());
        for &id in ids {
            let text = texts.get(id as usize);
            builder.add(&text[..text.len().min(PREFIX_MAX)]);
            needles.push((*text.first()?, id));
        }
        needles.sort_unstable();
        Some(Self { searcher: builder.build()?, needles })
    }

    pub(super) fn ids(&self) -> impl ExactSizeIterator<Item = u32> {
        self.needles.iter().map(|&(_, id)| id)
    }

    /// Calls `maybe` with every needle that may stand at a place, and that place.
    pub(super) fn search(&self, text: &[u8], maybe: &mut dyn FnMut(u32, usize)) {
        let mut start = 0;
        while let Some(found) = self.searcher.find_in(text, Span { start, end: text.len() }) {
            let first = text[found.start()];
            let from = self.needles.partition_point(|&(byte, _)| byte < first);
            for &(_, needle) in self.needles[from..].iter().take_while(|&&(byte, _)| byte == first) {
                maybe(needle, found.start());
            }
            start = found.start() + 1;
        }
    }
}
