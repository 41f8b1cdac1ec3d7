//! One login on a device, from its first prompt to its end: lines go out one at a time, and what
//! comes back is cut at the next prompt. A device edits its lines itself: what is longer than its
//! terminal scrolls, so the echo of a line is not always the line.
//!
//! Knows prompts, echoes and pagers; nothing of blocks.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use regex::bytes::Regex;

use crate::target::InterruptFlag;

/// What came and was not taken is kept up to so many bytes; a device that sends more than that
/// without a prompt is cut off.
const PENDING_BYTES_MAX: usize = 8 << 20;
/// A prompt, a pager and the question for a password stand in so many last bytes.
const TAIL_BYTES: usize = 512;
/// Of what ssh itself says so much is kept.
const WORDS_BYTES_MAX: usize = 4 * 1024;
/// A line that scrolled shows so much of its end, or more.
const SCROLLED_BYTES_MIN: usize = 4;

/// Why no prompt came.
#[derive(Debug)]
pub(super) enum Stopped {
    Interrupted,
    /// What had come by then.
    TooLong(Vec<u8>),
    /// The last words of the device, and those of ssh.
    Ended {
        said: Vec<u8>,
        words: Vec<u8>,
    },
}

/// One login.
#[derive(Debug)]
pub(super) struct Session {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// What ssh itself said.
    words: Arc<Mutex<Vec<u8>>>,
    pending: Vec<u8>,
    /// The last prompt, without blanks at its ends.
    prompt: String,
    prompts: Regex,
    pager: Regex,
    interrupt: InterruptFlag,
}

impl Session {
    /// `None`: the child has no pipes.
    pub(super) fn new(mut child: Child, interrupt: InterruptFlag) -> Option<Self> {
        let (sender, output) = channel();
        let input = child.stdin.take()?;
        let (stdout, stderr) = (child.stdout.take()?, child.stderr.take()?);
        std::thread::spawn(move || pieces(stdout, |piece| sender.send(piece.to_vec()).is_ok()));
        let words = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::clone(&words);
        std::thread::spawn(move || {
            pieces(stderr, |piece| {
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                let room = WORDS_BYTES_MAX.saturating_sub(said.len());
                said.extend_from_slice(&piece[..piece.len().min(room)]);
                true
            });
        });
        // `asa>`, `asa#`, `ctx/act/asa(config-pmap-c)#`, or the question for a password, as the last
        // thing on a line of its own.
        let prompts = Regex::new(r"(?:^|[\r\n])((?:[\w.\-/@:]{1,100}(?:\([\w-]{1,40}\))?[>#]|Password:) ?)$")
            .expect("the pattern is a constant");
        let pager = Regex::new(r"(?:<--- More --->|--More--) ?$").expect("the pattern is a constant");
        let (pending, prompt) = (Vec::new(), String::new());
        Some(Self { child, input, output, words, pending, prompt, prompts, pager, interrupt })
    }

    /// The device wants a password.
    pub(super) fn asks_password(&self) -> bool {
        self.prompt.starts_with("Password")
    }

    /// What it calls itself: the prompt up to its sign.
    pub(super) fn host(&self) -> &str {
        self.prompt.split(['(', '#', '>']).next().unwrap_or("")
    }

    pub(super) fn is_privileged(&self) -> bool {
        self.prompt.ends_with('#')
    }

    pub(super) fn is_configuring(&self) -> bool {
        self.prompt.contains("(config")
    }

    /// Sends a line; a session that has died is noticed when its answer is waited for.
    pub(super) fn send(&mut self, line: &[u8]) {
        let _ = self.input.write_all(line).and_then(|()| self.input.write_all(b"\n"));
        let _ = self.input.flush();
    }

    /// Sends a line and returns what it printed, without its echo.
    pub(super) fn line(&mut self, line: &str, time: Duration) -> Result<Vec<u8>, Stopped> {
        self.send(line.as_bytes());
        // A prompt that the echo of a long line repeats is none: the echo ends with its line.
        let answer = self.until(time, |session| {
            memchr::memchr(b'\n', &session.pending).is_some().then(|| session.cut()).flatten()
        });
        match answer {
            Ok(answer) => Ok(without_echo(&answer, line)),
            Err(Stopped::Ended { said, words }) => {
                Err(Stopped::Ended { said: without_echo(&said, line), words })
            }
            Err(Stopped::TooLong(said)) => Err(Stopped::TooLong(without_echo(&said, line))),
            Err(Stopped::Interrupted) => Err(Stopped::Interrupted),
        }
    }

    /// Reads up to the prompt after the login; `say` is given all that ssh has said, again and again.
    pub(super) fn first_prompt(&mut self, time: Duration, say: &mut dyn FnMut(&[u8])) -> Result<(), Stopped> {
        let prompt = self.until(time, |session| {
            say(&session.words.lock().unwrap_or_else(PoisonError::into_inner));
            session.cut()
        });
        prompt.map(|_| ())
    }

    /// Reads up to the next prompt; answers the pager on the way.
    pub(super) fn until_prompt(&mut self, time: Duration) -> Result<Vec<u8>, Stopped> {
        self.until(time, Self::cut)
    }

    fn until(
        &mut self,
        time: Duration,
        mut cut: impl FnMut(&mut Self) -> Option<Vec<u8>>,
    ) -> Result<Vec<u8>, Stopped> {
        let until = Instant::now() + time;
        loop {
            if let Some(answer) = cut(self) {
                return Ok(answer);
            }
            if self.interrupt.load(Ordering::Relaxed) {
                return Err(Stopped::Interrupted);
            }
            let all = self.pending.len() > PENDING_BYTES_MAX;
            if all || Instant::now() >= until {
                return Err(Stopped::TooLong(without_carriage(&std::mem::take(&mut self.pending))));
            }
            match self.output.recv_timeout(Duration::from_millis(50)) {
                Ok(bytes) => self.pending.extend_from_slice(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let words = self.words.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    let said = without_carriage(&std::mem::take(&mut self.pending));
                    return Err(Stopped::Ended { said, words });
                }
            }
        }
    }

    /// What came ahead of a prompt that is there.
    fn cut(&mut self) -> Option<Vec<u8>> {
        let tail = self.pending.len().saturating_sub(TAIL_BYTES);
        if let Some(found) = self.pager.find(&self.pending[tail..]) {
            self.pending.truncate(tail + found.start());
            let _ = self.input.write_all(b" ").and_then(|()| self.input.flush());
            return None;
        }
        let found = self.prompts.captures(&self.pending[tail..]).and_then(|found| found.get(1))?;
        self.prompt = String::from_utf8_lossy(found.as_bytes()).trim().to_owned();
        let start = tail + found.start();
        let mut answer = std::mem::take(&mut self.pending);
        answer.truncate(start);
        Some(without_carriage(&answer))
    }
}

/// Hands over what comes until nobody wants it.
fn pieces(mut stream: impl Read, mut wanted: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        if !wanted(&buffer[..read]) {
            return;
        }
    }
}

/// An answer without the line that was sent, as the device shows it: whole, or scrolled, which leaves
/// `$` and its end.
fn without_echo(answer: &[u8], line: &str) -> Vec<u8> {
    let end = memchr::memchr(b'\n', answer).map_or(answer.len(), |at| at + 1);
    let (first, rest) = answer.split_at(end);
    let first = first.trim_ascii();
    let scrolled = |at: usize| {
        let shown = first[at + 1..].trim_ascii();
        shown.len() >= SCROLLED_BYTES_MIN && line.trim().as_bytes().ends_with(shown)
    };
    let echoed = first == line.trim().as_bytes() || memchr::memrchr(b'$', first).is_some_and(scrolled);
    if echoed { rest.to_vec() } else { answer.to_vec() }
}

/// Line feeds alone; what the pager wrote over is gone.
fn without_carriage(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let (body, ended) = line.strip_suffix(b"\n").map_or((line, false), |body| (body, true));
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let last = body.rsplit(|&byte| byte == b'\r').find(|part| !part.is_empty());
        for &byte in last.unwrap_or(b"") {
            if byte == 0x08 {
                out.pop_if(|&mut last| last != b'\n');
            } else {
                out.push(byte);
            }
        }
        if ended {
            out.push(b'\n');
        }
    }
    out
}

impl Drop for Session {
    fn drop(&mut self) {
        self.send(b"exit");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests;
