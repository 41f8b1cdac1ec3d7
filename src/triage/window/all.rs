//! Every step, in any order.
//!
//! The latest hits of each step are kept, a few for each set of values. A new hit is tried together
//! with them, latest first, for every set of values that comes out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::refute::{Pending, Refuting};
use super::tally::{BINDINGS_MAX, Completion, FIRST_HITS_MAX};
use super::{Ledger, Limit};
use crate::runbook::Symptom;
use crate::triage::hit::{Binding, Gap, Hit, Mark, Order};

/// Combinations that are tried for one hit, beyond one for each hit that a set needs.
const TRIES_MAX: usize = 4000;

/// The latest hits of one step.
#[derive(Debug)]
struct Held {
    step: usize,
    wanted: usize,
    by_order: BTreeMap<Order, Rc<Hit>>,
    by_binding: BTreeMap<Binding, VecDeque<Order>>,
}

impl Held {
    /// Keeps a hit; false when one that could still be used had to make room.
    fn add(&mut self, hit: &Rc<Hit>, within: Option<i64>) -> bool {
        let order = hit.mark.order();
        self.by_order.insert(order, Rc::clone(hit));
        let same = self.by_binding.entry(hit.binding.clone()).or_default();
        same.push_back(order);
        if same.len() > self.wanted
            && let Some(oldest) = same.pop_front()
        {
            self.by_order.remove(&oldest);
        }
        let mut lost = false;
        while let Some((_, oldest)) = self.by_order.first_key_value() {
            let over = oldest.mark.gap(&hit.mark, within) == Gap::Over;
            if !over && self.by_order.len() <= BINDINGS_MAX.max(self.wanted) {
                break;
            }
            lost |= !over;
            self.drop_oldest();
        }
        !lost
    }

    fn drop_oldest(&mut self) {
        let Some((order, hit)) = self.by_order.pop_first() else { return };
        if let Some(same) = self.by_binding.get_mut(&hit.binding) {
            same.retain(|known| *known != order);
            if same.is_empty() {
                self.by_binding.remove(&hit.binding);
            }
        }
    }
}

/// Judges an `all`.
#[derive(Debug)]
pub(super) struct All {
    held: Vec<Held>,
    refutable: bool,
    refuting: Refuting,
    pending: Pending,
}

/// A search for complete sets that end with one hit.
struct Search<'a> {
    held: &'a [Held],
    within: Option<i64>,
    last: &'a Rc<Hit>,
    chosen: Vec<Rc<Hit>>,
    tries: usize,
    seen: BTreeSet<Binding>,
    refuting: &'a Refuting,
    found: Vec<Completion>,
    /// One of those that a line before or among them refutes.
    refuted: Option<Completion>,
}

impl All {
    pub(super) fn new(symptom: &Symptom, mut limited: impl FnMut(u32) -> usize) -> Self {
        let steps = symptom.steps.iter().enumerate().filter(|(_, step)| !step.negated);
        let held = steps.map(|(index, step)| Held {
            step: index,
            wanted: limited(step.at_least),
            by_order: BTreeMap::new(),
            by_binding: BTreeMap::new(),
        });
        Self {
            held: held.collect(),
            refutable: symptom.steps.iter().any(|step| step.negated),
            refuting: Refuting::default(),
            pending: Pending::default(),
        }
    }

    pub(super) fn feed(&mut self, ledger: &mut Ledger, steps: &[Rc<Hit>], refuting: &[Rc<Hit>]) {
        for hit in refuting {
            self.refute(ledger, hit);
        }
        for hit in steps {
            for found in self.pending.release(&hit.mark, ledger.within) {
                ledger.complete.add(&found);
            }
            if !self.refuting.refutes(&hit.binding, &hit.mark, ledger.within) {
                ledger.partial.open(hit);
            }
            if let Some(held) = self.held.iter_mut().find(|held| held.step == hit.step) {
                ledger.bite(Limit::Evicted, !held.add(hit, ledger.within));
            }
        }
        for hit in steps {
            self.judge(ledger, hit);
        }
    }

    fn refute(&mut self, ledger: &mut Ledger, hit: &Rc<Hit>) {
        let within = ledger.within;
        ledger.bite(Limit::Evicted, !self.refuting.add(hit, within));
        for found in self.pending.refute(hit, within) {
            close(ledger, &found);
        }
        ledger.partial.close_where(|open| {
            open.mark.gap(&hit.mark, within).is_met() && open.binding.agrees(&hit.binding)
        });
    }

    fn judge(&mut self, ledger: &mut Ledger, hit: &Rc<Hit>) {
        let seen = self.seen_with(ledger, hit);
        let slots: usize = self.held.iter().map(|held| held.wanted).sum();
        if seen.len() < slots {
            ledger.partial.reached(&hit.binding, seen.len(), || seen);
            return;
        }
        let mut search = Search {
            held: &self.held,
            within: ledger.within,
            last: hit,
            chosen: Vec::with_capacity(slots),
            tries: TRIES_MAX + slots,
            seen: BTreeSet::new(),
            refuting: &self.refuting,
            found: Vec::new(),
            refuted: None,
        };
        search.fill(0, 0, &hit.binding, None);
        ledger.bite(Limit::SearchCut, search.tries == 0);
        let Search { found, refuted, .. } = search;
        if found.is_empty() && refuted.is_none() {
            ledger.partial.reached(&hit.binding, seen.len(), || seen);
        }
        if let Some(refuted) = refuted {
            close(ledger, &refuted);
        }
        for found in found {
            close(ledger, &found);
            if self.refutable {
                ledger.bite(Limit::Uncounted, !self.pending.push(found));
            } else {
                ledger.complete.add(&found);
            }
        }
    }

    /// The steps of the hits that agree with this one in its window, each as often as it is wanted
    /// at most: all of them are needed.
    fn seen_with(&self, ledger: &Ledger, hit: &Rc<Hit>) -> Vec<usize> {
        let agrees = |other: &&Rc<Hit>| {
            other.mark.gap(&hit.mark, ledger.within).is_met() && other.binding.agrees(&hit.binding)
        };
        let seen = self.held.iter().flat_map(|held| {
            held.by_order.values().rev().filter(agrees).take(held.wanted).map(|_| held.step)
        });
        seen.collect()
    }

    pub(super) fn finish(&mut self, ledger: &mut Ledger) {
        for found in self.pending.release_all() {
            ledger.complete.add(&found);
        }
    }
}

impl Search<'_> {
    /// Fills the slots of step `at` from `done` on, with hits before `before` in the order.
    fn fill(&mut self, at: usize, done: usize, binding: &Binding, before: Option<Order>) {
        let Some(held) = self.held.get(at) else {
            self.complete(binding);
            return;
        };
        if done == held.wanted {
            return self.fill(at + 1, 0, binding, None);
        }
        let own = held.step == self.last.step;
        if own && done == 0 {
            // Its own step must take the hit itself.
            return self.take(at, done, binding, &Rc::clone(self.last));
        }
        let earlier: Vec<Rc<Hit>> = match before {
            Some(before) => held.by_order.range(..before).rev().map(|(_, hit)| Rc::clone(hit)).collect(),
            None => held.by_order.values().rev().cloned().collect(),
        };
        for hit in earlier {
            if self.tries == 0 {
                return;
            }
            self.tries -= 1;
            if hit.mark.gap(&self.last.mark, self.within).is_met() {
                self.take(at, done, binding, &hit);
            }
        }
    }

    fn take(&mut self, at: usize, done: usize, binding: &Binding, hit: &Rc<Hit>) {
        let Some(binding) = binding.join(&hit.binding) else { return };
        self.chosen.push(Rc::clone(hit));
        self.fill(at, done + 1, &binding, Some(hit.mark.order()));
        self.chosen.pop();
    }

    fn complete(&mut self, binding: &Binding) {
        if self.seen.contains(binding) {
            return;
        }
        let mut hits = self.chosen.clone();
        hits.sort_by_key(|hit| (hit.mark.order(), hit.step));
        let first: Mark = hits[0].mark;
        let assumed = hits.iter().any(|hit| first.gap(&hit.mark, self.within) == Gap::Assumed);
        if hits.len() > FIRST_HITS_MAX {
            hits.drain(FIRST_HITS_MAX - 1..hits.len() - 1);
        }
        let found = Completion { binding: binding.clone(), hits, assumed };
        if self.refuting.refutes(binding, &first, self.within) {
            self.refuted = Some(found);
        } else {
            self.seen.insert(binding.clone());
            self.found.push(found);
        }
    }
}

/// Its hits are used.
fn close(ledger: &mut Ledger, found: &Completion) {
    for hit in &found.hits {
        ledger.partial.close(&hit.binding, hit.mark.order());
    }
}
