//! What is going on while nothing is shown: a line on standard error, taken away before the next text.
//!
//! Only a terminal sees it, and only when it takes longer than a moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::{Event, Watch};

/// Work that is done within this time is not announced.
const MOMENT: Duration = Duration::from_millis(600);

/// The line, shared by everything that writes during a run.
#[derive(Clone, Debug)]
pub struct Waiting {
    wanted: bool,
    line: Rc<RefCell<Option<Line>>>,
}

/// A line that shows itself after a moment, until `shown` is dropped.
#[derive(Debug)]
struct Line {
    shown: Sender<()>,
    thread: JoinHandle<()>,
}

impl Waiting {
    /// A line that is shown only when it is `wanted`.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, line: Rc::default() }
    }

    /// Says what is going on from now on.
    pub fn on(&self, what: String) {
        self.off();
        if !self.wanted {
            return;
        }
        let (shown, end) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            if end.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                let style = ProgressStyle::with_template("  {msg} ({elapsed})");
                let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                    .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
                    .with_message(what)
                    .with_elapsed(MOMENT);
                line.enable_steady_tick(MOMENT);
                let _ = end.recv();
                line.finish_and_clear();
            }
        });
        *self.line.borrow_mut() = Some(Line { shown, thread });
    }

    /// Takes the line away.
    pub fn off(&self) {
        if let Some(Line { shown, thread }) = self.line.borrow_mut().take() {
            drop(shown);
            let _ = thread.join();
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
