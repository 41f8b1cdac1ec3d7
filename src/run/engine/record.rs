//! What a run writes into the journal, and the words it uses there.

use std::fmt::Write as _;

use super::state::Run;
use crate::report::{CheckResult, FixResult, FixState, Outcome, Verdict};
use crate::run::approval::{Agreement, ApprovedFix};
use crate::run::journal::history;
use crate::run::journal::{Block, Entry, Journal, Setting};
use crate::run::rehearsal::label;
use crate::run::trust;
use crate::run::values::used;
use crate::runbook::{BlockId, Fix, Language, Rollback, Script};
use crate::target::Command;
use crate::text::Untrusted;

/// The end of an output is recorded, so much of it.
const OUTPUT_BYTES_MAX: usize = 16 * 1024;

impl Run<'_, '_> {
    /// Records that a change starts; `Err` says why it cannot be recorded, and then it does not
    /// start.
    pub(super) fn record_begin(
        &mut self,
        kind: &'static str,
        id: &BlockId,
        script: &Script,
        approved: &ApprovedFix,
        rollback: Option<&Rollback>,
    ) -> Result<(), String> {
        if self.is_rehearsal() {
            return Ok(());
        }
        self.open_journal()?;
        let undo = rollback
            .map(|rollback| (rollback, self.command(label("rollback", &rollback.id), &rollback.script)));
        let mut scripts = vec![script];
        scripts.extend(rollback.map(|rollback| &rollback.script));
        let entry = Entry::Begin {
            kind: kind.into(),
            block: self.block(id, script, approved.command()),
            values: self.settings(&scripts),
            agreed: match approved.agreement() {
                Agreement::Asked => "asked".into(),
                Agreement::Flag => "flag".into(),
            },
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
        let Some(state) = &self.job.state else { return Err(not_recorded("there is no folder for it")) };
        let mut journal = Journal::open(state, &self.id).map_err(|error| not_recorded(&in_words(&error)))?;
        let at = self.hands.clock.now();
        let torn = journal.torn();
        for entry in self.story_so_far() {
            journal.write(at, &entry).map_err(|error| not_recorded(&in_words(&error)))?;
        }
        self.journal = Some(journal);
        if torn > 0 {
            self.note(format!(
                "The last record of the journal was cut off; {torn} bytes of it were dropped."
            ));
        }
        Ok(())
    }

    fn story_so_far(&self) -> Vec<Entry<'_>> {
        let mut entries = vec![Entry::Run {
            runbook: self.runbook.id.as_str().into(),
            origin: self.job.runbook.origin(),
            ground: self.job.runbook.ground().word().into(),
            blake3: trust::hash(&self.runbook.source),
            who: self.job.who.as_str().into(),
            version: env!("CARGO_PKG_VERSION").into(),
            began: self.began.to_string(),
            undoes: None,
        }];
        entries.extend(self.identities.iter().map(|(host, identity)| Entry::Host {
            host: host.as_str().into(),
            target: self.hands.targets.get(host).map_or("", |target| target.name()).into(),
            system: format!("{} {}", identity.system, identity.release),
            name: identity.host.for_terminal(),
            user: identity.user.clone(),
        }));
        let results = self.runbook.checks.iter().filter_map(|check| self.results.get(&check.id));
        entries.extend(self.told.iter().map(|run| Entry::Told { of: run.as_str().into() }));
        entries.extend(results.map(|result| Entry::Verdict {
            check: result.check.as_str().into(),
            verdict: verdict_word(result.verdict).into(),
            reason: self.scrubbed(&result.reason),
        }));
        entries
    }

    fn block<'b>(&self, id: &'b BlockId, script: &'b Script, command: &Command) -> Block<'b> {
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
            text: self.scrubbed(&command.script),
        }
    }

    fn settings(&self, scripts: &[&Script]) -> Vec<Setting> {
        let mut settings: Vec<Setting> = Vec::new();
        for parameter in scripts.iter().flat_map(|script| used(self.runbook, script)) {
            let name = parameter.name.as_str();
            let fresh = !settings.iter().any(|known| known.name == name);
            if let Some(value) = self.values.get(&parameter.name).filter(|_| fresh) {
                settings.push(Setting::new(name, value.raw(), value.secret));
            }
        }
        let since = self.last_fix.unwrap_or(self.began).as_second().to_string();
        settings.push(Setting::new("kb_run", self.id.as_bytes(), false));
        settings.push(Setting::new("kb_since", since.as_bytes(), false));
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
        if let Err(reason) = self.open_journal() {
            self.note(reason);
            return;
        }
        let block = Block {
            id: fix.id.as_str().into(),
            host: fix.host.as_str().into(),
            language: "manual".into(),
            root: false,
            timeout_s: 0,
            text: fix.text.clone(),
        };
        let entry = Entry::Begin {
            kind: "manual".into(),
            block,
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

    /// From the first verdict on a run is in the journal. Where it cannot be, that is said when a
    /// fix would start.
    pub(super) fn record_start(&mut self) {
        if !(self.job.dry_run || self.is_rehearsal()) {
            let _ = self.open_journal();
        }
    }

    /// Says which runs of this runbook were cut off, and what is known of them.
    pub(super) fn tell_cut_off(&mut self) {
        let (false, Some(state)) = (self.job.dry_run || self.is_rehearsal(), &self.job.state) else {
            return;
        };
        let history = match history::read(state) {
            Ok(history) => history,
            Err(error) => return self.note(format!("The journal cannot be read: {}.", in_words(&error))),
        };
        let mut notes = Vec::new();
        for run in history.cut_off(self.runbook.id.as_str()) {
            let known = run.what_is_known().join(" ");
            notes.push(format!("Run {} of {} was cut off. {known}", run.number, run.began()));
            let number = run.number;
            notes.push(format!(
                "The checks run again before anything is offered. `kb history {number}` shows that run."
            ));
            self.told.push(run.id.clone());
        }
        for note in &notes {
            self.note(note);
        }
    }

    pub(super) fn record_outcome(&mut self, outcome: Outcome) {
        self.record(&Entry::Outcome { outcome: outcome_word(outcome).into() });
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

fn not_recorded(why: &str) -> String {
    format!("its record cannot be written, so it was not started: {why}")
}

/// An error with its causes.
pub(super) fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let _ = write!(words, ": {next}");
        cause = next.source();
    }
    words
}

/// A verdict in the words of the page.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sick => "sick",
        Verdict::Healthy => "healthy",
        Verdict::Unknown => "unknown",
        Verdict::DoesNotApply => "not applicable",
        Verdict::Refuse => "refusing",
        Verdict::Shown => "only shown",
    }
}

fn fix_word(state: FixState) -> &'static str {
    match state {
        FixState::Offered => "offered",
        FixState::Unneeded => "unneeded",
        FixState::Declined => "declined",
        FixState::Skipped => "skipped",
        FixState::Applied => "applied",
        FixState::Held => "held",
        FixState::Failed => "failed",
        FixState::Undone => "undone",
        FixState::Unknown => "unknown",
    }
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Healthy => "healthy",
        Outcome::Held => "held",
        Outcome::DoesNotApply => "does-not-apply",
        Outcome::Sick => "sick",
        Outcome::Unknown => "unknown",
        Outcome::Undone => "undone",
        Outcome::Broken => "broken",
        Outcome::Declined => "declined",
        Outcome::Interrupted => "interrupted",
    }
}
