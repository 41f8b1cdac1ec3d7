//! A past run: what it changed, how that ended, and what is not known of it.

use super::entry::{Block, Entry, Setting};
use super::line::Record;
use crate::runbook::HostName;

/// A past run.
#[derive(Clone, Debug, Default)]
pub struct PastRun {
    /// Its number.
    pub number: usize,
    /// Its name, which was `$kb_run`.
    pub id: String,
    /// Its records with their times.
    pub records: Vec<Record<'static>>,
    /// Nothing more is to be said of it: a person was told that it was cut off and did not go on
    /// with it, or undid it.
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
    /// `low`, `medium` or `high`.
    pub risk: Option<&'a str>,
    /// What would undo it.
    pub undo: Option<&'a Block<'static>>,
    /// When it began.
    pub at: &'a str,
    /// How and when it ended; `None`: that was not recorded.
    pub ended: Option<Ended<'a>>,
    /// What became of the fix.
    pub state: Option<&'a str>,
    /// Its rollback ran to its end without an error, later in this run.
    pub undone: bool,
}

/// How a change ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// In words.
    pub how: &'a str,
    /// Without an error.
    pub good: bool,
    /// When.
    pub at: &'a str,
}

/// A host as the past run knew it.
#[derive(Clone, Debug)]
pub struct PastHost {
    /// As the runbook calls it.
    pub host: HostName,
    /// What it was bound to.
    pub target: String,
    /// Its own name.
    pub name: String,
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

    /// The hash of the text of its runbook; empty when that record is damaged.
    pub fn blake3(&self) -> &str {
        self.first(|entry| match entry {
            Entry::Run { blake3, .. } => Some(blake3.as_ref()),
            _ => None,
        })
        .unwrap_or("")
    }

    /// Where the file of its runbook was; none for a built-in one.
    pub fn path(&self) -> Option<&str> {
        self.first(|entry| match entry {
            Entry::Run { path, .. } => path.as_deref(),
            _ => None,
        })
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
        self.entries().fold(None, |outcome, entry| match entry {
            Entry::Outcome { outcome } => Some(outcome.as_ref()),
            Entry::Continued { .. } => None,
            _ => outcome,
        })
    }

    /// What it recorded, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry<'static>> {
        self.records.iter().map(|record| &record.entry)
    }

    fn first<'a, T>(&'a self, pick: impl FnMut(&'a Entry<'static>) -> Option<T>) -> Option<T> {
        self.entries().find_map(pick)
    }

    /// The hosts that said who they are.
    pub fn hosts(&self) -> Vec<PastHost> {
        let host = |entry: &Entry<'static>| match entry {
            Entry::Host { host, target, name, .. } => {
                Some(PastHost { host: HostName::new(host)?, target: target.to_string(), name: name.clone() })
            }
            _ => None,
        };
        self.entries().filter_map(host).collect()
    }

    /// The values that it used and that no check found: those it finds again by itself.
    pub fn values(&self) -> impl Iterator<Item = &Setting> {
        self.entries().filter_map(|entry| match entry {
            Entry::Value { value, from } if from != "check" => Some(value),
            _ => None,
        })
    }

    /// What it changed, in order.
    pub fn changes(&self) -> Vec<Change<'_>> {
        let mut changes: Vec<Change<'_>> = Vec::new();
        for record in &self.records {
            match &record.entry {
                Entry::Begin { kind, block, values, undo, risk, .. } => changes.push(Change {
                    kind,
                    block,
                    values,
                    risk: risk.as_deref(),
                    undo: undo.as_ref(),
                    at: &record.at,
                    ended: None,
                    state: None,
                    undone: false,
                }),
                Entry::End { block, ending, good, .. } => {
                    if let Some(change) = latest(&mut changes, block) {
                        change.ended = Some(Ended { how: ending, good: *good, at: &record.at });
                        let undid = *good && change.kind == "rollback";
                        let undone = changes.iter_mut().rev().find(|change| {
                            undid && change.undo.is_some_and(|undo| undo.id == *block) && !change.undone
                        });
                        if let Some(change) = undone {
                            change.undone = true;
                        }
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

    /// The rollbacks that ran to their end without an error.
    pub fn rolled_back(&self) -> Vec<&str> {
        let changes = self.changes().into_iter();
        let good =
            changes.filter(|change| change.kind == "rollback" && change.ended.is_some_and(|end| end.good));
        good.map(|change| change.block.id.as_ref()).collect()
    }

    /// Changes of which it is not known what they did, or whether they held.
    pub fn unsettled(&self) -> Vec<Change<'_>> {
        let mut changes = self.changes();
        changes.retain(Change::is_unsettled);
        changes
    }

    /// It was cut off, or what a change of it did is not known; and nothing was said to that yet.
    pub fn is_open(&self) -> bool {
        !self.told && self.undoes().is_none() && (self.outcome().is_none() || !self.unsettled().is_empty())
    }

    /// What is known of a run that was cut off, a sentence for each change.
    pub fn what_is_known(&self) -> Vec<String> {
        let changes = self.changes();
        if changes.is_empty() {
            return vec!["Nothing was changed.".into()];
        }
        changes.iter().map(Change::what_is_known).collect()
    }
}

impl Change<'_> {
    /// Of this change it is not known what it did, or whether it held.
    fn is_unsettled(&self) -> bool {
        self.kind != "rollback" && !self.undone && self.state.is_none_or(|state| state == "unknown")
    }

    /// Whether the block ran to its end is known.
    pub fn end_is_known(&self) -> bool {
        self.kind == "manual" || self.ended.is_some_and(|_| self.state != Some("unknown"))
    }

    fn what_is_known(&self) -> String {
        let (kind, id, at) = (self.kind, &self.block.id, moment(self.at));
        match (self.ended, self.state) {
            (_, Some("unknown")) => format!("What the {kind} `{id}` of {at} did is not known."),
            (_, Some(state)) => format!("The {kind} `{id}` of {at} was recorded to its end: {state}."),
            (Some(end), None) if kind == "rollback" => {
                format!("The {kind} `{id}` was run at {at}: {}.", end.how)
            }
            (Some(end), None) => {
                format!("The {kind} `{id}` was run at {at}: {}. Whether it held was not recorded.", end.how)
            }
            (None, None) if kind == "manual" => {
                format!("A person did `{id}` at {at}. Whether it held was not recorded.")
            }
            (None, None) => {
                format!("The {kind} `{id}` was started at {at}; whether it ran to its end is not known.")
            }
        }
    }
}

/// The change of this block that a later record speaks of.
fn latest<'c, 'a>(changes: &'c mut [Change<'a>], block: &str) -> Option<&'c mut Change<'a>> {
    changes.iter_mut().rev().find(|change| change.block.id == block)
}

/// A time to the second, as a person reads it; always UTC.
pub fn moment(at: &str) -> String {
    at.get(..19).map_or_else(|| at.to_owned(), |at| format!("{} UTC", at.replace('T', " ")))
}
