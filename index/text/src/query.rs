//! Which words of a query are asked, and how much each says.
//!
//! Words that stand in no document are asked as their nearest spelling, when a person typed them.
//! Of many words only the rarest are asked: a whole log then costs no more than a line. Knows the
//! index only as counts of terms.

use std::collections::HashSet;
use std::ops::Range;

use crate::background;
use crate::bag;
use crate::index::Index;
use crate::tokens::{Mode, Tokens};

/// Only so many words, the rarest, are asked.
pub(crate) const WORDS_MAX: usize = 32;

/// Text beyond this is not looked at.
const QUERY_BYTES_MAX: usize = 64 << 10;

/// Distinct terms of one query that are looked up.
const TERMS_MAX: usize = 2048;

/// Misspelt words that are looked for, and spellings tried for each.
const MISSPELT_MAX: usize = 8;
const SPELLINGS_MAX: usize = 3;

/// How much a word counts that only resembles what was typed.
const TRUST_IN_SPELLING: f32 = 0.6;

/// A prepared query.
#[derive(Clone, Debug)]
pub struct Query {
    mode: Mode,
    words: Vec<Word>,
    unknown: f32,
}

/// One word of a query that stands in at least one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    term: String,
    hash: u64,
    surface: String,
    source: Range<usize>,
    frequency: u64,
    rarity: f32,
    near: bool,
}

impl Word {
    /// The term as it stands in the index.
    pub fn term(&self) -> &str {
        &self.term
    }

    /// As the query writes it.
    pub fn surface(&self) -> &str {
        &self.surface
    }

    /// The bytes of the query where it first stands. The parts of an identifier stand inside it.
    pub fn source(&self) -> Range<usize> {
        self.source.clone()
    }

    /// How much it says: the natural logarithm of one in how many documents it stands, those of the
    /// background included. `the` says 0, an identifier of one page about 7.
    pub fn rarity(&self) -> f32 {
        self.rarity
    }

    /// True when the query spells it otherwise.
    pub fn is_near(&self) -> bool {
        self.near
    }

    /// What a [`Bag`](crate::Bag) that holds it keeps of it.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn frequency(&self) -> u64 {
        self.frequency
    }

    pub(crate) fn trust(&self) -> f32 {
        if self.near { TRUST_IN_SPELLING } else { 1.0 }
    }
}

impl Query {
    /// Who wrote it.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The words that are asked, rarest first.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// How much the words say together that stand in no document. Numbers and identifiers of several
    /// parts are not counted: they name what is only here.
    pub fn unknown(&self) -> f32 {
        self.unknown
    }

    pub(crate) fn prepare(index: &Index, text: &str, mode: Mode) -> tantivy::Result<Self> {
        let text = &text[..text.floor_char_boundary(QUERY_BYTES_MAX)];
        let tokens = Tokens::of(text, mode);
        let mut query = Self { mode, words: Vec::new(), unknown: 0.0 };
        let mut seen = HashSet::new();
        let mut misspelt = Vec::new();
        for token in tokens.iter() {
            if seen.len() == TERMS_MAX || !seen.insert(token.term) {
                continue;
            }
            let source = token.start..token.end;
            match index.doc_frequency(token.term)? {
                0 if mode == Mode::Prose && misspelt.len() < MISSPELT_MAX => {
                    misspelt.push((token.term, source));
                }
                0 if token.term.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                    query.unknown += rarity(index, token.term, background::frequency(token.term));
                }
                0 => {}
                docs => query.words.push(word(index, token.term, (text, source), docs, false)),
            }
        }
        query.add_near(index, text, &misspelt)?;
        query.words.sort_by(|a, b| b.rarity.total_cmp(&a.rarity));
        query.words.truncate(WORDS_MAX);
        Ok(query)
    }

    /// For each misspelt word the terms nearest to it.
    fn add_near(
        &mut self,
        index: &Index,
        text: &str,
        misspelt: &[(&str, Range<usize>)],
    ) -> tantivy::Result<()> {
        let mut nearest: Vec<(usize, Vec<String>)> =
            misspelt.iter().map(|(term, _)| (distance_max(term), Vec::new())).collect();
        if nearest.is_empty() {
            return Ok(());
        }
        index.each_term(&mut |term| {
            for ((wrong, _), (best, terms)) in misspelt.iter().zip(&mut nearest) {
                let Some(distance) = distance(wrong, term, *best) else { continue };
                if distance < *best {
                    *best = distance;
                    terms.clear();
                }
                if distance > 0 && terms.len() < SPELLINGS_MAX && !terms.iter().any(|known| known == term) {
                    terms.push(term.to_owned());
                }
            }
        })?;
        for ((wrong, source), (_, terms)) in misspelt.iter().zip(nearest) {
            if terms.is_empty() {
                self.unknown += rarity(index, wrong, background::frequency(wrong));
            }
            for term in terms {
                if !self.words.iter().any(|word| word.term == term) {
                    let docs = index.doc_frequency(&term)?;
                    self.words.push(word(index, &term, (text, source.clone()), docs, true));
                }
            }
        }
        Ok(())
    }
}

fn word(index: &Index, term: &str, (text, source): (&str, Range<usize>), docs: u64, near: bool) -> Word {
    let frequency = frequency(index, term, docs);
    Word {
        term: term.to_owned(),
        hash: bag::hash(term),
        surface: text[source.clone()].to_owned(),
        source,
        frequency,
        rarity: rarity(index, term, frequency),
        near,
    }
}

/// In how many documents a term stands, the background included. A word that many of the documents
/// hold tells them apart badly, however rare it is elsewhere.
fn frequency(index: &Index, term: &str, docs: u64) -> u64 {
    let count = index.len() as f32;
    let share = docs as f32 / (count + 10.0);
    let common = share * share * (count + background::DOCS as f32);
    (docs + background::frequency(term)).max(common as u64)
}

/// Short words are seldom what they seem: two letters say little, however rare they are.
fn rarity(index: &Index, term: &str, frequency: u64) -> f32 {
    let docs = index.len() as u64 + background::DOCS;
    let most = match term.len() {
        0..=2 => 2.0,
        3 => 4.0,
        _ => f32::MAX,
    };
    (docs as f32 / frequency.max(1) as f32).ln().clamp(0.0, most)
}

/// How many slips of the finger are forgiven.
fn distance_max(term: &str) -> usize {
    match term.chars().count() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// The number of slips (a letter missing, added, replaced, or two swapped) between two words, if
/// it is at most `max`. A word that only begins so, longer than four letters, is one slip away.
fn distance(wrong: &str, right: &str, max: usize) -> Option<usize> {
    if max == 0 {
        return None;
    }
    if wrong.len() > 4 && right.starts_with(wrong) && right.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(1);
    }
    if wrong.len().abs_diff(right.len()) > 4 * max {
        return None;
    }
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = '\0';
    for (row, letter) in wrong.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, &other) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other);
            let mut slips = replaced.min(last[column + 1] + 1).min(line[column] + 1);
            let swapped = column > 0 && row > 0 && letter == right[column - 1] && previous == other;
            if swapped {
                slips = slips.min(before[column - 1] + 1);
            }
            line.push(slips);
        }
        if line.iter().all(|&slips| slips > max) {
            return None;
        }
        before = std::mem::replace(&mut last, line);
        previous = letter;
    }
    last.last().copied().filter(|&slips| slips <= max)
}

#[cfg(test)]
mod tests;
