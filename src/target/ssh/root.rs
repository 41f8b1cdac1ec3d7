//! Root on a host, by its `sudo`: one session that stays, since sudo remembers a password for one
//! terminal or one parent process only.
//!
//! What sudo asks for is typed on the terminal and goes from there into the pipe to the host by a
//! process of its own: kb never reads it.
#![expect(clippy::disallowed_methods, reason = "starts who reads the terminal")]

use std::os::fd::AsFd as _;
use std::process::{Command as Process, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::link::{Client, Link, Over};
use super::session::Session;
use crate::target::{InterruptFlag, TargetError, shell};
use crate::text::Untrusted;

/// Where nobody types, sudo has so long to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What stands on a line so long without its end is a question.
const QUESTION: Duration = Duration::from_millis(150);
/// Whole lines are shown when nothing came for so long; what an end follows sooner is the reason of it.
const LINES: Duration = Duration::from_secs(1);
/// Nothing is waited for longer than this without a look at the clock.
const TICK: Duration = Duration::from_millis(20);

/// Asks, and passes one line from the terminal, not echoed, to standard output.
const TYPED: &str = r#"exec 3</dev/tty || exit 1
saved=$(stty -g <&3) || exit 1
trap 'stty "$saved" <&3; exit 1' INT TERM HUP
stty -echo <&3
printf '%s ' "$1" >/dev/tty
IFS= read -r line <&3; status=$?
stty "$saved" <&3
echo >/dev/tty
[ "$status" = 0 ] && printf '%s\n' "$line""#;

/// What came of asking for root.
#[derive(Debug)]
pub(super) enum Root {
    Open(Box<Session>),
    /// In the words of sudo.
    Refused(String),
}

/// Becomes root; `nonce` is for the mark that says so.
pub(super) fn become_root(
    link: &Link<'_>,
    nonce: &str,
    interrupt: &InterruptFlag,
) -> Result<Root, TargetError> {
    let mut session = Session::new(link.session(Over::Connection, shell::CONSTANT)?);
    if !session.tell(&shell::framed(&shell::by_sudo(link.client.terminal))) {
        return Ok(Root::Refused(last_words(&session.words())));
    }
    if let Some(refused) = answer_sudo(&mut session, &link.client, interrupt)? {
        return Ok(Root::Refused(refused));
    }
    session.tell(&shell::framed(&shell::many()));
    // Whether it is root now is told by the first answer.
    let reply = session.exchange(nonce, shell::framed(&shell::who(nonce)), PATIENCE, 0, interrupt);
    if let Some(who) = reply.heard.identity.filter(|_| session.is_sound()) {
        if who.user == "root" {
            return Ok(Root::Open(Box::new(session)));
        }
        return Ok(Root::Refused(format!("`sudo` led to `{}`, not to root", who.user)));
    }
    if interrupt.load(Ordering::Relaxed) {
        return Err(TargetError::Interrupted);
    }
    Ok(Root::Refused(last_words(&session.words())))
}

/// Passes what sudo asks to the person, and what the person types to sudo, until it goes on or ends.
fn answer_sudo(
    session: &mut Session,
    client: &Client<'_>,
    interrupt: &InterruptFlag,
) -> Result<Option<String>, TargetError> {
    // Up to here its words were shown, and up to here they were before the last answer.
    let (mut shown, mut answered) = (0, None);
    let mut heard = 0;
    let mut silent_since = Instant::now();
    let until = Instant::now() + PATIENCE;
    loop {
        std::thread::sleep(TICK);
        if interrupt.load(Ordering::Relaxed) {
            return Err(TargetError::Interrupted);
        }
        let words = session.words();
        if memchr::memmem::find(&words, shell::ROOT_SIGN.as_bytes()).is_some() {
            return Ok(None);
        }
        let over = session.is_over();
        let words = if over { session.words() } else { words };
        if over || (answered.is_none() && Instant::now() > until) {
            return Ok(Some(last_words(&words[answered.unwrap_or(0)..])));
        }
        if words.len() > heard {
            heard = words.len();
            silent_since = Instant::now();
        }
        let fresh = &words[shown..];
        let whole = memchr::memrchr(b'\n', fresh).map_or(0, |at| at + 1);
        let due = if whole < fresh.len() { QUESTION } else { LINES };
        if fresh.is_empty() || silent_since.elapsed() < due {
            continue;
        }
        let lines = Untrusted::new(&fresh[..whole]).lines_for_terminal();
        lines.lines().filter(|line| !line.is_empty()).for_each(|line| (client.say)(line));
        shown += whole;
        let question = &words[shown..];
        if !question.is_empty() && client.terminal {
            let Some(input) = &session.input else { return Ok(Some(last_words(question))) };
            let pipe = input.as_fd().try_clone_to_owned();
            let pipe =
                pipe.map_err(|source| TargetError::Machine { what: "ask on the terminal".into(), source })?;
            (client.say)("");
            if !typed(question, pipe.into()) {
                return Ok(Some("nobody answered `sudo`".into()));
            }
            shown = words.len();
            answered = Some(shown);
        }
    }
}

/// Shows the question and lets another process pass on one line from the terminal.
fn typed(question: &[u8], pipe: Stdio) -> bool {
    let question = Untrusted::new(question).for_terminal();
    let mut process = Process::new("/bin/sh");
    process
        .args(["-c", TYPED, "kb", question.trim_end()])
        .stdin(Stdio::null())
        .stdout(pipe)
        .stderr(Stdio::null());
    process.status().is_ok_and(|status| status.success())
}

fn last_words(words: &[u8]) -> String {
    let text = Untrusted::new(words.trim_ascii()).lines_for_terminal();
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim().to_owned()
}
