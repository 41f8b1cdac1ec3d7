//! The logic of a rule as symptom blocks.
//!
//! Knows both formats; does not try the result. What ours cannot say becomes a [`Lost`].

use std::collections::BTreeMap;
use std::time::Duration;

use super::Lost;
use super::expression;
use super::model::{Condition, Group, Logic, Term};

/// Terms that name each other are followed so far.
const DEPTH_MAX: usize = 8;
/// Steps of one block.
const STEPS_MAX: usize = 64;

/// How strictly a rule is taken at its word. What its own log does not bear out is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strictness {
    /// A phrase that says little counts only where the program is named.
    pub(super) context: bool,
    /// The parts of a pattern may stand on several lines of one record.
    pub(super) records: bool,
    /// Lines may come from several hosts.
    pub(super) anyhost: bool,
}

/// How the steps of a block combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Any,
    All,
    Sequence,
}

/// A symptom block in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) mode: Mode,
    pub(super) within: Option<Duration>,
    pub(super) anyhost: bool,
    pub(super) broad: bool,
    pub(super) steps: Vec<Step>,
}

/// A line of it with its alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) negated: bool,
    pub(super) at_least: u32,
    pub(super) lines: Vec<String>,
    /// The parts of the pattern, when it is one that has several.
    pub(super) parts: Option<Vec<String>>,
}

/// What is gathered on the way.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    terms: &'a BTreeMap<String, Term>,
    pub(super) lost: Vec<Lost>,
    /// A part that must be seen cannot be said: what is left would say something else.
    pub(super) unsaid: bool,
}

/// The blocks of a rule, taken strictly and without context.
pub(super) fn blocks<'a>(logic: &Logic, terms: &'a BTreeMap<String, Term>) -> (Vec<Block>, Reading<'a>) {
    let mut reading = Reading { terms, lost: Vec::new(), unsaid: false };
    let mut blocks = Vec::new();
    if logic.set.is_some() && logic.sequence.is_some() {
        reading.lose("set and sequence", "each of the two identifies by itself");
    }
    for (group, mode) in [(&logic.set, Mode::All), (&logic.sequence, Mode::Sequence)] {
        let Some(group) = group else { continue };
        reading.unsaid = false;
        let block = reading.group(group, mode);
        if !reading.unsaid && block.steps.iter().any(|step| !step.negated) {
            blocks.push(block);
        }
    }
    if blocks.is_empty() && reading.lost.is_empty() {
        reading.lose("empty rule", "it holds no condition");
    }
    (blocks, reading)
}

impl Reading<'_> {
    fn lose(&mut self, construct: &'static str, how: &str) {
        let lost = Lost { construct, how: how.to_owned() };
        if !self.lost.contains(&lost) {
            self.lost.push(lost);
        }
    }

    fn group(&mut self, group: &Group, mode: Mode) -> Block {
        self.options(group);
        let conditions = group.order.iter().chain(&group.any_order).flatten();
        let mut steps: Vec<Step> = conditions.flat_map(|term| self.steps(term, mode, 0)).collect();
        if steps.len() > STEPS_MAX {
            self.lose("long rule", "it has more conditions than a block holds");
            self.unsaid = true;
            steps.truncate(STEPS_MAX);
        }
        let wanted = steps.len();
        let simple = wanted == 1 && steps[0].at_least == 1;
        let within = group.window.as_deref().and_then(|window| self.window(window)).filter(|_| !simple);
        let mode = if wanted == 1 { Mode::Any } else { mode };
        for term in group.negate.iter().flatten() {
            self.negate(term, mode, wanted, &mut steps);
        }
        let negated = steps.iter().any(|step| step.negated);
        let (mode, within) = match (mode, negated, group.window.as_deref()) {
            // Of one condition with others that must not occur around it, only a set can say the time.
            (Mode::Any, true, Some(window)) => (Mode::All, self.window(window)),
            (mode, _, _) => (mode, within),
        };
        Block { mode, within, anyhost: false, broad: false, steps }
    }

    fn options(&mut self, group: &Group) {
        let origin = group.origin == Some(true)
            || group.event.as_ref().is_some_and(|event| event.origin == Some(true));
        if origin {
            self.lose("origin", "which source takes the blame is not said");
        }
        if group.correlations.as_ref().is_some_and(|list| !list.is_empty()) {
            self.lose("correlations", "lines need not agree in these fields");
        }
    }

    fn window(&mut self, text: &str) -> Option<Duration> {
        let window = go_duration(text);
        if window.is_none() {
            self.lose("window", "it is no time, so there is no limit");
        }
        window.filter(|window| !window.is_zero())
    }

    /// The steps of a condition: several when it is a group itself.
    fn steps(&mut self, term: &Term, mode: Mode, depth: usize) -> Vec<Step> {
        let condition = match term {
            Term::Text(name) => match self.terms.get(name) {
                Some(named) if depth < DEPTH_MAX => return self.steps(&named.clone(), mode, depth + 1),
                _ => return self.step(Some(name), None, 1),
            },
            Term::Number(number) => return self.step(Some(&number.to_string()), None, 1),
            Term::Full(condition) => condition,
        };
        if let Some((group, inner)) = nested(condition) {
            if depth == DEPTH_MAX {
                self.unsaid("nested conditions", "they are too deep");
                return Vec::new();
            }
            self.options(group);
            let conditions: Vec<&Term> = group.order.iter().chain(&group.any_order).flatten().collect();
            if conditions.len() > 1 && inner != mode {
                self.lose(
                    "nested conditions",
                    "their lines count in the order and the time of the outer ones",
                );
            }
            if group.negate.as_ref().is_some_and(|negate| !negate.is_empty()) {
                self.lose("nested negate", "what must not occur inside is not looked for");
            }
            return conditions.into_iter().flat_map(|term| self.steps(term, mode, depth + 1)).collect();
        }
        if condition.jq.is_some() {
            self.unsaid("jq", "a program over JSON is no signature");
            return Vec::new();
        }
        if condition.field.is_some() {
            self.lose("field", "the text may stand anywhere in the line");
        }
        let count = condition.count.unwrap_or(1).clamp(1, 1_000_000);
        self.step(condition.value.as_deref(), condition.regex.as_deref(), count)
    }

    fn step(&mut self, value: Option<&str>, regex: Option<&str>, at_least: u32) -> Vec<Step> {
        let (lines, parts) = match (value, regex) {
            (Some(value), _) => {
                let Some(line) = expression::text(value) else {
                    self.unsaid("value", "no line can hold it");
                    return Vec::new();
                };
                (vec![line], None)
            }
            (None, Some(regex)) => match expression::pattern(regex) {
                Ok(lines) => (lines, expression::parts(regex)),
                Err(why) => {
                    self.unsaid("regex", &why);
                    return Vec::new();
                }
            },
            (None, None) => {
                self.unsaid("condition", "it holds neither a value nor a regex");
                return Vec::new();
            }
        };
        vec![Step { negated: false, at_least, lines, parts }]
    }

    fn unsaid(&mut self, construct: &'static str, how: &str) {
        self.lose(construct, how);
        self.unsaid = true;
    }

    /// Puts a condition that must not occur where ours says about the same.
    fn negate(&mut self, term: &Term, mode: Mode, wanted: usize, steps: &mut Vec<Step>) {
        let condition = match term {
            Term::Text(name) => match self.terms.get(name) {
                Some(Term::Full(condition)) => condition.as_ref().clone(),
                _ => Condition::default(),
            },
            Term::Number(_) => Condition::default(),
            Term::Full(condition) => condition.as_ref().clone(),
        };
        let anchor = condition.anchor.unwrap_or(0) as usize;
        if anchor > 0 {
            self.lose("anchor", "the condition must not occur from that line on");
        }
        let slide = condition.slide.is_some();
        if slide {
            self.lose(
                "slide",
                "the condition must not occur within the window of the rule before the first line",
            );
        }
        if condition.window.is_some() {
            self.lose(
                "negate window",
                "the condition must not occur within the window of the rule after the last line",
            );
        }
        if condition.absolute == Some(true) {
            self.lose("absolute", "the window of the rule is used");
        }
        // A part that cannot be said only makes the rule less careful.
        let before = std::mem::take(&mut self.unsaid);
        let found = self.steps(term, mode, 0);
        self.unsaid = before;
        let never = |step: &Step| -> Vec<Step> {
            let one =
                |line: &String| Step { negated: true, at_least: 1, lines: vec![line.clone()], parts: None };
            step.lines.iter().map(one).collect()
        };
        let lines: Vec<Step> = found.iter().flat_map(never).collect();
        if mode != Mode::Sequence {
            steps.extend(lines);
            return;
        }
        let mut placed = Vec::new();
        let mut seen = 0;
        if slide {
            placed.extend(lines.iter().cloned());
        }
        for step in steps.drain(..) {
            seen += usize::from(!step.negated);
            // Those that are there already stay in their gap.
            let here = !step.negated && seen > anchor && (seen < wanted || condition.window.is_some());
            placed.push(step);
            if here {
                placed.extend(lines.iter().cloned());
            }
        }
        *steps = placed;
    }
}

fn nested(condition: &Condition) -> Option<(&Group, Mode)> {
    let set = condition.set.as_ref().map(|group| (group, Mode::All));
    set.or_else(|| condition.sequence.as_ref().map(|group| (group, Mode::Sequence)))
}

/// `1m30s`, `500ms`; `None` when it is no time.
fn go_duration(text: &str) -> Option<Duration> {
    const UNITS: &[(&str, f64)] = &[
        ("ns", 1e-9),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
        ("d", 86400.0),
    ];
    let mut rest = text.trim();
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..end])?;
        seconds += number * unit;
        rest = &rest[end..];
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|found| *found <= Duration::from_hours(366 * 24))
}

/// The blocks as they are tried: what `strictness` asks for, worked in.
pub(super) fn shaped(blocks: &[Block], strictness: Strictness, names: Option<&str>) -> Vec<Block> {
    let mut shaped = Vec::new();
    for block in blocks {
        let block = Block { anyhost: strictness.anyhost && block.mode != Mode::Any, ..block.clone() };
        let mut of_block = vec![block];
        if strictness.records {
            of_block = of_block.into_iter().flat_map(over_records).collect();
        }
        if let Some(names) = names.filter(|_| strictness.context) {
            of_block = of_block.into_iter().flat_map(|block| in_context(block, names)).collect();
        }
        shaped.extend(of_block);
    }
    shaped
}

/// The parts of one record stand under one stamp.
const RECORD: Duration = Duration::from_secs(1);

/// Patterns whose parts may stand on several lines of a record.
fn over_records(block: Block) -> Vec<Block> {
    if block.mode == Mode::Any {
        let [Step { parts: Some(parts), at_least: 1, negated: false, .. }] = block.steps.as_slice() else {
            return vec![block];
        };
        let steps = parts.iter().map(|part| Step::line(part)).collect();
        let record = Block { mode: Mode::Sequence, within: Some(RECORD), steps, ..block.clone() };
        return vec![block, record];
    }
    let split = |step: Step| match &step.parts {
        Some(parts) if step.at_least == 1 && !step.negated => {
            parts.iter().map(|part| Step::line(part)).collect()
        }
        _ => vec![step],
    };
    let steps: Vec<Step> = block.steps.clone().into_iter().flat_map(split).collect();
    if steps == block.steps { vec![block] } else { vec![block.clone(), Block { steps, ..block }] }
}

impl Step {
    pub(super) fn line(line: &str) -> Self {
        Self { negated: false, at_least: 1, lines: vec![line.to_owned()], parts: None }
    }
}

/// How near the program must be named.
const NEAR: Duration = Duration::from_mins(5);

/// Alternatives that say little go into a block of their own, with the names of the program.
fn in_context(block: Block, names: &str) -> Vec<Block> {
    let [step] = block.steps.as_slice() else { return vec![block] };
    if block.mode != Mode::Any || step.at_least > 1 {
        return vec![block];
    }
    let (weak, strong): (Vec<String>, Vec<String>) =
        step.lines.iter().cloned().partition(|line| super::weak::is_weak(line));
    if weak.is_empty() {
        return vec![block];
    }
    let step_of = |lines| Step { lines, parts: None, ..step.clone() };
    let beside_names = Block {
        mode: Mode::All,
        within: Some(NEAR),
        anyhost: true,
        broad: true,
        steps: vec![step_of(weak), Step::line(names)],
    };
    let mut blocks = Vec::new();
    if !strong.is_empty() {
        blocks.push(Block { steps: vec![step_of(strong)], ..block });
    }
    blocks.push(beside_names);
    blocks
}
