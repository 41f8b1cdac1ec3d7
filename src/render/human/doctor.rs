//! What `kb doctor` found: a line for each runbook that was checked, and honest counts.

use std::collections::BTreeMap;
use std::io;

use super::plural;
use super::run::verdict;
use crate::render::style::Out;
use crate::report::{Outcome, RunReport, Verdict};
use crate::runbook::{ParamName, Runbook, RunbookId};
use crate::target::Confinement;

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
    /// The time for all checks together was over.
    OutOfTime,
}

/// How many runbooks came out how.
#[derive(Clone, Debug, Default)]
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
    /// How checks were held, and those of which runbooks were.
    pub held: BTreeMap<String, Vec<String>>,
    /// What checks have opened by their `allow=`, and those of which runbooks.
    pub opened: BTreeMap<String, Vec<String>>,
    first_sick: Option<RunbookId>,
}

impl Health {
    /// The first runbook whose problem is here.
    pub fn first_sick(&self) -> Option<&RunbookId> {
        self.first_sick.as_ref()
    }

    /// How many runbooks with checks were not checked.
    pub fn left_out(&self) -> u64 {
        self.does_not_apply + self.elsewhere + self.needs_values + self.not_trusted
    }

    /// Counts a runbook.
    pub fn count(&mut self, runbook: &Runbook, examined: &Examined) {
        if let Examined::Done(report) = examined {
            self.count_held(report);
        }
        let sick = self.sick;
        let counter = match examined {
            Examined::Done(report) => match report.outcome {
                Outcome::Healthy | Outcome::Held => &mut self.healthy,
                Outcome::DoesNotApply => &mut self.does_not_apply,
                Outcome::Unknown | Outcome::NoRight | Outcome::Interrupted => &mut self.unknown,
                Outcome::Sick | Outcome::Undone | Outcome::Broken | Outcome::Declined => &mut self.sick,
            },
            Examined::Failed(_) | Examined::OutOfTime => &mut self.unknown,
            Examined::Elsewhere => &mut self.elsewhere,
            Examined::NeedsValues(_) => &mut self.needs_values,
            Examined::NotTrusted => &mut self.not_trusted,
            Examined::NoChecks => return,
        };
        *counter += 1;
        if self.sick > sick {
            self.first_sick.get_or_insert_with(|| runbook.id.clone());
        }
    }

    fn count_held(&mut self, report: &RunReport) {
        let id = report.runbook.to_string();
        let add = |runbooks: &mut Vec<String>| {
            if runbooks.last() != Some(&id) {
                runbooks.push(id.clone());
            }
        };
        for check in &report.checks {
            let how = match &check.confinement {
                Confinement::Confined(level) => {
                    let opened = level.opened.iter().cloned();
                    opened.for_each(|what| add(self.opened.entry(what).or_default()));
                    format!("Confined by {}", level.closed())
                }
                Confinement::Declared(why) => format!("Only declared read-only: {why}"),
                Confinement::Free | Confinement::NotRun => continue,
            };
            add(self.held.entry(how).or_default());
        }
    }
}

/// The line of one runbook; nothing for one that was not checked.
pub fn examined(out: &mut Out<'_>, runbook: &Runbook, examined: &Examined) -> io::Result<()> {
    let (found, reasons) = match examined {
        Examined::Done(report) => match report.outcome {
            Outcome::Healthy | Outcome::Held => (Verdict::Healthy, Vec::new()),
            Outcome::DoesNotApply => return Ok(()),
            Outcome::Unknown | Outcome::NoRight | Outcome::Interrupted => {
                (Verdict::Unknown, reasons(report, Verdict::Unknown))
            }
            _ => (Verdict::Sick, reasons(report, Verdict::Sick)),
        },
        Examined::Failed(reason) => (Verdict::Unknown, vec![reason.clone()]),
        Examined::OutOfTime => (Verdict::Unknown, vec!["not finished within the time limit".into()]),
        _ => return Ok(()),
    };
    let (label, symbol, word) = verdict(out.screen(), found);
    out.label(label, &format!("{symbol} {word:<8}"))?;
    out.text("  ")?;
    out.line("runbook id", runbook.id.as_str())?;
    reasons.iter().try_for_each(|reason| out.wrapped("reason", 12, reason))
}

/// Why a runbook came out so: what its checks say that have this verdict.
pub fn reasons(report: &RunReport, verdict: Verdict) -> Vec<String> {
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
    held(out, health)
}

/// How firmly the checks were held: most of them in one way, so the others are named.
fn held(out: &mut Out<'_>, health: &Health) -> io::Result<()> {
    let mut ways: Vec<(&String, &Vec<String>)> = health.held.iter().collect();
    ways.sort_by_key(|(_, runbooks)| std::cmp::Reverse(runbooks.len()));
    for (at, (how, runbooks)) in ways.into_iter().enumerate() {
        let whose = if at == 0 { String::new() } else { format!(" ({})", runbooks.join(", ")) };
        out.wrapped("dim", 0, &format!("{how}{whose}."))?;
    }
    let opened: Vec<String> =
        health.opened.iter().map(|(what, runbooks)| format!("{what} for {}", runbooks.join(", "))).collect();
    if opened.is_empty() {
        return Ok(());
    }
    out.wrapped("dim", 0, &format!("Opened by their `allow=`: {}.", opened.join("; ")))
}
