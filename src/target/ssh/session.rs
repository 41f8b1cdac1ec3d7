//! One session on a host: messages go in, answers come back between marks.
//!
//! Its standard input stays open as a life line: when it ends, the host ends what it started.

use std::io::{Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::hear::{Heard, Hearing};
use crate::target::InterruptFlag;
use crate::text::Untrusted;

/// A host may take so long to answer beyond the time limit of a block.
pub(super) const GRACE: Duration = Duration::from_secs(15);
/// Once it was told to end everything, so long.
const ENDING: Duration = Duration::from_secs(5);
/// Nothing is waited for longer than this without a look at the clock.
const TICK: Duration = Duration::from_millis(20);
/// Of what ssh itself says so much is kept.
const WORDS_BYTES_MAX: usize = 16 * 1024;

/// A session, with its pipes.
#[derive(Debug)]
pub(super) struct Session {
    child: Child,
    pub(super) input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    words: Arc<Mutex<Vec<u8>>>,
    /// A whole answer has come, and the session is not over.
    sound: bool,
}

/// What came of an exchange.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) waited: Waited,
    pub(super) heard: Heard,
    /// What ssh itself, or sudo, said.
    pub(super) words: Untrusted,
    pub(super) took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    Ended(Option<i32>),
    /// The whole answer came, and the session goes on.
    Open,
    TooLong,
    Interrupted,
}

impl Reply {
    /// `ssh` itself failed, and the host had said nothing.
    pub(super) fn nothing_came(&self) -> bool {
        let silent = self.heard.identity.is_none() && !self.heard.begun;
        silent && self.waited == Waited::Ended(Some(255))
    }
}

impl Session {
    pub(super) fn new(mut child: Child) -> Self {
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let words = Arc::new(Mutex::new(Vec::new()));
        if let Some(stderr) = child.stderr.take() {
            let words = Arc::clone(&words);
            std::thread::spawn(move || collect(stderr, &words));
        }
        Self { child, input, output, words, sound: true }
    }

    /// What was said beside the answers.
    pub(super) fn words(&self) -> Vec<u8> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It can take another message.
    pub(super) fn is_sound(&mut self) -> bool {
        self.sound && matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends what is not answered; false: nobody takes it.
    pub(super) fn tell(&mut self, message: &[u8]) -> bool {
        let line = self.input.as_mut();
        line.is_some_and(|line| line.write_all(message).and_then(|()| line.flush()).is_ok())
    }

    /// It ended by itself.
    pub(super) fn is_over(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends the last message and hears the answer.
    pub(super) fn only(
        mut self,
        nonce: &str,
        message: Vec<u8>,
        time: Duration,
        keep: usize,
        interrupt: &InterruptFlag,
    ) -> Reply {
        let mut reply = self.exchange(nonce, message, time, keep, interrupt);
        self.input = None;
        let status = self.end();
        if reply.waited == Waited::Open {
            reply.waited = Waited::Ended(status);
        }
        reply.words = Untrusted::new(self.words());
        reply
    }

    /// Sends a message and hears the answer.
    pub(super) fn exchange(
        &mut self,
        nonce: &str,
        message: Vec<u8>,
        time: Duration,
        keep: usize,
        interrupt: &InterruptFlag,
    ) -> Reply {
        self.sound = false;
        let sent = Instant::now();
        let before = self.words().len();
        let mut life_line = self.input.take();
        let answer = self.output.take().map(|output| listen(output, Hearing::new(nonce, keep)));
        // Sent beside: a host that hangs up early, or takes nothing, is told by its status or the clock.
        let mut sender = life_line.take().map(|line| std::thread::spawn(move || send(line, &message)));
        let mut waited = None;
        let mut until = sent + time + GRACE;
        let (heard, output, whole) = loop {
            if life_line.is_none() && sender.as_ref().is_some_and(std::thread::JoinHandle::is_finished) {
                life_line = sender.take().and_then(|sender| sender.join().ok()).filter(|_| waited.is_none());
            }
            match answer.as_ref().map(|answer| answer.recv_timeout(TICK)) {
                Some(Ok(answer)) => break answer,
                Some(Err(RecvTimeoutError::Timeout)) => {}
                Some(Err(RecvTimeoutError::Disconnected)) | None => {
                    break (Hearing::new(nonce, 0).finish(), None, false);
                }
            }
            if waited.is_none() && interrupt.load(Ordering::Relaxed) {
                (waited, until) = (Some(Waited::Interrupted), Instant::now() + ENDING);
                life_line = None;
            } else if Instant::now() >= until {
                waited.get_or_insert(Waited::TooLong);
                let _ = self.child.kill();
            }
        };
        if life_line.is_none() && waited.is_none() {
            life_line = sender.and_then(|sender| sender.join().ok());
        }
        (self.input, self.output, self.sound) = (life_line, output, whole && waited.is_none());
        let waited = waited.unwrap_or_else(|| if whole { Waited::Open } else { Waited::Ended(self.end()) });
        let words = self.words();
        let words = Untrusted::new(&words[before.min(words.len())..]);
        Reply { waited, heard, words, took: sent.elapsed() }
    }

    /// Waits a moment for a session that is over; its exit status.
    fn end(&mut self) -> Option<i32> {
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        self.child.wait().ok().and_then(|status| status.code())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.input = None;
        self.end();
    }
}

type Answer = (Heard, Option<ChildStdout>, bool);

/// Reads the answer to its last mark, or to its end.
fn listen(mut stdout: ChildStdout, mut hearing: Hearing) -> Receiver<Answer> {
    let (sender, answer) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 16 * 1024];
        let mut whole = false;
        while let Ok(length @ 1..) = stdout.read(&mut piece) {
            if hearing.take(&piece[..length]) {
                whole = true;
                break;
            }
        }
        // Whoever waited may have given up.
        let _ = sender.send((hearing.finish(), Some(stdout), whole));
    });
    answer
}

fn collect(mut stderr: ChildStderr, words: &Mutex<Vec<u8>>) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut piece) {
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        let room = WORDS_BYTES_MAX.saturating_sub(words.len());
        words.extend_from_slice(&piece[..length.min(room)]);
    }
}

/// Gives the life line back, which must stay open.
fn send(mut line: ChildStdin, message: &[u8]) -> ChildStdin {
    let _ = line.write_all(message).and_then(|()| line.flush());
    line
}
