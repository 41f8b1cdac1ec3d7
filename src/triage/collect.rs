//! From hits to the evaluators of their blocks, in batches sorted by time.
//!
//! Sorting a batch puts lines in order that several inputs, or one with some disorder, hold in
//! another. Knows symptom blocks; judges nothing itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Shelf;
use super::hit::{Hit, Order};
use super::track::Found;
use super::window::{Evaluator, Outcome};

/// Hits that are sorted at once, and the memory they may take.
const BATCH_HITS_MAX: usize = 50_000;
const BATCH_BYTES_MAX: usize = 16 << 20;
/// The memory where there is one input, which has its lines mostly in order.
const BATCH_BYTES_OF_ONE: usize = 1 << 20;
/// Of a full batch so much is held back, to be sorted among what follows.
const HELD_BACK: usize = 10;

/// A symptom block: indices of its runbook and of itself.
pub(super) type BlockKey = (usize, usize);

#[derive(Debug)]
struct Entry {
    block: BlockKey,
    hit: Rc<Hit>,
}

/// Collects hits and feeds them to the evaluators of their blocks.
#[derive(Debug)]
pub(super) struct Collector<'a> {
    shelf: &'a dyn Shelf,
    evaluators: BTreeMap<BlockKey, Evaluator<'a>>,
    batch: Vec<Entry>,
    batch_bytes: usize,
    batch_bytes_max: usize,
    fed: Option<Order>,
    /// Hits came so late that the ones after them had been judged.
    late: bool,
}

impl<'a> Collector<'a> {
    /// For the hits of so many inputs.
    pub(super) fn new(shelf: &'a dyn Shelf, inputs: usize) -> Self {
        Self {
            shelf,
            evaluators: BTreeMap::new(),
            batch: Vec::new(),
            batch_bytes: 0,
            batch_bytes_max: if inputs > 1 { BATCH_BYTES_MAX } else { BATCH_BYTES_OF_ONE },
            fed: None,
            late: false,
        }
    }

    /// Takes the hits of an input in the order of its lines, inputs one after the other.
    pub(super) fn take(&mut self, found: Vec<Found>) {
        for Found { block, hit } in found {
            self.batch_bytes += hit.bytes();
            self.batch.push(Entry { block, hit: Rc::new(hit) });
            if self.batch.len() >= BATCH_HITS_MAX || self.batch_bytes >= self.batch_bytes_max {
                self.feed(self.batch.len() / HELD_BACK);
            }
        }
    }

    /// Sorts the batch and feeds all but the last `held_back` hits.
    fn feed(&mut self, held_back: usize) {
        let mut batch = std::mem::take(&mut self.batch);
        // Mostly in order already, so the keys are not worth the memory to keep them.
        batch.sort_by_key(|entry| (entry.hit.mark.order(), entry.block, entry.hit.step));
        self.batch = batch.split_off(batch.len() - held_back);
        self.batch_bytes = self.batch.iter().map(|entry| entry.hit.bytes()).sum();
        if let (Some(fed), Some(first)) = (self.fed, batch.first()) {
            self.late |= first.hit.mark.order() < fed;
        }
        self.fed = batch.last().map(|entry| entry.hit.mark.order()).max(self.fed);
        let same_line = |one: &Entry, other: &Entry| {
            one.block == other.block && one.hit.mark.order() == other.hit.mark.order()
        };
        for line in batch.chunk_by(same_line) {
            let block = line[0].block;
            let symptom = &self.shelf.runbook(block.0).symptoms[block.1];
            let mut hits: Vec<Rc<Hit>> = line.iter().map(|entry| Rc::clone(&entry.hit)).collect();
            // A line in pieces may have hit a step by one alternative here and by another there.
            hits.dedup_by_key(|hit| hit.step);
            self.evaluators.entry(block).or_insert_with(|| Evaluator::new(symptom)).feed(&hits);
        }
    }

    /// What the blocks came to, and whether hits came too late to be judged with their neighbours.
    pub(super) fn finish(mut self) -> (BTreeMap<BlockKey, Outcome>, bool) {
        self.feed(0);
        let outcomes =
            self.evaluators.into_iter().map(|(block, evaluator)| (block, evaluator.finish())).collect();
        (outcomes, self.late)
    }
}
