//! Blocks that misbehave, run by the program as it is shipped: `kb run` ends in time, its memory stays
//! small, and nothing is left, also when kb itself is killed in the middle.
//!
//! [`to_the_end`] and [`killed`] play the commands of `tests/cases/target/local-misbehaving.md`, which
//! `target` plays on the target alone. [`bounded`] plays floods and fork bombs of
//! `tests/cases/target/program*.md`; a bomb is bounded by itself or by its user's limit of processes, so
//! that a kb that fails endangers nothing.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the program it tests, looks at the process table, and says what it skips"
)]

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::{self, Block, Case, Failure, Result};
use crate::held;
use crate::target::{until, with_marker};

/// Beyond the limit of a block: two seconds are the bar, the rest is for a machine that is busy.
const SLACK: Duration = Duration::from_secs(5);
/// What kb and its helpers may take for themselves, each.
const ANON_KB_MAX: u64 = 64 * 1024;
/// When kb is killed, after its block has begun.
const MOMENTS_MS: [u64; 3] = [0, 30, 200];
/// No account has this number, and no other test uses it.
const PLAIN_USER: u32 = 64_178;
/// So many processes it may have.
const PLAIN_PROCESSES_MAX: u32 = 250;

/// Each command ends in time and leaves nothing.
pub(crate) fn to_the_end(path: &Path, text: String) -> Result {
    each(path, &text, |case, block| {
        let mut program = Program::start(case, block);
        let ended = program.finish();
        let timed_out = case.block("expect").is_some_and(|text| text.starts_with("TimedOut"));
        assert_eq!(ended.reason.contains("time limit"), timed_out, "{}: {}", case.title, ended.reason);
        assert_eq!(ended.verdict, "unknown", "{}", case.title);
        assert!(ended.took < limit(block) + SLACK, "{}: took {:?}", case.title, ended.took);
        assert!(ended.anon_kb < ANON_KB_MAX, "{}: {} kB of its own", case.title, ended.anon_kb);
        assert_eq!(program.alive(), 0, "{}: something is left", case.title);
    })
}

/// kb gets the one signal that it cannot catch while the command runs.
pub(crate) fn killed(path: &Path, text: String) -> Result {
    each(path, &text, |case, block| {
        for moment in MOMENTS_MS {
            kill(case, block, moment);
        }
    })
}

/// Kills kb so long after its block has begun, and waits until nothing is left.
fn kill(case: &Case, block: &Block, moment: u64) {
    let mut program = Program::start(case, block);
    until(|| with_marker(&program.marker) > 0 || program.has_ended());
    std::thread::sleep(Duration::from_millis(moment));
    program.look();
    let begun = !program.has_ended() || program.read("out").contains("\"verdict\"");
    assert!(begun, "{}: it never began: {}", case.title, program.read("err"));
    program.kb.kill().expect("it is a child");
    program.kb.wait().expect("it is gone");
    let killed = Instant::now();
    let gone = until(|| program.alive() == 0);
    let took = killed.elapsed();
    assert!(gone, "{}: {} left, {moment} ms after its start", case.title, program.alive());
    assert!(took < SLACK, "{}: {took:?} until all was gone", case.title);
}

/// Floods and bombs: what the verdict says of them, and what they cost; killed in the middle first.
pub(crate) fn bounded(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let block = script(case);
        if block.key("user").is_some() && !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED {}: it needs root", case.title);
            return vec![case.block("expect").unwrap_or_default().to_owned()];
        }
        for moment in MOMENTS_MS {
            kill(case, block, moment);
        }
        let mut program = Program::start(case, block);
        let ended = program.finish();
        let in_time = ended.took < limit(block) + SLACK;
        vec![format!(
            "{}: {}\nended in time: {in_time}, below 64 MiB: {}, {} still running\n",
            ended.verdict,
            ended.reason,
            ended.anon_kb < ANON_KB_MAX,
            program.alive()
        )]
    })
}

fn each(path: &Path, text: &str, play: impl Fn(&Case, &Block)) -> Result {
    let cases = cases::read(text);
    if cases.len() < 13 {
        return Err(Failure(format!("{}: only {} cases", path.display(), cases.len())).into());
    }
    for case in &cases {
        play(case, script(case));
    }
    Ok(())
}

fn script(case: &Case) -> &Block {
    case.blocks("sh").next().unwrap_or_else(|| panic!("{}: no `sh` block", case.title))
}

/// A page says its limits in whole seconds.
fn limit(block: &Block) -> Duration {
    let ms: u64 = block.key("limit_ms").expect("a limit").parse().expect("a number");
    Duration::from_secs(ms.div_ceil(1000))
}

/// A kb that runs one check.
struct Program {
    kb: Child,
    folder: tempfile::TempDir,
    marker: String,
    started: Instant,
    /// The helpers that were seen: the number, and when it started, which tells it from a later one.
    helpers: BTreeSet<(u32, String)>,
    anon_kb: u64,
}

struct Ended {
    verdict: String,
    reason: String,
    took: Duration,
    anon_kb: u64,
}

impl Program {
    fn start(case: &Case, block: &Block) -> Self {
        let folder = tempfile::Builder::new().prefix("kb-misbehaving-").tempdir().expect("a folder");
        let page = folder.path().join("page.md");
        std::fs::write(&page, page_with(block)).expect("a file");
        let plain = block.key("user").is_some();
        let mut command = if plain { as_plain_user(folder.path()) } else { kb() };
        let marker = format!(
            "kb-program-{}-{:?}-{}",
            std::process::id(),
            Instant::now(),
            case.title.replace(' ', "-")
        );
        let marker: String = marker.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let kb = command
            .arg("run")
            .arg(&page)
            .args(["--format", "json", "--set", &format!("marker={marker}")])
            .env("KB_STATE_DIR", folder.path().join("state"))
            .stdin(Stdio::null())
            .stdout(File::create(folder.path().join("out")).expect("a file"))
            .stderr(File::create(folder.path().join("err")).expect("a file"))
            .spawn()
            .expect("kb starts");
        let (started, helpers) = (Instant::now(), BTreeSet::new());
        Self { kb, folder, marker, started, helpers, anon_kb: 0 }
    }

    fn has_ended(&self) -> bool {
        // A child that nobody has waited for is dead, and still there.
        status(self.kb.id(), "State").is_none_or(|state| state.starts_with('Z'))
    }

    /// Remembers which processes are kb's own, and what they take.
    fn look(&mut self) {
        let mut all = vec![self.kb.id()];
        let mut at = 0;
        while let Some(&pid) = all.get(at) {
            at += 1;
            let own = pid == self.kb.id() || is_helper(pid);
            if !own {
                continue;
            }
            let anon = status(pid, "RssAnon").and_then(|text| text.split_whitespace().next()?.parse().ok());
            self.anon_kb = self.anon_kb.max(anon.unwrap_or(0));
            self.helpers.extend(born(pid).filter(|_| pid != self.kb.id()).map(|born| (pid, born)));
            let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            all.extend(
                children.unwrap_or_default().split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }

    /// Waits for its end, looking at it all the time.
    fn finish(&mut self) -> Ended {
        while self.kb.try_wait().expect("it is a child").is_none() {
            self.look();
            assert!(self.started.elapsed() < Duration::from_mins(2), "it does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
        let took = self.started.elapsed();
        assert!(self.anon_kb > 0, "its memory was never seen");
        let (out, err) = (self.read("out"), self.read("err"));
        let records = out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let verdict = records.into_iter().find(|record| record["type"] == "verdict");
        let verdict = verdict.unwrap_or_else(|| panic!("no verdict: {out}{err}"));
        let text = |key: &str| verdict[key].as_str().unwrap_or_default().to_owned();
        Ended { verdict: text("verdict"), reason: text("reason"), took, anon_kb: self.anon_kb }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    /// Processes of the block, and helpers of kb.
    fn alive(&self) -> usize {
        let helpers = self.helpers.iter().filter(|(pid, when)| born(*pid).is_some_and(|born| born == *when));
        with_marker(&self.marker) + helpers.count()
    }
}

/// A value is in the environment of a block that uses it, and so in that of all that it starts.
fn page_with(block: &Block) -> String {
    let (timeout, script) = (limit(block).as_secs(), &block.text);
    format!(
        "# Page\n\n## Parameters\n\n\
         | Name | Default | Must match | What it is |\n| --- | --- | --- | --- |\n\
         | `marker` | `none` | `[A-Za-z0-9-]+` | By which a test finds its processes |\n\n\
         ```sh check nasty timeout={timeout}s\n: \"$marker\"\n{script}```\n\n\
         - **sick** if output has `bad`\n- **healthy** if output has `good`\n- otherwise **unknown**\n"
    )
}

fn kb() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kb"))
}

/// kb as a user that may have few processes.
fn as_plain_user(folder: &Path) -> Command {
    let owned = |path: PathBuf| {
        std::os::unix::fs::chown(path, Some(PLAIN_USER), Some(PLAIN_USER)).expect("it is root's");
    };
    owned(folder.to_owned());
    owned(folder.join("page.md"));
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={PLAIN_USER}")).arg(format!("--regid={PLAIN_USER}"));
    command.args(["--clear-groups", "--", "prlimit", &format!("--nproc={PLAIN_PROCESSES_MAX}"), "--"]);
    command.arg(held::readable_kb());
    command
}

fn is_helper(pid: u32) -> bool {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(1) == Some(b"__exec")
}

/// When a living process started.
fn born(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = stat[stat.rfind(')')? + 1..].split_whitespace();
    let dead = matches!(words.next()?, "Z" | "X");
    if dead { None } else { Some(words.nth(18)?.to_owned()) }
}

/// A line of `/proc/PID/status`.
fn status(pid: u32, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    Some(line.trim().to_owned())
}
