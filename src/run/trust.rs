//! Which runbooks may run anything.
//!
//! Rendering, searching and matching never ask here; only [`Trusted`] can be run. What is judged is
//! who could have written the bytes that were read, as it was seen when they were read, and whether
//! a person has said `kb trust` to exactly these bytes.

pub mod pins;

use crate::run::plan;
use crate::run::trust::pins::{Known, Pins};
use crate::run::undo::Record;
use crate::runbook::{Origin, Runbook};
use crate::text::{FileOwner, SourceFile, printable_path};

/// A runbook that may run.
#[derive(Clone, Copy, Debug)]
pub struct Trusted<'a> {
    runbook: &'a Runbook,
    ground: Ground,
    /// Where a record of a past run is.
    record: Option<&'a str>,
}

/// Why a runbook may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// It is part of the binary.
    BuiltIn,
    /// It is root's, in the folder of the system.
    System,
    /// It was named on the command line and is mine alone.
    Named,
    /// `kb trust` was said to exactly its bytes.
    Pinned,
    /// A past run recorded it, in kb's own journal or in a file that is mine alone.
    Recorded,
}

impl Ground {
    /// For records.
    pub fn word(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::System => "system",
            Self::Named => "named",
            Self::Pinned => "pinned",
            Self::Recorded => "recorded",
        }
    }
}

impl<'a> Trusted<'a> {
    /// The runbook.
    pub fn runbook(self) -> &'a Runbook {
        self.runbook
    }

    /// Why it may run.
    pub fn ground(self) -> Ground {
        self.ground
    }

    /// Where it came from, for a person.
    pub fn origin(self) -> String {
        if let Some(record) = self.record {
            return record.to_owned();
        }
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
/// file named on the command line that is mine, none of them writable by others; or any file whose
/// bytes are pinned. Another user's file never runs anything as root.
pub fn admit<'a>(runbook: &'a Runbook, pins: &Pins) -> Result<Trusted<'a>, NotTrusted> {
    judge(runbook, pins, rustix::process::geteuid().as_raw())
}

/// Decides whether what a past run recorded may be run again. Kb's own journal was only read because
/// nobody else could have written it. A run that was exported is a file like any other that is named
/// on the command line: it must be mine, and not writable by others; no pin stands for it.
pub fn admit_record(record: &Record) -> Result<Trusted<'_>, NotTrusted> {
    if let Some(file) = &record.file {
        mine_alone(file, rustix::process::geteuid().as_raw())?;
    }
    Ok(Trusted { runbook: &record.runbook, ground: Ground::Recorded, record: Some(&record.origin) })
}

fn mine_alone(file: &SourceFile, me: u32) -> Result<(), NotTrusted> {
    let path = printable_path(&file.path);
    match file.owner {
        Some(FileOwner { uid, .. }) if uid != me => Err(refused(
            format!("nothing of `{path}` may run: it is not yours (its owner is user {uid})"),
            vec!["Read it, then make a copy of your own and name that.".into()],
        )),
        Some(FileOwner { others_may_write: false, .. }) => Ok(()),
        _ => Err(refused(
            format!("nothing of `{path}` may run: others may change it, or a folder above it"),
            vec![format!("Take that right away (`chmod go-w`) from `{path}` and from the folders above it.")],
        )),
    }
}

/// Refuses what not even a pin may run: another user's file where root would run it.
pub fn refuse_foreign(runbook: &Runbook) -> Result<(), NotTrusted> {
    not_foreign(runbook, rustix::process::geteuid().as_raw())
}

fn judge<'a>(runbook: &'a Runbook, pins: &Pins, me: u32) -> Result<Trusted<'a>, NotTrusted> {
    let trusted = |ground| Trusted { runbook, ground, record: None };
    let refused = match by_owner(runbook, me) {
        Ok(ground) => return Ok(trusted(ground)),
        Err(refused) => refused,
    };
    match pins.knows(&runbook.source) {
        Known::Same => {
            not_foreign(runbook, me)?;
            Ok(trusted(Ground::Pinned))
        }
        Known::Changed => {
            let path = printable_path(&runbook.source.path);
            Err(NotTrusted {
                reason: format!("`{path}` may not run: it has changed since it was trusted"),
                hints: vec![format!("`kb trust {path}` shows the difference and asks again.")],
            })
        }
        Known::No => Err(refused),
    }
}

fn by_owner(runbook: &Runbook, me: u32) -> Result<Ground, NotTrusted> {
    let path = printable_path(&runbook.source.path);
    let trust_it = format!("Or say that exactly this text is trusted: `kb trust {path}`.");
    let (wanted, ground) = match runbook.origin {
        Origin::BuiltIn => return Ok(Ground::BuiltIn),
        Origin::System => (0, Ground::System),
        Origin::Named => (me, Ground::Named),
        Origin::Given | Origin::Project | Origin::User => {
            return Err(NotTrusted {
                reason: format!("`{path}` may not run: nobody has said that it is trusted"),
                hints: vec![
                    format!("`kb trust {path}` shows what it would run, and asks whether you trust it."),
                    "Runbooks that are built in, and root's in `/etc/kb/runbooks`, run by their name.".into(),
                ],
            });
        }
    };
    let Some(FileOwner { uid, others_may_write }) = runbook.source.owner else {
        return Err(refused(format!("`{path}` may not run: its owner is not known"), Vec::new()));
    };
    if uid != wanted {
        let whose = if wanted == 0 { "root's" } else { "yours" };
        let mut hints = vec![format!(
            "Read it, then make a copy of your own and run that: `kb run ./{}.md`.",
            runbook.id
        )];
        hints.extend((me != 0).then_some(trust_it));
        return Err(refused(
            format!("`{path}` may not run: it is not {whose} (its owner is user {uid})"),
            hints,
        ));
    }
    if others_may_write {
        let chmod =
            format!("Take that right away (`chmod go-w`) from `{path}` and from the folders above it.");
        return Err(refused(
            format!("`{path}` may not run: others may change it, or a folder above it"),
            vec![chmod, trust_it],
        ));
    }
    Ok(ground)
}

/// A pin says what the text is, not whose it is: root runs only what is root's.
fn not_foreign(runbook: &Runbook, me: u32) -> Result<(), NotTrusted> {
    let path = printable_path(&runbook.source.path);
    let owner = runbook.source.owner.map(|owner| owner.uid);
    if owner.is_some_and(|owner| owner == me || owner == 0) {
        return Ok(());
    }
    let as_root = me == 0 || plan::scripts(runbook).any(|script| script.root);
    if !as_root {
        return Ok(());
    }
    let whose = owner.map_or_else(|| "nobody knows whose".into(), |owner| format!("of user {owner}"));
    Err(refused(
        format!("`{path}` may not run: it is a file {whose}, and would run as root"),
        vec![format!(
            "Read it, then make a copy of your own and trust that: `kb trust ./{}.md`.",
            runbook.id
        )],
    ))
}

/// The name of a text: the hash of exactly its bytes.
pub fn hash(source: &SourceFile) -> String {
    blake3::hash(source.text.as_bytes()).to_hex().to_string()
}

fn refused(reason: String, hints: Vec<String>) -> NotTrusted {
    NotTrusted { reason, hints }
}

#[cfg(test)]
mod tests;
