//! kb killed by SIGKILL at every point of a run: `tests/cases/killed`.
//!
//! strace(1) kills the program itself, as it is shipped, just before its Nth system call of each kind
//! that writes, syncs, starts a process or waits for one. Nothing in kb knows of it. After each
//! kill the next start is asked what it knows, and that is held against what really happened: the
//! blocks of the runbook write down, beside kb, when they begin and when they end.
//!
//! A case holds a `runbook`, and an `expect` block with every report that came out, each once. Needs
//! strace; where that cannot be had, the case is skipped and says so, and with `CI` set it fails.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the program it tests, makes its files, and says what it skips"
)]

use std::collections::BTreeSet;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

use crate::cases::{self, Case, Failure, Result};
use crate::console::Sandbox;
use crate::linux;

/// The system calls ahead of which it is killed.
const CALLS: &[&str] =
    &["write", "fdatasync", "fsync", "ftruncate", "fallocate", "mkdir", "clone3", "clone", "vfork", "wait4"];
/// A story that is shorter than this was not watched.
const POINTS_MIN: usize = 40;
const SIGKILL: i32 = 9;
const NOTHING: &str = "(nothing: it had not begun, or had ended)";

/// Plays one file.
pub(crate) fn file(path: &Path, text: String) -> Result {
    if let Err(why) = ready() {
        if std::env::var_os("CI").is_some() {
            return Err(Failure(format!("{}: cannot be played: {why}", path.display())).into());
        }
        eprintln!("SKIPPED {}: {why}", path.display());
        return Ok(());
    }
    cases::check(path, &text, |case| vec![play(case)])
}

fn ready() -> std::result::Result<(), String> {
    let works =
        || Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|it| it.success());
    if works() {
        return Ok(());
    }
    linux::ready(&["strace".to_owned()])?;
    if works() { Ok(()) } else { Err("strace(1) may not trace here".into()) }
}

/// Every report that came out, each once.
fn play(case: &Case) -> String {
    let sandbox = Sandbox::new(case);
    let runbook = case.block("runbook").expect("a `runbook` block");
    let first = Point::new(&sandbox, runbook, "first", None);
    assert_eq!(first.run(None).0, None, "{}", case.title);
    let journal = std::fs::read(first.journal()).expect("a run is recorded");

    let (points, reports) = (Mutex::new(0), Mutex::new(BTreeSet::new()));
    let calls = Mutex::new(CALLS.iter());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(call) = { calls.lock().expect("no panic").next() } {
                    for number in 1.. {
                        let point =
                            Point::new(&sandbox, runbook, &format!("{call}-{number}"), Some(&journal));
                        let (signal, shown) = point.run(Some((call, number)));
                        if signal != Some(SIGKILL) {
                            break;
                        }
                        let report = point.judge(&shown);
                        reports.lock().expect("no panic").insert(report);
                        *points.lock().expect("no panic") += 1;
                    }
                }
            });
        }
    });
    let points = points.into_inner().expect("no panic");
    assert!(points >= POINTS_MIN, "only {points} points");
    let reports = reports.into_inner().expect("no panic");
    reports.into_iter().map(|report| format!("{report}\n")).collect()
}

/// One kill, in a folder and with a journal of its own.
struct Point<'a> {
    sandbox: &'a Sandbox,
    folder: PathBuf,
    name: String,
}

impl<'a> Point<'a> {
    fn new(sandbox: &'a Sandbox, runbook: &str, name: &str, journal: Option<&[u8]>) -> Self {
        let folder = sandbox.folder().join(name);
        let point = Self { sandbox, folder, name: name.to_owned() };
        std::fs::create_dir(&point.folder).expect("a folder");
        std::fs::write(point.folder.join("page.md"), runbook).expect("a file");
        std::fs::write(point.folder.join("word"), "wrong\n").expect("a file");
        if let Some(journal) = journal {
            let state = point.journal();
            let above = state.parent().expect("the folder of the journal");
            std::fs::create_dir(above).expect("a folder");
            std::fs::set_permissions(above, std::fs::Permissions::from_mode(0o700)).expect("a mode");
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.write(true).create(true).mode(0o600).open(&state).expect("a file");
            std::io::Write::write_all(&mut file, journal).expect("a file");
        }
        point
    }

    fn journal(&self) -> PathBuf {
        self.folder.join("state/journal.jsonl")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(program);
        command.current_dir(&self.folder).env("KB_STATE_DIR", self.folder.join("state"));
        command
    }

    /// Runs the page, killed ahead of a call; by which signal it ended, and what it showed.
    fn run(&self, kill: Option<(&str, usize)>) -> (Option<i32>, Vec<Value>) {
        let mut command = self.command("strace");
        let call = kill.map_or("write", |(call, _)| call);
        command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
        if let Some((call, number)) = kill {
            command.args(["-e", &format!("inject={call}:signal=KILL:when={number}")]);
        }
        let set = format!("dir={}", self.folder.display());
        let words =
            ["run", "./page.md", "--set", &set, "--yes", "write", "--yes", "put-back", "--format", "json"];
        let output = command.arg("kb").args(words).output().expect("strace starts");
        let records = String::from_utf8_lossy(&output.stdout);
        // What a kill cut in the middle of a line was not shown.
        let shown = records.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        (output.status.signal(), shown)
    }

    /// Holds what the next start says against what was shown and what happened; what it says.
    fn judge(&self, shown: &[Value]) -> String {
        let recorded = self.recorded();
        for kind in ["host", "verdict", "fix", "outcome"] {
            let was_shown = of_kind(shown, "type", kind);
            let was_recorded = of_kind(&recorded, "record", kind);
            for (at, one) in was_shown.iter().enumerate() {
                let there = was_recorded.get(at).is_some_and(|other| says(one) == says(other));
                assert!(there, "{}: shown and not recorded: {one}\n{recorded:#?}", self.name);
            }
        }
        let report = self.report();
        if !of_kind(&recorded, "record", "outcome").is_empty() {
            assert_eq!(report, NOTHING, "{}", self.name);
            return report;
        }
        let trace = std::fs::read_to_string(self.folder.join("trace")).unwrap_or_default();
        let happened = |what: &str| trace.lines().any(|line| line == what);
        for block in ["write", "put-back"] {
            let told = report.contains(&format!("`{block}`"));
            assert!(told || !happened(&format!("{block} begins")), "{}: {report}\n{trace}", self.name);
            let to_its_end = report.contains(&format!("`{block}` was run at"));
            assert!(!to_its_end || happened(&format!("{block} ends")), "{}: {report}\n{trace}", self.name);
        }
        report
    }

    /// What the journal holds of the run that was killed. The run before it is whole.
    fn recorded(&self) -> Vec<Value> {
        let output = self.command("kb").args(["history", "--format", "json"]).output().expect("kb starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let records: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let of_run = |number: u64| {
            let records = records.iter().filter(move |record| record["number"] == number);
            records.map(|record| record["entry"].clone()).filter(|entry| !entry.is_null()).collect()
        };
        let before: Vec<Value> = of_run(1);
        assert_eq!(of_kind(&before, "record", "outcome").len(), 1, "{}: {text}", self.name);
        of_run(2)
    }

    /// What the next start says of it, without the times.
    fn report(&self) -> String {
        let set = format!("dir={}", self.folder.display());
        let output =
            self.command("kb").args(["run", "./page.md", "--set", &set]).output().expect("kb starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = told.split("`kb history").next().unwrap_or("").replace("\n  ", " ");
        let times = regex::Regex::new(r"20[0-9 :-]+ UTC").expect("a constant pattern");
        let told = times.replace_all(told.trim(), "TIME").into_owned();
        if told.is_empty() { NOTHING.into() } else { told }
    }
}

fn of_kind<'v>(records: &'v [Value], key: &str, kind: &str) -> Vec<&'v Value> {
    records.iter().filter(|record| record[key] == kind).collect()
}

/// What a record says, whoever shows it.
fn says(record: &Value) -> Vec<String> {
    let keys = ["host", "check", "verdict", "fix", "state", "outcome"];
    let text = |key: &str| match (record["check"].is_string(), key) {
        // A journal does not say where a check ran.
        (true, "host") => String::new(),
        _ => record[key].as_str().unwrap_or_default().to_owned(),
    };
    keys.iter().map(|key| text(key)).collect()
}
