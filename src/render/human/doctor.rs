//! What `kb doctor` found: a line for each runbook that was checked, and honest counts.

use std::io;

use super::plural;
use super::run::verdict;
use crate::render::style::Out;
use crate::report::{Outcome, RunReport, Verdict};
use crate::runbook::{ParamName, Runbook};

/// What came of one runbook.
#[derive(Debug)]
pub enum Examined {
    /// Its checks ran.
    Done(RunReport),
    /// It is about another machine.
    Elsewhere,
    /// It has no check that could run.
    NoChecks,
    /// It may not run.
    NotTrusted,
    /// It needs values that only a log or a person can give.
    NeedsValues(Vec<ParamName>),
    /// It could not be run.
    Failed(String),
}

/// How many runbooks came out how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Health {
    /// A check says sick.
    pub sick: u64,
    /// All checks that apply say healthy.
    pub healthy: u64,
    /// A check could not tell.
    pub unknown: u64,
    /// The problem cannot be on this system.
    pub does_not_apply: u64,
    /// About another machine.
    pub elsewhere: u64,
    /// Need values that nobody gave.
    pub needs_values: u64,
    /// May not run.
    pub not_trusted: u64,
}

impl Health {
    /// Counts a runbook.
    pub fn count(&mut self, examined: &Examined) {
        let counter = match examined {
            Examined::Done(report) => match report.outcome {
                Outcome::Healthy | Outcome::Held => &mut self.healthy,
                Outcome::DoesNotApply => &mut self.does_not_apply,
                Outcome::Unknown | Outcome::Interrupted => &mut self.unknown,
                Outcome::Sick | Outcome::Undone | Outcome::Broken | Outcome::Declined => &mut self.sick,
            },
            Examined::Failed(_) => &mut self.unknown,
            Examined::Elsewhere => &mut self.elsewhere,
            Examined::NeedsValues(_) => &mut self.needs_values,
            Examined::NotTrusted => &mut self.not_trusted,
            Examined::NoChecks => return,
        };
        *counter += 1;
    }
}

/// The line of one runbook; nothing for one that was not checked.
pub fn examined(out: &mut Out<'_>, runbook: &Runbook, examined: &Examined) -> io::Result<()> {
    let (found, reasons) = match examined {
        Examined::Done(report) => match report.outcome {
            Outcome::Healthy | Outcome::Held => (Verdict::Healthy, Vec::new()),
            Outcome::DoesNotApply => return Ok(()),
            Outcome::Unknown | Outcome::Interrupted => (Verdict::Unknown, reasons(report, Verdict::Unknown)),
            _ => (Verdict::Sick, reasons(report, Verdict::Sick)),
        },
        Examined::Failed(reason) => (Verdict::Unknown, vec![reason.clone()]),
        _ => return Ok(()),
    };
    let (label, symbol, word) = verdict(out.screen(), found);
    out.label(label, &format!("{symbol} {word:<8}"))?;
    out.text("  ")?;
    out.line("runbook id", runbook.id.as_str())?;
    reasons.iter().try_for_each(|reason| out.wrapped("reason", 12, reason))
}

fn reasons(report: &RunReport, verdict: Verdict) -> Vec<String> {
    let checks = report.checks.iter().filter(|check| check.verdict == verdict);
    checks.map(|check| format!("{}: {}", check.check, check.reason)).collect()
}

/// The counts, and what was not looked at.
pub fn health(out: &mut Out<'_>, health: &Health) -> io::Result<()> {
    let checked = health.sick + health.healthy + health.unknown;
    out.newline()?;
    if checked == 0 {
        out.line("outcome open", "No check applied to this machine, so nothing is known about it.")?;
    } else {
        let label = match (health.sick, health.unknown) {
            (1.., _) => "outcome bad",
            (0, 1..) => "outcome open",
            (0, 0) => "outcome good",
        };
        let (sick, healthy, unknown) = (health.sick, health.healthy, health.unknown);
        let of = plural(checked, "runbook");
        out.line(label, &format!("{of} checked: {sick} sick, {healthy} healthy, {unknown} unknown."))?;
    }
    let left_out = [
        (health.does_not_apply, "not for this system"),
        (health.elsewhere, "about other machines"),
        (health.needs_values, "in need of values from a log"),
        (health.not_trusted, "not trusted to run"),
    ];
    let left_out: Vec<String> = left_out
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !left_out.is_empty() {
        out.wrapped("dim", 0, &format!("Not checked: {}.", left_out.join(", ")))?;
    }
    Ok(())
}
