//! What is going on while nothing is shown: a line on standard error, taken away before the next text.
//!
//! Only a terminal sees it, and only when it takes longer than a moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::{Event, Watch};

/// Work that is done within this time is not announced.
const MOMENT: Duration = Duration::from_millis(400);

/// The line, shared by everything that writes during a run.
#[derive(Clone, Debug)]
pub struct Waiting {
    wanted: bool,
    line: Rc<RefCell<Option<ProgressBar>>>,
}

impl Waiting {
    /// A line that is shown only when it is `wanted`.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, line: Rc::default() }
    }

    /// Says what is going on from now on.
    fn on(&self, what: String) {
        self.off();
        if !self.wanted {
            return;
        }
        let style = ProgressStyle::with_template("  {msg} ({elapsed})");
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
            .with_message(what);
        line.enable_steady_tick(MOMENT);
        *self.line.borrow_mut() = Some(line);
    }

    /// Takes the line away.
    pub fn off(&self) {
        if let Some(line) = self.line.borrow_mut().take() {
            line.finish_and_clear();
        }
    }
}

/// Passes events on, with a line in between for what takes time.
pub struct Announced<'a> {
    /// Who is told.
    pub watch: &'a mut dyn Watch,
    /// The line.
    pub waiting: Waiting,
}

impl Watch for Announced<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.waiting.off();
        self.watch.event(event);
        match event {
            Event::Checking(check) => self.waiting.on(format!("checking `{check}`")),
            Event::Applying(block) => self.waiting.on(format!("running `{block}`")),
            Event::Waiting(check, _) => self.waiting.on(format!("waiting for `{check}`")),
            _ => {}
        }
    }
}
