//! Console sessions against the real binary: `$ command` lines in a `console` block, and below
//! each what it wrote and how it ended.
//!
//! Standard output comes first; a line `--- stderr` begins standard error, and `--- status N` says
//! a status other than 0. A line `...` stands for any number of lines, `[..]` for any part of one
//! line; `[CWD]` is the folder of the session. Every case has a home and a folder of its own;
//! blocks with `file=NAME` are files in it. The commands run through `/bin/sh`, so pipes and
//! redirections are what they look like.

#![expect(clippy::disallowed_methods, reason = "a test starts the program it tests and makes its files")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use kb::target::{Confinement, Target as _};

use crate::cases::{self, Block, Case, Result};

/// The clock of every session, so that "20 s ago" stays what it was.
const NOW: &str = "2013-11-12T11:26:14Z";

/// Folders of the repository that every session sees: name there, path here.
const LINKS: &[(&str, &str)] = &[("examples", "examples"), ("fixtures", "tests/fixtures")];

/// Runs one file of sessions.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check_blocks(path, &text, session)
}

/// Runs the sessions of a tutorial: one folder from the first heading to the last, and a block with
/// `file=NAME` is saved when a reader comes to it.
pub(crate) fn tutorial(path: &Path, text: String) -> Result {
    let sandbox = Sandbox::new(&Case { title: "tutorial".into(), blocks: Vec::new() });
    cases::check_blocks(path, &text, |case| {
        let mut replayed = Vec::new();
        for block in &case.blocks {
            if let Some(name) = block.key("file") {
                std::fs::write(sandbox.folder.join(name), &block.text).expect("saved");
            } else if block.kind() == "console" {
                replayed.push((block.span.clone(), replay(block, &sandbox)));
            }
        }
        replayed
    })
}

/// Runs the sessions of one case in a home and a folder of their own.
fn session(case: &Case) -> Vec<(std::ops::Range<usize>, String)> {
    let sandbox = Sandbox::new(case);
    case.blocks("console").map(|block| (block.span.clone(), replay(block, &sandbox))).collect()
}

/// A home and a folder of its own, and nothing of the environment of the test.
pub(crate) struct Sandbox {
    home: tempfile::TempDir,
    folder: PathBuf,
}

impl Sandbox {
    /// With the files of a case.
    pub(crate) fn new(case: &Case) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().join("work");
        std::fs::create_dir(&folder).expect("a folder in it");
        for (link, target) in LINKS {
            let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
            std::os::unix::fs::symlink(target, folder.join(link)).expect("a link");
        }
        for block in &case.blocks {
            if let Some(name) = block.key("file") {
                let path = folder.join(name);
                std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
                std::fs::write(path, &block.text).expect("a file");
            }
        }
        Self { home, folder }
    }

    /// The folder of the session.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The home, below which the folder of the session is.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A program that sees this home and this folder, and finds `kb`.
    pub(crate) fn command(&self, program: &str) -> Command {
        let kb = Path::new(env!("CARGO_BIN_EXE_kb")).parent().expect("a folder");
        let path = format!("{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", kb.display());
        let home = self.home.path();
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs([("PATH", path.as_str()), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("KB_NOW", NOW)])
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("KB_STATE_DIR", home.join("state/kb"))
            .stdin(Stdio::null());
        command
    }

    /// Output without what differs from one run to the next.
    pub(crate) fn hide(&self, text: &str) -> String {
        let user = user();
        let text = held().replace_all(text, "[CONFINED]");
        machine()
            .replace_all(&text, |found: &regex::Captures<'_>| {
                let gap = |name, blank| if found.name(name).is_some() { blank } else { "" };
                format!("{}[MACHINE]{}", gap("before", " "), gap("after", ", user "))
            })
            .replace(&format!("[MACHINE], user {user}"), "[MACHINE]")
            .replace(&format!("  as        {user}\n"), "  as        [USER]\n")
            .replace(&*self.folder.to_string_lossy(), "[CWD]")
            .replace(&*self.home.path().to_string_lossy(), "[HOME]")
    }
}

/// How firmly this kernel holds a check, as it is said and wrapped.
fn held() -> &'static regex::Regex {
    static HELD: OnceLock<regex::Regex> = OnceLock::new();
    HELD.get_or_init(|| {
        let nothing = Block { info: "sh".into(), text: ":".into(), span: 0..0 };
        let outputs = crate::target::local().run(&[crate::target::command(0, &nothing, &[])]);
        let said = match &outputs.expect("it runs")[0].confinement {
            Confinement::Confined(level) => level.to_string(),
            other => format!("{other:?}"),
        };
        regex::Regex::new(&wrapped(&said)).expect("it is made of words")
    })
}

/// This machine as a run says it, with the blanks around it: how long its name is decides where a line
/// breaks.
fn machine() -> &'static regex::Regex {
    static MACHINE: OnceLock<regex::Regex> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let uname = rustix::system::uname();
        let name = uname.nodename().to_string_lossy();
        let machine = wrapped(&format!("{name}, linux {}", uname.release().to_string_lossy()));
        regex::Regex::new(&format!(r"(?<before>\s+)?{machine}(?<after>,\s+user\s+)?"))
            .expect("it is made of words")
    })
}

/// A pattern for this text with line breaks at any of its blanks.
fn wrapped(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(regex::escape).collect();
    words.join("\\s+")
}

/// Who runs the tests.
fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("id(1) starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The block as it must be: as written where the output fits it, else with what came out.
fn replay(block: &Block, sandbox: &Sandbox) -> String {
    let mut out = String::new();
    for (command, expected) in steps(&block.text) {
        let actual = run(&command, sandbox);
        let shown = command.replace('\n', "\n> ");
        let kept = if fits(&expected, &actual) { expected } else { actual };
        out.push_str(&format!("$ {shown}\n{kept}"));
    }
    out
}

/// Commands with what is written below them.
pub(crate) fn steps(text: &str) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let step = steps.last_mut();
        match (line.strip_prefix("$ "), line.strip_prefix("> "), step) {
            (Some(command), _, _) => steps.push((command.trim_end().to_owned(), String::new())),
            (None, Some(more), Some((command, expected))) if expected.is_empty() => {
                command.push('\n');
                command.push_str(more.trim_end());
            }
            (None, _, Some((_, expected))) => expected.push_str(line),
            (None, _, None) => panic!("a session begins with `$ `, not with {line:?}"),
        }
    }
    steps
}

fn run(command: &str, sandbox: &Sandbox) -> String {
    let output = sandbox.command("/bin/sh").args(["-c", command]).output().expect("/bin/sh starts");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    end_line(&mut text);
    if !output.stderr.is_empty() {
        text.push_str("--- stderr\n");
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        end_line(&mut text);
    }
    if !output.status.success() {
        let status = output.status.code().map_or_else(|| output.status.to_string(), |code| code.to_string());
        text.push_str(&format!("--- status {status}\n"));
    }
    sandbox.hide(&text)
}

pub(crate) fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// True when `actual` is what `expected` says, with its `...` and `[..]`.
pub(crate) fn fits(expected: &str, actual: &str) -> bool {
    let expected: Vec<&str> = expected.lines().collect();
    let actual: Vec<&str> = actual.lines().collect();
    lines_fit(&expected, &actual)
}

fn lines_fit(expected: &[&str], actual: &[&str]) -> bool {
    match expected {
        [] => actual.is_empty(),
        ["...", rest @ ..] => (0..=actual.len()).any(|skip| lines_fit(rest, &actual[skip..])),
        [line, rest @ ..] => actual
            .split_first()
            .is_some_and(|(first, others)| line_fits(line, first) && lines_fit(rest, others)),
    }
}

fn line_fits(expected: &str, actual: &str) -> bool {
    let Some((head, tail)) = expected.split_once("[..]") else { return expected == actual };
    let Some(rest) = actual.strip_prefix(head) else { return false };
    (0..=rest.len()).filter(|&at| rest.is_char_boundary(at)).any(|at| line_fits(tail, &rest[at..]))
}
