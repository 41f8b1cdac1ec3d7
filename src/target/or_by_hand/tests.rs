//! When by hand is offered, and when it is not.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::OrByHand;
use crate::target::by_hand::{ByHand, Console, Pasted, SharedConsole, YesNo};
use crate::target::{
    Access, Command, Confinement, Ending, Identity, Interpreter, Nature, Output, Target, TargetError,
};

struct Machine(fn() -> Result<Output, TargetError>);

impl Target for Machine {
    fn name(&self) -> &'static str {
        "ssh x"
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        Ok(None)
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        commands.iter().map(|_| (self.0)()).collect()
    }
}

/// Says yes, gives up on every paste, and counts questions.
struct Yes(Rc<RefCell<u32>>);

impl Console for Yes {
    fn say(&mut self, _: &str) {}
    fn show_block(&mut self, _: &str) {}
    fn paste(&mut self, _: &str) -> Pasted {
        Pasted::GivenUp
    }
    fn ask(&mut self, _: &str) -> YesNo {
        *self.0.borrow_mut() += 1;
        YesNo::Yes
    }
}

fn tried(machine: fn() -> Result<Output, TargetError>, access: Access) -> (u32, Nature, bool) {
    let asked = Rc::new(RefCell::new(0));
    let console: SharedConsole<'_> = Rc::new(RefCell::new(Yes(Rc::clone(&asked))));
    let by_hand = ByHand::new("x", "n", Rc::clone(&console));
    let mut target = OrByHand::new("x", Box::new(Machine(machine)), by_hand, console);
    let command = Command {
        label: "check a".into(),
        interpreter: Interpreter::Sh,
        script: Arc::from("true"),
        environment: Vec::new(),
        root: false,
        access,
        needs: Vec::new(),
        systems: Vec::new(),
        time: Duration::from_secs(1),
        output_bytes_max: 100,
        questions: Vec::new(),
        secrets: Vec::new(),
        undoes: false,
    };
    let outcome = target.run(&[command]).is_ok();
    let count = *asked.borrow();
    (count, target.nature(), outcome)
}

const READ: Access = Access::Read { unix: false, net: false, tmp: false, processes: false };

fn unreachable() -> Result<Output, TargetError> {
    Err(TargetError::Unreachable { host: "x".into(), reason: "gone".into() })
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside one that fails")]
fn refused() -> Result<Output, TargetError> {
    Ok(Output::without_text(Ending::Refused("no root".into()), Confinement::Free))
}

#[test]
fn a_check_that_cannot_run_is_offered_by_hand() {
    assert_eq!(tried(unreachable, READ), (1, Nature::Person, true));
    assert_eq!(tried(refused, READ), (1, Nature::Person, true));
}

#[test]
fn a_change_is_never_begun_twice_and_what_works_is_not_asked_about() {
    assert_eq!(tried(unreachable, Access::Change), (0, Nature::Machine, false));
    assert_eq!(tried(refused, Access::Change), (0, Nature::Machine, true));
    assert_eq!(tried(|| Ok(Output::recorded(0, "")), READ), (0, Nature::Machine, true));
}
