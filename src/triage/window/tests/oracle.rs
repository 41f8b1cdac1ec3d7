//! What the words of the format say, tried on every choice of hits.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::runbook::{Symptom, SymptomMode};
use crate::triage::hit::{Binding, Hit, Mark, Order};

/// First and last place of every complete set.
pub(super) type Spans = BTreeSet<(Order, Order)>;

fn within(symptom: &Symptom) -> Option<i64> {
    symptom.within.map(|within| within.as_micros() as i64)
}

fn before(one: &Mark, other: &Mark) -> bool {
    one.order() < other.order()
}

/// How many spans do not overlap.
pub(super) fn disjoint(spans: &Spans) -> u64 {
    let mut by_end: Vec<_> = spans.iter().collect();
    by_end.sort_by_key(|(first, last)| (*last, *first));
    let mut end = None;
    let mut count = 0;
    for (first, last) in by_end {
        if end.is_none_or(|end| *first > end) {
            end = Some(*last);
            count += 1;
        }
    }
    count
}

/// Every choice of hits for a `sequence`.
pub(super) fn sequences(symptom: &Symptom, lines: &[Vec<Rc<Hit>>]) -> BTreeMap<Binding, Spans> {
    let hits: Vec<Rc<Hit>> = lines.iter().flatten().cloned().collect();
    let slots: Vec<usize> = (0..symptom.steps.len())
        .filter(|&step| !symptom.steps[step].negated)
        .flat_map(|step| (0..symptom.steps[step].at_least).map(move |_| step))
        .collect();
    let mut found = BTreeMap::new();
    extend(symptom, &hits, &slots, &mut Vec::new(), &Binding::default(), &mut found);
    found
}

fn extend(
    symptom: &Symptom,
    hits: &[Rc<Hit>],
    slots: &[usize],
    chosen: &mut Vec<Rc<Hit>>,
    binding: &Binding,
    found: &mut BTreeMap<Binding, Spans>,
) {
    let within = within(symptom);
    let refuted = |steps: std::ops::Range<usize>, binding: &Binding, lies: &dyn Fn(&Mark) -> bool| {
        hits.iter().any(|hit| {
            steps.contains(&hit.step)
                && symptom.steps[hit.step].negated
                && hit.binding.agrees(binding)
                && lies(&hit.mark)
        })
    };
    if chosen.len() == slots.len() {
        let (first, last) = (chosen[0].mark, chosen[chosen.len() - 1].mark);
        let after = slots[slots.len() - 1] + 1..symptom.steps.len();
        if !refuted(after, binding, &|mark| before(&last, mark) && last.gap(mark, within).is_met()) {
            found.entry(binding.clone()).or_default().insert((first.order(), last.order()));
        }
        return;
    }
    let slot = slots[chosen.len()];
    for hit in hits.iter().filter(|hit| hit.step == slot) {
        let fits = match (chosen.first(), chosen.last()) {
            (Some(first), Some(last)) => {
                before(&last.mark, &hit.mark)
                    && first.mark.gap(&hit.mark, within).is_met()
                    && !refuted(last.step + 1..slot, binding, &|mark| {
                        before(&last.mark, mark) && before(mark, &hit.mark)
                    })
            }
            _ => !refuted(0..slot, &hit.binding, &|mark| {
                before(mark, &hit.mark) && mark.gap(&hit.mark, within).is_met()
            }),
        };
        if let Some(binding) = binding.join(&hit.binding).filter(|_| fits) {
            chosen.push(Rc::clone(hit));
            extend(symptom, hits, slots, chosen, &binding, found);
            chosen.pop();
        }
    }
}

/// Every choice of hits for an `all`.
pub(super) fn sets(symptom: &Symptom, lines: &[Vec<Rc<Hit>>]) -> BTreeMap<Binding, Spans> {
    let hits: Vec<Rc<Hit>> = lines.iter().flatten().cloned().collect();
    let within = within(symptom);
    let wanted: Vec<u32> =
        symptom.steps.iter().map(|step| if step.negated { 0 } else { step.at_least }).collect();
    let mut found: BTreeMap<Binding, Spans> = BTreeMap::new();
    for choice in 1u64..1 << hits.len() {
        let chosen: Vec<&Rc<Hit>> =
            (0..hits.len()).filter(|at| choice >> at & 1 == 1).map(|at| &hits[at]).collect();
        let of_step = |step: usize| chosen.iter().filter(|hit| hit.step == step).count() as u32;
        if !(0..wanted.len()).all(|step| of_step(step) == wanted[step]) {
            continue;
        }
        let (first, last) = (chosen[0].mark, chosen[chosen.len() - 1].mark);
        let joined = chosen.iter().try_fold(Binding::default(), |all, hit| all.join(&hit.binding));
        let Some(binding) = joined.filter(|_| first.gap(&last, within).is_met()) else { continue };
        if !refuted(symptom, &hits, &binding, &first, &last) {
            found.entry(binding).or_default().insert((first.order(), last.order()));
        }
    }
    found
}

/// A line that must not occur is before, among or after the hits, within the window of one.
fn refuted(symptom: &Symptom, hits: &[Rc<Hit>], binding: &Binding, first: &Mark, last: &Mark) -> bool {
    let within = within(symptom);
    hits.iter().filter(|hit| symptom.steps[hit.step].negated && hit.binding.agrees(binding)).any(|hit| {
        if before(&hit.mark, first) {
            hit.mark.gap(first, within).is_met()
        } else if before(last, &hit.mark) {
            last.gap(&hit.mark, within).is_met()
        } else {
            true
        }
    })
}

/// How often each set of values was complete, for a `count`.
pub(super) fn counts(symptom: &Symptom, lines: &[Vec<Rc<Hit>>]) -> BTreeMap<Binding, u64> {
    let SymptomMode::Count(wanted) = symptom.mode else { return BTreeMap::new() };
    let hits: Vec<Rc<Hit>> = lines.iter().flatten().cloned().collect();
    let mut marks: BTreeMap<Binding, Vec<Mark>> = BTreeMap::new();
    for line in lines {
        let positive: Vec<_> = line.iter().filter(|hit| !symptom.steps[hit.step].negated).collect();
        for (at, hit) in positive.iter().enumerate() {
            // A line counts once: not for what another of its hits says too.
            let said = positive.iter().enumerate().any(|(other, says)| {
                other != at
                    && says.binding.covers(&hit.binding)
                    && (!hit.binding.covers(&says.binding) || other < at)
            });
            if !said {
                marks.entry(hit.binding.clone()).or_default().push(hit.mark);
            }
        }
    }
    let mut found = BTreeMap::new();
    for (binding, marks) in marks {
        let mut spans = Spans::new();
        for window in marks.windows(wanted as usize) {
            let (first, last) = (window[0], window[window.len() - 1]);
            if first.gap(&last, within(symptom)).is_met() && !refuted(symptom, &hits, &binding, &first, &last)
            {
                spans.insert((first.order(), last.order()));
            }
        }
        if !spans.is_empty() {
            found.insert(binding, disjoint(&spans));
        }
    }
    found
}
