//! Running checks: the host is met first, values are settled, and every check gets a verdict.

use std::time::Duration;

use jiff::SignedDuration;

use super::state::{Met, Run, Stop};
use super::words::in_words;
use crate::report::{CheckResult, Verdict};
use crate::run::approval::Agreement;
use crate::run::rehearsal::label;
use crate::run::values::{Lack, used_by_check};
use crate::run::verdict::{self, Context};
use crate::run::{Event, plan};
use crate::runbook::{Allow, BlockId, Check, HostName, ParamName};
use crate::target::{Access, Command, Ending, Identity, Nature, Output, TargetError};
use crate::triage::{self, Suggest};

impl<'a> Run<'a, '_> {
    pub(super) fn checks_at_start(&mut self) {
        let checks = plan::at_start(self.runbook);
        self.run_checks(&checks);
        let sick = |check: &&Check| self.verdict_of(&check.id) == Verdict::Sick;
        self.sick = checks.into_iter().filter(sick).collect();
    }

    /// Runs checks, batch by batch.
    pub(super) fn run_checks(&mut self, checks: &[&'a Check]) {
        for batch in plan::batches(self.runbook, checks) {
            self.run_batch(&batch);
        }
    }

    fn run_batch(&mut self, batch: &[&'a Check]) {
        let host = batch[0].script.host.clone();
        let mut ready = Vec::new();
        for &check in batch {
            match self.obstacle(check) {
                Some((verdict, reason)) => {
                    let result = CheckResult { verdict, ..verdict::not_run(check, reason) };
                    self.take(check, result);
                }
                None => ready.push(check),
            }
        }
        if ready.is_empty() {
            return;
        }
        if let Met::No(reason) = self.meet(&host) {
            for check in ready {
                self.take(check, verdict::not_run(check, reason.clone()));
            }
            return;
        }
        let commands: Vec<Command> = ready.iter().map(|check| self.check_command(check)).collect();
        for check in &ready {
            self.tell(&Event::Checking(&check.id));
        }
        match self.run_on(&host, &commands) {
            Ok(outputs) => {
                for (check, output) in ready.into_iter().zip(outputs) {
                    let result = self.judge(check, output);
                    self.take(check, result);
                }
            }
            Err(error) => {
                self.tell(&Event::Trouble(&host, &error));
                let why = in_words(&error);
                if matches!(error, TargetError::Interrupted) {
                    self.stop = Some(Stop::Interrupted);
                } else {
                    self.hosts.insert(host, Met::No(why.clone()));
                }
                for check in ready {
                    self.take(check, verdict::not_run(check, why.clone()));
                }
            }
        }
    }

    /// What keeps a check from running: a value that it lacks, or that the person stopped.
    fn obstacle(&mut self, check: &Check) -> Option<(Verdict, String)> {
        if self.interrupted() {
            return Some((Verdict::Unknown, "the run was interrupted before it".into()));
        }
        // A check that is healthy has nothing to hand on, and nobody is asked for what is not there.
        let givers = plan::givers(self.runbook, check);
        let nothing = |giver: &BlockId| {
            let verdict = self.verdict_of(giver);
            matches!(verdict, Verdict::Healthy | Verdict::DoesNotApply) && !self.gave(giver, check)
        };
        if let Some(giver) = givers.iter().find(|giver| nothing(giver)) {
            return Some((
                Verdict::DoesNotApply,
                format!("it needs what check `{giver}` finds, which found nothing"),
            ));
        }
        let lacks = self.settle_all(used_by_check(self.runbook, check));
        let (name, lack) = lacks.first()?;
        Some((Verdict::Unknown, self.why_lacking(name, lack)))
    }

    /// Why a block lacks a value, and what to type.
    pub(super) fn why_lacking(&self, name: &ParamName, lack: &Lack) -> String {
        let secret = self.runbook.parameter(name).is_some_and(|parameter| parameter.secret);
        let give =
            if secret { format!("`--secret-file {name}=PATH`") } else { format!("`--set {name}=…`") };
        match lack {
            Lack::Nobody => format!("it needs a value for `{name}`; give it with {give}"),
            Lack::Check(check) => {
                format!("it needs `{name}` from check `{check}`, which did not give one; give it with {give}")
            }
            Lack::Refused(why) => format!("the value of `{name}` is refused: {why}"),
        }
    }

    /// True when every value that `check` takes from `giver` has been found.
    fn gave(&self, giver: &BlockId, check: &Check) -> bool {
        self.values.has_all_from(self.runbook, giver, check)
    }

    /// Makes sure that kb knows who a host is before the first block runs there.
    pub(super) fn meet(&mut self, host: &HostName) -> Met {
        if let Some(met) = self.hosts.get(host) {
            return met.clone();
        }
        let met = self.identify(host).unwrap_or(Met::Yes);
        self.hosts.insert(host.clone(), met.clone());
        met
    }

    fn identify(&mut self, host: &HostName) -> Option<Met> {
        let target = self.hands.targets.get_mut(host)?;
        match target.identify() {
            Ok(identity) => {
                let name = target.name().to_owned();
                let needs_consent = target.checks_need_consent();
                self.identified(host, &name, identity);
                if self.undoes_elsewhere(host) {
                    return Some(Met::No("another host answers than the one that was changed".into()));
                }
                if needs_consent && self.job.require_confined {
                    let why = "its checks were not run: there nothing but their author's word holds them to \
                               reading; without `--require-confined` kb asks for your consent to them";
                    return Some(Met::No(why.into()));
                }
                let agreed = if needs_consent { self.agree_to_checks(host, &name) } else { Ok(()) };
                agreed.err().map(Met::No)
            }
            Err(error) => {
                self.tell(&Event::Trouble(host, &error));
                Some(Met::No(in_words(&error)))
            }
        }
    }

    fn identified(&mut self, host: &HostName, target: &str, identity: Option<Identity>) {
        if let Some(identity) = &identity {
            self.record_host(host, target, identity);
        }
        self.tell(&Event::Identified { host, target, identity: identity.as_ref() });
        self.identities.extend(identity.map(|identity| (host.clone(), identity)));
    }

    /// One consent for the checks of a host on which nothing holds them to reading. It is given by a
    /// person or for this host by name, and is none for a fix.
    fn agree_to_checks(&mut self, host: &HostName, target: &str) -> Result<(), String> {
        if self.job.allow_declared.contains(host) {
            self.note(format!(
                "The checks on `{host}` ({target}) run by `--allow-declared {host}`: that they change nothing \
                 is the word of their author alone."
            ));
            self.record_agreed(host, target, Agreement::Flag);
            return Ok(());
        }
        let checks = self.runbook.checks.iter().filter(|check| check.script.host == *host);
        let scripts: Vec<(BlockId, &str)> =
            checks.map(|check| (check.id.clone(), check.script.text.as_str())).collect();
        let why = "its checks are read-only only by their author's word, and nobody agreed to run them";
        match self.hands.approver.declared_checks(host, target, &scripts) {
            Some(true) => {
                self.record_agreed(host, target, Agreement::Asked);
                Ok(())
            }
            Some(false) => Err(why.into()),
            None => Err(format!("{why}; `--allow-declared {host}` agrees to it")),
        }
    }

    /// Runs commands on a host; afterwards a host done by hand may have said who it is.
    pub(super) fn run_on(
        &mut self,
        host: &HostName,
        commands: &[Command],
    ) -> Result<Vec<Output>, TargetError> {
        let Some(target) = self.hands.targets.get_mut(host) else {
            return Err(TargetError::Unreachable {
                host: host.to_string(),
                reason: "it is bound to nothing".into(),
            });
        };
        let outputs = target.run(commands)?;
        if !self.identities.contains_key(host)
            && let Ok(Some(identity)) = target.identify()
        {
            let name = target.name().to_owned();
            self.identified(host, &name, Some(identity));
        }
        if outputs.iter().any(|output| output.ending == Ending::Interrupted) {
            self.stop = Some(Stop::Interrupted);
        }
        Ok(outputs)
    }

    fn check_command(&self, check: &Check) -> Command {
        let Allow { unix, net, tmp, processes } = check.allow;
        let access = Access::Read { unix, net, tmp, processes };
        Command {
            needs: check.needs.clone(),
            systems: check.os.clone(),
            questions: verdict::questions(check),
            access,
            ..self.command(label("check", &check.id), &check.script)
        }
    }

    fn judge(&self, check: &Check, output: Output) -> CheckResult {
        let newer_than = match self.nature(&check.script.host) {
            // A recording is as old as it is.
            Nature::Recording => None,
            _ => Some(self.last_fix.unwrap_or_else(|| self.began - signed(check.recent))),
        };
        let options = triage::Options {
            now: self.hands.clock.now(),
            zone: self.job.zone.clone(),
            since: None,
            until: None,
            suggest: Suggest::Never,
            threads: 1,
        };
        let context = Context {
            symptom_seen: &|text| triage::symptom_seen(self.runbook, text, newer_than, &options),
            value: &|name| self.values.get(name).map(|value| value.raw().to_vec()),
        };
        let mut result = verdict::judge(check, output, &context);
        result.output = self.values.scrub(&result.output);
        result
    }

    /// Keeps a result, with what it gives to others, and tells of it.
    fn take(&mut self, check: &Check, result: CheckResult) {
        self.values.captured(self.runbook, &check.id, &result.captures);
        self.record_verdict(&result);
        self.tell(&Event::Checked(&result));
        self.results.insert(check.id.clone(), result);
    }
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::ZERO)
}
