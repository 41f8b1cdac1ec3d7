//! Runs against scripted hosts and a scripted person: what is told, what is asked, what runs, and
//! how it ends, as text.
//!
//! A case holds a `runbook` block, the `answers` of hosts and person, the `output`s of its blocks
//! (the first time the first one, and so on; the last one stays), and an `expect` block. Nothing
//! here needs a clock, a machine or a terminal.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use kb::report::Outcome;
use kb::run::clock::Clock;
use kb::run::engine::{self, Earlier, Hands, Job, Targets};
use kb::run::values::Given;
use kb::run::{plan, rehearsal, trust};
use kb::runbook::{BlockId, HostName, Origin, ParamName, Runbook};
use kb::target::{
    Command, Confinement, Ending, Identity, InterruptFlag, Leftovers, Nature, Output, Said, Target,
    TargetError,
};
use kb::text::{SourceFile, Untrusted};

use crate::cases::{self, Block, Case, Failure, Result};
use crate::story::{Person, Story, Teller};

const NOW: &str = "2013-11-12T11:26:14Z";

/// Runs one file of cases.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let source = Arc::new(SourceFile::new("page.md", case.block("runbook").expect("a `runbook` block")));
        let parsed = kb::runbook::parse(&source, Origin::BuiltIn);
        let wrong: Vec<&str> = parsed.diagnostics.iter().map(|found| found.message.as_str()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", case.title);
        vec![play(case, &parsed.value)]
    })
}

/// A shipped runbook, watched without a machine: sick until its fixes are done, and healthy.
pub(crate) fn shipped(path: &Path, text: String) -> Result {
    let source = Arc::new(SourceFile::new(path, text));
    let runbook = kb::runbook::parse(&source, Origin::BuiltIn).value;
    let (sick, story) = rehearse(&runbook, rehearsal::Start::Sick);
    if sick != Outcome::Held {
        return Err(Failure(format!("sick at first, and in the end {sick:?}:\n{story}")).into());
    }
    let (healthy, story) = rehearse(&runbook, rehearsal::Start::Healthy);
    if healthy != Outcome::Healthy {
        return Err(Failure(format!("healthy at first, and in the end {healthy:?}:\n{story}")).into());
    }
    Ok(())
}

/// The whole story, with a person who says yes to everything.
fn rehearse(runbook: &Runbook, start: rehearsal::Start) -> (Outcome, String) {
    let story = Story::default();
    let interrupt: InterruptFlag = Arc::new(AtomicBool::new(false));
    let willing = ["approve yes", "task done", "remedy keep"];
    let lines = willing.iter().flat_map(|line| std::iter::repeat_n((*line).to_owned(), 100)).collect();
    let hands = Hands {
        targets: rehearsal::targets(runbook, start),
        approver: &mut Person::new(lines, story.clone(), Arc::clone(&interrupt)),
        watch: &mut Teller::new(story.clone()),
        clock: &Still(Cell::new(NOW.parse().expect("a time"))),
        interrupt,
    };
    let job = Answers::read("state none").job(runbook, Path::new("/"));
    let report = engine::run(&job, hands).unwrap_or_else(|error| panic!("{}: {error}", runbook.id));
    (report.outcome, story.take())
}

/// A clock that only moves when somebody sleeps.
struct Still(Cell<Timestamp>);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0.get()
    }

    fn sleep(&self, time: Duration, interrupt: &InterruptFlag) -> bool {
        self.0.set(self.0.get() + jiff::SignedDuration::try_from(time).expect("a short time"));
        !interrupt.load(Ordering::Relaxed)
    }
}

fn play(case: &Case, runbook: &Runbook) -> String {
    let answers = Answers::read(case.block("answers").unwrap_or(""));
    let state = tempfile::tempdir().expect("a temporary folder");
    let story = Story::default();
    let interrupt: InterruptFlag = Arc::new(AtomicBool::new(false));
    let clock = Still(Cell::new(NOW.parse().expect("a time")));
    let job = answers.job(runbook, state.path());
    let mut person = Person::new(answers.lines.clone(), story.clone(), Arc::clone(&interrupt));
    let mut teller = Teller::new(story.clone());
    let targets = match answers.word("replay") {
        Some("sick") => rehearsal::targets(runbook, rehearsal::Start::Sick),
        Some(_) => rehearsal::targets(runbook, rehearsal::Start::Healthy),
        None => targets(case, runbook, &answers, &story, &interrupt),
    };
    let hands = Hands { targets, approver: &mut person, watch: &mut teller, clock: &clock, interrupt };
    let end = match engine::run(&job, hands) {
        Ok(report) => format!("{:?}, exit {}\n", report.outcome, report.outcome.exit_status()),
        Err(error) => format!("{error}, exit {}\n", error.exit_status()),
    };
    let mut text = story.take();
    text.push_str(&end);
    if answers.word("journal").is_some() {
        text.push_str(&journal(state.path()));
    }
    text.replace(&format!("-{}", std::process::id()), "-PID")
        .replace(&state.path().to_string_lossy().into_owned(), "[STATE]")
}

/// The records, without what is the same in all.
fn journal(state: &Path) -> String {
    let file = kb::disk::SyncedFile::open(&kb::run::journal::path(state)).expect("a journal");
    let text = String::from_utf8(file.read().expect("readable")).expect("text");
    let mut shown = String::from("journal:\n");
    for line in text.lines() {
        let mut record: serde_json::Value = serde_json::from_str(line).expect("a record");
        let fields = record.as_object_mut().expect("an object");
        for common in ["kb", "run", "at", "version", "began", "after", "sum", "blake3"] {
            fields.remove(common);
        }
        let _ = writeln!(shown, "  {record}");
    }
    shown
}

/// What hosts, options and the person say: lines of words.
struct Answers {
    lines: Vec<String>,
}

impl Answers {
    fn read(text: &str) -> Self {
        Self { lines: text.lines().map(str::to_owned).collect() }
    }

    fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter_map(move |line| {
            let rest = line.strip_prefix(key)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
        })
    }

    fn word<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.all(key).next()
    }

    fn pairs(&self, key: &str) -> Vec<(ParamName, Vec<u8>)> {
        let pairs = self.all(key).filter_map(|line| line.split_once('='));
        pairs.map(|(name, value)| (ParamName::new(name).expect("a name"), value.into())).collect()
    }

    fn job<'a>(&self, runbook: &'a Runbook, state: &Path) -> Job<'a> {
        let log = self.pairs("log").into_iter().map(|(name, value)| (name, Untrusted::new(value)));
        let given = Given {
            log: log.collect(),
            log_host: self.word("log-host").map(Untrusted::new),
            set: self.pairs("set"),
            secrets: self.pairs("secret"),
            recorded: Vec::new(),
            tag_key: None,
        };
        let state = match self.word("state") {
            Some("none") => None,
            // A file where the folder should be.
            Some("broken") => Some("/dev/null/kb".into()),
            _ => Some(state.to_owned()),
        };
        let yes: BTreeSet<BlockId> = self.all("yes").map(|id| BlockId::new(id).expect("a name")).collect();
        Job {
            runbook: trust::admit(runbook, &trust::pins::Pins::none()).expect("built in"),
            given,
            dry_run: self.word("dry-run").is_some(),
            even_if_unknown: self.word("even-if-unknown").is_some(),
            yes,
            require_confined: false,
            allow_declared: self
                .all("allow-declared")
                .map(|host| HostName::new(host).expect("a name"))
                .collect(),
            zone: TimeZone::UTC,
            state,
            who: "root".into(),
            earlier: Earlier::default(),
        }
    }
}

fn targets(
    case: &Case,
    runbook: &Runbook,
    answers: &Answers,
    story: &Story,
    interrupt: &InterruptFlag,
) -> Targets<'static> {
    let mut outputs: BTreeMap<String, VecDeque<Output>> = BTreeMap::new();
    for block in case.blocks("output") {
        let words: Vec<&str> = block.info.split_whitespace().collect();
        let label = format!("{} {}", words[1], words[2]);
        outputs.entry(label).or_default().push_back(output(block));
    }
    let outputs = Rc::new(RefCell::new(outputs));
    let host = |name: HostName| {
        let line = |key| answers.all(key).find_map(|line| line.strip_prefix(name.as_str())).map(str::trim);
        let target = Scripted {
            name: name.to_string(),
            nature: if line("by-hand").is_some() { Nature::Person } else { Nature::Machine },
            needs_consent: line("declared").is_some(),
            unreachable: line("unreachable").map(str::to_owned),
            identity: line("host").map(identity),
            outputs: Rc::clone(&outputs),
            story: story.clone(),
            interrupt: Arc::clone(interrupt),
        };
        (name, Box::new(target) as Box<dyn Target>)
    };
    plan::hosts(runbook).into_iter().map(host).collect()
}

/// `SYSTEM NAME USER`.
fn identity(line: &str) -> Identity {
    let words: Vec<&str> = line.split_whitespace().collect();
    Identity {
        system: words[0].into(),
        release: "1".into(),
        host: Untrusted::new(words[1]),
        user: words[2].into(),
    }
}

fn output(block: &Block) -> Output {
    let ending = match (block.key("exit"), block.key("ending")) {
        (Some(status), _) => Ending::Exited(status.parse().expect("a number")),
        (None, None) => Ending::Exited(0),
        (None, Some("timeout")) => Ending::TimedOut,
        (None, Some("signal")) => Ending::Signalled(9),
        (None, Some("interrupt")) => Ending::Interrupted,
        (None, Some("missing")) => Ending::Missing("birdc".into()),
        (None, Some("other-system")) => Ending::OtherSystem("linux".into()),
        (None, Some("refused")) => Ending::Refused("it needs root, and sudo says no".into()),
        (None, Some("lost")) => Ending::NotKnown("the connection was lost".into()),
        (None, Some("said-nothing")) => Ending::Said(Said { rule: None }),
        (None, Some(said)) => Ending::Said(Said {
            rule: said.strip_prefix("said-").map(|rule| rule.parse().expect("a number")),
        }),
    };
    let left = block.key("left").map_or(0, |left| left.parse().expect("a number"));
    Output {
        ending,
        dropped: block.key("dropped").map_or(0, |bytes| bytes.parse().expect("a number")),
        left: Leftovers { ended: left, survived: 0 },
        confinement: Confinement::Declared("scripted".into()),
        ..Output::recorded(0, block.text.as_str())
    }
}

struct Scripted {
    name: String,
    nature: Nature,
    needs_consent: bool,
    unreachable: Option<String>,
    identity: Option<Identity>,
    outputs: Rc<RefCell<BTreeMap<String, VecDeque<Output>>>>,
    story: Story,
    interrupt: InterruptFlag,
}

impl Scripted {
    fn answer(&self, command: &Command) -> Output {
        let values = command
            .environment
            .iter()
            .map(|(name, value)| format!(" {name}={}", Untrusted::new(value.as_slice()).for_terminal()));
        let values: String = values.collect();
        let first = command.script.lines().next().unwrap_or("");
        self.story.add(format!("  [{}] {}:{values}: {first}", self.name, command.label));
        let mut outputs = self.outputs.borrow_mut();
        let Some(queue) = outputs.get_mut(&command.label) else {
            return Output::without_text(Ending::NotKnown("no output is scripted".into()), Confinement::Free);
        };
        let output = if queue.len() > 1 { queue.pop_front() } else { queue.front().cloned() };
        let output = output.expect("never empty");
        if output.ending == Ending::Interrupted {
            self.interrupt.store(true, Ordering::Relaxed);
        }
        output
    }
}

impl Target for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn nature(&self) -> Nature {
        self.nature
    }

    fn checks_need_consent(&self) -> bool {
        self.needs_consent
    }

    fn identify(&mut self) -> std::result::Result<Option<Identity>, TargetError> {
        match &self.unreachable {
            Some(reason) => Err(TargetError::Unreachable { host: self.name.clone(), reason: reason.clone() }),
            None => Ok(self.identity.clone()),
        }
    }

    fn run(&mut self, commands: &[Command]) -> std::result::Result<Vec<Output>, TargetError> {
        if commands.len() > 1 {
            self.story.add(format!("  [{}] a batch of {}", self.name, commands.len()));
        }
        Ok(commands.iter().map(|command| self.answer(command)).collect())
    }
}
