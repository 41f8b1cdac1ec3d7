//! `--replay`: a runbook watched without a machine, from its own recorded outputs.

use std::cell::RefCell;
use std::rc::Rc;

use crate::run::engine::Targets;
use crate::run::plan;
use crate::runbook::Runbook;
use crate::target::replay::{Replay, Tape};

/// Where a rehearsal begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The problem is there; an approved fix cures it.
    Sick,
    /// It is not.
    Healthy,
}

/// Targets that answer with the recorded outputs of the runbook.
pub fn targets(runbook: &Runbook, _start: Start) -> Targets<'static> {
    let tape = Rc::new(RefCell::new(Tape::default()));
    plan::hosts(runbook)
        .into_iter()
        .map(|host| {
            let target: Box<dyn crate::target::Target> = Box::new(Replay::new(Rc::clone(&tape)));
            (host, target)
        })
        .collect()
}
