//! So many hits with the same values within a window.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::refute::{Pending, Refuting};
use super::tally::{BINDINGS_MAX, Completion, FIRST_HITS_MAX};
use super::{Ledger, Limit, oldest_quarter};
use crate::triage::hit::{Binding, Gap, Hit, Mark};

/// Hits that are held for all sets of values together.
const HELD_MAX: usize = 20_000;

/// Counts hits for each set of values. Hits of a complete set are used up.
#[derive(Debug)]
pub(super) struct Count {
    wanted: usize,
    held: BTreeMap<Binding, VecDeque<Rc<Hit>>>,
    hits_held: usize,
    refuting: Refuting,
    pending: Pending,
    refutable: bool,
}

impl Count {
    /// `refutable`: the block has lines that must not occur.
    pub(super) fn new(wanted: usize, refutable: bool) -> Self {
        Self {
            wanted,
            held: BTreeMap::new(),
            hits_held: 0,
            refuting: Refuting::default(),
            pending: Pending::default(),
            refutable,
        }
    }

    /// Takes lines that must not occur; they come before the hits of the same line.
    pub(super) fn refute(&mut self, ledger: &mut Ledger, refuting: &[Rc<Hit>]) {
        for negative in refuting {
            ledger.bite(Limit::Evicted, !self.refuting.add(negative, ledger.within));
            for found in self.pending.refute(negative, ledger.within) {
                ledger.partial.close(&found.binding, found.last().order());
            }
            let within = ledger.within;
            ledger.partial.close_where(|hit| {
                hit.mark.gap(&negative.mark, within).is_met() && hit.binding.agrees(&negative.binding)
            });
        }
    }

    pub(super) fn feed(&mut self, ledger: &mut Ledger, hit: &Rc<Hit>) {
        let within = ledger.within;
        for found in self.pending.release(&hit.mark, within) {
            ledger.complete.add(&found);
        }
        if !self.refuting.refutes(&hit.binding, &hit.mark, within) {
            ledger.partial.open(hit);
        }
        let held = self.held.entry(hit.binding.clone()).or_default();
        let before = held.len();
        while held.front().is_some_and(|first| first.mark.gap(&hit.mark, within) == Gap::Over) {
            held.pop_front();
        }
        held.push_back(Rc::clone(hit));
        if held.len() > self.wanted {
            held.pop_front();
        }
        let most = held.len();
        ledger.partial.reached(&hit.binding, most, || vec![hit.step]);
        self.hits_held = self.hits_held + most - before;
        let complete = most == self.wanted
            && held.front().is_some_and(|first| first.mark.gap(&hit.mark, within).is_met());
        if complete {
            self.complete(ledger, hit);
        }
        self.make_room(ledger, &hit.mark);
    }

    fn complete(&mut self, ledger: &mut Ledger, last: &Rc<Hit>) {
        let Some(mut held) = self.held.remove(&last.binding) else { return };
        let within = ledger.within;
        let first = held[0].mark;
        if self.refuting.refutes(&last.binding, &first, within) {
            // The later hits may still be the first of a set that nothing refutes.
            held.pop_front();
            self.hits_held -= 1;
            self.held.insert(last.binding.clone(), held);
            return;
        }
        self.hits_held -= held.len();
        let assumed = held.iter().any(|hit| first.gap(&hit.mark, within) == Gap::Assumed);
        let mut hits: Vec<_> = held.into_iter().collect();
        if hits.len() > FIRST_HITS_MAX {
            hits.drain(FIRST_HITS_MAX - 1..hits.len() - 1);
        }
        let found = Completion { binding: last.binding.clone(), hits, assumed };
        ledger.partial.close(&found.binding, found.last().order());
        if self.refutable {
            ledger.bite(Limit::Uncounted, !self.pending.push(found));
        } else {
            ledger.complete.add(&found);
        }
    }

    /// Gives up the quarter of the sets that was hit the longest ago.
    fn make_room(&mut self, ledger: &mut Ledger, now: &Mark) {
        if self.held.len() <= BINDINGS_MAX && self.hits_held <= HELD_MAX {
            return;
        }
        for binding in oldest_quarter(&self.held, |hits| hits[hits.len() - 1].mark) {
            let hits = self.held.remove(&binding).unwrap_or_default();
            self.hits_held -= hits.len();
            ledger.bite(Limit::Evicted, hits[0].mark.gap(now, ledger.within) != Gap::Over);
        }
    }

    pub(super) fn finish(&mut self, ledger: &mut Ledger) {
        for found in self.pending.release_all() {
            ledger.complete.add(&found);
        }
    }
}
