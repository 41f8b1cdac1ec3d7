//! How ordinary a word is: the share of ordinary technical texts that hold it.
//!
//! A small set of documents cannot tell by itself that `connection` says little and `promiscuous`
//! much. The table beside this file was counted by us over the English manual pages (sections 1, 4,
//! 5, 7 and 8) of a Debian 12 machine, with words added that healthy logs print all day.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::tokens::{Mode, Tokens};

/// The background counts as much as so many documents.
pub const DOCS: u64 = 1000;

/// Lines of `STEM PER_MILLE`, in the order of the stems: a question needs a few of them and not all.
const TABLE: &str = include_str!("background.txt");

/// How many of [`DOCS`] documents of the background hold this term.
pub fn frequency(term: &str) -> u64 {
    per_mille(term).unwrap_or(0) * DOCS / 1000
}

fn per_mille(term: &str) -> Option<u64> {
    let mut rest = TABLE;
    while !rest.is_empty() {
        // The middle may be inside a letter of more bytes.
        let middle = rest.as_bytes()[..rest.len() / 2].iter().rposition(|&byte| byte == b'\n');
        let (before, from) = rest.split_at(middle.map_or(0, |at| at + 1));
        let (line, after) = from.split_once('\n')?;
        let (stem, share) = line.split_once(' ')?;
        match stem.cmp(term) {
            Ordering::Less => rest = after,
            Ordering::Equal => return share.parse().ok(),
            Ordering::Greater => rest = before,
        }
    }
    None
}

/// How much a text says: for each word, how rare it is in ordinary texts, in bits. A word that no
/// ordinary text holds says about 11, those that every tenth text holds 2 alike; the parts of an
/// identifier say nothing beside the whole, and a short word cannot say much.
pub fn bits(text: &str) -> f64 {
    const BITS_A_CHAR: f64 = 1.5;
    const COMMON: u64 = DOCS / 10;
    const COMMON_BITS: f64 = 2.0;
    let tokens = Tokens::of(text, Mode::Prose);
    let mut seen = HashSet::new();
    let mut end = 0;
    let mut bits = 0.0;
    for token in tokens.iter() {
        if token.start < end || !seen.insert(token.term) {
            continue;
        }
        end = token.end;
        let frequency = frequency(token.term);
        let share = (frequency as f64 + 0.5) / (DOCS as f64 + 1.0);
        let says = if frequency >= COMMON { COMMON_BITS } else { -share.log2() };
        bits += says.min(BITS_A_CHAR * token.term.chars().count() as f64);
    }
    bits
}

#[cfg(test)]
mod tests;
