//! A host that only a person can reach: kb shows one block, the person runs it on that console and
//! pastes back what it printed.
//!
//! What cannot be recognised in a paste is unknown, never guessed. The terminal itself is behind
//! [`Console`].

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use super::keep::Keep;
use crate::target::{
    Access, Command, Confinement, Ending, Identity, Interpreter, Leftovers, Nature, Output, Said, Target,
    TargetError,
};
use crate::text::Untrusted;

mod document;
mod paste;

pub(super) use paste::is_refusal;

/// A paste that is not complete is asked for again so often.
const TRIES: u32 = 3;

/// What came of asking for a paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pasted {
    /// What was pasted, as it came.
    Text(Vec<u8>),
    /// Nothing can be copied from that console: put the rules as questions.
    CannotCopy,
    /// The person gives up on this host.
    GivenUp,
    /// The person interrupted.
    Interrupted,
    /// There is no terminal.
    NoTerminal,
}

/// The answer to a yes-or-no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Cannot tell.
    CannotTell,
    /// The person interrupted, or there is no terminal.
    Interrupted,
}

/// The terminal through which a person works on another console.
pub trait Console {
    /// Says something to the person: sentences, already safe to show.
    fn say(&mut self, text: &str);

    /// Shows a block that the person is to copy; every byte counts, so nothing is wrapped, indented
    /// or coloured in it. It holds only printable characters, tabs and line feeds.
    fn show_block(&mut self, block: &str);

    /// Reads a paste, ending by itself after the line on which `end` occurs (in raw mode with
    /// bracketed paste, since a line-mode terminal cuts lines at 4,096 bytes) or at Ctrl-D. An
    /// empty paste is asked about: cannot copy, or give up.
    fn paste(&mut self, end: &str) -> Pasted;

    /// Asks a question.
    fn ask(&mut self, question: &str) -> YesNo;
}

/// The one console, shared by all hosts done by hand.
pub type SharedConsole<'a> = Rc<RefCell<dyn Console + 'a>>;

/// A host done by hand.
pub struct ByHand<'a> {
    host: String,
    nonce: String,
    batch: u32,
    console: SharedConsole<'a>,
    identity: Option<Identity>,
}

impl fmt::Debug for ByHand<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ByHand").field("host", &self.host).finish_non_exhaustive()
    }
}

/// The way a host understands commands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speech {
    Shell,
    Device,
}

impl<'a> ByHand<'a> {
    /// A host done by hand; `host` is what the runbook calls it, `nonce` is a word that no output
    /// holds by accident (letters and digits, new for each run).
    pub fn new(host: &str, nonce: &str, console: SharedConsole<'a>) -> Self {
        Self { host: host.into(), nonce: nonce.into(), batch: 0, console, identity: None }
    }

    /// Who the host is known to be: on another one nothing runs.
    pub(super) fn expect(&mut self, identity: Identity) {
        self.identity = Some(identity);
    }

    /// Runs commands that are all of one speech; the numbers are their places in the batch.
    fn batch(&mut self, speech: Speech, commands: &[(usize, &Command)]) -> Result<Vec<Output>, TargetError> {
        let nonce = self.fresh_nonce(commands);
        let host = self.identity.as_ref().map(|identity| identity.host.raw().to_vec());
        let block = match speech {
            Speech::Shell => document::shell(&nonce, commands, host.as_deref()),
            Speech::Device => document::device(&nonce, commands),
        };
        let started = Instant::now();
        self.introduce(speech, commands);
        self.console.borrow_mut().show_block(&block);
        let outputs = match self.read(&nonce)? {
            Some(Pasted::Text(text)) => self.judge(speech, commands, &paste::Paste::new(&nonce, &text)),
            Some(_) => self.put_questions(commands)?,
            None => {
                commands.iter().map(|(_, command)| not_known(command, "you gave up on this host")).collect()
            }
        };
        let took = started.elapsed();
        Ok(outputs.into_iter().map(|output| Output { took, ..output }).collect())
    }

    /// A word for the marks of this batch on this host. Those of another one, pasted by mistake,
    /// are not of it; a script that holds the word by accident gets the next.
    fn fresh_nonce(&mut self, commands: &[(usize, &Command)]) -> String {
        loop {
            self.batch += 1;
            let nonce = format!("{}-{}-{}", self.nonce, self.host, self.batch);
            if !commands.iter().any(|(_, command)| command.script.contains(&nonce)) {
                return nonce;
            }
        }
    }

    fn introduce(&self, speech: Speech, commands: &[(usize, &Command)]) {
        let changes = commands.iter().any(|(_, command)| command.access == Access::Change);
        let what = if changes { "This changes something." } else { "It only reads." };
        let first = match speech {
            Speech::Shell => "Where the login shell is csh, tcsh or fish, type `sh` there first. ",
            Speech::Device if changes => {
                "Be in privileged mode (`enable`), enter it line by line, and stop at the first line that the \
                 device refuses. "
            }
            Speech::Device => "Be in privileged mode (`enable`). ",
        };
        let console = match &self.identity {
            Some(identity) => format!("`{}` (`{}`)", self.host, identity.host.for_terminal()),
            None => format!("`{}`", self.host),
        };
        self.console.borrow_mut().say(&format!(
            "On the console of {console}, run the block below. {what} {first}{}Then paste here everything it \
             printed.",
            secrets_there(speech, commands)
        ));
    }

    /// A complete paste (or the last incomplete one), or [`Pasted::CannotCopy`]; `None` when the
    /// person gave up.
    fn read(&self, nonce: &str) -> Result<Option<Pasted>, TargetError> {
        let end = document::end_mark(nonce);
        let mut console = self.console.borrow_mut();
        for left in (0..TRIES).rev() {
            match console.paste(&end) {
                Pasted::Text(text) => {
                    if left == 0 || paste::Paste::new(nonce, &text).is_complete() {
                        return Ok(Some(Pasted::Text(text)));
                    }
                    console.say(&format!(
                        "The line `{end}` is missing, so something was cut off. Copy what the block \
                         printed once more, from the line with `who` to that one; it need not run again."
                    ));
                }
                Pasted::CannotCopy => return Ok(Some(Pasted::CannotCopy)),
                Pasted::GivenUp => return Ok(None),
                Pasted::Interrupted => return Err(TargetError::Interrupted),
                Pasted::NoTerminal => return Err(TargetError::NoTerminal { host: self.host.clone() }),
            }
        }
        Ok(None)
    }

    fn judge(&mut self, speech: Speech, commands: &[(usize, &Command)], paste: &paste::Paste) -> Vec<Output> {
        let there = paste.identity();
        if paste.is_elsewhere() {
            let name = |who: &Option<Identity>| {
                who.as_ref().map_or_else(String::new, |identity| identity.host.for_terminal())
            };
            let why = format!(
                "nothing ran: that console is `{}`, the first one was `{}`",
                name(&there),
                name(&self.identity)
            );
            let refused = |(_, command): &(usize, &Command)| {
                Output::without_text(Ending::Refused(why.clone()), confinement(command))
            };
            return commands.iter().map(refused).collect();
        }
        let there = match speech {
            Speech::Shell => there,
            Speech::Device => commands.iter().find_map(|(number, _)| paste.device_identity(*number)),
        };
        if let (Speech::Device, Some(there), Some(known)) = (speech, &there, &self.identity)
            && there.host != known.host
        {
            return elsewhere_on_device(commands, there, known);
        }
        if self.identity.is_none() {
            self.identity = there;
        }
        let output = |(number, command): &(usize, &Command)| {
            let answer = match speech {
                Speech::Shell => paste.answer(*number),
                Speech::Device => paste.device_answer(*number),
            };
            let mut keep = Keep::new(command.output_bytes_max);
            keep.push(&answer.text);
            let (text, dropped) = keep.finish();
            Output {
                text: Untrusted::new(text),
                dropped,
                ..Output::without_text(answer.ending, confinement(command))
            }
        };
        commands.iter().map(output).collect()
    }

    /// Where nothing can be copied: the rules as questions, the first yes decides.
    fn put_questions(&self, commands: &[(usize, &Command)]) -> Result<Vec<Output>, TargetError> {
        let mut console = self.console.borrow_mut();
        let mut outputs = Vec::new();
        for (_, command) in commands {
            console.say(&format!("This is {} alone, to be typed:", command.label));
            console.show_block(&document::alone(command));
            let mut rule = None;
            for (number, question) in command.questions.iter().enumerate() {
                match console.ask(question) {
                    YesNo::Yes => {
                        rule = Some(number);
                        break;
                    }
                    YesNo::No => {}
                    YesNo::CannotTell => break,
                    YesNo::Interrupted => return Err(TargetError::Interrupted),
                }
            }
            outputs.push(Output::without_text(Ending::Said(Said { rule }), confinement(command)));
        }
        Ok(outputs)
    }
}

impl Target for ByHand<'_> {
    fn name(&self) -> &'static str {
        "by hand"
    }

    fn nature(&self) -> Nature {
        Nature::Person
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        Ok(self.identity.clone())
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        let mut outputs: Vec<Option<Output>> = commands.iter().map(|_| None).collect();
        for speech in [Speech::Shell, Speech::Device] {
            let of_speech = |command: &Command| {
                (command.interpreter == Interpreter::Device) == (speech == Speech::Device)
            };
            let (fit, unfit): (Vec<_>, Vec<_>) = commands
                .iter()
                .enumerate()
                .filter(|(_, command)| of_speech(command))
                .partition(|(_, command)| document::can_be_pasted(&command.script));
            for (number, command) in unfit {
                let why = "its text holds control characters, which cannot be pasted".into();
                outputs[number] = Some(Output::without_text(Ending::Refused(why), confinement(command)));
            }
            if !fit.is_empty() {
                let answers = self.batch(speech, &fit)?;
                for ((number, _), output) in fit.into_iter().zip(answers) {
                    outputs[number] = Some(output);
                }
            }
        }
        Ok(outputs.into_iter().flatten().collect())
    }
}

/// What a person must know of the secrets that a block does not hold.
fn secrets_there(speech: Speech, commands: &[(usize, &Command)]) -> String {
    let names: Vec<String> =
        document::secrets(commands).into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return String::new();
    }
    let names = names.join(", ");
    match speech {
        Speech::Shell => format!("It asks there for {names}, which it does not hold. "),
        Speech::Device => format!(
            "It does not hold {names}: put each line that begins with `! type yourself:` in its place with \
             the secret in it, without those words. "
        ),
    }
}

/// A device cannot refuse by itself to be the wrong one.
fn elsewhere_on_device(commands: &[(usize, &Command)], there: &Identity, known: &Identity) -> Vec<Output> {
    let (there, known) = (there.host.for_terminal(), known.host.for_terminal());
    let output = |(_, command): &(usize, &Command)| {
        let ending = match command.access {
            Access::Change => Ending::NotKnown(format!(
                "it was entered on `{there}`, and the first console was `{known}`: look at both"
            )),
            Access::Read { .. } => Ending::Refused(format!(
                "its output is not used: that console is `{there}`, the first one was `{known}`"
            )),
        };
        Output::without_text(ending, confinement(command))
    };
    commands.iter().map(output).collect()
}

fn not_known(command: &Command, why: &str) -> Output {
    Output {
        left: Leftovers::default(),
        ..Output::without_text(Ending::NotKnown(why.into()), confinement(command))
    }
}

fn confinement(command: &Command) -> Confinement {
    match command.access {
        Access::Read { .. } => Confinement::Declared("done by hand".into()),
        Access::Change => Confinement::Free,
    }
}

#[cfg(test)]
mod tests;
