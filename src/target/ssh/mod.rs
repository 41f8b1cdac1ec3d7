//! A host reached by the system's `ssh`.
//!
//! The remote command is one constant: script and values go on standard input, so the dialect of
//! the remote login shell does not matter and no value is ever parsed by it. Standard input stays
//! open as a life line: when it ends, the host ends what it started.

use std::sync::atomic::Ordering;

use crate::target::shell;
use crate::target::{
    Access, Command, Confinement, Ending, Identity, Interpreter, InterruptFlag, Leftovers, Output, Target,
    TargetError,
};
use crate::text::Untrusted;

mod destination;
mod hear;
mod link;
mod root;
mod session;
mod words;

pub use destination::Destination;
pub use link::Client;
pub(in crate::target) use link::Link;

use hear::Why;
use link::Over;
use root::{Root, become_root};
use session::{GRACE, Reply, Session, Waited};

/// One argument or variable of a program may have so many bytes under Linux.
const PASSED_BYTES_MAX: usize = 127 * 1024;

/// A host behind `ssh`.
#[derive(Debug)]
pub struct Ssh<'a> {
    link: Link<'a>,
    name: String,
    nonce: String,
    count: u32,
    interrupt: InterruptFlag,
    identity: Option<Identity>,
    /// Something on this host needs root, so that is asked for ahead of everything.
    needs_root: bool,
    root: Option<Root>,
}

impl<'a> Ssh<'a> {
    /// A host to be reached; nothing is connected yet. `nonce` is a word that no output holds by
    /// accident.
    pub fn new(destination: Destination, nonce: &str, client: Client<'a>, interrupt: InterruptFlag) -> Self {
        let name = format!("ssh {destination}");
        let link = Link::new(destination, client, interrupt.clone());
        let nonce = nonce.into();
        Self { link, name, nonce, count: 0, interrupt, identity: None, needs_root: false, root: None }
    }

    /// Lets `sudo` there ask for its password on the terminal before the first block.
    #[must_use]
    pub fn with_root(mut self) -> Self {
        self.needs_root = true;
        self
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
        let by_sudo = command.root && here.user != "root";
        if by_sudo && let Some(refused) = self.no_root(here)? {
            return Ok(Output::without_text(Ending::Refused(refused), confinement(command)));
        }
        let nonce = self.fresh_nonce(&command.script);
        let message = shell::framed(&shell::remote(&nonce, command, here.host.raw()));
        let (time, keep) = (command.time, command.output_bytes_max);
        if let (true, Some(Root::Open(session))) = (by_sudo, &mut self.root) {
            let reply = session.exchange(&nonce, message, time, keep, &self.interrupt);
            return self.judge(command, here, reply);
        }
        let ask = |over| {
            let session = Session::new(self.link.session(over, shell::CONSTANT)?);
            Ok(session.only(&nonce, message.clone(), time, keep, &self.interrupt))
        };
        let mut reply = ask(Over::Connection)?;
        // A connection that dies under a check says nothing of the host.
        if command.access != Access::Change && reply.nothing_came() {
            reply = ask(Over::Itself)?;
        }
        self.judge(command, here, reply)
    }

    /// Why there is no root; `None`: there is.
    fn no_root(&mut self, here: &Identity) -> Result<Option<String>, TargetError> {
        if let Some(Root::Open(session)) = &mut self.root
            && !session.is_sound()
        {
            self.root = None;
        }
        if self.root.is_none() {
            let nonce = self.fresh_nonce("");
            self.root = Some(become_root(&self.link, &nonce, &self.interrupt)?);
        }
        let Some(Root::Refused(said)) = &self.root else { return Ok(None) };
        let user = &here.user;
        Ok(Some(format!("it needs root, and `sudo` there does not let `{user}` ({said}); log in as root")))
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
            Waited::Ended(_) | Waited::Open => {
                let said = Untrusted::new(reply.heard.noise.raw().trim_ascii()).for_terminal();
                self.link.unreachable(format!("its login shell runs no commands: {said} {words}"))
            }
        }
    }
}

fn lost(reply: &Reply) -> String {
    match reply.waited {
        Waited::TooLong => "the host stopped answering".into(),
        Waited::Interrupted => "you interrupted it, and the host did not say what became of it".into(),
        Waited::Ended(_) | Waited::Open => "the connection was lost".into(),
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

impl Target for Ssh<'_> {
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
            let session = Session::new(self.link.session(Over::Connection, shell::CONSTANT)?);
            let reply = session.only(&nonce, shell::framed(&shell::who(&nonce)), GRACE, 0, &self.interrupt);
            let Some(identity) = &reply.heard.identity else { return Err(self.no_answer(&reply)) };
            if self.needs_root && identity.user != "root" {
                self.no_root(identity)?;
            }
            self.identity = Some(identity.clone());
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
