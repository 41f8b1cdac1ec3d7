//! What a run writes into the journal, and the words it uses there.

use super::state::Run;
use super::words::{fix_word, in_words, outcome_word, risk_word, undo_outcome_word, undo_word, verdict_word};
use crate::report::{CheckResult, FixResult, FixState, Outcome, UndoOutcome, UndoResult};
use crate::run::approval::{Agreement, ApprovedFix};
use crate::run::journal::{Block, Entry, Journal, Setting};
use crate::run::rehearsal::label;
use crate::run::trust;
use crate::run::values::{Value, used};
use crate::runbook::{BlockId, Fix, HostName, Language, ParamName, Risk, Rollback, Script};
use crate::target::{Command, Identity};
use crate::text::Untrusted;

/// A change that is about to start.
#[derive(Clone, Copy)]
pub(super) struct Starts<'s> {
    /// `fix` or `rollback`.
    pub(super) kind: &'static str,
    pub(super) id: &'s BlockId,
    pub(super) script: &'s Script,
    pub(super) risk: Risk,
    /// What would undo it.
    pub(super) rollback: Option<&'s Rollback>,
}

/// The end of an output is recorded, so much of it.
const OUTPUT_BYTES_MAX: usize = 16 * 1024;

impl Run<'_, '_> {
    /// Records that a change starts; `Err` says why it cannot be recorded, and then it does not
    /// start.
    pub(super) fn record_begin(&mut self, starts: &Starts<'_>, approved: &ApprovedFix) -> Result<(), String> {
        let Starts { kind, id, script, risk, rollback } = *starts;
        if let Some(why) = &self.unlocked {
            return Err(not_recorded(why));
        }
        if self.is_rehearsal() {
            return Ok(());
        }
        self.open_journal().map_err(|why| not_recorded(&why))?;
        let undo = rollback
            .map(|rollback| (rollback, self.undoing(label("rollback", &rollback.id), &rollback.script)));
        let mut scripts = vec![script];
        scripts.extend(rollback.map(|rollback| &rollback.script));
        let entry = Entry::Begin {
            kind: kind.into(),
            block: self.block(id, script, approved.command()),
            risk: Some(risk_word(risk).into()),
            values: self.settings(&scripts),
            agreed: agreement_word(approved.agreement()).into(),
            undo: undo
                .as_ref()
                .map(|(rollback, command)| self.block(&rollback.id, &rollback.script, command)),
        };
        let at = self.hands.clock.now();
        let journal = self.journal.as_mut().expect("it has just been opened");
        journal.reserve().map_err(|error| not_recorded(&in_words(&error)))?;
        journal.write(at, &entry).map_err(|error| not_recorded(&in_words(&error)))
    }

    pub(super) fn open_journal(&mut self) -> Result<(), String> {
        if self.journal.is_some() {
            return Ok(());
        }
        let Some(state) = &self.job.state else { return Err("there is no folder for its journal".into()) };
        let mut journal = Journal::open(state, &self.id).map_err(|error| in_words(&error))?;
        let at = self.hands.clock.now();
        let torn = journal.torn();
        for entry in self.story_so_far() {
            journal.write(at, &entry).map_err(|error| in_words(&error))?;
        }
        self.journal = Some(journal);
        if torn > 0 {
            self.note(format!(
                "The last record of the journal was cut off; {torn} bytes of it were dropped."
            ));
        }
        Ok(())
    }

    /// A value that was settled, once the journal is open.
    pub(super) fn record_value(&mut self, name: &ParamName) {
        if self.journal.is_none() {
            return;
        }
        if let Some(entry) = self.values.get(name).map(|value| self.value_entry(name, value)) {
            self.record(&entry);
        }
    }

    fn value_entry(&self, name: &ParamName, value: &Value) -> Entry<'static> {
        let value_of = Setting::new(name.as_str(), value.raw(), self.values.mask(value));
        Entry::Value { value: value_of, from: value.from.word().into() }
    }

    /// Who a host said it is, once the journal is open.
    pub(super) fn record_host(&mut self, host: &HostName, target: &str, identity: &Identity) {
        self.record(&host_entry(host, target, identity));
    }

    /// Consent to the checks of a host that nothing holds, before the first of them runs.
    pub(super) fn record_agreed(&mut self, host: &HostName, target: &str, by: Agreement) {
        let checks = self.runbook.checks.iter().filter(|check| check.script.host == *host);
        let entry = Entry::Agreed {
            host: host.to_string().into(),
            target: target.to_owned().into(),
            checks: checks.map(|check| check.id.to_string()).collect(),
            who: self.job.who.clone().into(),
            agreed: agreement_word(by).into(),
            flag: (by == Agreement::Flag).then(|| format!("--allow-declared {host}")),
        };
        self.record(&entry);
        self.agreed.push(entry);
    }

    /// What opens the journal of a run: who runs what, or that it goes on.
    fn story_so_far(&self) -> Vec<Entry<'_>> {
        let (who, version) = (self.job.who.as_str().into(), env!("CARGO_PKG_VERSION").into());
        let mut entries = vec![if self.job.earlier.continues.is_some() {
            Entry::Continued { who, version }
        } else {
            let path = self.runbook.source.real_path.as_deref();
            Entry::Run {
                runbook: self.runbook.id.as_str().into(),
                origin: self.job.runbook.origin(),
                path: path.and_then(|path| Some(path.to_str()?.to_owned())),
                ground: self.job.runbook.ground().word().into(),
                blake3: trust::hash(&self.runbook.source),
                who,
                version,
                began: self.began.to_string(),
                undoes: self.undoes.map(|record| record.run.as_str().into()),
            }
        }];
        entries.extend(self.job.earlier.told.iter().map(|run| Entry::Told { of: run.as_str().into() }));
        entries.extend(self.identities.iter().map(|(host, identity)| {
            host_entry(host, self.hands.targets.get(host).map_or("", |target| target.name()), identity)
        }));
        entries.extend(self.agreed.iter().cloned());
        entries.extend(self.values.all().map(|(name, value)| self.value_entry(name, value)));
        let results = self.runbook.checks.iter().filter_map(|check| self.results.get(&check.id));
        entries.extend(results.map(|result| Entry::Verdict {
            check: result.check.as_str().into(),
            verdict: verdict_word(result.verdict).into(),
            reason: self.scrubbed(&result.reason),
        }));
        entries
    }

    fn block<'b>(&self, id: &'b BlockId, script: &'b Script, command: &Command) -> Block<'b> {
        let filled = *script.text != *command.script;
        let (text, page) = (self.scrubbed(&command.script), self.scrubbed(&script.text));
        Block {
            id: id.as_str().into(),
            host: script.host.as_str().into(),
            language: match script.language {
                Language::Sh => "sh".into(),
                Language::Bash => "bash".into(),
                Language::Cisco => "cisco".into(),
            },
            root: script.root,
            timeout_s: script.timeout.as_secs(),
            cut: page != script.text,
            page: filled.then_some(page),
            text,
        }
    }

    fn settings(&self, scripts: &[&Script]) -> Vec<Setting> {
        let mut settings: Vec<Setting> = Vec::new();
        for parameter in scripts.iter().flat_map(|script| used(self.runbook, script)) {
            let name = parameter.name.as_str();
            let fresh = !settings.iter().any(|known| known.name == name);
            if let Some(value) = self.values.get(&parameter.name).filter(|_| fresh) {
                settings.push(Setting::new(name, value.raw(), self.values.mask(value)));
            }
        }
        let since = self.last_fix.unwrap_or(self.began).as_second().to_string();
        settings.push(Setting::new("kb_run", self.name_for_blocks.as_bytes(), None));
        settings.push(Setting::new("kb_since", since.as_bytes(), None));
        settings
    }

    fn scrubbed(&self, text: &str) -> String {
        String::from_utf8_lossy(self.values.scrub(&Untrusted::new(text.as_bytes())).raw()).into_owned()
    }

    pub(super) fn record_end(&mut self, block: &BlockId, ending: &str, good: bool, output: &Untrusted) {
        let raw = output.raw();
        let tail = &raw[raw.len().saturating_sub(OUTPUT_BYTES_MAX)..];
        let entry = Entry::End {
            block: block.as_str().into(),
            ending: ending.to_owned(),
            good,
            output: String::from_utf8_lossy(tail).into_owned(),
        };
        self.record(&entry);
    }

    pub(super) fn record_fix(&mut self, result: &FixResult) {
        if matches!(result.state, FixState::Unneeded) {
            return;
        }
        let entry = Entry::Fix {
            fix: result.fix.as_str().into(),
            state: fix_word(result.state).into(),
            reason: self.scrubbed(&result.reason).into(),
        };
        self.record(&entry);
    }

    /// What a person did is recorded when it is done: kb cannot know when it starts.
    pub(super) fn record_by_person(&mut self, fix: &Fix) {
        if self.is_rehearsal() {
            return;
        }
        if let Err(why) = self.open_journal() {
            self.note(format!("It is not recorded that you did it: {why}."));
            return;
        }
        let block = Block {
            id: fix.id.as_str().into(),
            host: fix.host.as_str().into(),
            language: "manual".into(),
            root: false,
            timeout_s: 0,
            text: self.scrubbed(&fix.text),
            page: None,
            cut: false,
        };
        let entry = Entry::Begin {
            kind: "manual".into(),
            block,
            risk: Some(risk_word(fix.risk).into()),
            values: Vec::new(),
            agreed: "asked".into(),
            undo: None,
        };
        self.record(&entry);
    }

    /// What a check says after the first look is recorded too.
    pub(super) fn record_verdict(&mut self, result: &CheckResult) {
        if self.journal.is_some() {
            let entry = Entry::Verdict {
                check: result.check.as_str().into(),
                verdict: verdict_word(result.verdict).into(),
                reason: self.scrubbed(&result.reason),
            };
            self.record(&entry);
        }
    }

    /// A run is in the journal before its first check. Where it cannot be, no fix will run.
    pub(super) fn record_start(&mut self) {
        if self.job.dry_run || self.is_rehearsal() {
            return;
        }
        let recorded = self.open_journal();
        if let (Err(why), false) = (recorded, self.runbook.fixes.is_empty()) {
            self.note(format!("This run cannot be recorded, so no fix will run: {why}."));
        }
    }

    pub(super) fn record_outcome(&mut self, outcome: Outcome) {
        self.record(&Entry::Outcome { outcome: outcome_word(outcome).into() });
    }

    pub(super) fn record_undo(&mut self, result: &UndoResult) {
        let entry = Entry::Fix {
            fix: result.fix.as_str().into(),
            state: undo_word(result.state).into(),
            reason: self.scrubbed(&result.reason).into(),
        };
        self.record(&entry);
    }

    /// How undoing ended. A run of which nothing is left to undo is over.
    pub(super) fn record_undo_outcome(&mut self, outcome: UndoOutcome, of: &str) {
        if outcome == UndoOutcome::Undone {
            self.record(&Entry::Told { of: of.into() });
        }
        self.record(&Entry::Outcome { outcome: undo_outcome_word(outcome).into() });
    }

    /// Adds to the journal, if one was begun. What cannot be written is said: the change itself
    /// has been made by then.
    fn record(&mut self, entry: &Entry<'_>) {
        let at = self.hands.clock.now();
        let Some(journal) = &mut self.journal else { return };
        if let Err(error) = journal.write(at, entry) {
            let why = in_words(&error);
            self.note(format!("The journal could not be written: {why}."));
        }
    }
}

fn agreement_word(by: Agreement) -> &'static str {
    match by {
        Agreement::Asked => "asked",
        Agreement::Flag => "flag",
    }
}

fn host_entry<'a>(host: &'a HostName, target: &'a str, identity: &Identity) -> Entry<'a> {
    Entry::Host {
        host: host.as_str().into(),
        target: target.into(),
        system: format!("{} {}", identity.system, identity.release),
        name: identity.host.for_terminal(),
        user: identity.user.clone(),
    }
}

fn not_recorded(why: &str) -> String {
    format!("its record cannot be written, so it was not started: {why}")
}
