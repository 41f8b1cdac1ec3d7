//! The record of what was done: append-only, one JSON record a line, each with a checksum and
//! chained to the one before, written and synced before and after each step. What it needs for
//! `kb history` and `kb undo` is in it; secrets are not.
//!
//! Its records have types of their own ([`entry`]), so that the model may change and old journals
//! stay readable.

pub mod entry;
pub mod exported;
pub mod history;
mod line;
pub mod past;

use std::path::{Path, PathBuf};

pub use entry::{Block, Entry, Setting};
pub use line::Record;

use crate::disk::{DiskError, SyncedFile};

/// Kept free for the records that follow the start of a change.
const RESERVED_BYTES: u64 = 160 * 1024;
/// The tail in which the last whole record is looked for, at first.
const TAIL_BYTES: u64 = 64 * 1024;

/// The journal of one run.
#[derive(Debug)]
pub struct Journal {
    file: SyncedFile,
    run: String,
    torn: u64,
}

/// The file of the journal in the state folder.
pub fn path(state: &Path) -> PathBuf {
    state.join("journal.jsonl")
}

impl Journal {
    /// Opens the journal for one run. A last record that a crash has torn is cut off.
    pub fn open(state: &Path, run: &str) -> Result<Self, DiskError> {
        let file = SyncedFile::open(&path(state))?;
        let mut journal = Self { file, run: run.to_owned(), torn: 0 };
        journal.alone(|journal| journal.mend().map(|_| ()))?;
        Ok(journal)
    }

    /// Bytes of a torn last record that were cut off.
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// Writes a record; it is on the disk when this returns. What could be written only in part is
    /// taken back.
    pub fn write(&mut self, at: jiff::Timestamp, entry: &Entry<'_>) -> Result<(), DiskError> {
        self.alone(|journal| {
            let after = journal.mend()?;
            let (run, at) = (journal.run.clone(), at.to_string());
            let record = Record { kb: 1, run, at, after, entry: entry.clone() };
            journal.file.append(&line::encode(&record).0)
        })
    }

    /// Makes sure that there is room for what is recorded after a change has started.
    pub fn reserve(&mut self) -> Result<(), DiskError> {
        self.file.reserve(RESERVED_BYTES)
    }

    /// Runs of different runbooks share the file: one writes at a time.
    fn alone<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, DiskError>) -> Result<T, DiskError> {
        self.file.lock()?;
        let done = work(self);
        self.file.unlock()?;
        done
    }

    /// The checksum of the last whole record; what a crash left behind it is cut off.
    fn mend(&mut self) -> Result<String, DiskError> {
        let mut bytes_max = TAIL_BYTES;
        loop {
            let (tail, is_all) = self.file.tail(bytes_max)?;
            let whole = memchr::memrchr(b'\n', &tail).map_or(0, |at| at + 1);
            let torn = &tail[whole..];
            if let Some((_, sum)) = line::decode(torn) {
                // Only its line end is missing.
                self.file.append(b"\n")?;
                return Ok(sum);
            }
            let mut lines = tail[..whole].rsplit(|&byte| byte == b'\n').filter(|line| !line.is_empty());
            let last = lines.find_map(line::decode);
            if last.is_none() && !is_all {
                bytes_max *= 8;
                continue;
            }
            if !torn.is_empty() {
                self.file.cut(torn.len() as u64)?;
                self.torn += torn.len() as u64;
            }
            return Ok(last.map_or_else(String::new, |(_, sum)| sum));
        }
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

/// Who holds the lock of a runbook, if a run of it goes on.
pub fn holder(state: &Path, runbook: &str) -> Result<Option<String>, DiskError> {
    let file = SyncedFile::open(&state.join(format!("{runbook}.lock")))?;
    if file.try_lock()? {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&file.read()?).into_owned();
    Ok(Some(text.lines().last().unwrap_or("another run").to_owned()))
}

#[cfg(test)]
mod tests;
