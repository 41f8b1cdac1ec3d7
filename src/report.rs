//! What was found, as plain data: the result of matching a log and of running a runbook.
//!
//! No I/O, no formatting and no `Serialize`: `render` decides how these look, and its JSON has
//! types of its own.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use crate::runbook::{BlockId, HostName, ParamName, RunbookId};
use crate::target::{Confinement, Identity};
use crate::text::Untrusted;

/// How sure a result is; the order is the order of ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Identified by a complete set of signatures.
    Match,
    /// Seen, but incomplete or weak; says what is missing.
    Possible,
    /// Only the words are alike.
    Suggestion,
}

/// A point in time of a log, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Microseconds since the epoch of its clock.
    pub micros: i64,
    /// The clock. Stamps of different clocks are never compared.
    pub clock: Clock,
}

/// What a stamp counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// 1970-01-01 UTC.
    Wall,
    /// The start of the machine (`dmesg`).
    Boot,
}

/// What matching a log found.
#[derive(Clone, Debug, Default)]
pub struct Triage {
    /// Best first.
    pub results: Vec<Match>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// Limits that bit, times that were guessed, windows that were taken as met: sentences.
    pub notices: Vec<String>,
}

/// One input and how much of it was read.
#[derive(Clone, Debug)]
pub struct InputSummary {
    /// `-` for standard input, else its path.
    pub name: PathBuf,
    /// Lines read.
    pub lines: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Why it could not be read to its end.
    pub error: Option<String>,
}

/// One runbook that a log points to.
#[derive(Clone, Debug)]
pub struct Match {
    /// Which.
    pub runbook: RunbookId,
    /// Its title.
    pub title: String,
    /// How sure.
    pub tier: Tier,
    /// How much the evidence says, with its parts.
    pub score: Score,
    /// Runbook × host × captured values, newest first. Empty for a suggestion.
    pub instances: Vec<Instance>,
    /// For *possible*: what would make it a match, sentences.
    pub missing: Vec<String>,
    /// For a suggestion: the words that were found.
    pub words: Vec<String>,
    /// Notes on this result (a window taken as met, a value that fails its pattern): sentences.
    pub notes: Vec<String>,
}

/// A sum with its parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// The sum.
    pub total: f64,
    /// Each part with what it is for.
    pub parts: Vec<(String, f64)>,
}

/// One occurrence of a problem: on one host, with one set of values.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The host that the log names.
    pub host: Option<Untrusted>,
    /// Captured values that fit their parameter (or have none), in the order of the page. A name
    /// comes more than once when lines that only support the rest give it several values.
    pub captures: Vec<(ParamName, Untrusted)>,
    /// Values that fail their parameter's pattern; shown, never used.
    pub refused: Vec<(ParamName, Untrusted)>,
    /// How often it was complete (for *possible*: how many hits).
    pub count: u64,
    /// The first hit.
    pub first: Option<Stamp>,
    /// The last hit.
    pub last: Option<Stamp>,
    /// Lines that show it: the first few and the last.
    pub evidence: Vec<Evidence>,
}

/// A line of a log that says so.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The input it is in.
    pub input: PathBuf,
    /// Its number, from 1.
    pub line: u64,
    /// The line, CR and ANSI escapes dropped; long lines are cut around the hit.
    pub text: Untrusted,
    /// The bytes of `text` that the signature matched.
    pub hit: Range<usize>,
    /// When.
    pub stamp: Option<Stamp>,
    /// The signature as the runbook writes it.
    pub signature: String,
    /// Its line in the runbook.
    pub runbook_line: usize,
}

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The problem is here.
    Sick,
    /// It is not.
    Healthy,
    /// Could not tell.
    Unknown,
    /// The problem cannot be on this system.
    DoesNotApply,
    /// In a `before=` check: the fix must not run.
    Refuse,
    /// A check without rules: its output is only shown.
    Shown,
}

/// What one check found.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// Which.
    pub check: BlockId,
    /// Where, as the runbook calls it.
    pub host: HostName,
    /// What it says.
    pub verdict: Verdict,
    /// Why: the rule that held with its remark, or what kept kb from telling.
    pub reason: String,
    /// Index of the rule that held.
    pub rule: Option<usize>,
    /// Named groups of its rules.
    pub captures: Vec<(ParamName, Untrusted)>,
    /// What it printed.
    pub output: Untrusted,
    /// Bytes of output that were not kept.
    pub dropped: u64,
    /// Its exit status, when it exited.
    pub exit: Option<i32>,
    /// How firmly it was held.
    pub confinement: Confinement,
    /// It did not run for want of a right.
    pub refused: bool,
    /// A person said so, no machine.
    pub said_by_you: bool,
    /// How long it took.
    pub took: Duration,
}

/// What became of one fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixState {
    /// Shown; nobody could say yes (dry run, no terminal, replay that was not asked).
    Offered,
    /// Its checks are not sick.
    Unneeded,
    /// The person said no, or a `before=` check refused.
    Declined,
    /// The person skipped it.
    Skipped,
    /// Done; whether it held is not judged yet.
    Applied,
    /// Done, and its checks are healthy now.
    Held,
    /// Done or tried, and it did not hold.
    Failed,
    /// It did not hold and was rolled back.
    Undone,
    /// It was started and its end is not known.
    Unknown,
}

/// One fix and what became of it.
#[derive(Clone, Debug)]
pub struct FixResult {
    /// Which.
    pub fix: BlockId,
    /// What became of it.
    pub state: FixState,
    /// Why, a sentence.
    pub reason: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing to do.
    Healthy,
    /// A fix was applied and held.
    Held,
    /// The problem cannot be here.
    DoesNotApply,
    /// Sick and not fixed.
    Sick,
    /// Could not tell.
    Unknown,
    /// Could not tell, for want of a right.
    NoRight,
    /// A fix did not hold and was undone.
    Undone,
    /// A fix did not hold and was not undone, or its state is not known.
    Broken,
    /// The person declined.
    Declined,
    /// The person interrupted.
    Interrupted,
}

impl Outcome {
    /// The exit status of `kb run` (the table in the reference of the commands).
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Healthy | Self::Held | Self::DoesNotApply => 0,
            Self::Sick => 1,
            Self::Unknown => 3,
            Self::Undone => 4,
            Self::Broken => 5,
            Self::Declined => 10,
            Self::NoRight => 77,
            Self::Interrupted => 130,
        }
    }
}

/// What a run found and did.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// Which runbook.
    pub runbook: RunbookId,
    /// Who each host said it is.
    pub identities: Vec<(HostName, Identity)>,
    /// The last result of every check.
    pub checks: Vec<CheckResult>,
    /// Every fix.
    pub fixes: Vec<FixResult>,
    /// How it ended.
    pub outcome: Outcome,
}

/// What became of undoing one change of a past run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndoState {
    /// Shown; nobody could say yes (dry run, no terminal).
    Offered,
    /// The person said no.
    Declined,
    /// The person skipped it, or it was not reached.
    Skipped,
    /// Its rollback ran to its end without an error.
    Undone,
    /// Its rollback ran and ended with an error, or could not be started.
    Failed,
    /// Its rollback was started and its end is not known.
    Unknown,
}

/// One change of a past run, and what became of undoing it.
#[derive(Clone, Debug)]
pub struct UndoResult {
    /// The fix that is undone.
    pub fix: BlockId,
    /// Its rollback.
    pub rollback: BlockId,
    /// What became of it.
    pub state: UndoState,
    /// Why, a sentence.
    pub reason: String,
}

/// How undoing a past run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UndoOutcome {
    /// Every rollback that was asked for ran to its end without an error.
    Undone,
    /// It was shown, in a dry run.
    Shown,
    /// Nobody could be asked.
    Offered,
    /// A rollback went wrong, or its state is not known.
    Broken,
    /// The person declined, or left some of it.
    Declined,
    /// The person interrupted.
    Interrupted,
}

impl UndoOutcome {
    /// The exit status of `kb undo`.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Undone | Self::Shown => 0,
            Self::Offered => 1,
            Self::Broken => 5,
            Self::Declined => 10,
            Self::Interrupted => 130,
        }
    }
}

/// What undoing a past run did, and what is true now.
#[derive(Clone, Debug)]
pub struct UndoReport {
    /// The runbook of that run.
    pub runbook: RunbookId,
    /// Every change that could be undone, the newest first.
    pub undone: Vec<UndoResult>,
    /// What the checks of the runbook say now; empty when none could run.
    pub checks: Vec<CheckResult>,
    /// What they say together.
    pub verdict: Verdict,
    /// How it ended.
    pub outcome: UndoOutcome,
}
