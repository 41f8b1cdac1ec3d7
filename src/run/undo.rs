//! What a past run would put back, worked out from its record: the rollbacks as they were recorded,
//! with the values that were recorded. Pure.

use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;

use crate::run::journal::past::{Change, PastHost, PastRun, moment};
use crate::run::journal::{Block, Entry, Setting};
use crate::run::trust::hash;
use crate::run::values;
use crate::runbook::{
    BlockId, Host, HostName, Language, Origin, ParamName, Parameter, Risk, Rollback, Runbook, RunbookId,
    Script,
};
use crate::text::{SourceFile, Span, printable};

/// What can be undone of a past run, and everything that is needed for it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The past run.
    pub run: String,
    /// `$kb_run` of its blocks: it names the copies that a rollback puts back.
    pub kb_run: String,
    /// So many records of it were read.
    pub records: usize,
    /// Where the record is, for a person (`run 3 of this journal`).
    pub origin: String,
    /// The file, when it was exported; `None`: kb's own journal.
    pub file: Option<Arc<SourceFile>>,
    /// The recorded rollbacks, beside the checks of the page where that may run.
    pub runbook: Runbook,
    /// The newest change first: what was done last is undone first.
    pub steps: Vec<Step>,
    /// The values that were recorded.
    pub values: Vec<(ParamName, Vec<u8>)>,
    /// The hosts of that run.
    pub hosts: Vec<PastHost>,
    /// The page is the one that ran, byte for byte.
    same_page: bool,
}

/// One change and what undoes it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The fix.
    pub fix: BlockId,
    /// Its rollback, in [`Record::runbook`].
    pub rollback: BlockId,
    /// How dangerous the fix was.
    pub risk: Risk,
    /// What it puts back, a sentence.
    pub puts_back: String,
    /// When the fix had ended, or began; RFC 3339.
    pub at: String,
    /// Why a person must be asked, sentences.
    pub cautions: Vec<String>,
}

/// Why nothing of a run can be undone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NothingToUndo {
    /// It only looked.
    #[error("it changed nothing")]
    NothingChanged,
    /// It is itself the undoing of another.
    #[error("it undid an earlier run; `kb run` makes the change again")]
    Undoing,
    /// All that could be undone is.
    #[error("{0}")]
    Already(String),
    /// Its fixes have no rollback.
    #[error("{0}")]
    NoRollback(String),
    /// The record does not hold what is needed.
    #[error("its record is incomplete: {0}")]
    Incomplete(String),
}

/// A past run that is to be undone, and what is known beside its record.
#[derive(Debug)]
pub struct Past<'a> {
    /// The run.
    pub run: &'a PastRun,
    /// The file, when it was exported.
    pub file: Option<Arc<SourceFile>>,
    /// Where its record is, for a person (`run 3 of the journal`).
    pub origin: &'a str,
    /// Rollbacks that other runs have done of this one, with the numbers of those runs.
    pub undoing: Vec<(usize, Vec<&'a str>)>,
    /// Newer runs of its runbook that changed something.
    pub later: Vec<usize>,
}

/// Works out what can be undone. `page` is the runbook as it is now, where it may run.
pub fn record(past: &Past<'_>, page: Option<&Runbook>) -> Result<Record, NothingToUndo> {
    let run = past.run;
    let changes = to_undo(run, &past.undoing)?;
    let mut runbook = page.cloned().map_or_else(|| empty(run), Ok)?;
    (runbook.fixes, runbook.rollbacks) = (Vec::new(), Vec::new());
    let mut record = Record {
        run: run.id.clone(),
        kb_run: kb_run(run)?,
        records: run.records.len(),
        origin: origin_of(run, past.origin),
        file: past.file.clone(),
        steps: Vec::new(),
        values: Vec::new(),
        hosts: run.hosts(),
        same_page: page.is_some_and(|page| hash(&page.source) == run.blake3()),
        runbook,
    };
    for change in changes.iter().rev() {
        record.add(change, page, &past.later)?;
    }
    run.values().for_each(|setting| record.take_for_checks(setting));
    Ok(record)
}

/// The changes that a rollback was recorded for and that are not undone yet, oldest first.
fn to_undo<'a>(run: &'a PastRun, before: &[(usize, Vec<&str>)]) -> Result<Vec<Change<'a>>, NothingToUndo> {
    let changes: Vec<Change<'a>> =
        run.changes().into_iter().filter(|change| change.kind != "rollback").collect();
    if changes.is_empty() {
        let undoing = run.undoes().is_some();
        return Err(if undoing { NothingToUndo::Undoing } else { NothingToUndo::NothingChanged });
    }
    let by = |change: &Change<'_>| {
        let undo = change.undo.map(|undo| undo.id.as_ref())?;
        before.iter().find(|(_, done)| done.contains(&undo)).map(|(number, _)| *number)
    };
    let (mut left, mut words) = (Vec::new(), Vec::new());
    let mut any_undone = false;
    for change in changes {
        let id = &change.block.id;
        match (change.undone, by(&change), change.undo) {
            (true, ..) => words.push(format!("fix `{id}` was undone already, in the same run")),
            (_, Some(number), _) => words.push(format!("fix `{id}` was undone already, by run {number}")),
            (.., Some(_)) => {
                left.push(change);
                continue;
            }
            (.., None) => {
                let by_hand = if change.kind == "manual" { " was done by hand and" } else { "" };
                words.push(format!("fix `{id}`{by_hand} has no rollback"));
                continue;
            }
        }
        any_undone = true;
    }
    match (left.is_empty(), any_undone) {
        (false, _) => Ok(left),
        (true, true) => Err(NothingToUndo::Already(words.join("; "))),
        (true, false) => Err(NothingToUndo::NoRollback(words.join("; "))),
    }
}

impl Record {
    fn add(
        &mut self,
        change: &Change<'_>,
        page: Option<&Runbook>,
        later: &[usize],
    ) -> Result<(), NothingToUndo> {
        let Some(undo) = change.undo else { return Ok(()) };
        let wrong = |what: &str| NothingToUndo::Incomplete(format!("`{}` is no {what}", printable(what)));
        let fix = BlockId::new(&change.block.id).ok_or_else(|| wrong(&change.block.id))?;
        let rollback = rollback(undo, page, self.same_page)?;
        if self.steps.iter().any(|step| step.rollback == rollback.id) {
            return Ok(());
        }
        for setting in change.values {
            self.take(setting, &rollback.script)?;
        }
        self.steps.push(Step {
            risk: risk(change, page),
            puts_back: puts_back(change),
            at: change.ended.map_or(change.at, |end| end.at).to_owned(),
            cautions: cautions(change, later),
            rollback: rollback.id.clone(),
            fix,
        });
        let host = &rollback.script.host;
        if !self.runbook.hosts.iter().any(|known| known.name == *host) {
            self.runbook.hosts.push(Host { name: host.clone(), description: String::new(), system: None });
        }
        if !self.runbook.rollbacks.iter().any(|known| known.id == rollback.id) {
            self.runbook.rollbacks.push(rollback);
        }
        Ok(())
    }

    /// A recorded value is used as it is; one that was secret is asked for again.
    fn take(&mut self, setting: &Setting, script: &Script) -> Result<(), NothingToUndo> {
        let Some(name) = ParamName::new(&setting.name).filter(|name| !name.as_str().starts_with("kb_"))
        else {
            return Ok(());
        };
        if self.values.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        let known = self.runbook.parameters.iter().position(|parameter| parameter.name == name);
        let recorded = Parameter {
            name: name.clone(),
            sources: Vec::new(),
            secret: setting.secret,
            pattern: anything(),
            description: "A secret of that run, which is recorded nowhere".into(),
            span: Span::default(),
        };
        if !setting.secret {
            let bytes = setting.bytes();
            let bytes = bytes.ok_or_else(|| NothingToUndo::Incomplete(format!("the value of `{name}`")))?;
            self.values.push((name, bytes));
        }
        match known {
            Some(at) if !(setting.secret && self.runbook.parameters[at].secret) => {
                self.runbook.parameters[at] = recorded;
            }
            None if script.uses(&setting.name) => self.runbook.parameters.push(recorded),
            _ => {}
        }
        Ok(())
    }

    /// A value that only checks use is taken where the page, as it is now, takes it; else it is asked for.
    fn take_for_checks(&mut self, setting: &Setting) {
        let (Some(name), Some(bytes)) = (ParamName::new(&setting.name), setting.bytes()) else { return };
        let fits = values::may_be(&self.runbook, &name, &bytes);
        if fits && self.values.iter().all(|(known, _)| *known != name) {
            self.values.push((name, bytes));
        }
    }
}

/// A value was judged when the run took it; a record of it is judged by its form alone.
fn anything() -> (String, Regex) {
    ("[-\\s\\S]*".into(), Regex::new(r"\A(?s-u:.)*\z").expect("a constant pattern"))
}

fn rollback(block: &Block<'_>, page: Option<&Runbook>, same: bool) -> Result<Rollback, NothingToUndo> {
    let id = BlockId::new(&block.id);
    let host = HostName::new(&block.host);
    let language = match &*block.language {
        "sh" => Some(Language::Sh),
        "bash" => Some(Language::Bash),
        "cisco" => Some(Language::Cisco),
        _ => None,
    };
    let (Some(id), Some(host), Some(language)) = (id, host, language) else {
        return Err(NothingToUndo::Incomplete(format!("the rollback `{}`", printable(&block.id))));
    };
    let text = if block.cut {
        let whole = page.filter(|_| same).and_then(|page| page.rollback(&id));
        let whole = whole.ok_or_else(|| NothingToUndo::Incomplete(lost(&id)))?;
        whole.script.text.clone()
    } else {
        block.page.clone().unwrap_or_else(|| block.text.clone())
    };
    let timeout = Duration::from_secs(block.timeout_s);
    let script = Script { language, text, host, root: block.root, timeout };
    Ok(Rollback { id, script, span: Span::default() })
}

fn lost(id: &BlockId) -> String {
    format!("a secret stands in the text of `{id}`, so it can be run only with the page as it was then")
}

fn risk(change: &Change<'_>, page: Option<&Runbook>) -> Risk {
    match change.risk {
        Some("low") => Risk::Low,
        Some("medium") => Risk::Medium,
        Some(_) => Risk::High,
        None => {
            let fixes = page.into_iter().flat_map(|page| &page.fixes);
            let fix = fixes.into_iter().find(|fix| fix.id.as_str() == change.block.id);
            fix.map_or(Risk::High, |fix| fix.risk)
        }
    }
}

fn puts_back(change: &Change<'_>) -> String {
    let end = match (change.ended, change.state) {
        (Some(end), state) => format!(
            ": {}{}",
            end.how,
            state.map_or_else(String::new, |state| format!("; in the end: {state}"))
        ),
        (None, _) => String::new(),
    };
    format!("what fix `{}` changed at {}{end}", change.block.id, moment(change.at))
}

fn cautions(change: &Change<'_>, later: &[usize]) -> Vec<String> {
    let mut cautions = Vec::new();
    if !change.end_is_known() {
        cautions.push(format!(
            "whether fix `{}` ran to its end is not known: look at the host before you undo it",
            change.block.id
        ));
    }
    if let Some(number) = later.last() {
        cautions.push(format!(
            "run {number} of this runbook changed something since; `kb undo {number}` undoes that first"
        ));
    }
    cautions
}

fn kb_run(run: &PastRun) -> Result<String, NothingToUndo> {
    let settings = run.changes().into_iter().flat_map(|change| change.values);
    let named = settings.into_iter().find(|setting| setting.name == "kb_run");
    let name = named.map_or(run.id.as_str(), |setting| setting.value.as_str());
    let legal = !name.is_empty() && name.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric());
    legal.then(|| name.to_owned()).ok_or_else(|| NothingToUndo::Incomplete("the name of the run".into()))
}

fn origin_of(run: &PastRun, record: &str) -> String {
    let page = run.entries().find_map(|entry| match entry {
        Entry::Run { origin, .. } => Some(origin.as_str()),
        _ => None,
    });
    page.map_or_else(|| record.to_owned(), |page| format!("{record}, which ran {}", printable(page)))
}

/// A page of which only the record is left.
fn empty(run: &PastRun) -> Result<Runbook, NothingToUndo> {
    let name = run.runbook();
    let id = RunbookId::new(name)
        .ok_or_else(|| NothingToUndo::Incomplete("it does not name its runbook".into()))?;
    Ok(Runbook {
        title: name.to_owned(),
        id,
        source: Arc::new(SourceFile::new("", "")),
        origin: Origin::Named,
        facts: Vec::new(),
        hosts: Vec::new(),
        parameters: Vec::new(),
        symptoms: Vec::new(),
        samples: Vec::new(),
        checks: Vec::new(),
        fixes: Vec::new(),
        rollbacks: Vec::new(),
        sections: Vec::new(),
        runnable: true,
    })
}
