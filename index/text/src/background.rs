//! How ordinary a word is: the share of ordinary technical texts that hold it.
//!
//! A small set of documents cannot tell by itself that `connection` says little and `promiscuous`
//! much. The table beside this file was counted by us over the English manual pages (sections 1, 4,
//! 5, 7 and 8) of a Debian 12 machine, with words added that healthy logs print all day.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The background counts as much as so many documents.
pub const DOCS: u64 = 1000;

/// Lines of `PER_MILLE: STEM STEM …`.
const TABLE: &str = include_str!("background.txt");

static PER_MILLE: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| line.split_once(':'));
    lines
        .filter_map(|(share, stems)| Some((share.parse().ok()?, stems)))
        .flat_map(|(share, stems)| stems.split_ascii_whitespace().map(move |stem| (stem, share)))
        .collect()
});

/// How many of [`DOCS`] documents of the background hold this term.
pub fn frequency(term: &str) -> u64 {
    u64::from(PER_MILLE.get(term).copied().unwrap_or(0)) * DOCS / 1000
}

#[cfg(test)]
mod tests;
