//! The target for network devices, against a simulated ASA behind a real `sshd`.
//!
//! In a case, `passwords` are what the person types in turn, `device` is the environment of the
//! stand-in, and each `cisco` block is a command (`change`: a change).

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kb::target::device::Device;
use kb::target::{Command, Interpreter, InterruptFlag, Target, TargetError};

use crate::cases::{self, Case, Result};
use crate::sshd::{Sshd, installed};
use crate::target::{command, shown};

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
    let mut target =
        Device::new(server.destination(), server.options(), flag, Box::new(ask)).expect("a folder");
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
