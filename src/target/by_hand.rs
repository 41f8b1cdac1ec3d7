//! A host that only a person can reach: kb shows one block, the person runs it on that console and
//! pastes back what it printed.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::target::{Command, Identity, Nature, Output, Target, TargetError};

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
    /// or coloured in it. It holds only printable characters and line feeds.
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
    name: String,
    console: SharedConsole<'a>,
}

impl fmt::Debug for ByHand<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ByHand").field("host", &self.host).finish_non_exhaustive()
    }
}

impl<'a> ByHand<'a> {
    /// A host done by hand; `host` is what the runbook calls it, `nonce` is a word that no output
    /// holds by accident (letters and digits, new for each run).
    pub fn new(host: &str, _nonce: &str, console: SharedConsole<'a>) -> Self {
        Self { host: host.into(), name: "by hand".into(), console }
    }
}

impl Target for ByHand<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn nature(&self) -> Nature {
        Nature::Person
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        Ok(None)
    }

    fn run(&mut self, _commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        self.console.borrow_mut().say("");
        Err(TargetError::NoTerminal { host: self.host.clone() })
    }
}
