//! The fixes of a page, one after the other: which are offered, what comes before the consent and
//! what between the consent and the change.

use super::record::Starts;
use super::state::{Run, Stop};
use crate::report::{FixResult, FixState, Verdict};
use crate::run::approval::{ApprovedFix, Decision, ask};
use crate::run::rehearsal::label;
use crate::run::{Consent, Event, Task, plan};
use crate::runbook::{BlockId, Check, Fix, ParamName, Rollback, Script};
use crate::target::Nature;
use crate::text::Untrusted;

/// What became of a fix, with the reason.
pub(super) type Settled = (FixState, String);

impl<'a> Run<'a, '_> {
    pub(super) fn fixes(&mut self) {
        for fix in &self.runbook.fixes {
            // One that was made before the run was cut off is settled.
            if self.fixed.iter().any(|settled| settled.fix == fix.id) {
                continue;
            }
            let (state, reason) = self.fix(fix);
            let result = FixResult { fix: fix.id.clone(), state, reason };
            self.record_fix(&result);
            self.tell(&Event::Fix(&result));
            self.fixed.push(result);
        }
    }

    fn fix(&mut self, fix: &'a Fix) -> Settled {
        if let Err(reason) = self.is_called_for(fix) {
            return (FixState::Unneeded, reason);
        }
        if self.interrupted() {
            return (FixState::Skipped, "the run was interrupted before it".into());
        }
        if let Some(stop) = self.stop {
            let why = match stop {
                Stop::Declined => "it was not offered, because you declined",
                Stop::Interrupted => "the run was interrupted before it",
                Stop::Restart => "it is offered after the restart, at the next run",
                Stop::NotKnown => "it was not offered: what the change before it did is not known",
            };
            return (FixState::Skipped, why.into());
        }
        self.offer(fix).unwrap_or_else(|settled| settled)
    }

    /// A fix answers its checks: all of them must be sick (or unknown, where that is asked for).
    fn is_called_for(&self, fix: &Fix) -> Result<(), String> {
        let fits =
            |verdict| verdict == Verdict::Sick || (self.job.even_if_unknown && verdict == Verdict::Unknown);
        let checks = self.answered(fix);
        if fix.cures.is_empty() {
            let any = checks.iter().any(|check| fits(self.verdict_of(&check.id)));
            return if any { Ok(()) } else { Err("no check is sick".into()) };
        }
        match checks.iter().find(|check| !fits(self.verdict_of(&check.id))) {
            Some(check) => Err(format!(
                "check `{}` is {}",
                check.id,
                super::words::verdict_word(self.verdict_of(&check.id))
            )),
            None => Ok(()),
        }
    }

    /// The checks that a fix is for.
    pub(super) fn answered(&self, fix: &Fix) -> Vec<&'a Check> {
        let at_start = plan::at_start(self.runbook);
        if fix.cures.is_empty() {
            return at_start;
        }
        at_start.into_iter().filter(|check| fix.cures.contains(&check.id)).collect()
    }

    /// `Err` ends it early; both ways it is settled.
    fn offer(&mut self, fix: &'a Fix) -> Result<Settled, Settled> {
        if let Some(why) = &self.job.earlier.held_back {
            return Err((FixState::Offered, why.clone()));
        }
        self.reach(&fix.host)?;
        self.look_ahead(fix)?;
        let Some(script) = &fix.script else { return self.by_person(fix) };
        let rollback = self.rollback_of(fix);
        if self.job.dry_run {
            self.settle_found(script);
            if let Some(rollback) = rollback {
                self.settle_found(&rollback.script);
            }
        } else {
            self.settle_values(fix, script).map_err(|reason| (FixState::Offered, reason))?;
        }
        let consent = self.consent_for_fix(fix, script, rollback);
        if self.job.dry_run {
            self.tell(&Event::Offered(&consent));
            return Err((FixState::Offered, "dry run: nothing is changed".into()));
        }
        let named = self.is_named(fix);
        if named && consent.type_host.is_none() {
            self.tell(&Event::Offered(&consent));
        }
        let command = self.command(label("fix", &fix.id), script);
        let decision = ask(&consent, command, self.hands.approver, named);
        let approved = self.agree(&consent, decision)?;
        self.last_look(fix)?;
        self.apply(fix, &approved, script)
    }

    /// `--yes` names the fix, and nothing asks for a person.
    fn is_named(&mut self, fix: &Fix) -> bool {
        if !self.job.yes.contains(&fix.id) {
            return false;
        }
        let unsure = plan::before(self.runbook, fix)
            .into_iter()
            .find(|check| matches!(self.verdict_of(&check.id), Verdict::Unknown | Verdict::Sick));
        if let Some(check) = unsure {
            self.note(format!(
                "`--yes {}` is not enough: check `{}` ahead of it does not say that it may run.",
                fix.id, check.id
            ));
            return false;
        }
        true
    }

    /// The checks ahead of the consent.
    fn look_ahead(&mut self, fix: &Fix) -> Result<(), Settled> {
        let before = plan::before(self.runbook, fix);
        self.run_checks(&before);
        for check in before {
            if self.verdict_of(&check.id) == Verdict::Refuse {
                let reason = self.results.get(&check.id).map_or("", |result| result.reason.as_str());
                return Err((FixState::Declined, format!("check `{}` refuses it: {reason}", check.id)));
            }
        }
        Ok(())
    }

    /// What comes between the consent and the change: the tasks written ahead of the block, and
    /// the `before=` checks once more. A value that they give must be the one that was shown.
    fn last_look(&mut self, fix: &Fix) -> Result<(), Settled> {
        self.tasks(fix, false)?;
        let before = plan::before(self.runbook, fix);
        let shown = self.given_by(&before);
        self.look_ahead(fix)?;
        if self.given_by(&before) != shown {
            let reason = "a value that it takes from a check has changed since it was shown; run again";
            return Err((FixState::Skipped, reason.into()));
        }
        if self.interrupted() {
            return Err((FixState::Skipped, "the run was interrupted before it".into()));
        }
        Ok(())
    }

    fn given_by(&self, checks: &[&Check]) -> Vec<(ParamName, Untrusted)> {
        let results = checks.iter().filter_map(|check| self.results.get(&check.id));
        results.flat_map(|result| result.captures.clone()).collect()
    }

    fn settle_values(&mut self, fix: &Fix, script: &Script) -> Result<(), String> {
        let mut lacks = self.settle_for(script);
        // What undoes it must be known before it is done: afterwards it may be gone.
        if let Some(rollback) = self.rollback_of(fix) {
            lacks.extend(self.settle_for(&rollback.script));
        }
        match lacks.first() {
            Some((name, lack)) => Err(self.why_lacking(name, lack)),
            None => Ok(()),
        }
    }

    pub(super) fn rollback_of(&self, fix: &Fix) -> Option<&'a Rollback> {
        let runbook = self.runbook;
        fix.rollback.as_ref().and_then(|id| runbook.rollback(id))
    }

    /// An approved change, or why there is none.
    pub(super) fn agree(&mut self, consent: &Consent, decision: Decision) -> Result<ApprovedFix, Settled> {
        match decision {
            Decision::Approved(approved) => Ok(approved),
            Decision::Skipped => Err((FixState::Skipped, "you skipped it".into())),
            Decision::Nobody if self.interrupted() => Err((FixState::Skipped, "you interrupted".into())),
            Decision::Nobody => {
                let why = match &consent.type_host {
                    Some(why) => format!("nobody could be asked, and its host must be confirmed: {why}"),
                    None if self.job.yes.contains(&consent.block) && !consent.cautions.is_empty() => {
                        format!("nobody could be asked, and `--yes` is not enough: {}", consent.cautions[0])
                    }
                    None if self.job.yes.contains(&consent.block) => {
                        "it needs a person, and nobody could be asked".into()
                    }
                    None => format!("nobody could be asked; `--yes {}` says yes to it", consent.block),
                };
                Err((FixState::Offered, why))
            }
            Decision::Declined | Decision::Quit => {
                self.stop = Some(Stop::Declined);
                Err((FixState::Declined, "you declined".into()))
            }
        }
    }

    fn apply(&mut self, fix: &'a Fix, approved: &ApprovedFix, script: &Script) -> Result<Settled, Settled> {
        let rollback = self.rollback_of(fix);
        let starts = Starts { kind: "fix", id: &fix.id, script, risk: fix.risk, rollback };
        self.record_begin(&starts, approved).map_err(|reason| (FixState::Offered, reason))?;
        let said = self.change(&fix.id, approved, &script.host)?;
        self.tasks_after(fix)?;
        Ok(self.prove(fix, said))
    }

    /// The change has been made by now, whatever becomes of these.
    fn tasks_after(&mut self, fix: &Fix) -> Result<(), Settled> {
        self.tasks(fix, true).map_err(|(_, reason)| {
            self.harm = true;
            (FixState::Applied, format!("it was done, but not all that follows: {reason}"))
        })
    }

    /// The tasks of a fix, before its block or after it.
    fn tasks(&mut self, fix: &Fix, after: bool) -> Result<(), Settled> {
        for (place, text) in &fix.tasks {
            if *place == after {
                self.task(&fix.id, text)?;
            }
        }
        Ok(())
    }

    fn task(&mut self, fix: &BlockId, text: &str) -> Result<Task, Settled> {
        match self.hands.approver.task(text) {
            Some(Task::Stop) => {
                self.stop = Some(Stop::Declined);
                Err((FixState::Declined, "you stopped at a task".into()))
            }
            Some(answer) => Ok(answer),
            None if self.is_rehearsal() && self.job.yes.contains(fix) => Ok(Task::Done),
            None if self.interrupted() => Err((FixState::Skipped, "you interrupted".into())),
            None => Err((
                FixState::Offered,
                format!("`{fix}` has a task for a person, and nobody could be asked"),
            )),
        }
    }

    /// A fix that kb never runs: it is shown, and the person says when it is done.
    fn by_person(&mut self, fix: &'a Fix) -> Result<Settled, Settled> {
        let consent = self.consent_for_manual(fix);
        self.tell(&Event::Offered(&consent));
        if self.job.dry_run {
            return Err((FixState::Offered, "dry run: nothing is changed".into()));
        }
        self.tasks(fix, false)?;
        let wording = if fix.text.trim().is_empty() {
            format!("Do what the section of `{}` says.", fix.id)
        } else {
            format!("Do what the block of `{}` says.", fix.id)
        };
        match self.task(&fix.id, &wording)? {
            Task::Done => {}
            Task::Skip | Task::Stop => return Err((FixState::Skipped, "you skipped it".into())),
        }
        self.record_by_person(fix);
        self.tasks_after(fix)?;
        if self.nature(&fix.host) == Nature::Recording {
            self.rehearse(fix);
        }
        Ok(self.prove(fix, None))
    }
}
