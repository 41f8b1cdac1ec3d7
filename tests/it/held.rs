//! What a check cannot change: each attempt is made against something real that would change.
//!
//! A case of `tests/cases/held` has a victim and an attempt. The victim prepares itself in a folder
//! of its own, says `ready` (with a word for the attempt, if it likes), waits, and then says
//! `changed` if it was. The attempt runs as a change first, where it must work, then as a check, then
//! as a check with each `allow=`; what the check could do all the same is in the file, by its name.
//!
//! Cases run as whoever runs the tests, and, when that is root, as a plain user too. Those of a file
//! `root*.md` need root; they are played in namespaces of their own, for what works there would
//! change this machine.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts what it attacks, and says what it skips"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use kb::target::local::Local;
use kb::target::{self, Access, Ending, Helper, Holding, Interpreter, InterruptFlag, Target as _};

use crate::cases::{self, Block, Case, Failure, Result};
use crate::program;

/// No account has this number.
const PLAIN_USER: u32 = 64_177;

/// What a check may be allowed, by its word.
const ALLOWS: [(&str, Access); 5] = [
    ("nothing", reading([0, 0, 0, 0])),
    ("unix", reading([1, 0, 0, 0])),
    ("net", reading([0, 1, 0, 0])),
    ("tmp", reading([0, 0, 1, 0])),
    ("processes", reading([0, 0, 0, 1])),
];

/// Reading, with the ones of these opened that are not zero: unix, net, tmp, processes.
const fn reading([unix, net, tmp, processes]: [u8; 4]) -> Access {
    Access::Read { unix: unix > 0, net: net > 0, tmp: tmp > 0, processes: processes > 0 }
}

/// Plays one file.
pub(crate) fn file(path: &Path, text: String) -> Result {
    let root = rustix::process::geteuid().is_root();
    let only_root = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("root"));
    if let Err(why) = ready(only_root, root) {
        if std::env::var_os("CI").is_some() {
            return Err(Failure(format!("{}: cannot be played: {why}", path.display())).into());
        }
        eprintln!("SKIPPED {}: {why}", path.display());
        return Ok(());
    }
    cases::check(path, &text, |case| {
        let mut users = vec![User::Same];
        if root && !only_root {
            users.push(User::Plain);
        }
        let mut results = users.into_iter().map(|user| attempts(case, user, only_root));
        let first = results.next().expect("somebody tries");
        for other in results {
            assert_eq!(first, other, "{}: root and a plain user differ", case.title);
        }
        vec![first]
    })
}

fn ready(only_root: bool, root: bool) -> std::result::Result<(), String> {
    if !only_root {
        return Ok(());
    }
    if !root {
        return Err("it needs root".into());
    }
    crate::linux::ready(&["iproute2".to_owned(), "util-linux".to_owned()])?;
    let status = Command::new("unshare").args(NAMESPACES).arg("true").status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err("namespaces cannot be made here".into()),
    }
}

const NAMESPACES: [&str; 4] = ["--mount", "--uts", "--net", "--ipc"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum User {
    Same,
    Plain,
}

/// What came of an attempt as a change, as a check, and with each `allow=`.
fn attempts(case: &Case, user: User, apart: bool) -> String {
    let plain = attempt(case, user, apart, ALLOWS[0].1);
    let mut text = format!("a change: {}\na check: {plain}\n", attempt(case, user, apart, Access::Change));
    let opened: Vec<&str> = ALLOWS[1..]
        .iter()
        .filter(|(_, access)| attempt(case, user, apart, *access) != plain)
        .map(|(word, _)| *word)
        .collect();
    if !opened.is_empty() {
        text.push_str(&format!("otherwise with allow={}\n", opened.join(" or allow=")));
    }
    text
}

fn attempt(case: &Case, user: User, apart: bool, access: Access) -> String {
    let folder = tempfile::Builder::new().prefix("kb-held-").tempdir().expect("a folder");
    if user == User::Plain {
        std::os::unix::fs::chown(folder.path(), Some(PLAIN_USER), Some(PLAIN_USER)).expect("it is root's");
    }
    let mut victim = Victim::start(block(case, "victim"), folder.path(), user, apart);
    let place = apart.then(|| victim.process.id());
    let helper = wrapped(folder.path(), user, place);
    let mut local = Local::new(
        Helper { program: helper, holding: Holding::default(), hurry: InterruptFlag::default() },
        InterruptFlag::default(),
    );
    let command = command(block(case, "attempt"), folder.path(), &victim.word, access);
    let output = local.run(&[command]).expect("it runs").remove(0);
    let started = matches!(output.ending, Ending::Exited(_) | Ending::Signalled(_));
    let said = output.text.lines_for_terminal();
    assert!(started && !said.contains("not found"), "{}: {:?}: {said}", case.title, output.ending);
    let found = victim.end();
    if access == Access::Change && found != "changed" {
        eprintln!("{}: as a change: {:?}: {said}", case.title, output.ending);
    }
    found
}

fn block<'a>(case: &'a Case, word: &str) -> &'a Block {
    let found = case.blocks.iter().find(|block| block.info.split_whitespace().nth(1) == Some(word));
    found.unwrap_or_else(|| panic!("{}: no block `{word}`", case.title))
}

/// The program and arguments that run a block in `sh` or `perl`.
fn interpreter(block: &Block) -> [&'static str; 2] {
    if block.kind() == "perl" { ["perl", "-e"] } else { ["sh", "-c"] }
}

fn command(block: &Block, folder: &Path, word: &str, access: Access) -> target::Command {
    let quoted = format!("'{}'", block.text.replace('\'', "'\\''"));
    let [program, option] = interpreter(block);
    target::Command {
        label: "attempt".into(),
        interpreter: Interpreter::Sh,
        script: format!("cd \"$d\" || exit 99\n{program} {option} {quoted}\n").into(),
        environment: vec![
            ("d".into(), folder.as_os_str().as_encoded_bytes().to_vec()),
            ("word".into(), word.as_bytes().to_vec()),
        ],
        secrets: Vec::new(),
        undoes: false,
        root: false,
        access,
        needs: Vec::new(),
        systems: Vec::new(),
        time: Duration::from_secs(20),
        output_bytes_max: 4096,
        questions: Vec::new(),
    }
}

/// A program that is `kb`, run as that user and in the namespaces of that process.
fn wrapped(folder: &Path, user: User, place: Option<u32>) -> PathBuf {
    let kb = if user == User::Plain { readable_kb() } else { Path::new(env!("CARGO_BIN_EXE_kb")) };
    let mut line = String::from("exec ");
    if let Some(pid) = place {
        line.push_str(&format!("nsenter --target {pid} {} -- ", NAMESPACES.join(" ")));
    }
    if user == User::Plain {
        line.push_str(&format!("{} ", as_plain_user().join(" ")));
    }
    line.push_str(&format!("'{}' \"$@\"\n", kb.display()));
    let path = folder.join("kb-wrapped");
    program::script(&path, &line);
    path
}

fn as_plain_user() -> Vec<String> {
    let (user, group) = (format!("--reuid={PLAIN_USER}"), format!("--regid={PLAIN_USER}"));
    vec!["setpriv".into(), user, group, "--clear-groups".into(), "--".into()]
}

/// The program, where a plain user can reach it.
pub(crate) fn readable_kb() -> &'static Path {
    static COPY: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = COPY.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("kb-held-bin-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("mine");
        program::copy(Path::new(env!("CARGO_BIN_EXE_kb")), folder.path());
        let path = folder.path().join("kb");
        (folder, path)
    });
    path
}

/// What an attempt is made against.
struct Victim {
    process: Child,
    says: BufReader<ChildStdout>,
    word: String,
}

impl Victim {
    fn start(block: &Block, folder: &Path, user: User, apart: bool) -> Self {
        let mut words: Vec<String> = Vec::new();
        if apart {
            words.push("unshare".into());
            words.extend(NAMESPACES.map(str::to_owned));
        }
        if user == User::Plain {
            words.extend(as_plain_user());
        }
        words.extend(interpreter(block).map(str::to_owned));
        words.push(if block.kind() == "perl" {
            format!("$| = 1;\n{}", block.text)
        } else {
            format!(
                "ready() {{ echo \"ready $*\"; read -r _; }}\nchanged() {{ echo changed; }}\n{}",
                block.text
            )
        });
        let mut process = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the victim starts");
        let mut says = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut line = String::new();
        says.read_line(&mut line).expect("it speaks");
        let word =
            line.strip_prefix("ready").unwrap_or_else(|| panic!("not ready: {line:?}")).trim().to_owned();
        Self { process, says, word }
    }

    /// What it says of itself.
    fn end(&mut self) -> String {
        let _ = self.process.stdin.take().expect("once").write_all(b"\n");
        let mut text = String::new();
        self.says.read_to_string(&mut text).expect("it speaks");
        self.process.wait().expect("it ends");
        if text.trim() == "changed" { "changed".into() } else { "same".into() }
    }
}
