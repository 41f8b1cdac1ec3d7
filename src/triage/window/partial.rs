//! Hits that may stay incomplete: what is left of them at the end makes a runbook *possible*.
//!
//! A hit is open until it is used in a complete set, or refuted by a line that must not occur.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::oldest_quarter;
use super::tally::{BINDINGS_MAX, Completion, Tally};
use crate::triage::hit::{Binding, Hit, Order};

/// Open hits kept for each set of values; older ones are counted and cannot be taken back.
const OPEN_HITS_MAX: usize = 16;

/// How far hits with one set of values came.
#[derive(Clone, Debug, Default)]
pub(in crate::triage) struct Progress {
    /// The steps that were seen together, as indices.
    pub(in crate::triage) steps: Vec<usize>,
    /// The most hits that were seen together.
    pub(in crate::triage) most: usize,
}

#[derive(Debug, Default)]
struct Open {
    hits: VecDeque<Rc<Hit>>,
    settled: Option<Tally>,
    progress: Progress,
}

/// All open hits of a symptom block.
#[derive(Debug)]
pub(in crate::triage) struct Partial {
    /// The block has lines that must not occur. Without them nothing is ever taken back: hits that
    /// a complete set used are not told from others, because next to that nobody asks for them.
    refutable: bool,
    by_binding: BTreeMap<Binding, Open>,
    /// Some had to make room for newer ones.
    pub(super) forgotten: bool,
}

impl Partial {
    /// No hits so far.
    pub(super) fn new(refutable: bool) -> Self {
        Self { refutable, by_binding: BTreeMap::new(), forgotten: false }
    }

    /// Opens a hit.
    pub(super) fn open(&mut self, hit: &Rc<Hit>) {
        if self.by_binding.len() >= BINDINGS_MAX && !self.by_binding.contains_key(&hit.binding) {
            self.make_room(hit);
        }
        let open = self.by_binding.entry(hit.binding.clone()).or_default();
        if !self.refutable {
            settle(&mut open.settled, hit);
            return;
        }
        open.hits.push_back(Rc::clone(hit));
        if open.hits.len() > OPEN_HITS_MAX
            && let Some(oldest) = open.hits.pop_front()
        {
            settle(&mut open.settled, &oldest);
        }
    }

    fn make_room(&mut self, now: &Hit) {
        let last = |open: &Open| {
            let hit = open.hits.back().map(|hit| hit.mark);
            hit.or(open.settled.as_ref().map(|tally| tally.last)).unwrap_or(now.mark)
        };
        self.by_binding.retain(|_, open| !open.hits.is_empty() || open.settled.is_some());
        if self.by_binding.len() < BINDINGS_MAX {
            return;
        }
        for oldest in oldest_quarter(&self.by_binding, last) {
            self.by_binding.remove(&oldest);
            self.forgotten = true;
        }
    }

    /// Closes the hits with these values up to a place in the order: they were used or refuted.
    pub(super) fn close(&mut self, binding: &Binding, up_to: Order) {
        if let Some(open) = self.by_binding.get_mut(binding) {
            open.hits.retain(|hit| hit.mark.order() > up_to);
        }
    }

    /// Closes every hit that `refuted` says is refuted.
    pub(super) fn close_where(&mut self, refuted: impl Fn(&Hit) -> bool) {
        for open in self.by_binding.values_mut() {
            open.hits.retain(|hit| !refuted(hit));
        }
    }

    /// Takes note of how far the hits with these values came.
    pub(super) fn reached(&mut self, binding: &Binding, most: usize, steps: impl FnOnce() -> Vec<usize>) {
        if let Some(open) = self.by_binding.get_mut(binding)
            && open.progress.most < most
        {
            open.progress = Progress { steps: steps(), most };
        }
    }

    /// What is left at the end.
    pub(in crate::triage) fn settle(self) -> Vec<(Binding, Tally, Progress)> {
        let left = self.by_binding.into_iter().filter_map(|(binding, open)| {
            let mut tally = open.settled;
            for hit in &open.hits {
                settle(&mut tally, hit);
            }
            Some((binding, tally?, open.progress))
        });
        left.collect()
    }
}

fn settle(tally: &mut Option<Tally>, hit: &Rc<Hit>) {
    let single = Completion { binding: hit.binding.clone(), hits: vec![Rc::clone(hit)], assumed: false };
    match tally {
        None => *tally = Some(Tally::new(&single)),
        Some(tally) => tally.add(&single),
    }
}
