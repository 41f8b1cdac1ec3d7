//! The few documents that say most to a query, out of all that say something.

use std::cmp::Ordering;

use crate::query::WORDS_MAX;

const _: () = assert!(WORDS_MAX <= u32::BITS as usize, "each word has a bit");

/// What a document says to a query.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    /// How much, all words together.
    pub(crate) score: f32,
    /// A bit for each word of the query.
    pub(crate) words: u32,
}

/// The best documents so far, and some that will not be among them.
pub(crate) struct Best {
    limit: usize,
    docs: Vec<(u32, Sum)>,
    /// What is worse is not among them.
    least: f32,
}

impl Best {
    /// So many, at least one.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, docs: Vec::new(), least: f32::MIN }
    }

    pub(crate) fn push(&mut self, doc: u32, sum: Sum) {
        if sum.score < self.least {
            return;
        }
        self.docs.push((doc, sum));
        if self.docs.len() >= 2 * self.limit {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.docs.len() > self.limit {
            self.docs.select_nth_unstable_by(self.limit - 1, by_rank);
            self.docs.truncate(self.limit);
            self.least = self.docs[self.limit - 1].1.score;
        }
    }

    /// The best first; equal ones in the order of the documents.
    pub(crate) fn finish(mut self) -> Vec<(u32, Sum)> {
        self.cut();
        self.docs.sort_by(by_rank);
        self.docs
    }
}

fn by_rank(one: &(u32, Sum), other: &(u32, Sum)) -> Ordering {
    other.1.score.total_cmp(&one.1.score).then(one.0.cmp(&other.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_in_their_order() {
        let scores: Vec<u32> = (0..500).map(|n: u32| n.wrapping_mul(2_654_435_761) % 97).collect();
        for limit in [1, 2, 7, 499, 500, 900] {
            let mut best = Best::new(limit);
            for (doc, &score) in (0..).zip(&scores) {
                best.push(doc, Sum { score: score as f32, words: 1 });
            }
            let found: Vec<u32> = best.finish().into_iter().map(|(doc, _)| doc).collect();
            let mut expected: Vec<u32> = (0..500).collect();
            expected.sort_by_key(|&doc| std::cmp::Reverse(scores[doc as usize]));
            expected.truncate(limit);
            assert_eq!(found, expected, "{limit}");
        }
    }
}
