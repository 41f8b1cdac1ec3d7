//! The records of `kb run`: who each host is, each verdict, each fix, and last the outcome.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Record, lossless, write};
use crate::render::human::Health;
use crate::report::{
    CheckResult, FixResult, FixState, Outcome, RunReport, UndoOutcome, UndoReport, UndoResult, UndoState,
    Verdict,
};
use crate::run::{Event, Watch};
use crate::runbook::{HostName, RunbookId};
use crate::target::{Confinement, Identity};

/// A host of the runbook and who it says it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HostRecord {
    runbook: String,
    /// As the runbook calls it.
    host: String,
    /// What it is bound to.
    target: String,
    /// `uname -s` in lower case.
    system: Option<String>,
    release: Option<String>,
    name: Option<String>,
    user: Option<String>,
}

/// What a check says.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VerdictRecord {
    /// The slug.
    runbook: String,
    check: String,
    host: String,
    verdict: VerdictName,
    reason: String,
    /// The kernel held the check to reading.
    confined: bool,
    /// By what it was held, or why not.
    confinement: Option<String>,
    /// What this kernel cannot hold and what the check's `allow=` opens, where it is confined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_held: Vec<String>,
    /// A person answered, no machine.
    said_by_you: bool,
    exit: Option<i32>,
    output: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_b64: Option<String>,
    /// Bytes of output that were not kept.
    output_dropped: u64,
    took_ms: u64,
}

/// What a check may say.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum VerdictName {
    Sick,
    Healthy,
    Unknown,
    DoesNotApply,
    Refuse,
    Shown,
}

/// A fix and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FixRecord {
    runbook: String,
    fix: String,
    state: FixStateName,
    reason: String,
}

/// What became of a fix.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FixStateName {
    Offered,
    Unneeded,
    Declined,
    Skipped,
    Applied,
    Held,
    Failed,
    Undone,
    Unknown,
}

/// A change of a past run, and what became of undoing it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UndoRecord {
    runbook: String,
    /// The fix that is undone.
    fix: String,
    /// Its rollback, as it was recorded.
    rollback: String,
    state: UndoStateName,
    reason: String,
}

/// What became of undoing a change.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum UndoStateName {
    Offered,
    Declined,
    Skipped,
    Undone,
    Failed,
    Unknown,
}

/// Anything else worth a sentence.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct NoteRecord {
    runbook: String,
    text: String,
}

impl NoteRecord {
    pub(super) fn new(runbook: &str, text: &str) -> Self {
        Self { runbook: runbook.into(), text: text.into() }
    }
}

/// How a run, or the undoing of one, ended; always the last record of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OutcomeRecord {
    runbook: String,
    outcome: OutcomeName,
    /// The exit status of `kb run` or `kb undo`.
    exit: u8,
}

/// How a run may end.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OutcomeName {
    Healthy,
    Held,
    DoesNotApply,
    Sick,
    Unknown,
    NoRight,
    Undone,
    Broken,
    Declined,
    Interrupted,
    /// `kb undo --dry-run`: it was shown.
    Shown,
    /// `kb undo`: nobody could be asked.
    Offered,
}

/// Writes each event of a run as it happens.
pub struct RunWatch<'a> {
    out: &'a mut dyn Write,
    runbook: String,
    /// The first failure to write; the run goes on without a reader.
    pub failed: Option<io::Error>,
}

impl<'a> RunWatch<'a> {
    /// Watches a run of this runbook.
    pub fn new(out: &'a mut dyn Write, runbook: &RunbookId) -> Self {
        Self { out, runbook: runbook.to_string(), failed: None }
    }

    fn record(&self, event: &Event<'_>) -> Option<Record> {
        Some(match event {
            Event::Identified { host, target, identity } => Record::Host(self.host(host, target, *identity)),
            Event::Checked(result) => Record::Verdict(self.verdict(result)),
            Event::Fix(result) => Record::Fix(self.fix(result)),
            Event::Undo(result) => Record::Undo(self.undo(result)),
            Event::Note(text) => Record::Note(NoteRecord::new(&self.runbook, text)),
            Event::Trouble(host, error) => Record::Note(NoteRecord::new(
                &self.runbook,
                &format!("Host `{host}` could not be used: {error}."),
            )),
            _ => return None,
        })
    }

    fn host(&self, host: &HostName, target: &str, identity: Option<&Identity>) -> HostRecord {
        HostRecord {
            runbook: self.runbook.clone(),
            host: host.to_string(),
            target: target.to_owned(),
            system: identity.map(|identity| identity.system.clone()),
            release: identity.map(|identity| identity.release.clone()),
            name: identity.map(|identity| lossless(&identity.host).0),
            user: identity.map(|identity| identity.user.clone()),
        }
    }

    fn verdict(&self, result: &CheckResult) -> VerdictRecord {
        let (output, output_b64) = lossless(&result.output);
        let (confinement, not_held) = match &result.confinement {
            Confinement::Confined(level) => {
                (Some(level.to_string()), [level.holes.as_slice(), &level.opened].concat())
            }
            Confinement::Declared(how) => (Some(how.clone()), Vec::new()),
            Confinement::Free | Confinement::NotRun => (None, Vec::new()),
        };
        VerdictRecord {
            runbook: self.runbook.clone(),
            check: result.check.to_string(),
            host: result.host.to_string(),
            verdict: match result.verdict {
                Verdict::Sick => VerdictName::Sick,
                Verdict::Healthy => VerdictName::Healthy,
                Verdict::Unknown => VerdictName::Unknown,
                Verdict::DoesNotApply => VerdictName::DoesNotApply,
                Verdict::Refuse => VerdictName::Refuse,
                Verdict::Shown => VerdictName::Shown,
            },
            reason: result.reason.clone(),
            confined: matches!(result.confinement, Confinement::Confined(_)),
            confinement,
            not_held,
            said_by_you: result.said_by_you,
            exit: result.exit,
            output,
            output_b64,
            output_dropped: result.dropped,
            took_ms: u64::try_from(result.took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn fix(&self, result: &FixResult) -> FixRecord {
        FixRecord {
            runbook: self.runbook.clone(),
            fix: result.fix.to_string(),
            state: match result.state {
                FixState::Offered => FixStateName::Offered,
                FixState::Unneeded => FixStateName::Unneeded,
                FixState::Declined => FixStateName::Declined,
                FixState::Skipped => FixStateName::Skipped,
                FixState::Applied => FixStateName::Applied,
                FixState::Held => FixStateName::Held,
                FixState::Failed => FixStateName::Failed,
                FixState::Undone => FixStateName::Undone,
                FixState::Unknown => FixStateName::Unknown,
            },
            reason: result.reason.clone(),
        }
    }
}

impl RunWatch<'_> {
    fn undo(&self, result: &UndoResult) -> UndoRecord {
        UndoRecord {
            runbook: self.runbook.clone(),
            fix: result.fix.to_string(),
            rollback: result.rollback.to_string(),
            state: match result.state {
                UndoState::Offered => UndoStateName::Offered,
                UndoState::Declined => UndoStateName::Declined,
                UndoState::Skipped => UndoStateName::Skipped,
                UndoState::Undone => UndoStateName::Undone,
                UndoState::Failed => UndoStateName::Failed,
                UndoState::Unknown => UndoStateName::Unknown,
            },
            reason: result.reason.clone(),
        }
    }
}

impl Watch for RunWatch<'_> {
    fn event(&mut self, event: &Event<'_>) {
        let Some(record) = self.record(event) else { return };
        if self.failed.is_none() {
            self.failed = write(self.out, record).and_then(|()| self.out.flush()).err();
        }
    }
}

/// The last record of a run.
pub fn outcome(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let outcome = match report.outcome {
        Outcome::Healthy => OutcomeName::Healthy,
        Outcome::Held => OutcomeName::Held,
        Outcome::DoesNotApply => OutcomeName::DoesNotApply,
        Outcome::Sick => OutcomeName::Sick,
        Outcome::Unknown => OutcomeName::Unknown,
        Outcome::NoRight => OutcomeName::NoRight,
        Outcome::Undone => OutcomeName::Undone,
        Outcome::Broken => OutcomeName::Broken,
        Outcome::Declined => OutcomeName::Declined,
        Outcome::Interrupted => OutcomeName::Interrupted,
    };
    let (runbook, exit) = (report.runbook.to_string(), report.outcome.exit_status());
    write(out, Record::Outcome(OutcomeRecord { runbook, outcome, exit }))
}

/// The last record of an undoing.
pub fn undo_outcome(out: &mut dyn Write, report: &UndoReport) -> io::Result<()> {
    let outcome = match report.outcome {
        UndoOutcome::Undone => OutcomeName::Undone,
        UndoOutcome::Shown => OutcomeName::Shown,
        UndoOutcome::Offered => OutcomeName::Offered,
        UndoOutcome::Broken => OutcomeName::Broken,
        UndoOutcome::Declined => OutcomeName::Declined,
        UndoOutcome::Interrupted => OutcomeName::Interrupted,
    };
    let (runbook, exit) = (report.runbook.to_string(), report.outcome.exit_status());
    write(out, Record::Outcome(OutcomeRecord { runbook, outcome, exit }))
}

/// The counts of `kb doctor`; always its last record.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HealthRecord {
    sick: u64,
    healthy: u64,
    unknown: u64,
    does_not_apply: u64,
    elsewhere: u64,
    needs_values: u64,
    not_trusted: u64,
    /// How the checks were held to reading.
    held: Vec<HeldRecord>,
    /// What their `allow=` opened.
    opened: Vec<HeldRecord>,
}

/// One way in which checks were held, or one thing that was opened.
#[derive(Debug, Serialize, JsonSchema)]
struct HeldRecord {
    /// By what, and what is not held; or what was opened.
    how: String,
    /// The runbooks whose checks were.
    runbooks: Vec<String>,
}

/// The last record of `kb doctor`.
pub fn health(out: &mut dyn Write, health: &Health) -> io::Result<()> {
    let Health { sick, healthy, unknown, does_not_apply, elsewhere, needs_values, not_trusted, .. } = *health;
    let record = HealthRecord {
        sick,
        healthy,
        unknown,
        does_not_apply,
        elsewhere,
        needs_values,
        not_trusted,
        held: ways(&health.held),
        opened: ways(&health.opened),
    };
    write(out, Record::Health(record))
}

fn ways(ways: &BTreeMap<String, Vec<String>>) -> Vec<HeldRecord> {
    ways.iter().map(|(how, runbooks)| HeldRecord { how: how.clone(), runbooks: runbooks.clone() }).collect()
}
