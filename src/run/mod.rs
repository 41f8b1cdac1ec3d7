//! Running a runbook: plan, checks, verdicts, consent, fix, proof that it held, undo.
//!
//! Data flows one way: `plan` (pure) → `verdict` (pure) → `approval` → `engine`, which alone holds
//! the targets. The two seams to a person are [`Approver`] (asks) and [`Watch`] (is told); both are
//! implemented in `cli` and, for tests, by scripted ones.

use crate::report::{CheckResult, FixResult, UndoResult, Verdict};
use crate::runbook::{BlockId, HostName, ParamName, Parameter, Risk, RunbookId};
use crate::target::{Identity, TargetError};
use crate::text::Untrusted;

pub mod approval;
pub mod clock;
pub mod engine;
pub mod identity;
pub mod journal;
pub mod plan;
pub mod rehearsal;
pub mod secrets;
pub mod trust;
pub mod undo;
pub mod values;
pub mod verdict;

/// Everything a person must see before a change: what is run is exactly `script`.
#[derive(Clone, Debug)]
pub struct Consent {
    /// The runbook, and where it came from (`built in`, a path).
    pub runbook: RunbookId,
    /// Where the runbook came from, for a person.
    pub origin: String,
    /// The fix or rollback.
    pub block: BlockId,
    /// `false` for a rollback.
    pub is_fix: bool,
    /// A person does it: `script` is only shown, kb never runs it.
    pub manual: bool,
    /// The host as the runbook calls it.
    pub host: HostName,
    /// What it is bound to.
    pub target: String,
    /// Who it says it is.
    pub identity: Option<Identity>,
    /// Runs as this user (`root (by sudo)`).
    pub user: String,
    /// The exact text.
    pub script: String,
    /// The values it gets, secrets masked.
    pub values: Vec<(ParamName, String)>,
    /// The checks it answers, with what they found.
    pub because: Vec<(BlockId, Verdict, String)>,
    /// What the `before=` checks printed and said.
    pub before: Vec<CheckResult>,
    /// How dangerous.
    pub risk: Risk,
    /// A restart of the machine is part of it.
    pub reboot: bool,
    /// The host to which the connection is lost.
    pub cuts: Option<HostName>,
    /// The text of the rollback, if there is one.
    pub undo: Option<(BlockId, String)>,
    /// For a rollback: what it puts back, a sentence.
    pub puts_back: Option<String>,
    /// What should make a person think twice, sentences.
    pub cautions: Vec<String>,
    /// What the person is asked to do by hand: `false` before the block, `true` after it.
    pub tasks: Vec<(bool, String)>,
    /// The fact `Tested`: how far the fix was ever tried.
    pub tested: Option<String>,
    /// Why the name of the host must be typed; `None`: a plain question is enough.
    pub type_host: Option<String>,
}

/// The answer to a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Do it.
    Yes,
    /// Do not, and offer no more.
    No,
    /// Not this one; go on to the next fix.
    Skip,
    /// End the run.
    Quit,
}

/// The answer to a task that a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// It is done.
    Done,
    /// It was left out.
    Skip,
    /// End here.
    Stop,
}

/// What to do about a fix that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Wait and run the checks again.
    Wait,
    /// Run the rollback.
    Undo,
    /// Leave it as it is.
    Keep,
}

/// Who says yes: the seam to the person in front of the terminal.
///
/// Every method may be called without a terminal; then it answers `None`, and the run goes on as
/// if nobody could be asked.
pub trait Approver {
    /// Asks for one change.
    fn approve(&mut self, consent: &Consent) -> Option<Answer>;
    /// Asks for the value of a parameter; `candidates` are several different values that the log
    /// gave, `wrong` says why the last answer was refused.
    fn value(
        &mut self,
        parameter: &Parameter,
        candidates: &[Untrusted],
        wrong: Option<&str>,
    ) -> Option<Vec<u8>>;
    /// Asks for consent to run checks that only their author says are read-only.
    fn declared_checks(&mut self, host: &HostName, target: &str, scripts: &[(BlockId, &str)])
    -> Option<bool>;
    /// Asks whether a task has been done.
    fn task(&mut self, text: &str) -> Option<Task>;
    /// Asks what to do about a fix that did not hold.
    fn remedy(&mut self, fix: &BlockId, can_undo: bool) -> Option<Remedy>;
}

/// What is told while a run goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A host said who it is.
    Identified {
        /// As the runbook calls it.
        host: &'a HostName,
        /// What it is bound to.
        target: &'a str,
        /// Who it says it is.
        identity: Option<&'a Identity>,
    },
    /// A parameter has a value; secrets are masked. The last part says where it came from.
    Value(&'a ParamName, &'a str, &'a str),
    /// A check starts.
    Checking(&'a BlockId),
    /// A check is done.
    Checked(&'a CheckResult),
    /// A change as it would be asked for, where nobody is asked: in a dry run, and for a fix that
    /// `--yes` names. Otherwise the [`Approver`] shows it.
    Offered(&'a Consent),
    /// A fix or rollback starts.
    Applying(&'a BlockId),
    /// What a fix or rollback printed.
    Applied(&'a BlockId, &'a Untrusted),
    /// Waiting before a check is tried again.
    Waiting(&'a BlockId, std::time::Duration),
    /// A fix is settled.
    Fix(&'a FixResult),
    /// Undoing a change of a past run is settled.
    Undo(&'a UndoResult),
    /// A host could not be used.
    Trouble(&'a HostName, &'a TargetError),
    /// Anything else worth a sentence.
    Note(&'a str),
}

/// Is told what happens.
pub trait Watch {
    /// Called as it happens.
    fn event(&mut self, event: &Event<'_>);
}
