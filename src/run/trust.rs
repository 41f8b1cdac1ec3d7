//! Which runbooks may run anything.
//!
//! Rendering, searching and matching never ask here; only [`Trusted`] can be run.

use crate::runbook::Runbook;

/// A runbook that may run.
#[derive(Clone, Copy, Debug)]
pub struct Trusted<'a> {
    runbook: &'a Runbook,
}

impl<'a> Trusted<'a> {
    /// The runbook.
    pub fn runbook(self) -> &'a Runbook {
        self.runbook
    }
}

/// Why a runbook may not run. The exit status is 77.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotTrusted {
    /// What is wrong.
    pub reason: String,
    /// What to type instead, sentences.
    pub hints: Vec<String>,
}

/// Decides whether a runbook may run: built into the binary, or root's `/etc/kb/runbooks`, or a
/// file named on the command line that is mine; none of them writable by others.
pub fn admit(runbook: &Runbook) -> Result<Trusted<'_>, NotTrusted> {
    match runbook.origin {
        crate::runbook::Origin::BuiltIn => Ok(Trusted { runbook }),
        _ => Err(NotTrusted { reason: "only built-in runbooks may run".into(), hints: Vec::new() }),
    }
}
