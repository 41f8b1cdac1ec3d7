//! Sessions in a real terminal: what a person sees and types, through a pseudo-terminal of
//! `script(1)`.
//!
//! A `keys` block is the play: `$ command` starts it, `? text` waits until the screen has shown that
//! text since the last one, `< text` types a line, `<< text` types without Enter. In both `\e` is
//! Escape, `\r` Enter and `\xNN` a byte. `! command` gives what was shown since the last such line to
//! a shell command and pastes what that prints. The `expect` block is all that was shown, without
//! escape sequences, with `...` and `[..]` as in console sessions. Nothing sleeps: each step waits for
//! the screen.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::cases::{self, Case, Result};
use crate::console::{Sandbox, fits};

/// How long a step may take on a slow machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs one file of plays.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let actual = play(case);
        let expected = case.block("expect").expect("a play has an `expect` block");
        vec![if fits(expected, &actual) { expected.to_owned() } else { actual }]
    })
}

fn play(case: &Case) -> String {
    let sandbox = Sandbox::new(case);
    let text = follow(case, &sandbox, |command| {
        let mut script = sandbox.command("script");
        script.args(["-qefc", command, "/dev/null"]);
        script
    });
    sandbox.hide(&text)
}

/// Plays what the `keys` block says in the terminal that `open` makes; all that was shown.
pub(crate) fn follow(case: &Case, sandbox: &Sandbox, open: impl FnOnce(&str) -> Command) -> String {
    let keys = case.block("keys").expect("a play has a `keys` block");
    let mut lines = keys.lines();
    let command = lines.next().and_then(|line| line.strip_prefix("$ ")).expect("a play begins with `$ `");
    let mut stage = Stage::open(open(command));
    for line in lines {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("?", text) => stage.wait_for(text),
            ("<", text) => stage.send(&format!("{text}\\r")),
            ("<<", text) => stage.send(text),
            ("!", command) => stage.paste(sandbox, command),
            _ => panic!("a play has no line {line:?}"),
        }
    }
    stage.close()
}

/// A program in a terminal.
struct Stage {
    child: Child,
    screen: Receiver<Vec<u8>>,
    shown: Vec<u8>,
    /// What was waited for stands before this.
    seen: usize,
    /// What was given to a command stands before this.
    given: usize,
}

impl Stage {
    fn open(mut command: Command) -> Self {
        let mut child = command
            // No line for what takes time: it would come and go with the load of the machine.
            .env("TERM", "dumb")
            .env("COLUMNS", "80")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("script(1) starts");
        let mut out = child.stdout.take().expect("a pipe");
        let (sender, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, screen, shown: Vec::new(), seen: 0, given: 0 }
    }

    fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let plain = plain(&self.shown);
            if let Some(at) = plain[self.seen.min(plain.len())..].find(text) {
                self.seen += at + text.len();
                return;
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.shown.extend(bytes),
                Err(error) => panic!("waited for {text:?}, but {error}; the screen:\n{plain}"),
            }
        }
    }

    fn send(&mut self, text: &str) {
        let keys = self.child.stdin.as_mut().expect("a pipe");
        keys.write_all(&typed(text)).expect("the terminal is there");
        keys.flush().expect("the terminal is there");
    }

    /// Pastes what a command makes of the screen, as a terminal does it.
    fn paste(&mut self, sandbox: &Sandbox, command: &str) {
        let screen = plain(&self.shown);
        let mut child = sandbox
            .command("/bin/sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("/bin/sh starts");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(&screen.as_bytes()[self.given..]).expect("the command reads the screen");
        drop(input);
        self.given = screen.len();
        let output = child.wait_with_output().expect("the child of this process");
        let text = String::from_utf8_lossy(&output.stdout).replace('\n', "\r");
        let keys = self.child.stdin.as_mut().expect("a pipe");
        write!(keys, "\u{1b}[200~{text}\u{1b}[201~").expect("the terminal is there");
        keys.flush().expect("the terminal is there");
    }

    fn close(mut self) -> String {
        let until = Instant::now() + PATIENCE;
        // Standard input stays open to the end: closing it would type Ctrl-D.
        loop {
            match self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.extend(bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(error) => {
                    let _ = self.child.kill();
                    panic!("waited for the end, but {error}; the screen:\n{}", plain(&self.shown));
                }
            }
        }
        let status = self.child.wait().expect("the child of this process");
        let mut text = plain(&self.shown);
        if !status.success() {
            text.push_str(&format!("--- status {}\n", status.code().unwrap_or(-1)));
        }
        text
    }
}

/// What a line of the play types.
fn typed(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let code = &rest[at + 1..];
        let length = match code.as_bytes().first() {
            Some(b'e') => {
                bytes.push(0x1b);
                1
            }
            Some(b'r') => {
                bytes.push(b'\r');
                1
            }
            Some(b'x') => {
                bytes.push(u8::from_str_radix(&code[1..3], 16).expect("two hex digits"));
                3
            }
            _ => panic!("`\\{code}` is no key"),
        };
        rest = &code[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// The text of a screen: no escape sequences, no carriage returns, no blanks at line ends.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                let _ = chars.by_ref().skip(1).find(|c| ('@'..='~').contains(c));
            }
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}
