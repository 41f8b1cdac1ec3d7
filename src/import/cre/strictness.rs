//! How strictly a rule is taken, and the blocks that come of it.
//!
//! Knows the ways from the strictest to the loosest; which of them a log bears out is for `trial`.

use std::time::Duration;

use super::symptoms::{Block, MOMENT, Mode, Step};

/// How strictly a rule is taken at its word. What its own log does not bear out is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is given up by itself")]
pub(super) struct Strictness {
    /// A phrase that says little counts only where the program is named.
    pub(super) context: bool,
    /// The parts of a pattern may stand on several lines of one record.
    pub(super) records: bool,
    /// Lines may come from several hosts.
    pub(super) anyhost: bool,
    /// A line that healthy machines print too identifies nothing by itself.
    pub(super) quiet: bool,
    /// What the rule says beside its lines.
    pub(super) beside: Beside,
}

/// What a rule says beside its lines, where its own log does not bear it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// What must not occur is not looked for.
    pub(super) no_negate: bool,
    /// The lines may be any time apart.
    pub(super) no_window: bool,
    /// The lines may come in any order.
    pub(super) no_order: bool,
}

impl Beside {
    /// The rule is taken at its word.
    pub(super) fn is_kept(self) -> bool {
        self == Self::default()
    }

    fn of(self, block: &Block) -> Block {
        let mut block = block.clone();
        if self.no_negate {
            block.steps.retain(|step| !step.negated);
        }
        if self.no_window {
            block.within = None;
        }
        if self.no_order && block.mode == Mode::Sequence {
            block.mode = Mode::All;
        }
        let alone = block.steps.len() == 1 && block.steps[0].at_least == 1;
        if alone {
            (block.mode, block.within) = (Mode::Any, None);
        }
        block
    }
}

/// The ways to take a rule, the strictest first.
pub(super) fn ways() -> impl Iterator<Item = Strictness> {
    let no = [false, true];
    let beside = no.into_iter().flat_map(move |no_order| {
        no.into_iter().flat_map(move |no_window| {
            no.into_iter().map(move |no_negate| Beside { no_negate, no_window, no_order })
        })
    });
    let of = |beside| {
        let lines = [true, false].into_iter().flat_map(|quiet| [(quiet, true), (quiet, false)]);
        lines.flat_map(move |(quiet, context)| {
            [(false, false), (true, false), (false, true), (true, true)]
                .into_iter()
                .map(move |(records, anyhost)| Strictness { context, records, anyhost, quiet, beside })
        })
    };
    beside.flat_map(of)
}

/// What is known of the world of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// A signature for the names of the program.
    pub(super) names: Option<String>,
    /// Lines of the rule that healthy machines print too.
    pub(super) loud: Vec<String>,
}

/// The blocks as they are tried: what `strictness` asks for, worked in.
pub(super) fn shaped(blocks: &[Block], strictness: Strictness, around: &Surroundings) -> Vec<Block> {
    let mut shaped = Vec::new();
    for block in blocks {
        let block = strictness.beside.of(block);
        let block = Block { anyhost: strictness.anyhost && block.mode != Mode::Any, ..block };
        let mut of_block = vec![block];
        if strictness.records {
            of_block = of_block.into_iter().flat_map(over_records).collect();
        }
        if strictness.quiet {
            of_block = of_block.into_iter().flat_map(|block| quiet(block, &around.loud)).collect();
        }
        if let Some(names) = around.names.as_deref().filter(|_| strictness.context) {
            of_block = of_block.into_iter().flat_map(|block| in_context(block, names)).collect();
        }
        shaped.extend(of_block);
    }
    shaped
}

/// The alternatives of a block that stands for one line, when that is what it is.
pub(super) fn alternatives(block: &Block) -> Option<&Step> {
    let [step] = block.steps.as_slice() else { return None };
    (block.mode == Mode::Any && step.at_least == 1).then_some(step)
}

/// Alternatives that healthy machines print go into a block of their own.
fn quiet(block: Block, loud: &[String]) -> Vec<Block> {
    let Some(step) = alternatives(&block) else { return vec![block] };
    let (loud, rest): (Vec<String>, Vec<String>) =
        step.lines.iter().cloned().partition(|line| loud.contains(line));
    let of = |lines: Vec<String>, low: bool| {
        let step = Step { lines, parts: None, ..step.clone() };
        (!step.lines.is_empty()).then(|| Block { low, steps: vec![step], ..block.clone() })
    };
    if loud.is_empty() { vec![block] } else { of(rest, false).into_iter().chain(of(loud, true)).collect() }
}

/// The parts of one record stand under one stamp.
const RECORD: Duration = MOMENT;

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

/// How near the program must be named.
const NEAR: Duration = Duration::from_mins(5);

/// Alternatives that say little go into a block of their own, with the names of the program.
fn in_context(block: Block, names: &str) -> Vec<Block> {
    let Some(step) = alternatives(&block).filter(|_| !block.low) else { return vec![block] };
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
        low: false,
        steps: vec![step_of(weak), Step::line(names)],
    };
    let mut blocks = Vec::new();
    if !strong.is_empty() {
        blocks.push(Block { steps: vec![step_of(strong)], ..block });
    }
    blocks.push(beside_names);
    blocks
}
