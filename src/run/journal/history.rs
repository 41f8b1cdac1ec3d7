//! The journal read back: past runs, what each changed, which were cut off, and what is damaged.

use std::path::Path;

use super::entry::Entry;
use super::line::{self, Record};
use super::past::PastRun;
use crate::disk::{self, DiskError};

const BYTES_MAX: u64 = 512 << 20;

/// Everything that the journal holds.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// In the order in which they began; a run keeps its number, which is its place from 1.
    pub runs: Vec<PastRun>,
    /// What could not be read, sentences.
    pub damage: Vec<String>,
}

/// Reads the journal. What is damaged is left out and said; everything else is read.
pub fn read(state: &Path) -> Result<History, DiskError> {
    Ok(disk::read_private(&super::path(state), BYTES_MAX)?
        .map_or_else(History::default, |bytes| parse(&bytes)))
}

/// The records of a journal.
pub fn parse(bytes: &[u8]) -> History {
    let mut history = History::default();
    let (mut last, mut damaged) = (String::new(), false);
    for (number, text) in (1..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
        let whole = text.strip_suffix(b"\n");
        match line::decode(whole.unwrap_or(text)) {
            Some((record, sum)) => {
                if record.after != last && !damaged {
                    history.damage.push(format!("Records are missing before line {number}."));
                }
                (last, damaged) = (sum, false);
                history.take(record);
            }
            None if whole.is_none() => {
                history.damage.push(format!("The last record (line {number}) was cut off and is lost."));
            }
            None => {
                damaged = true;
                history.damage.push(format!("The record in line {number} is damaged and is not used."));
            }
        }
    }
    history
}

impl History {
    fn take(&mut self, record: Record<'static>) {
        match &record.entry {
            Entry::Told { of } => self.named(of).for_each(|run| run.told = true),
            Entry::Continued { .. } => self.named(&record.run).for_each(|run| run.told = false),
            _ => {}
        }
        let at = self.runs.iter().rposition(|run| run.id == record.run);
        let at = at.unwrap_or_else(|| {
            let number = self.runs.len() + 1;
            self.runs.push(PastRun { number, id: record.run.clone(), ..PastRun::default() });
            number - 1
        });
        self.runs[at].records.push(record);
    }

    /// The run with this number.
    pub fn run(&self, number: usize) -> Option<&PastRun> {
        self.runs.get(number.checked_sub(1)?)
    }

    /// Runs of a runbook that are not over, although nothing goes on; the newest is the last.
    pub fn open(&self, runbook: &str) -> Vec<&PastRun> {
        self.runs.iter().filter(|run| run.runbook() == runbook && run.is_open()).collect()
    }

    /// The runs that undid something of this one, and what: names of rollbacks that ran to their end
    /// without an error.
    pub fn undoing(&self, run: &PastRun) -> Vec<(usize, Vec<&str>)> {
        let same = |later: &&PastRun| later.runbook() == run.runbook() && later.undoes() == Some(&run.id);
        let undoing = self.runs.iter().filter(same);
        undoing.map(|later| (later.number, later.rolled_back())).collect()
    }

    /// Newer runs of the same runbook that changed something which is not undone.
    pub fn changed_since(&self, run: &PastRun) -> Vec<usize> {
        let later = self.runs.iter().filter(|later| later.number > run.number && later.undoes().is_none());
        let same = later.filter(|later| later.runbook() == run.runbook());
        let changed = same.filter(|later| {
            let done: Vec<&str> = self.undoing(later).into_iter().flat_map(|(_, done)| done).collect();
            let undone = |id: &str| done.contains(&id);
            later.changes().iter().any(|change| {
                let left = change.undo.is_none_or(|undo| !undone(&undo.id));
                change.kind != "rollback" && !change.undone && left
            })
        });
        changed.map(|later| later.number).collect()
    }

    fn named(&mut self, id: &str) -> impl Iterator<Item = &mut PastRun> {
        self.runs.iter_mut().filter(move |run| run.id == id)
    }
}
