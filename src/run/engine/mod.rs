//! The run itself: hosts, checks, verdicts, fixes, proof that they held. It alone holds the
//! targets; everything it decides by is in the pure modules beside it.

mod change;
mod checks;
mod fixes;
mod proof;
mod record;
mod resume;
mod state;
mod undo;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::report::RunReport;
use crate::run::clock::Clock;
use crate::run::journal::past::PastRun;
use crate::run::plan;
use crate::run::trust::Trusted;
use crate::run::values::{Given, Values};
use crate::run::{Approver, Watch};
use crate::runbook::{BlockId, HostName, ParamName};
use crate::target::{InterruptFlag, Target};

use state::Run;

/// What is to be run and how.
#[derive(Debug)]
pub struct Job<'a> {
    /// The runbook.
    pub runbook: Trusted<'a>,
    /// What is known before the run.
    pub given: Given,
    /// Checks only; every fix is shown as it would be ([`crate::run::Event::Offered`]).
    pub dry_run: bool,
    /// Fixes are offered although their checks could not tell.
    pub even_if_unknown: bool,
    /// Fixes and rollbacks that `--yes` names.
    pub yes: BTreeSet<BlockId>,
    /// A check that nothing but its author's word holds to reading does not run.
    pub require_confined: bool,
    /// Hosts whose checks `--allow-declared` lets run, although nothing there holds them to reading.
    pub allow_declared: BTreeSet<HostName>,
    /// The zone of log times that name none.
    pub zone: TimeZone,
    /// The folder of journal and locks; `None`: no fix can be recorded, so none runs.
    pub state: Option<PathBuf>,
    /// Who runs it, for the journal (`root (by sudo of alice)`).
    pub who: String,
    /// What is to become of earlier runs that are not over.
    pub earlier: Earlier<'a>,
}

/// What is to become of runs of the same runbook that were cut off, or of which it is not known what
/// they did.
#[derive(Debug, Default)]
pub struct Earlier<'a> {
    /// This one goes on.
    pub continues: Option<&'a PastRun>,
    /// A person was told of these and begins anew.
    pub told: Vec<String>,
    /// Why no fix may run: nobody has said yet what is to become of a change.
    pub held_back: Option<String>,
}

/// What the hosts of the runbook are bound to.
pub type Targets<'a> = BTreeMap<HostName, Box<dyn Target + 'a>>;

/// What a run works with.
pub struct Hands<'a> {
    /// A target for each host of [`crate::run::plan::hosts`].
    pub targets: Targets<'a>,
    /// Who says yes.
    pub approver: &'a mut dyn Approver,
    /// Who is told.
    pub watch: &'a mut dyn Watch,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Set when the person interrupts.
    pub interrupt: InterruptFlag,
}

/// Why a run did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The runbook has nothing that could run, or an error makes it unrunnable.
    #[error("nothing in `{0}` can run")]
    Unrunnable(crate::runbook::RunbookId),
    /// A host of the runbook is bound to nothing.
    #[error("host `{0}` is not bound to a machine")]
    Unbound(HostName),
    /// Values are missing and there is nobody to ask.
    #[error("no value for {}, and no terminal to ask on", list(.0))]
    ValuesMissing(Vec<ParamName>),
    /// A given value may not be used.
    #[error("value of `{name}` is refused: {reason}")]
    ValueRefused {
        /// The parameter.
        name: ParamName,
        /// Why.
        reason: String,
    },
    /// Another run of this runbook is going on.
    #[error("another run is going on: {holder}")]
    Locked {
        /// Who holds the lock.
        holder: String,
    },
    /// The past run that was to go on, or to be undone, is not as it was read.
    #[error("that run has gone on since it was read")]
    Overtaken,
    /// The past run changed another host.
    #[error("`{host}` is `{now}`, and what is to be undone was done on `{then}`")]
    OtherHost {
        /// As the runbook calls it.
        host: HostName,
        /// Its name then.
        then: String,
        /// Its name now.
        now: String,
    },
}

fn list(names: &[ParamName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl RunError {
    /// The exit status of `kb run`.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Locked { .. } | Self::Overtaken => 75,
            Self::OtherHost { .. } => 77,
            _ => 2,
        }
    }
}

/// Runs a runbook: checks, then the fixes that are agreed to, then the proof that they held.
pub fn run(job: &Job<'_>, hands: Hands<'_>) -> Result<RunReport, RunError> {
    let runbook = job.runbook.runbook();
    if !runbook.has_blocks() {
        return Err(RunError::Unrunnable(runbook.id.clone()));
    }
    if let Some(host) = plan::hosts(runbook).into_iter().find(|host| !hands.targets.contains_key(host)) {
        return Err(RunError::Unbound(host));
    }
    let values =
        Values::new(runbook, &job.given).map_err(|(name, reason)| RunError::ValueRefused { name, reason })?;
    let mut run = Run::new(job, hands, values);
    let _lock = run.lock()?;
    if let Some(past) = job.earlier.continues {
        run.take_up(past)?;
    }
    run.settle_known_values()?;
    run.record_start();
    run.checks_at_start();
    if let Some(past) = job.earlier.continues {
        run.prove_again(past);
    }
    run.fixes();
    Ok(run.finish())
}

pub use undo::undo;
