//! The only door to commands: a command is a value before it is a process.
//!
//! Every way to reach a machine is a [`Target`], and all pass one conformance suite. Knows nothing
//! of runbooks: what runs, with which values, under which limits is in the [`Command`].

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::text::Untrusted;

pub mod by_hand;
pub mod confine;
pub mod device;
pub mod git;
pub mod helper;
mod keep;
pub mod local;
pub mod or_by_hand;
pub mod replay;
mod shell;
pub mod ssh;

/// The interpreter of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interpreter {
    /// `/bin/sh`.
    Sh,
    /// `bash`, found on the `PATH` of the host.
    Bash,
    /// The lines of a device's own command language.
    Device,
}

/// What a command may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read only; the flags open unix sockets, TCP and a private temporary folder.
    Read {
        /// Unix sockets.
        unix: bool,
        /// TCP.
        net: bool,
        /// A private temporary folder.
        tmp: bool,
        /// What other processes have open; then no file at all is opened for writing.
        processes: bool,
    },
    /// Anything its user may do.
    Change,
}

/// One script to run, as a value.
#[derive(Clone, Debug)]
pub struct Command {
    /// What it is called in marks and messages (`check routed`).
    pub label: String,
    /// Who interprets it.
    pub interpreter: Interpreter,
    /// The bytes that run, exactly.
    pub script: Arc<str>,
    /// Values, passed as environment variables and in no other way.
    pub environment: Vec<(String, Vec<u8>)>,
    /// The values that nobody may see. For a shell they are among the environment, too; in the text
    /// for a device `<name>` stands in the place of each until it is sent.
    pub secrets: Vec<(String, Vec<u8>)>,
    /// It takes back what another command did, so a device that refuses one line is given the next.
    pub undoes: bool,
    /// Run as root.
    pub root: bool,
    /// What it may do.
    pub access: Access,
    /// Programs that must exist before it starts.
    pub needs: Vec<String>,
    /// `uname -s` in lower case must be one of these; empty: any.
    pub systems: Vec<String>,
    /// Its time limit.
    pub time: Duration,
    /// The first and the last half of so many bytes of output are kept.
    pub output_bytes_max: usize,
    /// What a person is asked where nothing can be copied: each is answered with yes or no, the
    /// first yes decides (see [`Said`]).
    pub questions: Vec<String>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// Stopped at its time limit.
    TimedOut,
    /// Stopped because the person said so.
    Interrupted,
    /// Not started: this system is not one of those it is for.
    OtherSystem(String),
    /// Not started: this program is missing.
    Missing(String),
    /// Not started: no right to (the text says which).
    Refused(String),
    /// Not started: it cannot be held to reading as firmly as was asked for (the text says why).
    NotHeld(String),
    /// Stopped: it took more than it may of what is not time (the text says of what).
    TookTooMuch(String),
    /// Whether it ran or how it ended is not known (a lost connection, a cut paste).
    NotKnown(String),
    /// Answered by a person instead of a machine (the verdict itself, not an output).
    Said(Said),
}

/// What a person answered where nothing could be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which of the questions put (a rule's index) was answered with yes; `None`: cannot tell.
    pub rule: Option<usize>,
}

/// How firmly the kernel holds what was confined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// What holds it: `landlock 7, seccomp, capabilities dropped`.
    pub by: String,
    /// What is open for every check: names are looked up over UDP, root's `ping` sends raw packets.
    pub always_open: String,
    /// What this kernel cannot hold, each a phrase ("signals to processes of the same user").
    pub holes: Vec<String>,
    /// What the block's own `allow=` opened, each a phrase.
    pub opened: Vec<String>,
}

impl Level {
    /// Neither the kernel nor the author leaves more open than what is open for every check.
    pub fn is_complete(&self) -> bool {
        self.holes.is_empty() && self.opened.is_empty()
    }

    /// The same without what the author opened.
    #[must_use]
    pub fn closed(&self) -> Self {
        Self { opened: Vec::new(), ..self.clone() }
    }

    /// All that is not held.
    fn open(&self) -> String {
        let all = [&self.always_open].into_iter().chain(&self.holes).chain(&self.opened);
        all.map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; not held: {}", self.by, self.open())
    }
}

/// How firmly a command was held to reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// The kernel held it.
    Confined(Level),
    /// Only its author says so; the text says why no more was possible.
    Declared(String),
    /// It was meant to change things.
    Free,
    /// Nothing ran.
    NotRun,
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub ending: Ending,
    /// Standard output and error in one stream, as a console shows them.
    pub text: Untrusted,
    /// Bytes that were not kept, from the middle.
    pub dropped: u64,
    /// How long it took.
    pub took: Duration,
    /// How firmly it was held.
    pub confinement: Confinement,
    /// What it left running.
    pub left: Leftovers,
}

/// Processes that a command left running when it was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// So many were ended.
    pub ended: u32,
    /// So many could not be ended.
    pub survived: u32,
}

impl Output {
    /// An output that was recorded: it exited with this status and printed this.
    pub fn recorded(exit: i32, text: impl Into<Vec<u8>>) -> Self {
        Self {
            ending: Ending::Exited(exit),
            text: Untrusted::new(text),
            dropped: 0,
            took: Duration::ZERO,
            confinement: Confinement::Declared("recorded, nothing ran".into()),
            left: Leftovers::default(),
        }
    }

    /// A command that did not end in an exit status, with nothing printed.
    pub fn without_text(ending: Ending, confinement: Confinement) -> Self {
        Self { ending, confinement, ..Self::recorded(0, "") }
    }
}

/// Who a host says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `uname -s`, in lower case.
    pub system: String,
    /// `uname -r`.
    pub release: String,
    /// `hostname`.
    pub host: Untrusted,
    /// The user that commands run as.
    pub user: String,
}

/// Why a target could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The host could not be reached or refused.
    #[error("cannot reach `{host}`: {reason}")]
    Unreachable {
        /// As bound.
        host: String,
        /// In its own words, escaped.
        reason: String,
    },
    /// There is no terminal to ask on.
    #[error("`{host}` is done by hand, and there is no terminal to ask on")]
    NoTerminal {
        /// As bound.
        host: String,
    },
    /// The person interrupted.
    #[error("interrupted")]
    Interrupted,
    /// The machine kb runs on failed.
    #[error("cannot {what}")]
    Machine {
        /// What was tried, on what.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// Who answers for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nature {
    /// The machine itself.
    Machine,
    /// A person in front of it: nothing is tried again without being asked for.
    Person,
    /// A recording: nothing really happens.
    Recording,
}

/// A machine on which commands run.
///
/// Checks of one host come in batches, so that a host done by hand needs one paste.
pub trait Target {
    /// What the host is bound to, for a person (`this machine`, `ssh root@esx1`, `by hand`).
    fn name(&self) -> &str;

    /// Who answers for it.
    fn nature(&self) -> Nature {
        Nature::Machine
    }

    /// True when its checks are read-only only because their author says so and a person must
    /// agree before the first one runs.
    fn checks_need_consent(&self) -> bool {
        false
    }

    /// Who the host says it is; `None` when that is not known before the first batch (by hand).
    fn identify(&mut self) -> Result<Option<Identity>, TargetError>;

    /// Runs commands one after the other; one [`Output`] for each, in order.
    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError>;
}

/// Set when the person pressed Ctrl-C; every target watches it.
pub type InterruptFlag = Arc<AtomicBool>;

/// Where a target finds the machinery of kb itself.
#[derive(Clone, Debug)]
pub struct Helper {
    /// The `kb` binary, re-executed as `kb __exec` to supervise a block.
    pub program: PathBuf,
    /// How firmly checks are to be held.
    pub holding: Holding,
    /// Set when the person interrupts a second time: what runs gets no time to clean up.
    pub hurry: InterruptFlag,
}

/// How firmly checks on this machine are to be held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// A check that would be held less than completely does not run.
    pub required: bool,
    /// Behaves as on a kernel whose Landlock is no newer than this (0: none). It can only take away,
    /// so that a test sees what an older kernel does.
    pub landlock_max: Option<u8>,
}
