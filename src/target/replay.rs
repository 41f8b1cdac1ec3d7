//! A host that answers from recorded outputs: nothing runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::target::{Access, Command, Confinement, Ending, Identity, Nature, Output, Target, TargetError};
use crate::text::Untrusted;

/// What a recording knows, shared by the hosts of one rehearsal.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// By label of the command: the exit status and the text it answers with.
    pub answers: BTreeMap<String, (i32, String)>,
    /// By label of a change: the answers that hold after it.
    pub after: BTreeMap<String, Vec<(String, (i32, String))>>,
}

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
        let changes = command.access == Access::Change;
        if changes {
            for (label, answer) in tape.after.get(&command.label).cloned().unwrap_or_default() {
                tape.answers.insert(label, answer);
            }
        }
        let (ending, text) = match tape.answers.get(&command.label) {
            Some((exit, text)) => (Ending::Exited(*exit), text.clone()),
            None if changes => (Ending::Exited(0), String::new()),
            None => (Ending::NotKnown("the runbook records no output for it".into()), String::new()),
        };
        Output {
            ending,
            text: Untrusted::new(text),
            dropped: 0,
            took: Duration::ZERO,
            confinement: Confinement::Declared("replayed, nothing ran".into()),
            ended: 0,
        }
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
