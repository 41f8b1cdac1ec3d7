//! Targets behind `ssh`, against a real `sshd` on loopback: the conformance suite for every kind of
//! login shell, and what only a connection can do wrong.

#![expect(clippy::disallowed_methods, reason = "a test makes files and starts programs")]

use std::path::Path;
use std::time::{Duration, Instant};

use kb::target::ssh::Ssh;
use kb::target::{Command, Ending, InterruptFlag, Target, TargetError};

use crate::cases::{self, Case, Result};
use crate::sshd::{Sshd, installed, which};
use crate::target::{bytes, commands, conformance, echo, hexadecimal};

const NEEDED: [&str; 5] = ["sshd", "ssh", "csh", "fish", "busybox"];

/// Login shells, and the line with which each takes a command. They greet, as login scripts do.
const SHELLS: [(&str, &str); 6] = [
    ("sh", r#"echo Welcome; exec sh -c "$SSH_ORIGINAL_COMMAND""#),
    ("bash", r#"printf 'no line end'; exec bash -c "$SSH_ORIGINAL_COMMAND""#),
    ("csh", r#"exec csh -c "$SSH_ORIGINAL_COMMAND""#),
    ("fish", r#"exec fish -c "$SSH_ORIGINAL_COMMAND""#),
    ("busybox", r#"PATH=APPLETS:$PATH; exec busybox sh -c "$SSH_ORIGINAL_COMMAND""#),
    ("restricted", r#"exec bash -r -c "$SSH_ORIGINAL_COMMAND""#),
];

/// A host behind a login shell.
struct Host {
    shell: &'static str,
    // Ends before its server.
    target: Ssh,
    _server: Sshd,
    /// The programs of a small system, for as long as the server runs.
    _applets: tempfile::TempDir,
}

fn hosts() -> Vec<Host> {
    let host = |(shell, session): &(&'static str, &str)| {
        let applets = applets();
        let server = Sshd::start(&session.replace("APPLETS", &applets.path().to_string_lossy()));
        let target = ssh(&server, &InterruptFlag::default());
        Host { shell, target, _server: server, _applets: applets }
    };
    SHELLS.iter().map(host).collect()
}

fn ssh(server: &Sshd, interrupt: &InterruptFlag) -> Ssh {
    Ssh::new(server.destination(), "c0ffee", server.options(), interrupt.clone()).expect("a folder")
}

/// Cases that every target passes.
pub(crate) fn every(path: &Path, text: String) -> Result {
    if !installed(&NEEDED) {
        return Ok(());
    }
    let mut hosts = hosts();
    cases::check(path, &text, |case| {
        let commands = commands(case);
        let mut answers = std::thread::scope(|scope| {
            let all = hosts.iter_mut().map(|host| {
                let commands = &commands;
                scope.spawn(move || (host.shell, conformance(&mut host.target, commands)))
            });
            let all: Vec<_> = all.collect();
            all.into_iter().map(|one| one.join().expect("it answers")).collect::<Vec<_>>().into_iter()
        });
        let (_, first) = answers.next().expect("a host");
        for (shell, answer) in answers {
            assert_eq!(comparable(&answer), comparable(&first), "{}: {shell}", case.title);
        }
        vec![first]
    })
}

/// Without what a shell says in its own words.
fn comparable(answer: &str) -> String {
    answer.lines().filter(|line| !line.starts_with("| sh: ")).map(|line| format!("{line}\n")).collect()
}

/// Values that must arrive byte for byte and never run.
pub(crate) fn hostile(path: &Path, text: String) -> Result {
    if !installed(&NEEDED) {
        return Ok(());
    }
    let mut hosts = hosts();
    let folder = tempfile::tempdir()?;
    let canary = folder.path().join("canary");
    // What is expected there is said of other targets; here all must arrive.
    let mut all_arrive = |case: &Case| {
        let listed = case.block("values").expect("a block of values");
        let listed = listed.replace("[CANARY]", &canary.to_string_lossy());
        let values: Vec<Vec<u8>> = listed.lines().map(bytes).collect();
        // All in one command: one variable each.
        let mut all = echo(b"");
        all.environment = (0..).zip(&values).map(|(at, value)| (format!("v{at}"), value.clone())).collect();
        let each = |at: usize| format!("printf '%s' \"$v{at}\" | od -An -v -tx1 | tr -d ' \\n'; echo\n");
        all.script = (0..values.len()).map(each).collect::<String>().into();
        all.output_bytes_max = 64 << 20;
        for host in &mut hosts {
            let outputs = host.target.run(&[all.clone()]).expect("it runs");
            let text = String::from_utf8(outputs[0].text.raw().to_vec()).expect("numbers");
            if let Ending::Refused(why) = &outputs[0].ending {
                assert!(values.iter().any(|value| value.len() > 100_000), "{}: {why}", host.shell);
                continue;
            }
            assert_eq!(outputs[0].ending, Ending::Exited(0), "{}: {text}", host.shell);
            let wanted: String = values.iter().map(|value| hexadecimal(value) + "\n").collect();
            assert_eq!(text, wanted, "{}: {}", case.title, host.shell);
        }
        assert!(!canary.exists(), "a value was executed");
    };
    cases::check(path, &text, |case| {
        all_arrive(case);
        vec![case.block("expect").unwrap_or("").to_owned()]
    })
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
    told(ssh(&server, &InterruptFlag::default()).run(&commands(case)))
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
