//! A run that was cut off goes on: under its name, with its values, from the proof of what it changed.
//! Its checks run again first.

use jiff::Timestamp;

use super::RunError;
use super::state::Run;
use crate::report::{FixResult, Verdict};
use crate::run::journal::Entry;
use crate::run::journal::history;
use crate::run::journal::past::{Change, PastRun};
use crate::run::{Event, plan};
use crate::runbook::{Check, Fix};

impl<'a> Run<'a, '_> {
    /// Takes over what a past run knew, once the lock is held.
    pub(super) fn take_up(&mut self, past: &PastRun) -> Result<(), RunError> {
        self.still_as_read(&past.id, past.records.len())?;
        self.id.clone_from(&past.id);
        self.name_for_blocks.clone_from(&past.id);
        let changes = past.changes();
        let ends = changes.iter().map(|change| change.ended.map_or(change.at, |end| end.at));
        self.last_fix = ends.filter_map(|at| at.parse::<Timestamp>().ok()).next_back();
        Ok(())
    }

    /// Whoever held the lock before may have gone on with that run, or undone it.
    pub(super) fn still_as_read(&self, run: &str, records: usize) -> Result<(), RunError> {
        let Some(Ok(history)) = self.job.state.as_deref().map(history::read) else { return Ok(()) };
        let now = history.runs.iter().find(|known| known.id == run).map(|known| known.records.len());
        if now.is_none_or(|now| now == records) { Ok(()) } else { Err(RunError::Overtaken) }
    }

    /// Says of each change that was left unsettled whether it held, as if it had just been made.
    pub(super) fn prove_again(&mut self, past: &'a PastRun) {
        let runbook = self.runbook;
        let then_or_now =
            |check: &&Check| was_sick(past, check) || self.verdict_of(&check.id) == Verdict::Sick;
        self.sick = plan::at_start(runbook).into_iter().filter(then_or_now).collect();
        for change in past.unsettled() {
            let Some(fix) = runbook.fixes.iter().find(|fix| fix.id.as_str() == change.block.id) else {
                continue;
            };
            if self.interrupted() || self.stop.is_some() {
                return;
            }
            self.settle_again(fix, &change);
        }
    }

    fn settle_again(&mut self, fix: &'a Fix, change: &Change<'_>) {
        let said = match change.ended {
            Some(end) if end.good => None,
            Some(end) => Some(end.how.to_owned()),
            None if change.kind == "manual" => None,
            None => Some("it is not known whether it ran to its end".to_owned()),
        };
        let (state, reason) = self.prove_now(fix, said);
        let result = FixResult { fix: fix.id.clone(), state, reason };
        self.record_fix(&result);
        self.tell(&Event::Fix(&result));
        self.fixed.push(result);
    }
}

/// The past run found it sick before its first change.
fn was_sick(past: &PastRun, check: &Check) -> bool {
    let ahead = past.entries().take_while(|entry| !matches!(entry, Entry::Begin { .. }));
    let verdicts = ahead.filter_map(|entry| match entry {
        Entry::Verdict { check: id, verdict, .. } if *id == check.id.as_str() => Some(verdict.as_ref()),
        _ => None,
    });
    verdicts.last() == Some("sick")
}
