//! Runbooks against a real machine, which goes sick for the test: `tests/cases/linux`.
//!
//! Each case is played on a stage: a shell with mounts, processes and a host name of its own, with
//! empty `/srv`, `/var/log` and `/var/tmp`, and, unless its block says `net=host`, with a network
//! of its own. Nothing outside is touched, and everything ends with the stage.
//! - `sh stage packages=A,B` makes the machine sick; `file=NAME` blocks are files beside it;
//! - `console` is a session as in `tests/cases/cli`, played on the stage, both streams as one; of a
//!   record in JSON only what it says is left (`fix grow: held`), or nothing;
//! - `$ undo` in it runs the rollback that the journal recorded for the last fix, as recorded;
//! - `sh after` cleans up what the kernel does not (loop devices), also when the test fails.
//!
//! Needs root, and installs the packages that are missing. Where it cannot, the case is skipped and
//! says so; where `CI` is set, it fails.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the program it tests, asks where it runs, and says what it skips"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::cases::{self, Block, Case, Failure, Result};
use crate::console::{Sandbox, end_line, fits, steps};

/// How long one command of a session may take on a slow machine.
const PATIENCE_S: u64 = 120;

/// Packages are installed by one test at a time.
static APT: Mutex<()> = Mutex::new(());

/// Plays one file.
pub(crate) fn file(path: &Path, text: String) -> Result {
    let packages: Vec<String> = cases::read(&text).iter().flat_map(packages).collect();
    if let Err(why) = ready(&packages) {
        if std::env::var_os("CI").is_some() {
            return Err(Failure(format!("{}: cannot be played: {why}", path.display())).into());
        }
        eprintln!("SKIPPED {}: {why}", path.display());
        return Ok(());
    }
    cases::check_blocks(path, &text, play)
}

fn packages(case: &Case) -> Vec<String> {
    let named = stage_block(case).key("packages").unwrap_or("");
    named.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn stage_block(case: &Case) -> &Block {
    sh_block(case, "stage").expect("a case has a block `sh stage`")
}

fn sh_block<'a>(case: &'a Case, word: &str) -> Option<&'a Block> {
    case.blocks("sh").find(|block| block.info.split_whitespace().nth(1) == Some(word))
}

/// Says why nothing can be played here.
pub(crate) fn ready(packages: &[String]) -> std::result::Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("it needs root".into());
    }
    let missing: Vec<&String> = packages.iter().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let _one_at_a_time = APT.lock().expect("nobody panics with it");
    install(&missing)
}

fn installed(package: &str) -> bool {
    let status = Command::new("dpkg-query").args(["-W", "-f=${Status}", package]).output();
    status.is_ok_and(|output| output.stdout == b"install ok installed")
}

fn install(packages: &[&String]) -> std::result::Result<(), String> {
    for words in
        [vec!["update"], [vec!["install", "--yes", "--no-install-recommends"], names(packages)].concat()]
    {
        let output = Command::new("apt-get")
            .args(["--quiet=2", "-o", "DPkg::Lock::Timeout=300"])
            .args(&words)
            .envs([("DEBIAN_FRONTEND", "noninteractive"), ("RUNLEVEL", "1")])
            .output()
            .map_err(|error| format!("apt-get does not start: {error}"))?;
        if !output.status.success() {
            return Err(format!("apt-get {words:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    Ok(())
}

fn names<'a>(packages: &[&'a String]) -> Vec<&'a str> {
    packages.iter().map(|name| name.as_str()).collect()
}

/// Plays one case: its sessions as they must be.
fn play(case: &Case) -> Vec<(std::ops::Range<usize>, String)> {
    let sandbox = Sandbox::new(case);
    let mut stage = Stage::open(&sandbox, case);
    let setup = format!("set -e\n{}", stage_block(case).text);
    let (output, status) = stage.run(&setup);
    assert_eq!(status, "0", "{}: the stage could not be set:\n{output}", case.title);
    let sessions = case.blocks("console");
    sessions.map(|block| (block.span.clone(), replay(block, &sandbox, &mut stage))).collect()
}

fn replay(block: &Block, sandbox: &Sandbox, stage: &mut Stage) -> String {
    let mut out = String::new();
    for (command, expected) in steps(&block.text) {
        let shown = command.replace('\n', "\n> ");
        let command = match command.strip_suffix("undo") {
            Some(by) if by.is_empty() || by.ends_with(' ') => {
                format!("{by}/bin/sh {}", stage.recorded_undo())
            }
            _ => command,
        };
        let (output, status) = stage.run(&command);
        let mut actual: String = output.lines().map(said).collect();
        end_line(&mut actual);
        if status != "0" {
            actual.push_str(&format!("--- status {status}\n"));
        }
        let actual = sandbox.hide(&actual);
        out.push_str(&format!("$ {shown}\n{}", if fits(&expected, &actual) { expected } else { actual }));
    }
    out
}

/// A record without what may change with every release, any other line as it is.
fn said(line: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    match record["type"].as_str() {
        Some("verdict") => format!("check {}: {}\n", text("check"), text("verdict")),
        Some("fix") => format!("fix {}: {}\n", text("fix"), text("state")),
        Some("outcome") => format!("outcome: {}, exit {}\n", text("outcome"), record["exit"]),
        Some("result") => format!("{} {} {}\n", record["rank"], text("tier"), text("runbook")),
        Some(_) => String::new(),
        None => format!("{line}\n"),
    }
}

/// A shell in namespaces of its own.
struct Stage {
    shell: Child,
    tell: ChildStdin,
    hear: Receiver<String>,
    folder: PathBuf,
    after: String,
    commands: u32,
}

/// What every stage begins with.
const EMPTY_ROOMS: &str = "\
hostname stage
for room in /srv /var/log /var/tmp; do mount -t tmpfs -o mode=1777 tmpfs $room; done
mkdir /srv/small
ip link set lo up 2>/dev/null || :
";

impl Stage {
    fn open(sandbox: &Sandbox, case: &Case) -> Self {
        let mut unshare = sandbox.command("unshare");
        unshare.args(["--mount", "--propagation", "private", "--uts", "--ipc"]);
        unshare.args(["--pid", "--fork", "--kill-child", "--mount-proc"]);
        if stage_block(case).key("net") != Some("host") {
            unshare.arg("--net");
        }
        let folder = unshare.get_current_dir().expect("a sandbox has a folder").to_owned();
        let mut shell = unshare
            .args(["/bin/sh", "-u"])
            .env_remove("KB_NOW")
            .env_remove("KB_STATE_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("unshare(1) starts");
        let tell = shell.stdin.take().expect("a pipe");
        let hear = listen(shell.stdout.take().expect("a pipe"));
        let after = sh_block(case, "after").map_or(String::new(), |block| block.text.clone());
        let mut stage = Self { shell, tell, hear, folder, after, commands: 0 };
        let (output, status) = stage.run(&format!("set -e\n{EMPTY_ROOMS}"));
        assert_eq!(status, "0", "no stage can be made here:\n{output}");
        stage
    }

    /// Runs commands in a shell on the stage; what they wrote, both streams as one, and their
    /// status. What they start in the background goes on.
    fn run(&mut self, commands: &str) -> (String, String) {
        self.commands += 1;
        let (script, output) = (self.path("script"), self.path("output"));
        std::fs::write(&script, commands).expect("a file in the sandbox");
        let status = self.try_run(&script, &output).expect("the stage stands");
        let text = String::from_utf8_lossy(&std::fs::read(&output).unwrap_or_default()).into_owned();
        (text, status)
    }

    fn try_run(&mut self, script: &Path, output: &Path) -> Option<String> {
        let (script, output) = (script.display(), output.display());
        let limit = format!("timeout -k 5 {PATIENCE_S}");
        let line = format!("{limit} /bin/sh -u {script} >{output} 2>&1 </dev/null; echo \"ended $?\"");
        writeln!(self.tell, "{line}").ok()?;
        let answer = self.hear.recv_timeout(Duration::from_secs(PATIENCE_S + 20)).ok()?;
        Some(answer.strip_prefix("ended ")?.to_owned())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!(".{name}-{}", self.commands))
    }

    /// A script of the last rollback that the journal knows, with the values it recorded.
    fn recorded_undo(&mut self) -> String {
        let (journal, _) = self.run("cat /var/log/kb/journal.jsonl");
        let mut records =
            journal.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let begun = records.rfind(|record| record["record"] == "begin" && record["undo"].is_object());
        let mut script = String::new();
        if let Some(begun) = begun {
            for value in begun["values"].as_array().expect("the journal records values") {
                let text = value["value"].as_str().expect("a value is text").replace('\'', r"'\''");
                script.push_str(&format!("export {}='{text}'\n", value["name"].as_str().expect("a name")));
            }
            script.push_str(begun["undo"]["text"].as_str().expect("a rollback is text"));
        } else {
            script.push_str("echo 'the journal has no fix with a rollback'; exit 1\n");
        }
        let path = self.path("undo");
        std::fs::write(&path, script).expect("a file in the sandbox");
        path.display().to_string()
    }
}

/// Lines of the stage's own output as they come.
fn listen(out: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(out).lines();
        lines.map_while(std::result::Result::ok).all(|line| sender.send(line).is_ok())
    });
    receiver
}

impl Drop for Stage {
    fn drop(&mut self) {
        let script = self.path("after");
        if std::fs::write(&script, &self.after).is_ok() {
            self.try_run(&script, Path::new("/dev/null"));
        }
        let _ = self.tell.write_all(b"exit\n");
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}
