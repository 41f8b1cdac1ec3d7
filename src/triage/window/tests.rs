//! Evaluators against an oracle that tries everything, on small random input.

mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::report::{Clock, Stamp};
use crate::runbook::{ParamName, Step, Weight};
use crate::text::Span;
use crate::triage::hit::{Gap, Mark};

/// What a generated line holds.
#[derive(Clone, Debug)]
struct Line {
    second: i64,
    host: Option<&'static str>,
    steps: Vec<usize>,
    values: [&'static str; 2],
}

/// A block and lines, in order.
#[derive(Clone, Debug)]
struct Setup {
    symptom: Symptom,
    /// Which of two names each step captures.
    names: Vec<[bool; 2]>,
    lines: Vec<Line>,
    /// False: no line has a time.
    stamped: bool,
}

impl Setup {
    fn hits(&self) -> Vec<Vec<Rc<Hit>>> {
        let mut lines = self.lines.clone();
        if self.stamped {
            lines.sort_by_key(|line| line.second);
        }
        (1..).zip(&lines).map(|(number, line)| self.hits_of(number, line)).collect()
    }

    fn hits_of(&self, number: u64, line: &Line) -> Vec<Rc<Hit>> {
        let micros = line.second * 1_000_000;
        let mark = Mark {
            key: if self.stamped { micros } else { 0 },
            file: 0,
            // So far apart that three lines fit into a window without times, and four do not.
            line: if self.stamped { number } else { number * 70 },
            part: 0,
            stamp: self.stamped.then_some(Stamp { micros, clock: Clock::Wall }),
            zones: None,
        };
        let hit = |&step: &usize| {
            let names = ["v", "w"].iter().zip(self.names[step]).zip(line.values);
            let values = names
                .filter(|((_, used), _)| *used)
                .map(|((name, _), value)| (ParamName::new(name).unwrap(), Arc::from(value.as_bytes())));
            let host: Option<Arc<[u8]>> = line.host.map(|host| Arc::from(host.as_bytes()));
            let bound = if self.symptom.anyhost { None } else { host.clone() };
            Rc::new(Hit {
                step,
                alternative: 0,
                mark,
                host,
                binding: Binding { host: bound, values: values.collect() },
                text: Arc::from(b"".as_slice()),
                matched: 0..0,
            })
        };
        line.steps.iter().map(hit).collect()
    }

    fn outcome(&self) -> Outcome {
        let mut evaluator = Evaluator::new(&self.symptom);
        for line in self.hits() {
            evaluator.feed(&line);
        }
        evaluator.finish()
    }
}

fn setup(mode: BoxedStrategy<SymptomMode>, lines_max: usize) -> impl Strategy<Value = Setup> {
    let step = (0u32..8, 1u32..3, select(vec![[false; 2], [true, false], [true; 2]]));
    let block =
        (mode, prop::collection::vec(step, 2..5), any::<bool>(), select(vec![None, Some(2), Some(4)]));
    let lines = prop::collection::vec(
        (0i64..10, select(vec![None, Some("a"), Some("b")]), 0usize..20, any::<[bool; 2]>()),
        0..=lines_max,
    );
    (block, lines, any::<bool>(), any::<bool>()).prop_map(
        |((mode, steps, anyhost, within), lines, stamped, one_host)| {
            let count = steps.len();
            // One step at least must occur, now the first and now the last.
            let must = if anyhost { 0 } else { count - 1 };
            let repeats = matches!(mode, SymptomMode::All | SymptomMode::Sequence);
            let model = steps.iter().enumerate().map(|(at, (kind, at_least, _))| Step {
                alternatives: Vec::new(),
                at_least: if repeats && *kind > 5 { *at_least } else { 1 },
                negated: *kind < 3 && at != must,
            });
            let symptom = Symptom {
                mode,
                weight: Weight::Normal,
                within: within.map(Duration::from_secs),
                nocase: false,
                anyhost,
                broad: false,
                steps: model.collect(),
                span: Span::default(),
            };
            let lines = lines.into_iter().map(|(second, host, mask, [v, w])| Line {
                second,
                host: if one_host { None } else { host },
                // Most lines are hit by one step, some by two.
                steps: BTreeSet::from([mask % count, mask / 4 % count]).into_iter().collect(),
                values: [if v { "x" } else { "y" }, if w { "x" } else { "y" }],
            });
            let names = steps.iter().map(|(_, _, names)| *names).collect();
            Setup { symptom, names, lines: lines.collect(), stamped }
        },
    )
}

fn bindings(outcome: &Outcome) -> Vec<Binding> {
    outcome.complete.iter().map(|(binding, _)| binding.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn sequences_are_complete_when_the_oracle_says_so(setup in setup(Just(SymptomMode::Sequence).boxed(), 10)) {
        let outcome = setup.outcome();
        let expected = oracle::sequences(&setup.symptom, &setup.hits());
        prop_assert_eq!(bindings(&outcome), expected.keys().cloned().collect::<Vec<_>>());
        for (binding, tally) in &outcome.complete {
            prop_assert_eq!(tally.count, oracle::disjoint(&expected[binding]), "{:?}", binding);
        }
        prop_assert!(outcome.bitten.is_empty());
    }

    #[test]
    fn all_is_complete_when_the_oracle_says_so(setup in setup(Just(SymptomMode::All).boxed(), 7)) {
        let outcome = setup.outcome();
        let expected = oracle::sets(&setup.symptom, &setup.hits());
        prop_assert_eq!(bindings(&outcome), expected.keys().cloned().collect::<Vec<_>>());
        for (binding, tally) in &outcome.complete {
            prop_assert!((1..=oracle::disjoint(&expected[binding])).contains(&tally.count), "{:?}", binding);
        }
        prop_assert!(outcome.bitten.is_empty());
    }

    #[test]
    fn counts_are_complete_when_the_oracle_says_so(
        setup in setup((1u32..4).prop_map(SymptomMode::Count).boxed(), 10)
    ) {
        let outcome = setup.outcome();
        let expected = oracle::counts(&setup.symptom, &setup.hits());
        let found: BTreeMap<_, _> =
            outcome.complete.iter().map(|(binding, tally)| (binding.clone(), tally.count)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn what_stays_incomplete_is_left_over(
        setup in setup(select(vec![SymptomMode::Sequence, SymptomMode::All]).boxed(), 7)
    ) {
        let outcome = setup.outcome();
        if !outcome.complete.is_empty() || setup.symptom.steps.iter().any(|step| step.negated) {
            return Ok(());
        }
        let first_only = setup.symptom.mode == SymptomMode::Sequence;
        let hits = setup.hits().into_iter().flatten().filter(|hit| !first_only || hit.step == 0);
        let mut expected: BTreeMap<Binding, u64> = BTreeMap::new();
        for hit in hits {
            *expected.entry(hit.binding.clone()).or_default() += 1;
        }
        let left = outcome.partial.iter().map(|(binding, tally, _)| (binding.clone(), tally.count));
        // Two steps on one line count once.
        let found: BTreeMap<_, _> = left.collect();
        prop_assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        prop_assert!(found.iter().all(|(binding, count)| *count <= expected[binding]));
    }
}

#[test]
fn a_window_has_borders() {
    let mark = |line, second: Option<i64>| Mark {
        key: 0,
        file: 0,
        line,
        part: 0,
        stamp: second.map(|second| Stamp { micros: second * 1_000_000, clock: Clock::Wall }),
        zones: None,
    };
    let ten = Some(10_000_000);
    assert_eq!(mark(1, Some(0)).gap(&mark(900, Some(10)), ten), Gap::Within);
    assert_eq!(mark(1, Some(0)).gap(&mark(2, Some(11)), ten), Gap::Over);
    assert_eq!(mark(1, Some(5)).gap(&mark(2, Some(4)), ten), Gap::Apart);
    assert_eq!(mark(1, None).gap(&mark(201, None), ten), Gap::Assumed);
    assert_eq!(mark(1, None).gap(&mark(202, None), ten), Gap::Over);
    assert_eq!(mark(1, None).gap(&mark(50, Some(7)), ten), Gap::Assumed);
    let boot = Mark { stamp: Some(Stamp { micros: 0, clock: Clock::Boot }), ..mark(3, None) };
    assert_eq!(mark(1, Some(0)).gap(&boot, ten), Gap::Assumed, "two clocks are never compared");
    let elsewhere = Mark { file: 1, ..mark(1, Some(0)) };
    assert_eq!(mark(1, Some(0)).gap(&elsewhere, ten), Gap::Apart, "nothing says that the zones are the same");
    assert_eq!(mark(1, None).gap(&Mark { file: 1, ..mark(2, None) }, None), Gap::Within);
}
