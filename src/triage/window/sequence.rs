//! Steps in the order written.
//!
//! For each set of values and each number of steps done, only the chain that began last is kept:
//! whatever an earlier one could still become, it becomes too, in a shorter time.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::refute::{Pending, Refuting};
use super::tally::{BINDINGS_MAX, Completion, FIRST_HITS_MAX};
use super::{Ledger, Limit, oldest_quarter};
use crate::runbook::Symptom;
use crate::triage::hit::{Binding, Gap, Hit, Mark};

/// Fewer sets of values than this are not looked through for those that are over.
const CROWDED: usize = 16;

/// One hit that a chain needs.
#[derive(Debug)]
struct Slot {
    /// Index of the step.
    step: usize,
    /// Steps that must not occur between the hit before and this one.
    guards: Vec<usize>,
}

/// The first hits of a sequence.
#[derive(Clone, Debug)]
struct Chain {
    /// The first few hits and the last.
    hits: Vec<Rc<Hit>>,
    assumed: bool,
}

impl Chain {
    fn first(&self) -> &Rc<Hit> {
        &self.hits[0]
    }

    fn followed_by(&self, hit: &Rc<Hit>, gap: Gap) -> Self {
        let mut longer = self.clone();
        longer.hits.truncate(FIRST_HITS_MAX - 1);
        longer.hits.push(Rc::clone(hit));
        longer.assumed |= gap == Gap::Assumed;
        longer
    }
}

/// A chain with what it agrees on and how many slots it has filled.
struct Longer {
    binding: Binding,
    filled: usize,
    chain: Chain,
}

/// Judges a `sequence`.
#[derive(Debug)]
pub(super) struct Sequence {
    slots: Vec<Slot>,
    /// Steps that must not occur before the first, and after the last.
    lead: Vec<usize>,
    trail: Vec<usize>,
    /// At index `n` the chain that has filled `n + 1` slots.
    chains: BTreeMap<Binding, Vec<Option<Chain>>>,
    /// From so many sets of values on it is worth looking which are over.
    crowded: usize,
    refuting: Refuting,
    pending: Pending,
}

impl Sequence {
    pub(super) fn new(symptom: &Symptom, mut limited: impl FnMut(u32) -> usize) -> Self {
        let mut slots: Vec<Slot> = Vec::new();
        let mut lead = Vec::new();
        let mut guards = Vec::new();
        for (index, step) in symptom.steps.iter().enumerate() {
            if step.negated {
                if slots.is_empty() {
                    lead.push(index);
                } else {
                    guards.push(index);
                }
                continue;
            }
            slots.push(Slot { step: index, guards: std::mem::take(&mut guards) });
            slots.extend((1..limited(step.at_least)).map(|_| Slot { step: index, guards: Vec::new() }));
        }
        Self {
            slots,
            lead,
            trail: guards,
            chains: BTreeMap::new(),
            crowded: CROWDED,
            refuting: Refuting::default(),
            pending: Pending::default(),
        }
    }

    pub(super) fn feed(&mut self, ledger: &mut Ledger, steps: &[Rc<Hit>], refuting: &[Rc<Hit>]) {
        let Some(now) = steps.first().or(refuting.first()).map(|hit| hit.mark) else { return };
        for found in self.pending.release(&now, ledger.within) {
            confirm(ledger, &found);
        }
        let longer: Vec<Longer> = steps.iter().flat_map(|hit| self.longer(ledger, hit)).collect();
        for hit in refuting {
            self.refute(ledger, hit);
        }
        for found in longer {
            self.keep(ledger, found);
        }
        self.make_room(ledger, &now);
    }

    /// Every chain that a hit begins or carries on, from the chains of the lines before.
    fn longer(&self, ledger: &mut Ledger, hit: &Rc<Hit>) -> Vec<Longer> {
        let mut found = Vec::new();
        for (at, _) in self.slots.iter().enumerate().filter(|(_, slot)| slot.step == hit.step) {
            if at == 0 {
                if !self.refuting.refutes(&hit.binding, &hit.mark, ledger.within) {
                    let chain = Chain { hits: vec![Rc::clone(hit)], assumed: false };
                    found.push(Longer { binding: hit.binding.clone(), filled: 1, chain });
                    ledger.partial.open(hit);
                }
                continue;
            }
            for (binding, states) in &self.chains {
                let Some(Some(chain)) = states.get(at - 1) else { continue };
                let gap = chain.first().mark.gap(&hit.mark, ledger.within);
                if gap.is_met()
                    && let Some(binding) = binding.join(&hit.binding)
                {
                    let chain = chain.followed_by(hit, gap);
                    found.push(Longer { binding, filled: at + 1, chain });
                }
            }
        }
        found
    }

    /// Takes a line that must not occur where it does.
    fn refute(&mut self, ledger: &mut Ledger, hit: &Rc<Hit>) {
        if self.lead.contains(&hit.step) {
            ledger.bite(Limit::Evicted, !self.refuting.add(hit, ledger.within));
        }
        if self.trail.contains(&hit.step) {
            for found in self.pending.refute(hit, ledger.within) {
                ledger.partial.close(&found.hits[0].binding, found.last().order());
            }
        }
        for (at, _) in self.slots.iter().enumerate().filter(|(_, slot)| slot.guards.contains(&hit.step)) {
            for (binding, states) in &mut self.chains {
                if binding.agrees(&hit.binding)
                    && let Some(chain) = states.get_mut(at - 1).and_then(Option::take)
                {
                    ledger.partial.close(&chain.first().binding, chain.first().mark.order());
                }
            }
        }
    }

    fn keep(&mut self, ledger: &mut Ledger, found: Longer) {
        let Longer { binding, filled, chain } = found;
        if filled == self.slots.len() {
            let found = Completion { binding, hits: chain.hits, assumed: chain.assumed };
            if self.trail.is_empty() {
                confirm(ledger, &found);
            } else {
                ledger.bite(Limit::Uncounted, !self.pending.push(found));
            }
            return;
        }
        ledger.partial.reached(&chain.first().binding, filled, || {
            self.slots[..filled].iter().map(|slot| slot.step).collect()
        });
        let states = self.chains.entry(binding).or_default();
        if states.len() < filled {
            states.resize(filled, None);
        }
        let known = &mut states[filled - 1];
        if known.as_ref().is_none_or(|known| known.first().mark.order() <= chain.first().mark.order()) {
            *known = Some(chain);
        }
    }

    /// Gives up chains that can no longer become complete, and when that is not enough, the quarter
    /// that is the furthest back.
    fn make_room(&mut self, ledger: &mut Ledger, now: &Mark) {
        if self.chains.len() < self.crowded {
            return;
        }
        let alive = |chain: &Chain| chain.first().mark.gap(now, ledger.within) != Gap::Over;
        self.chains.retain(|_, states| states.iter().flatten().any(alive));
        self.crowded = (self.chains.len() * 2).clamp(CROWDED, BINDINGS_MAX);
        if self.chains.len() < BINDINGS_MAX {
            return;
        }
        let last = |states: &Vec<Option<Chain>>| {
            let firsts = states.iter().flatten().map(|chain| chain.first().mark);
            firsts.max_by_key(Mark::order).unwrap_or(*now)
        };
        for binding in oldest_quarter(&self.chains, last) {
            self.chains.remove(&binding);
            ledger.bite(Limit::Evicted, true);
        }
    }

    pub(super) fn finish(&mut self, ledger: &mut Ledger) {
        for found in self.pending.release_all() {
            confirm(ledger, &found);
        }
    }
}

fn confirm(ledger: &mut Ledger, found: &Completion) {
    ledger.partial.close(&found.hits[0].binding, found.last().order());
    ledger.complete.add(found);
}
