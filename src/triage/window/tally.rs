//! What the evaluators found, summed up so that it stays small: one tally for each set of values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;

use super::oldest_quarter;
use crate::triage::hit::{Binding, Hit, Mark, Order};

/// Distinct sets of values that one symptom block keeps apart.
pub(in crate::triage) const BINDINGS_MAX: usize = 1000;
/// Lines of the first occurrence that are kept.
pub(in crate::triage) const FIRST_HITS_MAX: usize = 8;
/// Lines that are kept besides the last, when the first occurrence has fewer.
const HITS_KEPT: usize = 3;

/// A complete set of hits.
#[derive(Clone, Debug)]
pub(in crate::triage) struct Completion {
    /// What they agree on.
    pub(in crate::triage) binding: Binding,
    /// The hits in their order; of many the first few and the last.
    pub(in crate::triage) hits: Vec<Rc<Hit>>,
    /// The window could not be measured.
    pub(in crate::triage) assumed: bool,
}

impl Completion {
    pub(super) fn first(&self) -> &Mark {
        &self.hits[0].mark
    }

    pub(super) fn last(&self) -> &Mark {
        &self.hits[self.hits.len() - 1].mark
    }
}

/// Occurrences with one set of values.
#[derive(Clone, Debug)]
pub(in crate::triage) struct Tally {
    /// How many that do not overlap.
    pub(in crate::triage) count: u64,
    /// The first hit.
    pub(in crate::triage) first: Mark,
    /// The last hit.
    pub(in crate::triage) last: Mark,
    /// The first few hits.
    pub(in crate::triage) hits: Vec<Rc<Hit>>,
    /// The last hit.
    pub(in crate::triage) latest: Rc<Hit>,
    /// The host that all records name that name one.
    pub(in crate::triage) host: Option<Arc<[u8]>>,
    /// Records name different hosts.
    pub(in crate::triage) hosts_differ: bool,
    /// A window could not be measured.
    pub(in crate::triage) assumed: bool,
    /// Names that had the same value in several hits of one occurrence.
    pub(in crate::triage) agreed: usize,
    /// What was hit: steps with their alternatives.
    pub(in crate::triage) seen: BTreeSet<(usize, usize)>,
    /// Where the last one that was counted begins and ends.
    counted: RangeInclusive<Order>,
}

impl Tally {
    pub(super) fn new(found: &Completion) -> Self {
        let mut tally = Self {
            count: 1,
            first: *found.first(),
            last: *found.last(),
            hits: found.hits.clone(),
            latest: Rc::clone(&found.hits[found.hits.len() - 1]),
            host: None,
            hosts_differ: false,
            assumed: found.assumed,
            agreed: agreed(found),
            seen: BTreeSet::new(),
            counted: found.first().order()..=found.last().order(),
        };
        tally.note_seen(found);
        tally.hits.truncate(FIRST_HITS_MAX);
        tally.note_hosts(found);
        tally
    }

    /// Counts one more, unless it shares a hit with the last one counted. Where lines are far out of order,
    /// one comes that lies before it.
    pub(super) fn add(&mut self, found: &Completion) {
        self.note_seen(found);
        let (first, last) = (found.first().order(), found.last().order());
        let apart = first > *self.counted.end() || last < *self.counted.start();
        if !apart && last <= *self.counted.end() {
            return;
        }
        if apart {
            self.count += 1;
            self.counted = first..=last;
        }
        if last > self.last.order() {
            self.last = *found.last();
            self.latest = Rc::clone(&found.hits[found.hits.len() - 1]);
        }
        if first < self.first.order() {
            self.first = *found.first();
            self.hits.clone_from(&found.hits);
            self.hits.truncate(FIRST_HITS_MAX);
        }
        self.assumed |= found.assumed;
        for hit in &found.hits {
            if self.hits.len() < HITS_KEPT && hit.mark.order() > self.hits[self.hits.len() - 1].mark.order() {
                self.hits.push(Rc::clone(hit));
            }
        }
        self.note_hosts(found);
    }

    fn note_seen(&mut self, found: &Completion) {
        self.seen.extend(found.hits.iter().map(|hit| (hit.step, hit.alternative)));
    }

    fn note_hosts(&mut self, found: &Completion) {
        for host in found.hits.iter().filter_map(|hit| hit.host.as_ref()) {
            match &self.host {
                _ if self.hosts_differ => {}
                None => self.host = Some(Arc::clone(host)),
                Some(known) if known == host => {}
                Some(_) => {
                    self.host = None;
                    self.hosts_differ = true;
                }
            }
        }
    }
}

/// How many names of a completion come in more than one of its hits.
fn agreed(found: &Completion) -> usize {
    let has = |name| found.hits.iter().filter(|hit| hit.binding.value(name).is_some()).count();
    found.binding.values.iter().filter(|(name, _)| has(name) > 1).count()
}

/// Tallies by what their hits agree on, of limited number.
#[derive(Clone, Debug, Default)]
pub(in crate::triage) struct Tallies {
    /// The tallies.
    pub(in crate::triage) by_binding: BTreeMap<Binding, Tally>,
    /// Some had to make room for newer ones.
    pub(super) forgotten: bool,
}

impl Tallies {
    pub(super) fn add(&mut self, found: &Completion) {
        if let Some(known) = self.by_binding.get_mut(&found.binding) {
            known.add(found);
            return;
        }
        if self.by_binding.len() == BINDINGS_MAX {
            for oldest in oldest_quarter(&self.by_binding, |tally| tally.last) {
                self.by_binding.remove(&oldest);
                self.forgotten = true;
            }
        }
        self.by_binding.insert(found.binding.clone(), Tally::new(found));
    }
}
