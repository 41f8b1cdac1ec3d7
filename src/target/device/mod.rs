//! A network device without a shell: one interactive session over `ssh`, driven by its prompt.
//!
//! Made for the Cisco ASA and its relatives. Lines are sent one at a time; the next one goes only
//! when the prompt is back, and a refusal of the device stops the block. Checks may only read.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::target::by_hand::is_refusal;
use crate::target::keep::Keep;
use crate::target::ssh::{Client, Destination, Link};
use crate::target::{
    Access, Command, Confinement, Ending, Identity, Interpreter, InterruptFlag, Leftovers, Output, Target,
    TargetError,
};
use crate::text::Untrusted;

mod session;

use session::{Session, Stopped};

/// The first words of the lines that a check may send.
const READING: [&str; 4] = ["show", "ping", "more", "dir"];
/// The device may take so long to log in, and to answer a line that kb itself sends.
const PATIENCE: Duration = Duration::from_secs(20);
/// An ASA takes no longer line.
const LINE_BYTES_MAX: usize = 510;
/// A person may take so long to log in.
const LOGIN: Duration = Duration::from_mins(3);
/// A mistyped enable password is asked for again so often.
const PASSWORDS: u32 = 3;

/// Asks the person for a secret on the terminal; `None` when nobody can be asked.
pub type AskSecret<'a> = Box<dyn FnMut(&str) -> Option<Vec<u8>> + 'a>;

/// A network device.
pub struct Device<'a> {
    link: Link<'a>,
    name: String,
    interrupt: InterruptFlag,
    ask: AskSecret<'a>,
    session: Option<Session>,
    identity: Option<Identity>,
}

impl std::fmt::Debug for Device<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Device").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Device<'a> {
    /// A device to be reached; nothing is connected yet.
    pub fn new(
        destination: Destination,
        client: Client<'a>,
        interrupt: InterruptFlag,
        ask: AskSecret<'a>,
    ) -> Self {
        let name = format!("device {destination}");
        let link = Link::new(destination, client, interrupt.clone());
        Self { link, name, interrupt, ask, session: None, identity: None }
    }

    /// Logs in, becomes privileged and switches the pager off.
    fn open(&mut self) -> Result<Session, TargetError> {
        if let Some(session) = self.session.take() {
            return Ok(session);
        }
        let session = Session::new(self.link.login()?, self.interrupt.clone());
        let mut session = session.ok_or_else(|| self.link.unreachable("ssh has no pipes"))?;
        self.log_in(&mut session)?;
        if !session.is_privileged() {
            self.enable(&mut session)?;
        }
        // The ASA's word first, then that of its relatives; without either, the pager is answered.
        for line in ["terminal pager 0", "terminal length 0"] {
            if !refuses(&self.told(session.line(line, PATIENCE))?) {
                break;
            }
        }
        Ok(session)
    }

    /// Up to the first prompt of the device; ssh may ask the person on the way.
    fn log_in(&self, session: &mut Session) -> Result<(), TargetError> {
        let mut said = 0;
        let mut say = |words: &[u8]| {
            let whole = memchr::memrchr(b'\n', &words[said..]).map_or(0, |at| at + 1);
            let lines = Untrusted::new(&words[said..said + whole]).lines_for_terminal();
            lines.lines().for_each(|line| (self.link.client.say)(line));
            said += whole;
        };
        match session.first_prompt(LOGIN, &mut say) {
            Ok(()) => Ok(()),
            Err(Stopped::Interrupted) => Err(TargetError::Interrupted),
            Err(Stopped::TooLong(said)) => {
                let said = Untrusted::new(said.trim_ascii()).for_terminal();
                Err(self.link.unreachable(format!("no prompt came: {said}")))
            }
            Err(Stopped::Ended { words, .. }) => {
                let words = Untrusted::new(words).lines_for_terminal();
                Err(self.link.no_login(&words))
            }
        }
    }

    /// The password goes from the terminal to the device; it is kept nowhere.
    fn enable(&mut self, session: &mut Session) -> Result<(), TargetError> {
        self.told(session.line("enable", PATIENCE))?;
        for _ in 0..PASSWORDS {
            if !session.asks_password() {
                break;
            }
            let question = format!("Enable password of {}: ", self.link.destination);
            let Some(secret) = (self.ask)(&question) else {
                return Err(self.link.unreachable("it wants an enable password, and nobody gave one"));
            };
            session.send(&secret);
            self.told(session.until_prompt(PATIENCE))?;
        }
        if session.is_privileged() {
            Ok(())
        } else {
            Err(self.link.unreachable("it refused the enable password"))
        }
    }

    fn told(&self, answer: Result<Vec<u8>, Stopped>) -> Result<Vec<u8>, TargetError> {
        let last = |said: Vec<u8>| Untrusted::new(said.trim_ascii()).for_terminal();
        answer.map_err(|stopped| match stopped {
            Stopped::Interrupted => TargetError::Interrupted,
            Stopped::TooLong(said) => self.link.unreachable(format!("no prompt came: {}", last(said))),
            Stopped::Ended { said, words } => {
                let said = if said.trim_ascii().is_empty() { words } else { said };
                self.link.unreachable(format!("the session ended: {}", last(said)))
            }
        })
    }

    fn run_one(&mut self, command: &Command) -> Result<Output, TargetError> {
        if let Some(why) = may_not_be_sent(command) {
            return Ok(Output::without_text(Ending::Refused(why), confinement(command)));
        }
        let mut session = self.open()?;
        if let Some(known) =
            self.identity.as_ref().filter(|known| known.host.raw() != session.host().as_bytes())
        {
            let there = Untrusted::new(session.host().as_bytes()).for_terminal();
            let known = known.host.for_terminal();
            return Err(self.link.unreachable(format!("nothing ran: `{there}` answered, not `{known}`")));
        }
        let started = Instant::now();
        let mut keep = Keep::new(command.output_bytes_max);
        let ending = lines_of(command, &mut session, started + command.time, &mut keep);
        // A session whose block did not come to its end is in a state that is not known.
        if matches!(ending, Ending::Exited(_)) && leave_configuration(&mut session) {
            self.session = Some(session);
        }
        let (text, dropped) = keep.finish();
        Ok(Output {
            ending,
            text: Untrusted::new(text),
            dropped,
            took: started.elapsed(),
            confinement: confinement(command),
            left: Leftovers::default(),
        })
    }
}

/// Sends the lines of a block. A change stops at the first refusal, and what was entered by then is
/// said; a check goes on and has failed, and so does what takes a change back.
fn lines_of(command: &Command, session: &mut Session, until: Instant, keep: &mut Keep) -> Ending {
    let stops = command.access == Access::Change && !command.undoes;
    let all: Vec<&str> = lines(&command.script).collect();
    let mut refused = false;
    for (number, line) in all.iter().enumerate() {
        let whole = with_secrets(line, &command.secrets);
        match session.line(&whole, until.saturating_duration_since(Instant::now())) {
            Ok(answer) => {
                keep.push(&answer);
                if refuses(&answer) {
                    refused = true;
                    if stops {
                        keep.push(stopped(&all, number).as_bytes());
                        break;
                    }
                    if command.undoes {
                        keep.push(format!("(refused: `{line}`; the next line follows)\n").as_bytes());
                    }
                }
            }
            Err(Stopped::Interrupted) => return Ending::Interrupted,
            Err(Stopped::TooLong(said)) => {
                keep.push(&said);
                return Ending::TimedOut;
            }
            Err(Stopped::Ended { said, .. }) => {
                keep.push(&said);
                let before = number + 1;
                let total = all.len();
                return Ending::NotKnown(format!("the session ended at `{line}`, line {before} of {total}"));
            }
        }
    }
    Ending::Exited(i32::from(refused))
}

/// What was entered by the time a line was refused.
fn stopped(lines: &[&str], refused: usize) -> String {
    let mut out = format!("(refused: `{}`)\n", lines[refused]);
    if refused == 0 {
        out.push_str("(nothing was entered)\n");
    }
    for line in &lines[..refused] {
        let _ = writeln!(out, "(entered: `{line}`)");
    }
    match lines.len() - refused - 1 {
        0 => {}
        1 => out.push_str("(not entered: the line after it)\n"),
        left => {
            let _ = writeln!(out, "(not entered: the {left} lines after it)");
        }
    }
    out
}

/// A line with its secrets in it, as only the device sees it.
fn with_secrets(line: &str, secrets: &[(String, Vec<u8>)]) -> String {
    secrets.iter().fold(line.to_owned(), |line, (name, value)| {
        line.replace(&format!("<{name}>"), &String::from_utf8_lossy(value))
    })
}

fn leave_configuration(session: &mut Session) -> bool {
    !session.is_configuring() || session.line("end", PATIENCE).is_ok()
}

/// The lines of a block that are sent; blank ones and remarks (`!`) are not.
fn lines(script: &str) -> impl Iterator<Item = &str> {
    script
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('!'))
}

/// Why a block is not for a device: it is in another language, a check does more than read, or a
/// value brought in what a terminal would act on.
fn may_not_be_sent(command: &Command) -> Option<String> {
    if command.interpreter != Interpreter::Device {
        return Some("a device runs no shell".into());
    }
    if command.script.chars().any(|c| c != '\n' && c.is_control()) {
        return Some("its text holds control characters".into());
    }
    // A question mark asks the device for help ahead of the line's end.
    if lines(&command.script).any(|line| line.contains('?')) {
        return Some("a line holds `?`, which a device takes for a question".into());
    }
    let whole = |line| with_secrets(line, &command.secrets).len();
    if lines(&command.script).any(|line| whole(line) > LINE_BYTES_MAX) {
        return Some(format!("a line is longer than the {LINE_BYTES_MAX} bytes that a device takes"));
    }
    if command.access == Access::Change {
        return None;
    }
    let line = lines(&command.script).find(|line| !reads(line))?;
    Some(format!("a check may not send `{}`", Untrusted::new(line.as_bytes()).for_terminal()))
}

/// A redirection writes a file on the device.
fn reads(line: &str) -> bool {
    let first = |text: &str| text.split_whitespace().next().unwrap_or("").to_owned();
    let writes = |part: &str| {
        let word = first(part);
        !word.is_empty() && ["redirect", "append", "tee"].iter().any(|writes| writes.starts_with(&word))
    };
    READING.contains(&first(line).as_str()) && !line.split('|').skip(1).any(writes)
}

fn refuses(answer: &[u8]) -> bool {
    answer.split(|&byte| byte == b'\n').any(is_refusal)
}

fn confinement(command: &Command) -> Confinement {
    match command.access {
        Access::Read { .. } => Confinement::Declared("a device; only lines that read are sent".into()),
        Access::Change => Confinement::Free,
    }
}

impl Target for Device<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn checks_need_consent(&self) -> bool {
        true
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        if self.identity.is_none() {
            let mut session = self.open()?;
            let version = self.told(session.line("show version", PATIENCE))?;
            let first = version.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
            self.identity = Some(Identity {
                system: "cisco".into(),
                release: Untrusted::new(first.unwrap_or(b"").trim_ascii()).for_terminal(),
                host: Untrusted::new(session.host().as_bytes()),
                user: "enable".into(),
            });
            self.session = Some(session);
        }
        Ok(self.identity.clone())
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        self.identify()?;
        commands.iter().map(|command| self.run_one(command)).collect()
    }
}
