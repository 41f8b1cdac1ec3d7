//! Instances in the making: what the blocks of one runbook came to, put together by host and values.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::bounds::Bounds;
use super::hit::{Binding, Hit, Mark};
use super::window::{Outcome, Progress, Tally};
use crate::runbook::{ParamName, Runbook, Symptom, SymptomMode, Weight, pattern};

/// Instances that are listed for one runbook and tier.
pub(super) const INSTANCES_MAX: usize = 1000;
/// Different values of one name that lines of weight `support` may add.
const SUPPORT_VALUES_MAX: usize = 8;

/// An instance in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// What its lines agree on.
    pub(super) binding: Binding,
    /// The host to show.
    pub(super) host: Option<Arc<[u8]>>,
    /// How often by each block.
    counts: BTreeMap<usize, Times>,
    /// The first hit.
    pub(super) first: Mark,
    /// The last hit.
    pub(super) last: Mark,
    /// Hits to show, each with its block.
    pub(super) hits: Vec<(usize, Rc<Hit>)>,
    /// The last hit of each block.
    pub(super) latest: Vec<(usize, Rc<Hit>)>,
    /// The blocks it is made of.
    pub(super) blocks: BTreeSet<usize>,
    /// What was hit: blocks, steps and alternatives.
    pub(super) seen: BTreeSet<(usize, usize, usize)>,
    /// Blocks whose window could not be measured.
    pub(super) assumed: BTreeSet<usize>,
    /// Names that had one value in several lines.
    pub(super) agreed: usize,
    /// The part of its lines that were seen; 1 when complete.
    pub(super) completeness: f64,
    /// What would make it complete.
    pub(super) missing: Vec<String>,
    /// Values that only lines of weight `support` know.
    pub(super) support: Vec<(ParamName, Arc<[u8]>)>,
    /// Blocks of weight `support` that agree with it.
    pub(super) support_blocks: BTreeSet<usize>,
}

/// How often a block is complete.
#[derive(Clone, Copy, Debug)]
struct Times {
    count: u64,
    /// Every line is an occurrence of its own, so that none is counted with two sets of values.
    by_line: bool,
}

impl Draft {
    fn new(block: usize, symptom: &Symptom, binding: Binding, tally: Tally) -> Self {
        let times = Times { count: tally.count, by_line: symptom.mode == SymptomMode::Any };
        Self {
            host: tally.host.or_else(|| binding.host.clone()),
            binding,
            counts: BTreeMap::from([(block, times)]),
            first: tally.first,
            last: tally.last,
            hits: tally.hits.into_iter().map(|hit| (block, hit)).collect(),
            latest: vec![(block, tally.latest)],
            blocks: BTreeSet::from([block]),
            seen: tally.seen.iter().map(|(step, alternative)| (block, *step, *alternative)).collect(),
            assumed: tally.assumed.then_some(block).into_iter().collect(),
            agreed: tally.agreed,
            completeness: 1.0,
            missing: Vec::new(),
            support: Vec::new(),
            support_blocks: BTreeSet::new(),
        }
    }

    /// How often: two blocks that see the same trouble see it at the same times, and that is not twice as
    /// often.
    pub(super) fn count(&self) -> u64 {
        self.counts.values().map(|times| times.count).max().unwrap_or_default()
    }

    fn absorb(&mut self, other: Self) {
        for (block, times) in other.counts {
            self.counts
                .entry(block)
                .and_modify(|own| {
                    own.count =
                        if own.by_line { own.count + times.count } else { own.count.max(times.count) };
                })
                .or_insert(times);
        }
        self.first = std::cmp::min_by_key(self.first, other.first, Mark::order);
        self.last = std::cmp::max_by_key(self.last, other.last, Mark::order);
        self.host = self.host.take().or(other.host);
        self.hits.extend(other.hits);
        self.latest.extend(other.latest);
        self.blocks.extend(other.blocks);
        self.seen.extend(other.seen);
        self.assumed.extend(other.assumed);
        self.agreed = self.agreed.max(other.agreed);
        self.completeness = self.completeness.max(other.completeness);
        self.missing.extend(other.missing);
    }
}

/// The instances of one runbook.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// Complete blocks of weight normal or high.
    pub(super) matches: Vec<Draft>,
    /// Incomplete ones, and complete ones of weight low.
    pub(super) possible: Vec<Draft>,
}

/// Puts together what the blocks of a runbook came to.
pub(super) fn drafts(runbook: &Runbook, outcomes: &[(usize, Outcome)], bounds: &Bounds) -> Drafts {
    let mut matches = Vec::new();
    let mut possible = Vec::new();
    for (block, outcome) in outcomes {
        let symptom = &runbook.symptoms[*block];
        let complete =
            outcome.complete.iter().map(|(binding, tally)| complete(*block, symptom, binding, tally));
        match symptom.weight {
            Weight::Support => continue,
            Weight::Low => {
                possible.extend(
                    complete.map(|draft| Draft { missing: vec![super::missing::stronger(runbook)], ..draft }),
                );
                continue;
            }
            Weight::Normal | Weight::High => matches.extend(complete),
        }
        for (binding, tally, progress) in &outcome.partial {
            if !bounds.leave_open(symptom, tally) || says_little(symptom, tally, progress) {
                continue;
            }
            let (seen, wanted) = match symptom.mode {
                SymptomMode::Count(wanted) => (progress.most, wanted as usize),
                _ => (progress.steps.len(), wanted(symptom)),
            };
            possible.push(Draft {
                completeness: (seen as f64 / wanted.max(1) as f64).min(1.0),
                missing: super::missing::sentences(symptom, progress),
                ..incomplete(*block, symptom, binding, tally, progress)
            });
        }
    }
    // Of what is identified, the incomplete rest is no news.
    possible.retain(|rest: &Draft| !matches.iter().any(|found: &Draft| same_host(found, rest)));
    let (mut matches, mut possible) = (merged(matches), merged(possible));
    for draft in matches.iter_mut().chain(&mut possible) {
        support(draft, runbook, outcomes);
    }
    Drafts { matches, possible }
}

/// A complete set: every step of it was seen, whichever hits are kept.
fn complete(block: usize, symptom: &Symptom, binding: &Binding, tally: &Tally) -> Draft {
    let mut draft = Draft::new(block, symptom, binding.clone(), tally.clone());
    if matches!(symptom.mode, SymptomMode::All | SymptomMode::Sequence) {
        let positive = symptom.steps.iter().enumerate().filter(|(_, step)| !step.negated);
        for (step, _) in positive {
            if !tally.seen.iter().any(|(seen, _)| *seen == step) {
                draft.seen.insert((block, step, 0));
            }
        }
    }
    draft
}

/// An incomplete set: only what was seen together counts.
fn incomplete(
    block: usize,
    symptom: &Symptom,
    binding: &Binding,
    tally: &Tally,
    progress: &Progress,
) -> Draft {
    let mut draft = Draft::new(block, symptom, binding.clone(), tally.clone());
    draft.seen.retain(|(_, step, _)| progress.steps.is_empty() || progress.steps.contains(step));
    draft
}

/// True when all that was seen of a `broad` block are lines that many programs print.
fn says_little(symptom: &Symptom, tally: &Tally, progress: &Progress) -> bool {
    let together = |step: &usize| progress.steps.is_empty() || progress.steps.contains(step);
    let little = |(step, alternative): &(usize, usize)| {
        pattern::says_little(&symptom.steps[*step].alternatives[*alternative].pattern)
    };
    symptom.broad && tally.seen.iter().filter(|(step, _)| together(step)).all(little)
}

/// How many hits make a block complete.
fn wanted(symptom: &Symptom) -> usize {
    let positive = symptom.steps.iter().filter(|step| !step.negated);
    positive.map(|step| step.at_least.max(1) as usize).sum()
}

/// Nothing says that they are of two hosts.
fn same_host(one: &Draft, other: &Draft) -> bool {
    one.host.is_none() || other.host.is_none() || one.host == other.host
}

/// Drafts that say nothing but what one other says too, joined to that.
fn merged(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|one, other| {
        let said = |draft: &Draft| draft.binding.values.len() + usize::from(draft.binding.host.is_some());
        said(other).cmp(&said(one)).then_with(|| one.binding.cmp(&other.binding))
    });
    let mut kept: Vec<Draft> = Vec::new();
    for draft in drafts {
        let mut covering: Vec<&mut Draft> =
            kept.iter_mut().filter(|known| known.binding.covers(&draft.binding)).collect();
        match covering.as_mut_slice() {
            [only] => only.absorb(draft),
            several if same_lines(several, &draft) => {}
            _ => kept.push(draft),
        }
    }
    kept.sort_by_key(|draft| std::cmp::Reverse(draft.last.order()));
    kept
}

/// All that a draft rests on are lines of others that say more: they begin and end with the same.
fn same_lines(others: &[&mut Draft], draft: &Draft) -> bool {
    let first = others.iter().map(|other| other.first.order()).min();
    let last = others.iter().map(|other| other.last.order()).max();
    first == Some(draft.first.order())
        && last == Some(draft.last.order())
        && others.iter().map(|other| other.count()).sum::<u64>() >= draft.count()
}

/// Adds what lines of weight `support` say that agree with a draft.
fn support(draft: &mut Draft, runbook: &Runbook, outcomes: &[(usize, Outcome)]) {
    let blocks = outcomes.iter().filter(|(block, _)| runbook.symptoms[*block].weight == Weight::Support);
    for (block, outcome) in blocks {
        for (binding, _) in &outcome.complete {
            if !binding.agrees(&draft.binding) {
                continue;
            }
            draft.support_blocks.insert(*block);
            for (name, value) in binding.values.iter() {
                let known = draft.support.iter().filter(|(other, _)| other == name).count();
                let new = draft.binding.value(name).is_none()
                    && !draft.support.iter().any(|(other, said)| other == name && said == value);
                if new && known < SUPPORT_VALUES_MAX {
                    draft.support.push((name.clone(), Arc::clone(value)));
                }
            }
        }
    }
}
