//! A change: what is shown before it, and how it is run once it has been approved.

use super::fixes::Settled;
use super::state::{Met, Run, Stop};
use crate::report::FixState;
use crate::run::approval::ApprovedFix;
use crate::run::rehearsal::label;
use crate::run::values::{Value, used};
use crate::run::{Consent, Event, identity, plan};
use crate::runbook::{BlockId, Fix, HostName, ParamName, Risk, Rollback, Script};
use crate::target::{Command, Ending, Nature, Output, Said, TargetError};

impl Run<'_, '_> {
    pub(super) fn consent_for_fix(&self, fix: &Fix, script: &Script, rollback: Option<&Rollback>) -> Consent {
        let mut scripts = vec![script];
        scripts.extend(rollback.map(|rollback| &rollback.script));
        Consent {
            manual: false,
            script: self.shown(script),
            values: self.shown_values(&scripts),
            user: self.user(script),
            undo: rollback.map(|rollback| (rollback.id.clone(), self.shown(&rollback.script))),
            ..self.consent_for_manual(fix)
        }
    }

    pub(super) fn consent_for_manual(&self, fix: &Fix) -> Consent {
        let because = self.answered(fix).into_iter().filter_map(|check| self.results.get(&check.id));
        let before =
            plan::before(self.runbook, fix).into_iter().filter_map(|check| self.results.get(&check.id));
        Consent {
            block: fix.id.clone(),
            is_fix: true,
            manual: true,
            script: fix.text.clone(),
            because: because
                .map(|result| (result.check.clone(), result.verdict, result.reason.clone()))
                .collect(),
            before: before.cloned().collect(),
            risk: fix.risk,
            reboot: fix.reboot,
            cuts: fix.cuts.clone(),
            undo: self.rollback_of(fix).map(|rollback| (rollback.id.clone(), rollback.script.text.clone())),
            tasks: fix.tasks.clone(),
            ..self.consent(&fix.id, &fix.host)
        }
    }

    pub(super) fn consent_for_rollback(&self, fix: &Fix, rollback: &Rollback) -> Consent {
        let because = self.answered(fix).into_iter().filter_map(|check| self.results.get(&check.id));
        Consent {
            script: self.shown(&rollback.script),
            values: self.shown_values(&[&rollback.script]),
            user: self.user(&rollback.script),
            because: because
                .map(|result| (result.check.clone(), result.verdict, result.reason.clone()))
                .collect(),
            risk: fix.risk,
            puts_back: Some(format!("what fix `{}` has just changed", fix.id)),
            ..self.consent(&rollback.id, &rollback.script.host)
        }
    }

    pub(super) fn consent(&self, block: &BlockId, host: &HostName) -> Consent {
        let target = self.hands.targets.get(host).map_or_else(String::new, |target| target.name().to_owned());
        Consent {
            runbook: self.runbook.id.clone(),
            origin: self.job.runbook.origin(),
            block: block.clone(),
            is_fix: false,
            manual: false,
            host: host.clone(),
            target,
            identity: self.identities.get(host).cloned(),
            user: self.identities.get(host).map_or_else(String::new, |identity| identity.user.clone()),
            script: String::new(),
            values: Vec::new(),
            because: Vec::new(),
            before: Vec::new(),
            risk: Risk::Low,
            reboot: false,
            cuts: None,
            undo: None,
            puts_back: None,
            cautions: Vec::new(),
            tasks: Vec::new(),
            tested: self.runbook.fact("Tested").map(str::to_owned),
            type_host: self.mismatch(host),
        }
    }

    fn mismatch(&self, host: &HostName) -> Option<String> {
        let identity = self.identities.get(host)?;
        let named = self.runbook.hosts.iter().find(|one| one.name == *host)?;
        let all: Vec<_> = self.identities.values().collect();
        identity::mismatch(named, identity, self.job.given.log_host.as_ref(), &all)
    }

    /// The text that runs, secrets masked.
    pub(super) fn shown(&self, script: &Script) -> String {
        let command = self.command(String::new(), script);
        self.values.scrub_known(&command.script)
    }

    pub(super) fn shown_values(&self, scripts: &[&Script]) -> Vec<(ParamName, String)> {
        let mut shown: Vec<(ParamName, String)> = Vec::new();
        for parameter in scripts.iter().flat_map(|script| used(self.runbook, script)) {
            let name = &parameter.name;
            if !shown.iter().any(|(known, _)| known == name) {
                let value = self.values.get(name);
                shown.push((
                    name.clone(),
                    value.map_or_else(|| "(asked when it is offered)".into(), Value::shown),
                ));
            }
        }
        shown
    }

    pub(super) fn user(&self, script: &Script) -> String {
        let user = self.identities.get(&script.host).map(|identity| identity.user.as_str());
        match (script.root, user) {
            (true, Some("root") | None) => "root".into(),
            (true, Some(_)) => "root (by sudo)".into(),
            (false, user) => user.unwrap_or("").into(),
        }
    }

    /// Makes sure that the host of a change can be used.
    pub(super) fn reach(&mut self, host: &HostName) -> Result<(), Settled> {
        match self.meet(host) {
            Met::Yes => Ok(()),
            Met::No(reason) => Err((FixState::Offered, reason)),
        }
    }

    /// Runs an approved change. `Ok` says what is worth a word although it ran; `Err` is the end of
    /// it.
    pub(super) fn change(
        &mut self,
        block: &BlockId,
        approved: &ApprovedFix,
        host: &HostName,
    ) -> Result<Option<String>, Settled> {
        self.tell(&Event::Applying(block));
        let question = "Did it run to its end without an error?".to_owned();
        let command = Command { questions: vec![question], ..approved.command().clone() };
        let outcome = self.run_on(host, &[command]).map(|outputs| outputs.into_iter().next());
        self.last_fix = Some(self.hands.clock.now());
        let output = match outcome {
            Ok(Some(output)) => output,
            Ok(None) => Output::without_text(
                Ending::NotKnown("the host gave no answer".into()),
                crate::target::Confinement::Free,
            ),
            Err(error) => return Err(self.not_changed(block, host, &error)),
        };
        let text = self.values.scrub(&output.text);
        let good = matches!(output.ending, Ending::Exited(0) | Ending::Said(Said { rule: Some(_) }));
        self.record_end(block, &ending_in_words(&output.ending), good, &text);
        self.tell(&Event::Applied(block, &text));
        self.judge_change(&output)
    }

    fn not_changed(&mut self, block: &BlockId, host: &HostName, error: &TargetError) -> Settled {
        self.record_end(block, &error.to_string(), false, &crate::text::Untrusted::default());
        self.tell(&Event::Trouble(host, error));
        if matches!(error, TargetError::Interrupted) {
            self.harm = true;
            self.stop = Some(Stop::Interrupted);
            return (FixState::Unknown, "you interrupted it; what it did is not known".into());
        }
        (FixState::Failed, format!("it did not start: {}", super::words::in_words(error)))
    }

    fn judge_change(&mut self, output: &Output) -> Result<Option<String>, Settled> {
        let left = output.left;
        let left = (left.ended + left.survived > 0)
            .then(|| format!("{} processes that it left running were ended", left.ended));
        match &output.ending {
            Ending::Exited(0) | Ending::Said(Said { rule: Some(_) }) => Ok(left),
            Ending::Exited(_) | Ending::Signalled(_) | Ending::TimedOut | Ending::TookTooMuch(_) => {
                let how = ending_in_words(&output.ending);
                Ok(Some(left.map_or(how.clone(), |left| format!("{how}; {left}"))))
            }
            Ending::Missing(_) | Ending::Refused(_) | Ending::NotHeld(_) | Ending::OtherSystem(_) => {
                Err((FixState::Failed, format!("it did not start: {}", ending_in_words(&output.ending))))
            }
            Ending::Interrupted => {
                self.harm = true;
                self.stop = Some(Stop::Interrupted);
                Err((FixState::Unknown, "you interrupted it; what it did is not known".into()))
            }
            Ending::NotKnown(_) | Ending::Said(_) => {
                self.harm = true;
                self.stop = Some(Stop::NotKnown);
                let how = ending_in_words(&output.ending);
                Err((FixState::Unknown, format!("its state is not known: {how}; look, then run again")))
            }
        }
    }

    /// In a rehearsal, what a person does happens too.
    pub(super) fn rehearse(&mut self, fix: &Fix) {
        let script = Script {
            language: crate::runbook::Language::Sh,
            text: String::new(),
            host: fix.host.clone(),
            root: false,
            timeout: std::time::Duration::from_secs(1),
        };
        let command = self.command(label("fix", &fix.id), &script);
        if self.nature(&fix.host) == Nature::Recording {
            let _ = self.run_on(&fix.host, &[command]);
        }
    }
}

/// How a change ended, for the journal and for a person.
pub(super) fn ending_in_words(ending: &Ending) -> String {
    match ending {
        Ending::Exited(0) => "it ended without an error".into(),
        Ending::Exited(status) => format!("it ended with exit status {status}"),
        Ending::Signalled(signal) => format!("it was ended by signal {signal}"),
        Ending::TimedOut => "it was stopped at its time limit".into(),
        Ending::Interrupted => "it was interrupted".into(),
        Ending::OtherSystem(system) => format!("this is {system}"),
        Ending::Missing(program) => format!("`{program}` is missing"),
        Ending::Refused(why) | Ending::NotHeld(why) | Ending::NotKnown(why) => why.clone(),
        Ending::TookTooMuch(what) => format!("it was stopped: {what}"),
        Ending::Said(Said { rule: Some(_) }) => "you said that it ran without an error".into(),
        Ending::Said(Said { rule: None }) => "you could not say whether it ran without an error".into(),
    }
}
