//! Symptom blocks judged over a stream of hits, with memory that does not grow with the stream.
//!
//! Hits of one block come in the order of time, one line at a time. An [`Evaluator`] keeps only
//! what may still become complete, and sums up what is. Every limit that changes an answer is
//! noted. Knows hits and symptom blocks; knows nothing of text, inputs and ranks.

mod all;
mod count;
mod partial;
mod refute;
mod sequence;
mod tally;

pub(super) use partial::Progress;
pub(super) use tally::{BINDINGS_MAX, Tally};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use super::hit::{Binding, Hit, Mark};
use crate::runbook::{Symptom, SymptomMode};
use all::All;
use count::Count;
use partial::Partial;
use sequence::Sequence;
use tally::{Completion, Tallies};

/// Of a count that wants more hits than this, so many are enough.
const COUNT_MAX: u32 = 10_000;
/// The same for a step of a sequence or of an `all`.
const REPEATS_MAX: u32 = 1000;

/// A limit that changes an answer when it bites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Limit {
    /// Incomplete sets were given up to make room.
    Evicted,
    /// What was found had to make room for newer finds.
    Forgotten,
    /// Not every way to combine hits was tried.
    SearchCut,
    /// Complete sets were not counted, because too many waited for the end of their window.
    Uncounted,
    /// A repetition was taken as met before all the hits it wants were seen.
    RepeatsCut,
}

/// What is common to all ways of judging.
#[derive(Debug)]
struct Ledger {
    within: Option<i64>,
    complete: Tallies,
    partial: Partial,
    bitten: BTreeSet<Limit>,
}

impl Ledger {
    fn bite(&mut self, limit: Limit, bit: bool) {
        if bit {
            self.bitten.insert(limit);
        }
    }
}

/// Judges one symptom block.
#[derive(Debug)]
pub(super) struct Evaluator<'b> {
    symptom: &'b Symptom,
    ledger: Ledger,
    mode: Mode,
}

#[derive(Debug)]
enum Mode {
    /// Each line stands for itself; steps that want several hits are counted.
    Any(Vec<Option<Count>>),
    All(All),
    Sequence(Sequence),
    Count(Count),
}

/// What a symptom block came to.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Complete sets by what they agree on.
    pub(super) complete: Vec<(Binding, Tally)>,
    /// Hits that stayed incomplete.
    pub(super) partial: Vec<(Binding, Tally, Progress)>,
    /// Limits that bit.
    pub(super) bitten: BTreeSet<Limit>,
}

impl<'b> Evaluator<'b> {
    /// An evaluator that has seen nothing.
    pub(super) fn new(symptom: &'b Symptom) -> Self {
        let refutable = symptom.steps.iter().any(|step| step.negated);
        let mut ledger = Ledger {
            within: symptom.within.map(micros),
            complete: Tallies::default(),
            partial: Partial::new(refutable),
            bitten: BTreeSet::new(),
        };
        let mut limited = |wanted: u32, limit: u32| {
            ledger.bite(Limit::RepeatsCut, wanted > limit);
            wanted.clamp(1, limit) as usize
        };
        let mode = match symptom.mode {
            SymptomMode::Any => Mode::Any(
                symptom
                    .steps
                    .iter()
                    .map(|step| {
                        (step.at_least > 1).then(|| Count::new(limited(step.at_least, COUNT_MAX), false))
                    })
                    .collect(),
            ),
            SymptomMode::All => Mode::All(All::new(symptom, |wanted| limited(wanted, REPEATS_MAX))),
            SymptomMode::Sequence => {
                Mode::Sequence(Sequence::new(symptom, |wanted| limited(wanted, REPEATS_MAX)))
            }
            SymptomMode::Count(wanted) => Mode::Count(Count::new(limited(wanted, COUNT_MAX), refutable)),
        };
        Self { symptom, ledger, mode }
    }

    /// Takes the hits of one line, each of another step. Lines come in order.
    pub(super) fn feed(&mut self, line: &[Rc<Hit>]) {
        let (refuting, steps): (Vec<_>, Vec<_>) =
            line.iter().cloned().partition(|hit| self.symptom.steps[hit.step].negated);
        let ledger = &mut self.ledger;
        match &mut self.mode {
            Mode::Any(counts) => feed_any(counts, ledger, steps),
            Mode::All(all) => all.feed(ledger, &steps, &refuting),
            Mode::Sequence(sequence) => sequence.feed(ledger, &steps, &refuting),
            Mode::Count(count) => {
                count.refute(ledger, &refuting);
                for hit in joined(steps) {
                    count.feed(ledger, &hit);
                }
            }
        }
    }

    /// What came of it.
    pub(super) fn finish(mut self) -> Outcome {
        let ledger = &mut self.ledger;
        match &mut self.mode {
            Mode::Any(counts) => counts.iter_mut().flatten().for_each(|count| count.finish(ledger)),
            Mode::All(all) => all.finish(ledger),
            Mode::Sequence(sequence) => sequence.finish(ledger),
            Mode::Count(count) => count.finish(ledger),
        }
        let forgotten = self.ledger.complete.forgotten || self.ledger.partial.forgotten;
        self.ledger.bite(Limit::Forgotten, forgotten);
        Outcome {
            complete: self.ledger.complete.by_binding.into_iter().collect(),
            partial: self.ledger.partial.settle(),
            bitten: self.ledger.bitten,
        }
    }
}

/// Steps that want several hits are counted; of the others, each line is an occurrence.
fn feed_any(counts: &mut [Option<Count>], ledger: &mut Ledger, steps: Vec<Rc<Hit>>) {
    let (counted, single): (Vec<_>, Vec<_>) = steps.into_iter().partition(|hit| counts[hit.step].is_some());
    for hit in counted {
        if let Some(count) = &mut counts[hit.step] {
            count.feed(ledger, &hit);
        }
    }
    for hit in joined(single) {
        let binding = hit.binding.clone();
        ledger.complete.add(&Completion { binding, hits: vec![hit], assumed: false });
    }
}

/// The hits of one line without those that say nothing that another does not say: a line counts
/// once, however many alternatives it matches.
fn joined(hits: Vec<Rc<Hit>>) -> Vec<Rc<Hit>> {
    let mut kept: Vec<Rc<Hit>> = Vec::new();
    for hit in hits {
        if kept.iter().any(|other| other.binding.covers(&hit.binding)) {
            continue;
        }
        kept.retain(|other| !hit.binding.covers(&other.binding));
        kept.push(hit);
    }
    kept
}

/// The keys of the quarter that is the furthest back: room is made for many at once, so that it
/// costs little for each.
fn oldest_quarter<K: Clone + Ord, V>(held: &BTreeMap<K, V>, last: impl Fn(&V) -> Mark) -> Vec<K> {
    let mut orders: Vec<_> = held.iter().map(|(key, value)| (last(value).order(), key)).collect();
    orders.sort();
    orders.iter().take(held.len().div_ceil(4)).map(|(_, key)| (*key).clone()).collect()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
