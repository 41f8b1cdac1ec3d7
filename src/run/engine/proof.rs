//! The proof that a fix held, and what is done when it did not.

use super::fixes::Settled;
use super::record::Starts;
use super::state::{Run, Stop};
use crate::report::{FixState, Verdict};
use crate::run::approval::ask;
use crate::run::rehearsal::label;
use crate::run::{Event, Remedy, plan};
use crate::runbook::{Check, Fix, Rollback};
use crate::target::Nature;
use std::time::Duration;

/// A person who says "wait" waits so long, unless a check says how long.
const WAIT: Duration = Duration::from_secs(5);

impl<'a> Run<'a, '_> {
    /// Held: the checks that it answers, and those after it, are healthy now.
    pub(super) fn prove(&mut self, fix: &'a Fix, said: Option<String>) -> Settled {
        if fix.reboot && !self.is_rehearsal() {
            self.stop = Some(Stop::Restart);
            let text = "it takes effect when the machine has restarted; whether it held, the next run says";
            return (FixState::Applied, text.into());
        }
        self.prove_now(fix, said)
    }

    pub(super) fn prove_now(&mut self, fix: &'a Fix, said: Option<String>) -> Settled {
        let checks = self.to_prove(fix);
        // Where a run goes on, its checks have just run.
        if self.job.earlier.continues.is_none() || !self.holds(&checks) {
            self.recheck(&checks);
        }
        loop {
            if self.interrupted() {
                self.harm = true;
                return (FixState::Unknown, "interrupted before it was known whether it held".into());
            }
            if self.holds(&checks) {
                let held = format!("{} now", self.in_words(&checks));
                return (
                    FixState::Held,
                    said.map_or(held.clone(), |said| format!("{held}, although {said}")),
                );
            }
            let rollback = self.rollback_of(fix);
            match (self.remedy(fix, rollback), rollback) {
                (Remedy::Wait, _) => self.wait_and_recheck(&checks),
                (Remedy::Undo, Some(rollback)) => return self.undo(fix, rollback, &checks),
                _ => {
                    self.harm = true;
                    let reason = self.in_words(&checks);
                    let reason = said.map_or(reason.clone(), |said| format!("{reason}; {said}"));
                    return (self.unproved(&checks), reason);
                }
            }
        }
    }

    fn unproved(&self, checks: &[&Check]) -> FixState {
        let sick = |check: &&Check| self.verdict_of(&check.id) == Verdict::Sick;
        if checks.iter().any(sick) { FixState::Failed } else { FixState::Unknown }
    }

    /// Nobody to ask leaves it as it is, unless `--yes` names the rollback.
    fn remedy(&mut self, fix: &Fix, rollback: Option<&Rollback>) -> Remedy {
        let named = rollback.is_some_and(|rollback| self.job.yes.contains(&rollback.id));
        let asked = self.hands.approver.remedy(&fix.id, rollback.is_some());
        asked.unwrap_or(if named { Remedy::Undo } else { Remedy::Keep })
    }

    /// The checks that must be healthy for the fix to have held.
    fn to_prove(&self, fix: &Fix) -> Vec<&'a Check> {
        let mut checks = self.answered(fix);
        if fix.cures.is_empty() {
            let ill = |check: &&Check| {
                let sick = self.sick.iter().any(|sick| sick.id == check.id);
                sick || (self.job.even_if_unknown && self.verdict_of(&check.id) == Verdict::Unknown)
            };
            checks.retain(ill);
        }
        checks.extend(plan::after(self.runbook, fix));
        checks
    }

    fn holds(&self, checks: &[&Check]) -> bool {
        checks.iter().all(|check| matches!(self.verdict_of(&check.id), Verdict::Healthy | Verdict::Shown))
    }

    fn in_words(&self, checks: &[&Check]) -> String {
        let said: Vec<String> = checks
            .iter()
            .filter_map(|check| self.results.get(&check.id))
            .map(|result| {
                format!("check `{}` is {}", result.check, super::words::verdict_word(result.verdict))
            })
            .collect();
        said.join(", ")
    }

    /// Runs the checks again, all that were sick at the start among them: first all at once, then
    /// each that is not healthy yet as often as it asks for.
    fn recheck(&mut self, checks: &[&'a Check]) {
        let mut all = checks.to_vec();
        let others: Vec<&Check> = self
            .sick
            .iter()
            .copied()
            .filter(|sick| !checks.iter().any(|check| check.id == sick.id))
            .collect();
        all.extend(others);
        self.run_checks(&all);
        for check in checks {
            // A person is not asked for the same paste again and again, and a recording does not
            // change with time.
            let tries = if self.nature(&check.script.host) == Nature::Machine { check.retry } else { 0 };
            for _ in 0..tries {
                if self.holds(&[check]) || self.interrupted() {
                    break;
                }
                self.tell(&Event::Waiting(&check.id, check.every));
                if !self.hands.clock.sleep(check.every, &self.hands.interrupt) {
                    break;
                }
                self.run_checks(&[check]);
            }
        }
    }

    fn wait_and_recheck(&mut self, checks: &[&'a Check]) {
        let by_machine = |check: &&&Check| self.nature(&check.script.host) == Nature::Machine;
        if let Some(check) = checks.iter().filter(by_machine).max_by_key(|check| check.every) {
            let time = if check.retry > 0 { check.every } else { WAIT };
            self.tell(&Event::Waiting(&check.id, time));
            self.hands.clock.sleep(time, &self.hands.interrupt);
        }
        if !self.interrupted() {
            self.recheck(checks);
        }
    }

    fn undo(&mut self, fix: &'a Fix, rollback: &'a Rollback, checks: &[&Check]) -> Settled {
        let before = self.in_words(checks);
        match self.roll_back(fix, rollback) {
            Ok(None) => (FixState::Undone, format!("it did not hold ({before}) and was undone")),
            Ok(Some(said)) => {
                self.harm = true;
                (FixState::Failed, format!("it did not hold ({before}), and undoing it went wrong: {said}"))
            }
            Err((_, reason)) => {
                self.harm = true;
                (FixState::Failed, format!("it did not hold ({before}) and is not undone: {reason}"))
            }
        }
    }

    /// Runs the rollback, with a consent of its own.
    fn roll_back(&mut self, fix: &Fix, rollback: &Rollback) -> Result<Option<String>, Settled> {
        let script = &rollback.script;
        self.reach(&script.host)?;
        let consent = self.consent_for_rollback(fix, rollback);
        let named = self.job.yes.contains(&rollback.id);
        if named && consent.type_host.is_none() {
            self.tell(&Event::Offered(&consent));
        }
        let command = self.undoing(label("rollback", &rollback.id), script);
        let decision = ask(&consent, command, self.hands.approver, named);
        let approved = self.agree(&consent, decision)?;
        let starts = Starts { kind: "rollback", id: &rollback.id, script, risk: fix.risk, rollback: None };
        self.record_begin(&starts, &approved).map_err(|reason| (FixState::Offered, reason))?;
        self.change(&rollback.id, &approved, &script.host)
    }
}
