//! A host reached by the system's `ssh`.
//!
//! The remote command is one constant: script and values go on standard input, so the dialect of
//! the remote login shell does not matter and no value is ever parsed by it. Standard input stays
//! open as a life line: when it ends, the host ends what it started.

use std::io::{Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::target::shell;
use crate::target::{
    Access, Command, Confinement, Ending, Identity, Interpreter, InterruptFlag, Leftovers, Output, Target,
    TargetError,
};
use crate::text::Untrusted;

mod destination;
mod hear;
mod link;

pub use destination::Destination;
pub(in crate::target) use link::Link;

use hear::{Heard, Hearing, Why};

/// A host may take so long to answer beyond the time limit of a block.
const GRACE: Duration = Duration::from_secs(15);
/// Once it was told to end everything, so long.
const ENDING: Duration = Duration::from_secs(5);
/// Nothing is waited for longer than this without a look at the clock.
const TICK: Duration = Duration::from_millis(20);
/// Of what ssh itself says so much is kept.
const WORDS_BYTES_MAX: u64 = 16 * 1024;
/// One argument or variable of a program may have so many bytes under Linux.
const PASSED_BYTES_MAX: usize = 127 * 1024;

/// A host behind `ssh`.
#[derive(Debug)]
pub struct Ssh {
    link: Link,
    name: String,
    nonce: String,
    count: u32,
    interrupt: InterruptFlag,
    identity: Option<Identity>,
}

impl Ssh {
    /// A host to be reached; nothing is connected yet. `nonce` is a word that no output holds by
    /// accident, `options` go to `ssh` ahead of kb's own.
    pub fn new(
        destination: Destination,
        nonce: &str,
        options: Vec<String>,
        interrupt: InterruptFlag,
    ) -> Result<Self, TargetError> {
        let name = format!("ssh {destination}");
        let link = Link::new(destination, options)?;
        Ok(Self { link, name, nonce: nonce.into(), count: 0, interrupt, identity: None })
    }

    /// A word for the marks of one answer, so that none is taken for another's.
    fn fresh_nonce(&mut self, script: &str) -> String {
        loop {
            self.count += 1;
            let nonce = format!("{}{}", self.nonce, self.count);
            if !script.contains(&nonce) {
                return nonce;
            }
        }
    }

    fn run_one(&mut self, command: &Command, here: &Identity) -> Result<Output, TargetError> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Ok(Output::without_text(Ending::Interrupted, confinement(command)));
        }
        if let Some(why) = cannot_be_sent(command) {
            return Ok(Output::without_text(Ending::Refused(why), confinement(command)));
        }
        self.link.open()?;
        let nonce = self.fresh_nonce(&command.script);
        let mut message = framed(&shell::remote(&nonce, command, here.host.raw()));
        if command.root {
            message = [framed(&shell::by_sudo(&nonce)), message].concat();
        }
        let reply = self.exchange(&nonce, message, command.time, command.output_bytes_max)?;
        self.judge(command, here, reply)
    }

    fn judge(&self, command: &Command, here: &Identity, reply: Reply) -> Result<Output, TargetError> {
        let changes = command.access == Access::Change;
        let heard = &reply.heard;
        let elsewhere = heard.identity.as_ref().filter(|who| heard.elsewhere || who.host != here.host);
        let (ending, left) = match (&heard.ending, elsewhere) {
            (_, Some(there)) => {
                return Err(self.link.unreachable(format!(
                    "nothing ran: the answer came from `{}`, not from `{}`",
                    there.host.for_terminal(),
                    here.host.for_terminal()
                )));
            }
            (Some((_, Why::Late, left)), _) => (Ending::TimedOut, *left),
            (Some((_, Why::Cut, left)), _) if reply.waited == Waited::Interrupted => {
                (Ending::Interrupted, *left)
            }
            (Some((_, Why::Cut, _)), _) => (Ending::NotKnown("the connection was lost".into()), 0),
            (Some((ending, Why::Ended, left)), _) => (ending.clone(), *left),
            (None, _) if heard.asked_sudo && reply.waited != Waited::Ended(Some(255)) => {
                (Ending::Refused(no_root(&reply)), 0)
            }
            (None, _) if changes || heard.begun => (Ending::NotKnown(lost(&reply)), 0),
            (None, _) => return Err(self.no_answer(&reply)),
        };
        Ok(Output {
            ending,
            text: Untrusted::new(reply.heard.text),
            dropped: reply.heard.dropped,
            took: reply.took,
            confinement: confinement(command),
            left: Leftovers { ended: left, survived: 0 },
        })
    }

    /// Nothing of ours came back: `ssh` failed (255), or the login shell runs no commands.
    fn no_answer(&self, reply: &Reply) -> TargetError {
        let words = Untrusted::new(reply.words.raw().trim_ascii()).for_terminal();
        match reply.waited {
            Waited::Interrupted => TargetError::Interrupted,
            Waited::TooLong => self.link.unreachable("it did not answer in time"),
            Waited::Ended(Some(255)) if words.is_empty() => self.link.unreachable("the connection was lost"),
            Waited::Ended(Some(255)) => self.link.unreachable(format!("ssh says: {words}")),
            Waited::Ended(_) => {
                let said = Untrusted::new(reply.heard.noise.raw().trim_ascii()).for_terminal();
                self.link.unreachable(format!("its login shell runs no commands: {said} {words}"))
            }
        }
    }

    /// Sends a message over the connection and hears the answer.
    fn exchange(
        &self,
        nonce: &str,
        message: Vec<u8>,
        time: Duration,
        keep: usize,
    ) -> Result<Reply, TargetError> {
        let mut child = self.link.session(false, Some(shell::CONSTANT))?;
        let sent = Instant::now();
        let mut life_line = child.stdin.take();
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(self.link.unreachable("ssh has no output"));
        };
        let answer = listen(stdout, Hearing::new(nonce, keep));
        let words = std::thread::spawn(move || words(stderr));
        // Sent beside: a host that hangs up early, or takes nothing, is told by its status or the clock.
        let sender = life_line.take().map(|line| std::thread::spawn(move || send(line, &message)));
        let mut waited = None;
        let mut until = sent + time + GRACE;
        let mut sender = sender;
        let heard = loop {
            if life_line.is_none() && sender.as_ref().is_some_and(std::thread::JoinHandle::is_finished) {
                life_line = sender.take().and_then(|sender| sender.join().ok()).filter(|_| waited.is_none());
            }
            match answer.recv_timeout(TICK) {
                Ok(heard) => break heard,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Hearing::new(nonce, 0).finish(),
            }
            if waited.is_none() && self.interrupt.load(Ordering::Relaxed) {
                (waited, until) = (Some(Waited::Interrupted), Instant::now() + ENDING);
                life_line = None;
            } else if Instant::now() >= until {
                waited.get_or_insert(Waited::TooLong);
                let _ = child.kill();
            }
        };
        drop(life_line);
        let status = end(&mut child);
        let words = Untrusted::new(words.join().unwrap_or_default());
        Ok(Reply { waited: waited.unwrap_or(Waited::Ended(status)), heard, words, took: sent.elapsed() })
    }
}

/// Reads the answer to its last mark, or to its end.
fn listen(mut stdout: ChildStdout, mut hearing: Hearing) -> Receiver<Heard> {
    let (sender, answer) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 16 * 1024];
        while let Ok(length @ 1..) = stdout.read(&mut piece) {
            if hearing.take(&piece[..length]) {
                break;
            }
        }
        // Whoever waited may have given up.
        let _ = sender.send(hearing.finish());
    });
    answer
}

fn words(mut stderr: ChildStderr) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = stderr.by_ref().take(WORDS_BYTES_MAX).read_to_end(&mut text);
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    text
}

/// Gives the life line back, which must stay open.
fn send(mut line: ChildStdin, message: &[u8]) -> ChildStdin {
    let _ = line.write_all(message).and_then(|()| line.flush());
    line
}

/// Waits a moment for a session that is over; its exit status.
fn end(child: &mut Child) -> Option<i32> {
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        if let Ok(Some(status)) = child.try_wait() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    child.wait().ok().and_then(|status| status.code())
}

fn framed(text: &str) -> Vec<u8> {
    format!("{}\n{text}", text.len()).into_bytes()
}

fn no_root(reply: &Reply) -> String {
    let said = Untrusted::new(reply.words.raw().trim_ascii()).for_terminal();
    format!(
        "it needs root, and `sudo -n` there says no ({said}); log in as root, or let sudo run `sh` \
         there without a password"
    )
}

fn lost(reply: &Reply) -> String {
    match reply.waited {
        Waited::TooLong => "the host stopped answering".into(),
        Waited::Interrupted => "you interrupted it, and the host did not say what became of it".into(),
        Waited::Ended(_) => "the connection was lost".into(),
    }
}

/// What would not arrive whole is not sent.
fn cannot_be_sent(command: &Command) -> Option<String> {
    if command.interpreter == Interpreter::Device {
        return Some("it is in the language of a device, and ssh led to a shell".into());
    }
    if command.script.len() > PASSED_BYTES_MAX {
        return Some(format!("its text is longer than {PASSED_BYTES_MAX} bytes"));
    }
    let long = |(_, value): &&(String, Vec<u8>)| value.len() > PASSED_BYTES_MAX;
    let (name, _) = command.environment.iter().find(long)?;
    Some(format!("the value of `{name}` is longer than {PASSED_BYTES_MAX} bytes"))
}

fn confinement(command: &Command) -> Confinement {
    match command.access {
        Access::Read { .. } => Confinement::Declared("kb cannot hold it to reading on another host".into()),
        Access::Change => Confinement::Free,
    }
}

/// What came of an exchange.
#[derive(Debug)]
struct Reply {
    waited: Waited,
    heard: Heard,
    /// What ssh itself, or sudo, said.
    words: Untrusted,
    took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    Ended(Option<i32>),
    TooLong,
    Interrupted,
}

impl Target for Ssh {
    fn name(&self) -> &str {
        &self.name
    }

    fn checks_need_consent(&self) -> bool {
        true
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        if self.identity.is_none() {
            self.link.open()?;
            let nonce = self.fresh_nonce("");
            let reply = self.exchange(&nonce, framed(&shell::who(&nonce)), GRACE, 0)?;
            match &reply.heard.identity {
                Some(identity) => self.identity = Some(identity.clone()),
                None => return Err(self.no_answer(&reply)),
            }
        }
        Ok(self.identity.clone())
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        let Some(here) = self.identify()? else {
            return Err(self.link.unreachable("it does not say who it is"));
        };
        commands.iter().map(|command| self.run_one(command, &here)).collect()
    }
}
