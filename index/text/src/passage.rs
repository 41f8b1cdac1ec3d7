//! Where in a text the words of a query are: the densest stretch, and what to highlight in it.

use std::ops::Range;

use crate::query::Query;
use crate::tokens::{Mode, Tokens};

/// A stretch of a text that holds words of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The bytes of the text it takes, cut between words.
    pub range: Range<usize>,
    /// The words found, as bytes of the same text; in order, not overlapping.
    pub highlights: Vec<Range<usize>>,
    /// How much the distinct words in it say together.
    pub weight: f32,
}

struct Hit {
    word: usize,
    source: Range<usize>,
}

impl Query {
    /// The stretch of `text`, at most about `bytes_max` long, whose distinct words say most; the
    /// first of equals. `None` when the text holds no word of the query.
    pub fn passage(&self, text: &str, bytes_max: usize) -> Option<Passage> {
        let hits = self.hits(text);
        let (weight, window) = self.densest(&hits, bytes_max)?;
        let found = hits[window.start].source.start..hits[window.end - 1].source.end;
        let range = widen(text, found, bytes_max);
        let inside = hits.iter().filter(|hit| range.start <= hit.source.start && hit.source.end <= range.end);
        Some(Passage { highlights: merge(inside.map(|hit| hit.source.clone())), range, weight })
    }

    fn hits(&self, text: &str) -> Vec<Hit> {
        let tokens = Tokens::of(text, Mode::Prose);
        let place = |term: &str| self.words().iter().position(|word| word.term() == term);
        let hits = tokens
            .iter()
            .filter_map(|token| Some(Hit { word: place(token.term)?, source: token.start..token.end }));
        hits.collect()
    }

    /// The first window of hits with the greatest weight; of two with the same, the shorter.
    fn densest(&self, hits: &[Hit], bytes_max: usize) -> Option<(f32, Range<usize>)> {
        let mut best: Option<(f32, Range<usize>)> = None;
        let mut counts = vec![0_u32; self.words().len()];
        let mut start = 0;
        for (end, hit) in hits.iter().enumerate() {
            counts[hit.word] += 1;
            while start < end
                && (counts[hits[start].word] > 1 || hits[start].source.start + bytes_max < hit.source.end)
            {
                counts[hits[start].word] -= 1;
                start += 1;
            }
            let weight: f32 = counts
                .iter()
                .zip(self.words())
                .filter(|(count, _)| **count > 0)
                .map(|(_, word)| (word.rarity() + 0.1) * word.trust())
                .sum();
            if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                best = Some((weight, start..end + 1));
            }
        }
        best
    }
}

/// Fills the window up to `bytes_max` with what stands around it, whole words only.
fn widen(text: &str, found: Range<usize>, bytes_max: usize) -> Range<usize> {
    let spare = bytes_max.saturating_sub(found.len());
    let start = text.floor_char_boundary(found.start.saturating_sub(spare / 3));
    let end = text.ceil_char_boundary((found.end + spare - (found.start - start).min(spare)).min(text.len()));
    let start = match start {
        0 => 0,
        _ => text[start..found.start].find(char::is_whitespace).map_or(found.start, |at| start + at),
    };
    let end = match end {
        end if end == text.len() => end,
        _ => text[found.end..end].rfind(char::is_whitespace).map_or(found.end, |at| found.end + at),
    };
    let cut = &text[start..end];
    let start = start + (cut.len() - cut.trim_start().len());
    start..start + cut.trim().len()
}

/// Ranges without overlap: an identifier and its parts are one.
fn merge(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut sorted: Vec<Range<usize>> = ranges.collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
