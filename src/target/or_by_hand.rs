//! A host that is reached by a machine, and by a person where the machine cannot: by hand is offered
//! once the host is unreachable or refuses, and then holds for the rest of the run.
//!
//! A change that may have begun is never offered again.

use super::by_hand::{ByHand, SharedConsole, YesNo};
use super::{Access, Command, Ending, Identity, Nature, Output, Target, TargetError};
use crate::text::Untrusted;

/// A target with a person behind it.
pub struct OrByHand<'a> {
    host: String,
    machine: Box<dyn Target + 'a>,
    person: ByHand<'a>,
    console: SharedConsole<'a>,
    by_hand: bool,
    asked: bool,
}

impl std::fmt::Debug for OrByHand<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("OrByHand");
        shown.field("host", &self.host).field("by_hand", &self.by_hand).finish_non_exhaustive()
    }
}

impl<'a> OrByHand<'a> {
    /// `host` is what the runbook calls it.
    pub fn new(
        host: &str,
        machine: Box<dyn Target + 'a>,
        person: ByHand<'a>,
        console: SharedConsole<'a>,
    ) -> Self {
        Self { host: host.into(), machine, person, console, by_hand: false, asked: false }
    }

    fn current(&self) -> &(dyn Target + 'a) {
        if self.by_hand { &self.person } else { &*self.machine }
    }

    /// True when the person takes over. It is asked once.
    fn taken_over(&mut self, why: &str) -> bool {
        if !self.by_hand && !self.asked {
            self.asked = true;
            let mut console = self.console.borrow_mut();
            console.say(&Untrusted::new(why.as_bytes()).for_terminal());
            self.by_hand = console.ask(&format!("Do `{}` by hand instead?", self.host)) == YesNo::Yes;
        }
        self.by_hand
    }
}

impl Target for OrByHand<'_> {
    fn name(&self) -> &str {
        self.current().name()
    }

    fn nature(&self) -> Nature {
        self.current().nature()
    }

    fn checks_need_consent(&self) -> bool {
        self.current().checks_need_consent()
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        if self.by_hand {
            return self.person.identify();
        }
        match self.machine.identify() {
            Err(error @ TargetError::Unreachable { .. }) => {
                if self.taken_over(&format!("{error}.")) {
                    self.person.identify()
                } else {
                    Err(error)
                }
            }
            identity => identity,
        }
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        if self.by_hand {
            return self.person.run(commands);
        }
        let reads = commands.iter().all(|command| matches!(command.access, Access::Read { .. }));
        match self.machine.run(commands) {
            Err(error @ TargetError::Unreachable { .. }) if reads => {
                if self.taken_over(&format!("{error}.")) { self.person.run(commands) } else { Err(error) }
            }
            Ok(outputs) if reads => self.again_by_hand(commands, outputs),
            outcome => outcome,
        }
    }
}

impl OrByHand<'_> {
    /// What was refused may be done by hand.
    fn again_by_hand(
        &mut self,
        commands: &[Command],
        mut outputs: Vec<Output>,
    ) -> Result<Vec<Output>, TargetError> {
        let refusal = |output: &Output| match &output.ending {
            Ending::Refused(why) => Some(why.clone()),
            _ => None,
        };
        let refused: Vec<usize> =
            outputs.iter().enumerate().filter_map(|(at, output)| refusal(output).map(|_| at)).collect();
        let Some(why) = outputs.iter().find_map(refusal) else { return Ok(outputs) };
        if !self.taken_over(&format!("`{}` refuses: {why}.", self.host)) {
            return Ok(outputs);
        }
        if let Some(identity) = self.machine.identify()? {
            self.person.expect(identity);
        }
        let again: Vec<Command> = refused.iter().map(|&at| commands[at].clone()).collect();
        for (at, output) in refused.into_iter().zip(self.person.run(&again)?) {
            outputs[at] = output;
        }
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests;
