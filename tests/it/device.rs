//! The target for network devices, against a simulated ASA behind a real `sshd`.
//!
//! In a case, `passwords` are what the person types in turn, `device` is the environment of the
//! stand-in, and each `cisco` block is a command (`change`: a change).

#![expect(clippy::disallowed_methods, reason = "a test reads what the device took, and works its console")]

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kb::target::by_hand::{ByHand, Console, Pasted, YesNo};
use kb::target::device::Device;
use kb::target::ssh::Client;
use kb::target::{Command, Ending, Interpreter, InterruptFlag, Target, TargetError};

use crate::cases::{self, Block, Case, Result};
use crate::sshd::{Sshd, installed};
use crate::target::{bytes, command, conformance, shown};

/// Runs one file of cases.
pub(crate) fn file(path: &Path, text: String) -> Result {
    if !installed(&["sshd", "ssh", "python3"]) {
        return Ok(());
    }
    cases::check(path, &text, |case| vec![play(case)])
}

fn play(case: &Case) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = format!("export ASA_STATE={}/conf\n", folder.path().display());
    for line in case.block("device").unwrap_or("").lines() {
        let _ = writeln!(session, "export {line}");
    }
    let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-ins/asa");
    let _ = write!(session, "exec /usr/bin/env python3 {}", stand_in.display());
    let server = Sshd::start(&session);
    let mut story = String::new();
    // The second login finds what the first one left.
    for _ in 0..=usize::from(case.block("again").is_some()) {
        story.push_str(&login(case, &server));
    }
    story
}

fn login(case: &Case, server: &Sshd) -> String {
    let asked = Arc::new(Mutex::new(String::new()));
    let mut passwords: Vec<Vec<u8>> = lines(case, "passwords");
    passwords.reverse();
    let questions = Arc::clone(&asked);
    let address = server.address();
    let ask = move |question: &str| {
        questions.lock().expect("one thread").push_str(&question.replace(&address, "HOST"));
        questions.lock().expect("one thread").push('\n');
        passwords.pop()
    };
    let flag = InterruptFlag::default();
    let client = Client::silent(server.options());
    let mut target = Device::new(server.destination(), client, flag, Box::new(ask));
    let outcome = target.run(&commands(case));
    let mut story = asked.lock().expect("one thread").clone();
    match outcome {
        Ok(outputs) => outputs.iter().for_each(|output| story.push_str(&shown(output))),
        Err(TargetError::Unreachable { reason, .. }) => {
            let _ = writeln!(story, "unreachable: {reason}");
        }
        Err(error) => {
            let _ = writeln!(story, "{error}");
        }
    }
    if let Ok(Some(who)) = target.identify() {
        let _ = writeln!(story, "it is {} ({}, {})", who.host.for_terminal(), who.system, who.release);
    }
    story
}

/// Cases that every way to a device passes: over ssh, and by hand.
pub(crate) fn every(path: &Path, text: String) -> Result {
    if !installed(&["sshd", "ssh", "python3", "script"]) {
        return Ok(());
    }
    cases::check(path, &text, |case| {
        let commands = commands(case);
        let bench = Bench::new();
        let over_ssh = conformance(&mut bench.device(), &commands);
        let console =
            Rc::new(RefCell::new(Typist { state: bench.folder.path().to_owned(), block: String::new() }));
        let mut by_hand = ByHand::new("asa", "c0ffee", console);
        assert_eq!(conformance(&mut by_hand, &commands), over_ssh, "{}: by hand", case.title);
        let who = by_hand.identify().expect("it was told").expect("a name");
        assert_eq!(who.host.for_terminal(), "ciscoasa", "{}: by hand", case.title);
        vec![over_ssh]
    })
}

/// Each value is refused, or stands in the line that the device takes, and no other line comes.
#[expect(clippy::unnecessary_wraps, reason = "the harness wants a result")]
pub(crate) fn hostile(_path: &Path, text: String) -> Result {
    if !installed(&["sshd", "ssh", "python3"]) {
        return Ok(());
    }
    let bench = Bench::new();
    let mut device = bench.device();
    device.identify().expect("it answers");
    let (mut delivered, mut refused) = (0, 0);
    for case in cases::read(&text) {
        for written in case.block("values").expect("a block of values").lines() {
            let value = bytes(&written.replace("[CANARY]", "/tmp/kb-no-such-file"));
            let Ok(value) = String::from_utf8(value) else { continue };
            let line = format!("access-list kb remark {value}");
            let change =
                Command { script: format!("configure terminal\n{line}\nend\n").into(), ..Bench::change() };
            let _ = std::fs::remove_file(bench.folder.path().join("log"));
            let output = device.run(&[change]).expect("it runs").remove(0);
            let log = std::fs::read(bench.folder.path().join("log")).unwrap_or_default();
            if let Ending::Refused(_) = output.ending {
                assert_eq!(String::from_utf8_lossy(&log), "", "{value:?}: refused, and nothing was sent");
                refused += 1;
            } else {
                let wanted = format!("configure terminal\n{}\nend\n", line.trim_end());
                assert_eq!(String::from_utf8_lossy(&log), wanted, "{value:?}");
                delivered += 1;
            }
        }
    }
    assert!(delivered >= 50 && refused >= 10, "{delivered} delivered, {refused} refused");
    Ok(())
}

/// A device of its own, privileged from the login on.
struct Bench {
    folder: tempfile::TempDir,
    server: Sshd,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Sshd::start(&session(folder.path()));
        Self { folder, server }
    }

    fn device(&self) -> Device<'static> {
        let client = Client::silent(self.server.options());
        let nobody = Box::new(|_: &str| None);
        Device::new(self.server.destination(), client, InterruptFlag::default(), nobody)
    }

    fn change() -> Command {
        let block = Block { info: "cisco change".into(), text: String::new(), span: 0..0 };
        Command { interpreter: Interpreter::Device, time: Duration::from_secs(20), ..command(0, &block, &[]) }
    }
}

fn session(folder: &Path) -> String {
    let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-ins/asa");
    format!(
        "ASA_STATE={0}/conf ASA_LOG={0}/log ASA_PRIVILEGED=yes; export ASA_STATE ASA_LOG ASA_PRIVILEGED\n\
         exec /usr/bin/env python3 {1}\n",
        folder.display(),
        stand_in.display()
    )
}

/// A person at the console of the device.
struct Typist {
    state: PathBuf,
    block: String,
}

impl Console for Typist {
    fn say(&mut self, _: &str) {}

    fn show_block(&mut self, block: &str) {
        block.clone_into(&mut self.block);
    }

    fn paste(&mut self, _end: &str) -> Pasted {
        let mut script = std::process::Command::new("script");
        script
            .args(["-qec", &session(&self.state), "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut script = script.spawn().expect("script(1) starts");
        let mut keyboard = script.stdin.take().expect("a pipe");
        let mut screen = script.stdout.take().expect("a pipe");
        let mut text = Vec::new();
        // What is typed ahead of the first prompt is echoed by the terminal, and by the device again.
        while !text.ends_with(b"# ") {
            let mut byte = [0];
            screen.read_exact(&mut byte).expect("a prompt comes");
            text.extend(byte);
        }
        keyboard.write_all(format!("{}exit\n", self.block).as_bytes()).expect("it reads");
        screen.read_to_end(&mut text).expect("it ends");
        script.wait().expect("it ends");
        Pasted::Text(text)
    }

    fn ask(&mut self, _: &str) -> YesNo {
        YesNo::CannotTell
    }
}

fn lines(case: &Case, kind: &str) -> Vec<Vec<u8>> {
    case.block(kind).unwrap_or("").lines().map(|line| line.as_bytes().to_vec()).collect()
}

fn commands(case: &Case) -> Vec<Command> {
    let blocks = case.blocks.iter().filter(|block| block.kind() == "cisco").enumerate();
    let device = |(number, block)| Command {
        interpreter: Interpreter::Device,
        time: Duration::from_secs(20),
        ..command(number, block, &[])
    };
    blocks.map(device).collect()
}
