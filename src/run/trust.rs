//! Which runbooks may run anything.
//!
//! Rendering, searching and matching never ask here; only [`Trusted`] can be run. What is judged is
//! who could have written the bytes that were read, as it was seen when they were read.

use crate::runbook::{Origin, Runbook};
use crate::text::{FileOwner, printable_path};

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

    /// Where it came from, for a person.
    pub fn origin(self) -> String {
        match self.runbook.origin {
            Origin::BuiltIn => "built in".into(),
            _ => printable_path(&self.runbook.source.path),
        }
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
    judge(runbook, rustix::process::geteuid().as_raw())
}

fn judge(runbook: &Runbook, me: u32) -> Result<Trusted<'_>, NotTrusted> {
    let path = printable_path(&runbook.source.path);
    let owner = runbook.source.owner;
    let wanted = match runbook.origin {
        Origin::BuiltIn => return Ok(Trusted { runbook }),
        Origin::System => 0,
        Origin::Named => me,
        Origin::Given | Origin::Project | Origin::User => {
            return Err(NotTrusted {
                reason: format!("`{path}` may not run: nobody has said that it is trusted"),
                hints: vec![
                    format!(
                        "Read it (`kb show {}`), then name the file itself: `kb run {path}`.",
                        runbook.id
                    ),
                    "Runbooks that are built in, and root's in `/etc/kb/runbooks`, run by their name.".into(),
                ],
            });
        }
    };
    let Some(FileOwner { uid, others_may_write }) = owner else {
        return Err(refused(format!("`{path}` may not run: its owner is not known"), Vec::new()));
    };
    if uid != wanted {
        let whose = if wanted == 0 { "root's" } else { "yours" };
        return Err(refused(
            format!("`{path}` may not run: it is not {whose} (its owner is user {uid})"),
            vec![format!(
                "Read it, then make a copy of your own and run that: `kb run ./{}.md`.",
                runbook.id
            )],
        ));
    }
    if others_may_write {
        return Err(refused(
            format!("`{path}` may not run: others may change it, or a folder above it"),
            vec![format!("Take that right away (`chmod go-w`) from `{path}` and from the folders above it.")],
        ));
    }
    Ok(Trusted { runbook })
}

fn refused(reason: String, hints: Vec<String>) -> NotTrusted {
    NotTrusted { reason, hints }
}

#[cfg(test)]
mod tests;
