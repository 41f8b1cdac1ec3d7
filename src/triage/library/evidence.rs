//! How much the words of a line say for a runbook, and whether that is enough to speak.
//!
//! Every log line shares some words with some runbook. What counts is how rare the shared words
//! are, how much of the line they explain, and whether another runbook shares as much.

use kb_text::{Query, Scored};

/// A word this rare is hardly there by chance (see [`kb_text::Word::rarity`]).
const RARE: f32 = 4.5;

/// A word more ordinary than this says nothing.
const ORDINARY: f32 = 1.5;

/// Less than this, all together, is chance.
const ENOUGH: f32 = 9.0;

/// What one line says for one runbook.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evidence {
    pub(super) sum: f32,
    pub(super) words: Vec<(f32, String)>,
}

/// What several lines say for one runbook.
#[derive(Debug, Default)]
pub(super) struct Sum {
    best: f32,
    rest: f32,
    words: Vec<(f32, String)>,
}

impl Sum {
    pub(super) fn add(&mut self, evidence: Evidence) {
        self.rest += self.best.min(evidence.sum);
        self.best = self.best.max(evidence.sum);
        for (rarity, word) in evidence.words {
            if !self.words.iter().any(|(_, known)| known.eq_ignore_ascii_case(&word)) {
                self.words.push((rarity, word));
            }
        }
    }

    /// The score, and the rarest words.
    pub(super) fn finish(mut self, further: f32, words_max: usize) -> (f32, Vec<String>) {
        self.words.sort_by(|a, b| b.0.total_cmp(&a.0));
        self.words.truncate(words_max);
        // Many lines of one kind say little more than one.
        let score = self.best + (self.rest * further).min(self.best);
        (score / RARE, self.words.into_iter().map(|(_, word)| word).collect())
    }
}

/// False when not even a runbook that holds all the words would be spoken of.
pub(super) fn could_be_enough(query: &Query) -> bool {
    let all: Vec<usize> = (0..query.words().len()).collect();
    weigh_words(query, &all).is_some_and(|(sum, _)| sum >= ENOUGH)
}

/// The runbooks for which the words say enough.
pub(super) fn weigh(query: &Query, scored: &[Scored]) -> Vec<(u32, Evidence)> {
    let mut found = Vec::new();
    for scored in scored {
        let Some((sum, words)) = weigh_words(query, &scored.found) else { continue };
        if sum >= ENOUGH {
            found.push((scored.doc, Evidence { sum, words }));
        }
    }
    found
}

/// Adds up words, the parts of one identifier once. `None` when no word is rare.
fn weigh_words(query: &Query, found: &[usize]) -> Option<(f32, Vec<(f32, String)>)> {
    let mut groups: Vec<(std::ops::Range<usize>, f32, &str)> = Vec::new();
    for word in found.iter().filter_map(|&at| query.words().get(at)) {
        let source = word.source();
        match groups.iter_mut().find(|(range, ..)| range.start < source.end && source.start < range.end) {
            // Words come rarest first, so the first of a group is what it says.
            Some((range, ..)) => *range = range.start.min(source.start)..range.end.max(source.end),
            None => groups.push((source, word.rarity(), word.surface())),
        }
    }
    groups.retain(|(_, rarity, _)| *rarity >= ORDINARY);
    if !groups.iter().any(|(_, rarity, _)| *rarity >= RARE) {
        return None;
    }
    let sum = groups.iter().map(|(_, rarity, _)| rarity).sum();
    Some((sum, groups.into_iter().map(|(_, rarity, word)| (rarity, word.to_owned())).collect()))
}
