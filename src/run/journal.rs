//! The record of what was changed: append-only, one JSON record a line, written and synced before
//! and after each step. What it needs for a later `kb history` and `kb undo` is in it; secrets are
//! not.
//!
//! Its records have types of their own, so that the model may change and old journals stay
//! readable: a field may be added, never changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::disk::{DiskError, SyncedFile};

/// The journal of one run.
#[derive(Debug)]
pub struct Journal {
    file: SyncedFile,
    run: String,
}

/// One record.
#[derive(Debug, Serialize)]
struct Record<'a> {
    kb: u32,
    run: &'a str,
    at: String,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
}

/// What is recorded.
#[derive(Debug, Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Entry<'a> {
    /// The first record of a run, written ahead of its first change.
    Run {
        /// Its slug.
        runbook: &'a str,
        /// Where the runbook came from.
        origin: String,
        /// Who runs it.
        who: &'a str,
        /// The version of kb.
        version: &'static str,
        /// When the run began.
        began: String,
    },
    /// Who a host says it is.
    Host {
        /// As the runbook calls it.
        host: &'a str,
        /// What it is bound to.
        target: &'a str,
        /// `SYSTEM RELEASE`.
        system: String,
        /// Its own name.
        name: String,
        /// The user that commands run as.
        user: String,
    },
    /// What a check said.
    Verdict {
        /// Which.
        check: &'a str,
        /// `sick`, `healthy`, …
        verdict: &'static str,
        /// Why.
        reason: String,
    },
    /// A change starts.
    Begin {
        /// `fix`, `rollback` or `manual`.
        kind: &'static str,
        /// What runs.
        block: Block<'a>,
        /// Values, secrets masked.
        values: Vec<Setting>,
        /// `asked` or `flag`.
        agreed: &'static str,
        /// What would undo it.
        undo: Option<Block<'a>>,
    },
    /// A change is over.
    End {
        /// Which.
        block: &'a str,
        /// How it ended.
        ending: String,
        /// The end of what it printed.
        output: String,
    },
    /// What became of a fix.
    Fix {
        /// Which.
        fix: &'a str,
        /// `held`, `failed`, …
        state: &'static str,
        /// Why.
        reason: &'a str,
    },
    /// The last record of a run.
    Outcome {
        /// `held`, `interrupted`, …
        outcome: &'static str,
    },
}

/// A block as it ran, complete enough to be run again.
#[derive(Debug, Serialize)]
pub struct Block<'a> {
    /// Its name.
    pub id: &'a str,
    /// The host as the runbook calls it.
    pub host: &'a str,
    /// `sh`, `bash`, `cisco` or `manual`.
    pub language: &'static str,
    /// Runs as root.
    pub root: bool,
    /// Its time limit in seconds.
    pub timeout_s: u64,
    /// The exact text.
    pub text: String,
}

/// A value with its name.
#[derive(Debug, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// As text, masked when it is secret; a byte that is not UTF-8 became U+FFFD.
    pub value: String,
    /// The bytes in hexadecimal, where the text does not tell them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// It is a secret, and not here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

impl Setting {
    /// A value, or the mask of a secret.
    pub fn new(name: &str, value: &[u8], secret: bool) -> Self {
        let text = String::from_utf8_lossy(value);
        let lossy = !secret && text.as_bytes() != value;
        Self {
            name: name.to_owned(),
            hex: lossy.then(|| hexadecimal(value)),
            value: if secret { super::values::MASK.to_owned() } else { text.into_owned() },
            secret,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The file of the journal in the state folder.
pub fn path(state: &Path) -> PathBuf {
    state.join("journal.jsonl")
}

impl Journal {
    /// Opens the journal for one run.
    pub fn open(state: &Path, run: &str) -> Result<Self, DiskError> {
        let mut file = SyncedFile::open(&path(state))?;
        // A record that a crash cut off must not swallow the next one.
        if file.read()?.last().is_some_and(|&byte| byte != b'\n') {
            file.append(b"\n")?;
        }
        Ok(Self { file, run: run.to_owned() })
    }

    /// Writes a record; it is on the disk when this returns.
    pub fn write(&mut self, at: jiff::Timestamp, entry: &Entry<'_>) -> Result<(), DiskError> {
        let record = Record { kb: 1, run: &self.run, at: at.to_string(), entry };
        let mut line = serde_json::to_vec(&record).expect("records hold only text, numbers and lists");
        line.push(b'\n');
        self.file.append(&line)
    }
}

/// One run at a time for a runbook on this machine. Given back when dropped, by whatever end of
/// the process.
#[derive(Debug)]
pub struct Lock {
    _file: SyncedFile,
}

/// Takes the lock; the inner error is who holds it.
pub fn lock(state: &Path, runbook: &str, holder: &str) -> Result<Result<Lock, String>, DiskError> {
    let mut file = SyncedFile::open(&state.join(format!("{runbook}.lock")))?;
    if !file.try_lock()? {
        let text = String::from_utf8_lossy(&file.read()?).into_owned();
        let holder = text.lines().last().unwrap_or("another run").to_owned();
        return Ok(Err(holder));
    }
    file.rewrite(format!("{holder}\n").as_bytes())?;
    Ok(Ok(Lock { _file: file }))
}

#[cfg(test)]
mod tests;
