//! The journal read back: past runs, what each changed, which were cut off, and what is damaged.

use std::path::Path;

use super::entry::{Block, Entry, Setting};
use super::line::{self, Record};
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

/// A past run.
#[derive(Clone, Debug, Default)]
pub struct PastRun {
    /// Its number.
    pub number: usize,
    /// Its name, which was `$kb_run`.
    pub id: String,
    /// Its records with their times.
    pub records: Vec<Record<'static>>,
    /// A person was told that it was cut off.
    pub told: bool,
}

/// What a run changed, or began to.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// `fix`, `rollback` or `manual`.
    pub kind: &'a str,
    /// What ran.
    pub block: &'a Block<'static>,
    /// With which values.
    pub values: &'a [Setting],
    /// What would undo it.
    pub undo: Option<&'a Block<'static>>,
    /// When it began.
    pub at: &'a str,
    /// How it ended, and whether without an error; `None`: that was not recorded.
    pub ended: Option<(&'a str, bool)>,
    /// What became of the fix.
    pub state: Option<&'a str>,
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
        if let Entry::Told { of } = &record.entry
            && let Some(run) = self.runs.iter_mut().find(|run| run.id == *of)
        {
            run.told = true;
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

    /// Runs of a runbook that have no end, and of which nobody was told yet.
    pub fn cut_off(&self, runbook: &str) -> impl Iterator<Item = &PastRun> {
        self.runs.iter().filter(move |run| run.runbook() == runbook && run.outcome().is_none() && !run.told)
    }
}

impl PastRun {
    /// The slug of its runbook; empty when that record is damaged.
    pub fn runbook(&self) -> &str {
        self.first(|entry| match entry {
            Entry::Run { runbook, .. } => Some(runbook.as_ref()),
            _ => None,
        })
        .unwrap_or("")
    }

    /// When it began.
    pub fn began(&self) -> &str {
        let told = self.first(|entry| match entry {
            Entry::Run { began, .. } => Some(began.as_str()),
            _ => None,
        });
        told.unwrap_or_else(|| self.records.first().map_or("", |record| &record.at))
    }

    /// The run that it undoes.
    pub fn undoes(&self) -> Option<&str> {
        self.first(|entry| match entry {
            Entry::Run { undoes, .. } => undoes.as_deref(),
            _ => None,
        })
    }

    /// How it ended; `None`: it was cut off, or goes on.
    pub fn outcome(&self) -> Option<&str> {
        self.first(|entry| match entry {
            Entry::Outcome { outcome } => Some(outcome.as_ref()),
            _ => None,
        })
    }

    /// What it recorded, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry<'static>> {
        self.records.iter().map(|record| &record.entry)
    }

    fn first<'a, T>(&'a self, pick: impl FnMut(&'a Entry<'static>) -> Option<T>) -> Option<T> {
        self.entries().find_map(pick)
    }

    /// What it changed, in order.
    pub fn changes(&self) -> Vec<Change<'_>> {
        let mut changes: Vec<Change<'_>> = Vec::new();
        for record in &self.records {
            match &record.entry {
                Entry::Begin { kind, block, values, undo, .. } => changes.push(Change {
                    kind,
                    block,
                    values,
                    undo: undo.as_ref(),
                    at: &record.at,
                    ended: None,
                    state: None,
                }),
                Entry::End { block, ending, good, .. } => {
                    if let Some(change) = latest(&mut changes, block) {
                        change.ended = Some((ending, *good));
                    }
                }
                Entry::Fix { fix, state, .. } => {
                    if let Some(change) = latest(&mut changes, fix) {
                        change.state = Some(state);
                    }
                }
                _ => {}
            }
        }
        changes
    }

    /// What is known of a run that was cut off, a sentence for each change.
    pub fn what_is_known(&self) -> Vec<String> {
        let changes = self.changes();
        if changes.is_empty() {
            return vec!["Nothing was changed.".into()];
        }
        let sentence = |change: &Change<'_>| {
            let (kind, id, at) = (change.kind, &change.block.id, change.at);
            match (change.ended, change.state) {
                (_, Some(state)) => format!("The {kind} `{id}` of {at} was recorded to its end: {state}."),
                (Some((ending, _)), None) if kind == "rollback" => {
                    format!("The {kind} `{id}` was run at {at}: {ending}.")
                }
                (Some((ending, _)), None) => {
                    format!("The {kind} `{id}` was run at {at}: {ending}. Whether it held was not recorded.")
                }
                (None, None) if kind == "manual" => {
                    format!("A person did `{id}` at {at}. Whether it held was not recorded.")
                }
                (None, None) => {
                    format!("The {kind} `{id}` was started at {at}; whether it ran to its end is not known.")
                }
            }
        };
        changes.iter().map(sentence).collect()
    }
}

fn latest<'c, 'a>(changes: &'c mut [Change<'a>], block: &str) -> Option<&'c mut Change<'a>> {
    changes.iter_mut().rev().find(|change| change.block.id == block)
}
