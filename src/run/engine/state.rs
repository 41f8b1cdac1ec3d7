//! What a run knows while it goes on, and the commands it makes of blocks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

use super::words::in_words;
use super::{Hands, Job, RunError};
use crate::report::{CheckResult, FixResult, FixState, Outcome, RunReport, Verdict};
use crate::run::journal::{self, Entry, Journal, Lock};
use crate::run::undo::Record;
use crate::run::values::{Lack, Values, fill_in, used, used_by_check};
use crate::run::{Event, plan, verdict};
use crate::runbook::{BlockId, Check, HostName, Language, ParamName, Parameter, Runbook, Script};
use crate::target::{Access, Command, Identity, Interpreter, Nature};

/// The first and the last half of so much output is kept.
const OUTPUT_BYTES_MAX: usize = 512 * 1024;

/// How far kb got with a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Met {
    /// It can be used.
    Yes,
    /// It cannot, and why.
    No(String),
}

/// Why no more is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The person said no, or ended the run.
    Declined,
    /// The person interrupted.
    Interrupted,
    /// The machine must restart first.
    Restart,
    /// What a change did is not known.
    NotKnown,
}

pub(super) struct Run<'a, 'h> {
    pub(super) job: &'a Job<'a>,
    pub(super) runbook: &'a Runbook,
    pub(super) hands: Hands<'h>,
    pub(super) values: Values,
    pub(super) hosts: BTreeMap<HostName, Met>,
    pub(super) identities: BTreeMap<HostName, Identity>,
    /// Consents to checks that nothing holds, as they are recorded.
    pub(super) agreed: Vec<Entry<'static>>,
    pub(super) results: BTreeMap<BlockId, CheckResult>,
    /// Checks that were sick before the first fix.
    pub(super) sick: Vec<&'a Check>,
    pub(super) fixed: Vec<FixResult>,
    pub(super) began: Timestamp,
    pub(super) last_fix: Option<Timestamp>,
    /// Its name in the journal.
    pub(super) id: String,
    /// What blocks get as `$kb_run`: the same string in a fix and in all that follows it.
    pub(super) name_for_blocks: String,
    pub(super) journal: Option<Journal>,
    /// Why the lock could not be had; then nothing is changed.
    pub(super) unlocked: Option<String>,
    /// The past run that is undone.
    pub(super) undoes: Option<&'a Record>,
    pub(super) stop: Option<Stop>,
    /// Something was changed, it did not hold, and it was not undone (or that is not known).
    pub(super) harm: bool,
}

impl<'a, 'h> Run<'a, 'h> {
    pub(super) fn new(job: &'a Job<'a>, hands: Hands<'h>, values: Values) -> Self {
        let began = hands.clock.now();
        let id = format!("{}-{}", began.strftime("%Y%m%dT%H%M%SZ"), std::process::id());
        Self {
            job,
            runbook: job.runbook.runbook(),
            hands,
            values,
            hosts: BTreeMap::new(),
            identities: BTreeMap::new(),
            agreed: Vec::new(),
            results: BTreeMap::new(),
            sick: Vec::new(),
            fixed: Vec::new(),
            began,
            last_fix: None,
            name_for_blocks: id.clone(),
            id,
            journal: None,
            unlocked: None,
            undoes: None,
            stop: None,
            harm: false,
        }
    }

    pub(super) fn tell(&mut self, event: &Event<'_>) {
        self.hands.watch.event(event);
    }

    pub(super) fn note(&mut self, text: impl AsRef<str>) {
        self.hands.watch.event(&Event::Note(text.as_ref()));
    }

    /// Nothing really happens: every host is a recording.
    pub(super) fn is_rehearsal(&self) -> bool {
        self.hands.targets.values().all(|target| target.nature() == Nature::Recording)
    }

    pub(super) fn nature(&self, host: &HostName) -> Nature {
        self.hands.targets.get(host).map_or(Nature::Machine, |target| target.nature())
    }

    /// True once the person has interrupted.
    pub(super) fn interrupted(&mut self) -> bool {
        if self.hands.interrupt.load(Ordering::Relaxed) {
            self.stop = Some(Stop::Interrupted);
        }
        self.stop == Some(Stop::Interrupted)
    }

    /// One run at a time. Whoever changes nothing needs no lock; where none can be had, nothing is
    /// changed.
    pub(super) fn lock(&mut self) -> Result<Option<Lock>, RunError> {
        let (false, Some(state)) = (self.job.dry_run || self.is_rehearsal(), &self.job.state) else {
            return Ok(None);
        };
        let pid = std::process::id();
        let since = self.began.strftime("%Y-%m-%d %H:%M:%S UTC");
        let holder = format!("`{}`, process {pid} of {}, since {since}", self.runbook.id, self.job.who);
        match journal::lock(state, self.runbook.id.as_str(), &holder) {
            Ok(Ok(lock)) => Ok(Some(lock)),
            Ok(Err(holder)) => Err(RunError::Locked { holder }),
            Err(error) => {
                self.unlocked = Some(in_words(&error));
                Ok(None)
            }
        }
    }

    /// Settles the values that need no check, for everything that surely runs, ahead of the first
    /// block. What is missing is named all at once.
    pub(super) fn settle_known_values(&mut self) -> Result<(), RunError> {
        let runbook = self.runbook;
        let checks = plan::at_start(runbook);
        let named = runbook.fixes.iter().filter(|fix| self.job.yes.contains(&fix.id));
        let fixes = named.filter_map(|fix| fix.script.as_ref());
        let wanted: Vec<&Parameter> = checks
            .into_iter()
            .flat_map(|check| used_by_check(runbook, check))
            .chain(fixes.flat_map(|script| used(runbook, script)))
            .collect();
        let mut missing = Vec::new();
        for parameter in wanted {
            if self.values.waits_for_check(parameter) || missing.contains(&parameter.name) {
                continue;
            }
            match self.settle(&parameter.name) {
                Ok(()) => {}
                Err(Lack::Refused(reason)) => {
                    return Err(RunError::ValueRefused { name: parameter.name.clone(), reason });
                }
                Err(_) => missing.push(parameter.name.clone()),
            }
        }
        // Whoever interrupts a question has not left it unanswered for want of a terminal.
        if missing.is_empty() || self.interrupted() { Ok(()) } else { Err(RunError::ValuesMissing(missing)) }
    }

    /// Settles one value and tells of it.
    pub(super) fn settle(&mut self, name: &ParamName) -> Result<(), Lack> {
        let Some(parameter) = self.runbook.parameter(name) else { return Err(Lack::Nobody) };
        if self.values.get(name).is_some() {
            return Ok(());
        }
        for (name, why) in std::mem::take(&mut self.values.refused) {
            self.note(format!("A value of `{name}` is not used: {why}."));
        }
        let rehearsal = self.is_rehearsal();
        let value = if rehearsal {
            self.values.rehearse(self.runbook, parameter)
        } else {
            self.values.settle(self.runbook, parameter, self.hands.approver)?
        };
        let (shown, from) = (value.shown(), value.from.words());
        self.record_value(name);
        self.tell(&Event::Value(name, &shown, &from));
        Ok(())
    }

    /// Settles the values of a block; those it lacks, and why.
    pub(super) fn settle_for(&mut self, script: &Script) -> Vec<(ParamName, Lack)> {
        self.settle_all(used(self.runbook, script))
    }

    /// In a dry run nobody is asked; what is known already is shown.
    pub(super) fn settle_found(&mut self, script: &Script) {
        for parameter in used(self.runbook, script) {
            self.values.settle_found(self.runbook, parameter);
        }
    }

    pub(super) fn settle_all(&mut self, parameters: Vec<&Parameter>) -> Vec<(ParamName, Lack)> {
        let names = parameters.into_iter().map(|parameter| &parameter.name);
        names.filter_map(|name| self.settle(name).err().map(|lack| (name.clone(), lack))).collect()
    }

    /// A block with its values, ready to run. It may read only; what may change something is made
    /// of it by an approval.
    pub(super) fn command(&self, label: String, script: &Script) -> Command {
        let device = script.language == Language::Cisco;
        let mut environment: Vec<(String, Vec<u8>)> = Vec::new();
        let mut text: Arc<str> = script.text.as_str().into();
        if device {
            // A secret is filled in when its line is sent, and not where a person would see it.
            let value = |name: &ParamName| {
                self.values.get(name).filter(|value| !value.secret).map(|value| value.raw().to_vec())
            };
            text = fill_in(&script.text, value).into();
        } else {
            for parameter in used(self.runbook, script) {
                if let Some(value) = self.values.get(&parameter.name) {
                    environment.push((parameter.name.to_string(), value.raw().to_vec()));
                }
            }
            let since = self.last_fix.unwrap_or(self.began).as_second();
            let own = [("kb_run", self.name_for_blocks.clone()), ("kb_since", since.to_string())];
            let used = own.into_iter().filter(|(name, _)| script.uses(name));
            environment.extend(used.map(|(name, value)| (name.to_owned(), value.into_bytes())));
        }
        let secret = |parameter: &Parameter| {
            let value = self.values.get(&parameter.name).filter(|value| value.secret)?;
            Some((parameter.name.to_string(), value.raw().to_vec()))
        };
        let secrets = used(self.runbook, script).into_iter().filter_map(secret).collect();
        Command {
            label,
            interpreter: match script.language {
                Language::Sh => Interpreter::Sh,
                Language::Bash => Interpreter::Bash,
                Language::Cisco => Interpreter::Device,
            },
            script: text,
            environment,
            secrets,
            undoes: false,
            root: script.root,
            access: Access::Read { unix: false, net: false, tmp: false, processes: false },
            needs: Vec::new(),
            systems: Vec::new(),
            time: script.timeout,
            output_bytes_max: OUTPUT_BYTES_MAX,
            questions: Vec::new(),
        }
    }

    /// The same for a block that takes back a fix.
    pub(super) fn undoing(&self, label: String, script: &Script) -> Command {
        Command { undoes: true, ..self.command(label, script) }
    }

    /// The verdict of the checks at the start, as they stand now.
    pub(super) fn verdict(&self) -> Verdict {
        let checks = plan::at_start(self.runbook).into_iter();
        verdict::overall(checks.filter_map(|check| self.results.get(&check.id)))
    }

    pub(super) fn verdict_of(&self, check: &BlockId) -> Verdict {
        self.results.get(check).map_or(Verdict::Unknown, |result| result.verdict)
    }

    fn outcome(&self) -> Outcome {
        let any = |state| self.fixed.iter().any(|fix| fix.state == state);
        let cured = self.sick.iter().all(|check| self.verdict_of(&check.id) == Verdict::Healthy);
        match self.stop {
            Some(Stop::Interrupted) => return Outcome::Interrupted,
            Some(Stop::NotKnown) => return Outcome::Broken,
            _ => {}
        }
        if any(FixState::Held) && cured {
            return Outcome::Held;
        }
        if self.harm {
            return Outcome::Broken;
        }
        if any(FixState::Undone) {
            return Outcome::Undone;
        }
        if any(FixState::Applied) {
            return Outcome::Unknown;
        }
        match self.verdict() {
            _ if self.stop == Some(Stop::Declined) => Outcome::Declined,
            Verdict::Healthy => Outcome::Healthy,
            Verdict::DoesNotApply => Outcome::DoesNotApply,
            Verdict::Sick => Outcome::Sick,
            Verdict::Unknown if self.only_rights_are_missing() => Outcome::NoRight,
            Verdict::Unknown | Verdict::Refuse | Verdict::Shown => Outcome::Unknown,
        }
    }

    fn only_rights_are_missing(&self) -> bool {
        let mut unknown =
            self.results.values().filter(|result| result.verdict == Verdict::Unknown).peekable();
        unknown.peek().is_some() && unknown.all(|result| result.refused)
    }

    pub(super) fn finish(mut self) -> RunReport {
        self.interrupted();
        let outcome = self.outcome();
        self.record_outcome(outcome);
        let order = |id: &BlockId| self.runbook.checks.iter().position(|check| check.id == *id);
        let mut checks: Vec<CheckResult> = self.results.values().cloned().collect();
        checks.sort_by_key(|result| order(&result.check));
        RunReport {
            runbook: self.runbook.id.clone(),
            identities: self.identities.into_iter().collect(),
            checks,
            fixes: self.fixed,
            outcome,
        }
    }
}
