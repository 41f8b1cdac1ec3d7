//! Targets behind `ssh`, against a real `sshd` on loopback: the conformance suite for every kind of
//! login shell, and what only a connection can do wrong.

#![expect(clippy::disallowed_methods, reason = "a test makes files and starts programs")]

use std::path::Path;
use std::time::{Duration, Instant};

use kb::target::ssh::{Client, Destination, Ssh};
use kb::target::{Command, Ending, InterruptFlag, Target, TargetError};

use crate::accounts::{Account, is_root};
use crate::cases::{self, Case, Result};
use crate::sshd::{Sshd, installed, which};
use crate::target::{bytes, commands, conformance, echo, hexadecimal};

const NEEDED: [&str; 6] = ["sshd", "ssh", "csh", "fish", "busybox", "useradd"];

/// What it is called here, its program as the password file names it, and its start-up files.
type Shell = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
/// They greet, set the terminal that is not there, and one reads a line.
const SHELLS: [Shell; 7] = [
    ("sh", "/bin/sh", &[(".profile", "echo never read\n")]),
    ("bash", "/bin/bash", &[(".bashrc", "echo Welcome; stty erase ^H; printf 'no line end'\n")]),
    (
        "bash that reads",
        "/bin/bash",
        &[(".bashrc", "echo 'Press Enter'; read answer; trap 'echo bye' EXIT\n")],
    ),
    ("csh", "/bin/csh", &[(".cshrc", "echo Welcome to csh\nstty erase ^H\nset noclobber\n")]),
    ("fish", "/usr/bin/fish", &[(".config/fish/config.fish", "echo Welcome to fish; stty erase ^H\n")]),
    ("busybox", "APPLETS/ash", &[(".profile", "echo never read\n")]),
    ("restricted", "/bin/rbash", &[(".bashrc", "echo Welcome\n")]),
];

/// A host behind a login shell.
struct Host {
    target: Ssh<'static>,
    _server: Sshd,
    _account: Account,
    /// The programs of a small system, for as long as the server runs.
    _applets: tempfile::TempDir,
}

impl Host {
    fn new(shell: &str, files: &[(&str, &str)]) -> Self {
        let applets = applets();
        let at = applets.path().to_string_lossy();
        let account = Account::new(&shell.replace("APPLETS", &at));
        for (name, text) in files {
            account.write(name, text);
        }
        let path = if shell.contains("APPLETS") { format!("SetEnv PATH={at}\n") } else { String::new() };
        let server = Sshd::of(&[&account], &path);
        let destination = format!("{}@{}", account.name, server.address());
        let destination = Destination::parse(&destination).expect("a place to log in");
        let client = Client::silent(server.options());
        let target = Ssh::new(destination, "c0ffee", client, InterruptFlag::default());
        Self { target, _server: server, _account: account, _applets: applets }
    }
}

fn ssh(server: &Sshd, interrupt: &InterruptFlag) -> Ssh<'static> {
    Ssh::new(server.destination(), "c0ffee", Client::silent(server.options()), interrupt.clone())
}

/// What each login shell makes of something, all at the same time.
fn of_every_shell<T: Send>(make: impl Fn(&'static str, &mut Host) -> T + Sync) -> Vec<(&'static str, T)> {
    let make = &make;
    std::thread::scope(|scope| {
        let all = SHELLS.iter().map(|(name, shell, files)| {
            scope.spawn(move || (*name, make(name, &mut Host::new(shell, files))))
        });
        let all: Vec<_> = all.collect();
        all.into_iter().map(|one| one.join().expect("it answers")).collect()
    })
}

/// Cases that every target passes.
pub(crate) fn every(path: &Path, text: String) -> Result {
    if !installed(&NEEDED) || !is_root() {
        return Ok(());
    }
    let played = cases::read(&text);
    let answers = of_every_shell(|_, host| {
        let answer = |case: &Case| conformance(&mut host.target, &commands(case));
        played.iter().map(answer).collect::<Vec<String>>()
    });
    let mut number = 0;
    cases::check(path, &text, |case| {
        let (_, first) = &answers[0];
        for (shell, answer) in &answers {
            assert_eq!(comparable(&answer[number]), comparable(&first[number]), "{}: {shell}", case.title);
        }
        number += 1;
        vec![first[number - 1].clone()]
    })
}

/// Without what a shell says in its own words.
fn comparable(answer: &str) -> String {
    answer.lines().filter(|line| !line.starts_with("| sh: ")).map(|line| format!("{line}\n")).collect()
}

/// Values that must arrive byte for byte and never run.
pub(crate) fn hostile(_path: &Path, text: String) -> Result {
    if !installed(&NEEDED) || !is_root() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let canary = folder.path().join("canary");
    // The logins are other users: what one of them runs must be able to make the file.
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777))?;
    // What is expected there is said of other targets; here all must arrive.
    of_every_shell(|shell, host| {
        for case in cases::read(&text) {
            let listed = case.block("values").expect("a block of values");
            let listed = listed.replace("[CANARY]", &canary.to_string_lossy());
            let values: Vec<Vec<u8>> = listed.lines().map(bytes).collect();
            // All in one command: one variable each.
            let mut all = echo(b"");
            all.environment =
                (0..).zip(&values).map(|(at, value)| (format!("v{at}"), value.clone())).collect();
            let each = |at: usize| format!("printf '%s' \"$v{at}\" | od -An -v -tx1 | tr -d ' \\n'; echo\n");
            all.script = (0..values.len()).map(each).collect::<String>().into();
            all.output_bytes_max = 64 << 20;
            let outputs = host.target.run(&[all]).expect("it runs");
            let text = String::from_utf8(outputs[0].text.raw().to_vec()).expect("numbers");
            if let Ending::Refused(why) = &outputs[0].ending {
                assert!(values.iter().any(|value| value.len() > 100_000), "{shell}: {why}");
                continue;
            }
            assert_eq!(outputs[0].ending, Ending::Exited(0), "{shell}: {text}");
            let wanted: String = values.iter().map(|value| hexadecimal(value) + "\n").collect();
            assert_eq!(text, wanted, "{}: {shell}", case.title);
        }
    });
    assert!(!canary.exists(), "a value was executed");
    Ok(())
}

/// What only a connection can do; each case names its scene.
pub(crate) fn only(path: &Path, text: String) -> Result {
    if !installed(&NEEDED) {
        return Ok(());
    }
    cases::check(path, &text, |case| {
        vec![match case.title.as_str() {
            "a changed host key is refused" => changed_key(case),
            "the time limit ends the other side" => time_limit(case),
            "an interrupt ends the other side" => interrupted(case),
            "a connection lost in a change is not known" | "a connection lost in a check is not known" => {
                lost(case)
            }
            "a login shell that runs nothing" => refusing(case),
            "another host answers" => elsewhere(case),
            title => panic!("no scene for {title:?}"),
        }]
    })
}

const PLAIN: &str = r#"exec sh -c "$SSH_ORIGINAL_COMMAND""#;

fn changed_key(case: &Case) -> String {
    let server = Sshd::start(PLAIN);
    server.trust("other");
    let said = told(ssh(&server, &InterruptFlag::default()).run(&commands(case)));
    let said =
        said.replace(&*server.path("").to_string_lossy(), "").replace(&server.port().to_string(), "PORT");
    let print = regex::Regex::new("SHA256:[^ ,]+").expect("the pattern is a constant");
    print.replace_all(&said, "SHA256:[..]").into_owned()
}

fn refusing(case: &Case) -> String {
    let server = Sshd::start("echo This account is not available.; exit 1");
    told(ssh(&server, &InterruptFlag::default()).run(&commands(case)))
}

/// The same address leads somewhere else from the second session on.
fn elsewhere(case: &Case) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let names = folder.path().join("names");
    std::fs::create_dir(&names).expect("a folder");
    let hostname = names.join("hostname");
    let other = format!(
        "#!/bin/sh\nif [ -e {0}/seen ]; then echo other; else : >{0}/seen; echo one; fi\n",
        folder.path().display()
    );
    std::fs::write(&hostname, other).expect("written");
    let runs = std::process::Command::new("chmod").arg("+x").arg(&hostname).status();
    assert!(runs.is_ok_and(|status| status.success()));
    let server = Sshd::start(&format!("PATH={}:$PATH; export PATH; {PLAIN}", names.display()));
    told(ssh(&server, &InterruptFlag::default()).run(&commands(case)))
}

fn time_limit(case: &Case) -> String {
    let server = Sshd::start(PLAIN);
    let mut target = ssh(&server, &InterruptFlag::default());
    let (commands, marker) = marked(case);
    target.identify().expect("it answers");
    let started = Instant::now();
    let text = told(target.run(&commands));
    assert!(started.elapsed() < Duration::from_secs(6), "took {:?}", started.elapsed());
    format!("{text}{} still running\n", crate::target::with_marker(&marker))
}

fn interrupted(case: &Case) -> String {
    let server = Sshd::start(PLAIN);
    let interrupt = InterruptFlag::default();
    let mut target = ssh(&server, &interrupt);
    let (commands, marker) = marked(case);
    target.identify().expect("it answers");
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        interrupt.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    let text = told(target.run(&commands));
    format!("{text}{} still running\n", crate::target::with_marker(&marker))
}

/// The session on the server is killed while the command runs: nothing can say goodbye.
fn lost(case: &Case) -> String {
    let server = Sshd::start(PLAIN);
    let mut target = ssh(&server, &InterruptFlag::default());
    let (commands, marker) = marked(case);
    let pid = server.pid();
    target.identify().expect("it answers");
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        crate::sshd::cut(pid);
    });
    let text = told(target.run(&commands));
    let until = Instant::now() + Duration::from_secs(5);
    while crate::target::with_marker(&marker) > 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    format!("{text}{} still running\n", crate::target::with_marker(&marker))
}

fn marked(case: &Case) -> (Vec<Command>, String) {
    let marker = format!("kb-ssh-{}-{}", std::process::id(), case.title.replace(' ', "-"));
    let mut commands = commands(case);
    for command in &mut commands {
        command.environment.push(("marker".into(), marker.clone().into()));
    }
    (commands, marker)
}

fn told(outcome: std::result::Result<Vec<kb::target::Output>, TargetError>) -> String {
    match outcome {
        Ok(outputs) => outputs.iter().map(|output| format!("{:?}\n", output.ending)).collect(),
        Err(TargetError::Unreachable { reason, .. }) => format!("unreachable: {reason}\n"),
        Err(error) => format!("{error}\n"),
    }
}

/// A folder with the programs of `busybox`.
fn applets() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let busybox = which("busybox").expect("busybox");
    let listed = std::process::Command::new(&busybox).arg("--list").output().expect("it lists");
    for name in String::from_utf8_lossy(&listed.stdout).lines() {
        std::os::unix::fs::symlink(&busybox, folder.path().join(name)).expect("a link");
    }
    folder
}
