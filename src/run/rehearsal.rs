//! `--replay`: a runbook watched without a machine, from its own recorded outputs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::run::engine::Targets;
use crate::run::plan;
use crate::runbook::{BlockId, Check, RecordedOutput, RuleVerdict, Runbook, When};
use crate::target::Target;
use crate::target::replay::{Answer, Replay, Tape};

/// Where a rehearsal begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The problem is there; an approved fix cures it.
    Sick,
    /// It is not.
    Healthy,
}

/// Targets that answer with the recorded outputs of the runbook.
pub fn targets(runbook: &Runbook, start: Start) -> Targets<'static> {
    let tape = Rc::new(RefCell::new(tape(runbook, start)));
    let target = |host| (host, Box::new(Replay::new(Rc::clone(&tape))) as Box<dyn Target>);
    plan::hosts(runbook).into_iter().map(target).collect()
}

fn tape(runbook: &Runbook, start: Start) -> Tape {
    let mut tape = Tape::default();
    for check in &runbook.checks {
        let answer = match start {
            Start::Sick => before_fix(check),
            Start::Healthy => healthy(check),
        };
        if let Some(answer) = answer {
            tape.answers.insert(label("check", &check.id), answer);
        }
    }
    for fix in &runbook.fixes {
        // A check that no fix names shows the same trouble from another side.
        let named = |id: &BlockId| runbook.fixes.iter().any(|fix| fix.cures.contains(id));
        let cured = |check: &&Check| match &check.when {
            When::Start => fix.cures.is_empty() || fix.cures.contains(&check.id) || !named(&check.id),
            When::After(id) => *id == fix.id,
            When::Before(_) => false,
        };
        let cured: Vec<&Check> = runbook.checks.iter().filter(cured).collect();
        tape.after.insert(label("fix", &fix.id), answers(&cured, healthy));
        if let Some(rollback) = &fix.rollback {
            tape.after.insert(label("rollback", rollback), answers(&cured, before_fix));
        }
    }
    tape
}

/// What the command of a block is called.
pub(super) fn label(kind: &str, id: &BlockId) -> String {
    format!("{kind} {id}")
}

fn answers(checks: &[&Check], of: impl Fn(&Check) -> Option<Answer>) -> BTreeMap<String, Answer> {
    checks.iter().filter_map(|check| Some((label("check", &check.id), of(check)?))).collect()
}

/// Sick where that is recorded. A check ahead of a fix lets it pass, or there is nothing to see.
fn before_fix(check: &Check) -> Option<Answer> {
    let order = match check.when {
        When::Before(_) => [RuleVerdict::Healthy, RuleVerdict::Sick, RuleVerdict::Unknown],
        _ => [RuleVerdict::Sick, RuleVerdict::Unknown, RuleVerdict::Healthy],
    };
    first(check, &order)
}

fn healthy(check: &Check) -> Option<Answer> {
    first(check, &[RuleVerdict::Healthy, RuleVerdict::DoesNotApply, RuleVerdict::Unknown])
}

fn first(check: &Check, order: &[RuleVerdict]) -> Option<Answer> {
    if check.rules.is_empty() {
        return Some((0, check.outputs.first().map_or_else(String::new, |output| output.text.clone())));
    }
    let of = |verdict: &RuleVerdict| check.outputs.iter().find(|output| output.verdict == *verdict);
    order.iter().find_map(of).map(|output: &RecordedOutput| (output.exit, output.text.clone()))
}
