//! Undoing a past run: its recorded rollbacks, each with a consent of its own, then the checks.

use std::collections::BTreeMap;

use super::record::Starts;
use super::state::{Run, Stop};
use super::{Hands, Job, RunError};
use crate::report::{FixState, UndoOutcome, UndoReport, UndoResult, UndoState, Verdict};
use crate::run::approval::ask;
use crate::run::identity::is_same;
use crate::run::journal::past::PastHost;
use crate::run::rehearsal::label;
use crate::run::undo::{Record, Step};
use crate::run::values::Values;
use crate::run::{Consent, Event, plan};
use crate::runbook::{HostName, Rollback};
use crate::text::Untrusted;

/// Puts back what a past run changed, the newest change first, and says what is true now. The
/// runbook of the job is that of the record; its `yes` names rollbacks.
pub fn undo<'a>(job: &'a Job<'a>, record: &'a Record, hands: Hands<'_>) -> Result<UndoReport, RunError> {
    let runbook = job.runbook.runbook();
    if let Some(host) = plan::hosts(runbook).into_iter().find(|host| !hands.targets.contains_key(host)) {
        return Err(RunError::Unbound(host));
    }
    let values =
        Values::new(runbook, &job.given).map_err(|(name, reason)| RunError::ValueRefused { name, reason })?;
    let mut run = Run::new(job, hands, values);
    run.name_for_blocks.clone_from(&record.kb_run);
    run.undoes = Some(record);
    let _lock = run.lock()?;
    run.still_as_read(&record.run, record.records)?;
    let elsewhere = run.elsewhere(record)?;
    let mut undone = Vec::new();
    for step in &record.steps {
        let result = run.undo_step(step, &elsewhere);
        run.record_undo(&result);
        run.tell(&Event::Undo(&result));
        undone.push(result);
    }
    if !run.interrupted() {
        run.checks_at_start();
    }
    Ok(run.undo_report(undone))
}

/// Why the name of a host must be typed.
type Elsewhere = BTreeMap<HostName, String>;

impl Run<'_, '_> {
    /// Every host must be the one that was changed; one that cannot say so yet must be named.
    fn elsewhere(&mut self, record: &Record) -> Result<Elsewhere, RunError> {
        let mut elsewhere = Elsewhere::new();
        for step in &record.steps {
            let Some(rollback) = self.runbook.rollback(&step.rollback) else { continue };
            let host = rollback.script.host.clone();
            // A host that cannot be reached is said where it is needed.
            self.meet(&host);
            if let Some((then, now)) = self.elsewhere_now(record, &host) {
                return Err(RunError::OtherHost { host, then, now });
            }
            match changed(record, &host) {
                None => {
                    elsewhere.insert(host, "that run did not record which host it was".into());
                }
                Some(then) if !self.identities.contains_key(&host) => {
                    elsewhere.insert(host, not_named(then));
                }
                Some(_) => {}
            }
        }
        Ok(elsewhere)
    }

    /// The name of the host that was changed and of the one that answers, where they differ.
    fn elsewhere_now(&self, record: &Record, host: &HostName) -> Option<(String, String)> {
        let (then, now) = (changed(record, host)?, &self.identities.get(host)?.host);
        let same = is_same(&Untrusted::new(then.name.as_bytes()), now);
        (!same).then(|| (then.name.clone(), now.for_terminal()))
    }

    /// On another host than the one that was changed nothing runs, so nothing is asked either.
    pub(super) fn undoes_elsewhere(&self, host: &HostName) -> bool {
        let undoes = |record: &Record| {
            let rollbacks = record.steps.iter().filter_map(|step| self.runbook.rollback(&step.rollback));
            rollbacks.into_iter().any(|rollback| rollback.script.host == *host)
                && self.elsewhere_now(record, host).is_some()
        };
        self.undoes.is_some_and(undoes)
    }

    fn undo_step(&mut self, step: &Step, elsewhere: &Elsewhere) -> UndoResult {
        let (state, reason) = match self.stop {
            Some(Stop::Declined) => (UndoState::Skipped, "it was not offered, because you declined".into()),
            Some(Stop::Interrupted) => (UndoState::Skipped, "it was interrupted before it".into()),
            Some(_) => (UndoState::Skipped, "it was not offered: the one before it went wrong".into()),
            None => self.roll_back_recorded(step, elsewhere),
        };
        UndoResult { fix: step.fix.clone(), rollback: step.rollback.clone(), state, reason }
    }

    fn roll_back_recorded(&mut self, step: &Step, elsewhere: &Elsewhere) -> (UndoState, String) {
        let Some(rollback) = self.runbook.rollback(&step.rollback) else {
            return (UndoState::Failed, "its record is incomplete".into());
        };
        // `$kb_since` is what it was for a rollback in that run.
        self.last_fix = step.at.parse().ok();
        match self.try_rollback(step, rollback, elsewhere) {
            Ok(None) => (UndoState::Undone, "its rollback ran to its end without an error".into()),
            Ok(Some(said)) => {
                self.stop = Some(Stop::NotKnown);
                (UndoState::Failed, said)
            }
            Err((state, reason)) => (undo_state(state), reason),
        }
    }

    /// As the rollback of a fix that has just been made: what is shown is what runs.
    fn try_rollback(
        &mut self,
        step: &Step,
        rollback: &Rollback,
        elsewhere: &Elsewhere,
    ) -> Result<Option<String>, super::fixes::Settled> {
        let script = &rollback.script;
        self.reach(&script.host)?;
        if self.job.dry_run {
            self.settle_found(script);
        } else if let Some((name, lack)) = self.settle_for(script).first() {
            return Err((FixState::Offered, self.why_lacking(name, lack)));
        }
        let consent = self.consent_for_recorded(step, rollback, elsewhere.get(&script.host));
        if self.job.dry_run {
            self.tell(&Event::Offered(&consent));
            return Err((FixState::Offered, "dry run: nothing is changed".into()));
        }
        // What a person should think about, `--yes` does not answer.
        let named = self.job.yes.contains(&rollback.id) && consent.cautions.is_empty();
        if named && consent.type_host.is_none() {
            self.tell(&Event::Offered(&consent));
        }
        let command = self.command(label("rollback", &rollback.id), script);
        let decision = ask(&consent, command, self.hands.approver, named);
        let approved = self.agree(&consent, decision)?;
        let starts = Starts { kind: "rollback", id: &rollback.id, script, risk: step.risk, rollback: None };
        self.record_begin(&starts, &approved).map_err(|reason| (FixState::Offered, reason))?;
        self.change(&rollback.id, &approved, &script.host)
    }

    fn consent_for_recorded(&self, step: &Step, rollback: &Rollback, elsewhere: Option<&String>) -> Consent {
        Consent {
            script: self.shown(&rollback.script),
            values: self.shown_values(&[&rollback.script]),
            user: self.user(&rollback.script),
            risk: step.risk,
            puts_back: Some(step.puts_back.clone()),
            cautions: step.cautions.clone(),
            type_host: elsewhere.cloned(),
            ..self.consent(&rollback.id, &rollback.script.host)
        }
    }

    fn undo_report(mut self, undone: Vec<UndoResult>) -> UndoReport {
        self.interrupted();
        let outcome = self.undo_outcome(&undone);
        if let Some(record) = self.undoes {
            self.record_undo_outcome(outcome, &record.run);
        }
        let checks = self.runbook.checks.iter().filter_map(|check| self.results.get(&check.id).cloned());
        let checks: Vec<_> = checks.collect();
        let verdict = if checks.is_empty() { Verdict::Unknown } else { self.verdict() };
        UndoReport { runbook: self.runbook.id.clone(), undone, checks, verdict, outcome }
    }

    fn undo_outcome(&self, undone: &[UndoResult]) -> UndoOutcome {
        let any = |state| undone.iter().any(|result| result.state == state);
        if any(UndoState::Failed) || any(UndoState::Unknown) {
            UndoOutcome::Broken
        } else if self.stop == Some(Stop::Interrupted) {
            UndoOutcome::Interrupted
        } else if any(UndoState::Declined) || any(UndoState::Skipped) {
            UndoOutcome::Declined
        } else if !any(UndoState::Offered) {
            UndoOutcome::Undone
        } else if self.job.dry_run {
            UndoOutcome::Shown
        } else {
            UndoOutcome::Offered
        }
    }
}

/// The host that was changed, as it was recorded last.
fn changed<'a>(record: &'a Record, host: &HostName) -> Option<&'a PastHost> {
    record.hosts.iter().rev().find(|known| known.host == *host)
}

fn not_named(then: &PastHost) -> String {
    format!("it has not said who it is; what is to be undone was done on `{}`", then.name)
}

fn undo_state(state: FixState) -> UndoState {
    match state {
        FixState::Declined => UndoState::Declined,
        FixState::Skipped => UndoState::Skipped,
        FixState::Failed => UndoState::Failed,
        FixState::Unknown => UndoState::Unknown,
        _ => UndoState::Offered,
    }
}
