//! The prefilter: where in a chunk of lines a needle occurs.
//!
//! Knows needles, not patterns. It reports every occurrence, overlapping and nested ones included.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Up to so many bytes of needles the automaton is a table with one step a byte; beyond, the table
/// would leave the caches and take long to build.
const TABLE_BYTES_MAX: usize = 32 << 10;

/// A text that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Needle {
    /// Never empty, without a line feed; in lower case when `nocase`.
    pub(crate) bytes: Vec<u8>,
    /// Case of ASCII letters is ignored.
    pub(crate) nocase: bool,
}

/// An occurrence of a needle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Its first byte.
    pub(crate) at: usize,
    /// Which needle.
    pub(crate) needle: u32,
}

/// Many needles searched at once: one automaton where case counts, one where it does not.
#[derive(Debug)]
pub(crate) struct Filter {
    automata: Vec<(AhoCorasick, Vec<u32>)>,
}

impl Filter {
    /// `None` when the needles are too many for the automaton.
    pub(crate) fn new(needles: &[Needle]) -> Option<Self> {
        let mut automata = Vec::new();
        for nocase in [false, true] {
            let ids = (0..needles.len() as u32).filter(|&id| needles[id as usize].nocase == nocase);
            let ids: Vec<u32> = ids.collect();
            if !ids.is_empty() {
                automata.push((automaton(needles, &ids, nocase)?, ids));
            }
        }
        Some(Self { automata })
    }

    /// Calls `found` for every occurrence; by automaton, in each by its end.
    pub(crate) fn search(&self, chunk: &[u8], found: &mut dyn FnMut(Found)) {
        for (automaton, ids) in &self.automata {
            for hit in automaton.find_overlapping_iter(chunk) {
                found(Found { at: hit.start(), needle: ids[hit.pattern().as_usize()] });
            }
        }
    }
}

fn automaton(needles: &[Needle], ids: &[u32], nocase: bool) -> Option<AhoCorasick> {
    let texts = || ids.iter().map(|&id| needles[id as usize].bytes.as_slice());
    let small = texts().map(<[u8]>::len).sum::<usize>() <= TABLE_BYTES_MAX;
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(nocase)
        .kind(small.then_some(AhoCorasickKind::DFA))
        .build(texts())
        .ok()
}
