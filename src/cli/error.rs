//! What stops a command: one type, printed in one place.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// What kind of trouble it is; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Wrong usage, a broken runbook, an input that cannot be read.
    Usage,
    /// Another run holds the lock.
    Locked,
    /// The runbook may not run, or a right is missing.
    NotTrusted,
    /// The person interrupted.
    Interrupted,
    /// The reader of standard output went away: not an error.
    BrokenPipe,
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        Self::from(match kind {
            Kind::Usage => 2,
            Kind::Locked => 75,
            Kind::NotTrusted => 77,
            Kind::Interrupted => 130,
            Kind::BrokenPipe => 0,
        })
    }
}

/// Why a command could not do its work, and what to type next.
#[derive(Debug)]
pub struct CommandError {
    /// Decides the exit status.
    pub kind: Kind,
    /// What was tried, on what; its causes are printed one by one.
    pub error: Box<dyn Error + Send + Sync>,
    /// What to type next, each a sentence.
    pub hints: Vec<String>,
}

impl CommandError {
    /// An error of a kind.
    pub fn new(kind: Kind, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, error: error.into(), hints: Vec::new() }
    }

    /// Wrong usage, a broken runbook, an input that cannot be read.
    pub fn usage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Usage, error)
    }

    /// Adds what to type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The error and its causes, each once.
    pub fn causes(&self) -> Vec<String> {
        causes(&*self.error)
    }
}

/// An error and its causes, each once, without the numbers that the system has for them.
pub fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        let text = text.split(" (os error ").next().unwrap_or("").to_owned();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    causes
}

/// Something tried on something, with the reason why it failed.
#[derive(Debug)]
pub struct Failed {
    what: String,
    source: io::Error,
}

impl Failed {
    /// `what` reads on after "cannot".
    pub fn new(what: impl Into<String>, source: io::Error) -> Self {
        Self { what: what.into(), source }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot {}", self.what)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Writing the answer failed.
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Kind::BrokenPipe, error);
        }
        Self::usage(Failed::new("write the answer", error))
    }
}
