//! A host that answers from recorded outputs: nothing runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::target::{Access, Command, Confinement, Ending, Identity, Nature, Output, Target, TargetError};

/// What a recording knows, shared by the hosts of one rehearsal.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// By label of the command: what it answers.
    pub answers: BTreeMap<String, Answer>,
    /// By label of a change: the answers that hold after it.
    pub after: BTreeMap<String, BTreeMap<String, Answer>>,
}

/// The exit status and the text of a command.
pub type Answer = (i32, String);

/// A host of a rehearsal.
#[derive(Debug)]
pub struct Replay {
    tape: Rc<RefCell<Tape>>,
}

impl Replay {
    /// A host that answers from the tape.
    pub fn new(tape: Rc<RefCell<Tape>>) -> Self {
        Self { tape }
    }

    fn answer(&self, command: &Command) -> Output {
        let mut tape = self.tape.borrow_mut();
        let healed = tape.after.get(&command.label).cloned();
        let changes = command.access == Access::Change || healed.is_some();
        if let Some(healed) = healed {
            tape.answers.extend(healed);
        }
        let output = match tape.answers.get(&command.label) {
            Some((exit, text)) => Output::recorded(*exit, text.as_str()),
            None if changes => Output::recorded(0, ""),
            None => Output::without_text(
                Ending::NotKnown("the runbook records no output for it".into()),
                Confinement::Free,
            ),
        };
        Output { confinement: Confinement::Declared("replayed, nothing ran".into()), ..output }
    }
}

impl Target for Replay {
    fn name(&self) -> &'static str {
        "replay"
    }

    fn nature(&self) -> Nature {
        Nature::Recording
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        Ok(None)
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        Ok(commands.iter().map(|command| self.answer(command)).collect())
    }
}
