//! The two streams, colour, width, pager and progress: one object that knows the terminal.
//!
//! Standard output carries the answer; messages, hints, progress and prompts go elsewhere. What is
//! shown is made by `render`; here is only where it goes.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{ColorWhen, Global};
use super::env::TerminalWishes;
use super::error::{CommandError, Kind};
use crate::render::style::{Out, Paint, Piece, Screen};
use crate::target::InterruptFlag;

#[cfg(feature = "book")]
mod open;
mod pager;
mod paste;
pub mod person;
pub mod question;
pub mod terminal;
pub mod waiting;

use terminal::Terminal;
use waiting::Waiting;

/// Columns where nothing says how many there are.
const WIDTH: usize = 80;
/// Text wider than this is hard to read, however wide the screen.
const WIDTH_MAX: usize = 120;

/// What the terminal can do and how much the user wants to hear.
#[derive(Clone, Debug)]
pub struct Ui {
    answer: Screen,
    talk: Screen,
    /// What can be shown on the terminal itself, wherever the streams go.
    tty: Screen,
    quiet: bool,
    wishes: TerminalWishes,
}

impl Ui {
    /// Looks at the streams once.
    pub fn new(global: &Global, wishes: TerminalWishes) -> Self {
        let screen = |terminal: bool, width: Option<usize>| Screen {
            paint: paint(global.color, terminal, &wishes),
            width: wishes.columns.or(width).unwrap_or(WIDTH).min(WIDTH_MAX),
            ascii: wishes.ascii,
        };
        let answer = screen(io::stdout().is_terminal(), terminal::width(io::stdout()));
        let talk = screen(io::stderr().is_terminal(), terminal::width(io::stderr()));
        let tty = screen(true, None);
        Self { answer, talk, tty, quiet: global.quiet, wishes }
    }

    /// What can be shown on standard output.
    pub fn answer_screen(&self) -> Screen {
        self.answer
    }

    /// What can be shown on standard error.
    pub fn talk_screen(&self) -> Screen {
        self.talk
    }

    /// A person reads standard output.
    pub fn answers_to_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Hints and progress are not wanted.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// Writes the answer to standard output.
    pub fn answer(&self, write: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> Result<(), CommandError> {
        let mut stdout = BufWriter::new(io::stdout().lock());
        write(&mut Out::new(&mut stdout, self.answer))?;
        Ok(stdout.flush()?)
    }

    /// Writes records to standard output as they are.
    pub fn records(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
        let mut stdout = BufWriter::new(io::stdout().lock());
        write(&mut stdout)?;
        Ok(stdout.flush()?)
    }

    /// Shows a page: through the pager on a terminal, plainly elsewhere.
    pub fn page(&self, write: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> Result<(), CommandError> {
        if !io::stdout().is_terminal() {
            return self.answer(write);
        }
        let mut text = Vec::new();
        write(&mut Out::new(&mut text, self.answer))?;
        pager::show(&text, self.wishes.pager.as_deref())?;
        Ok(())
    }

    /// Opens an address or a file in the browser of the desktop.
    #[cfg(feature = "book")]
    pub fn open(&self, what: impl AsRef<std::ffi::OsStr>) {
        if !open::open(what.as_ref()) {
            self.warning("There is no browser to open here; `xdg-open` is missing.");
        }
    }

    /// Says what may be wrong, a sentence.
    pub fn warning(&self, text: &str) {
        self.say(0, ("warning", "warning"), text);
    }

    /// Says what is worth knowing, a sentence.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(0, ("note", "note"), text);
        }
    }

    /// Says what to type next, a sentence.
    pub fn hint(&self, text: &str) {
        if !self.quiet {
            self.say(0, ("hint", "hint"), text);
        }
    }

    /// Says that a limit bit or that something was guessed, a sentence; said also with `--quiet`.
    pub fn notice(&self, text: &str) {
        self.say(0, ("note", "note"), text);
    }

    /// Says a sentence without a word in front of it.
    pub fn say_plainly(&self, text: &str) {
        if !self.quiet {
            self.talk(|out| out.line("", text));
        }
    }

    /// Prints why a command could not do its work: the heading, its causes, what to type next.
    pub fn error(&self, error: &CommandError) {
        if error.kind == Kind::BrokenPipe {
            return;
        }
        let mut causes = error.causes().into_iter();
        self.say(0, ("error", "error"), &causes.next().unwrap_or_default());
        for cause in causes {
            self.say(2, ("dim", "because"), &cause);
        }
        for hint in &error.hints {
            self.say(0, ("hint", "hint"), hint);
        }
    }

    /// Writes to standard error; a terminal that is gone is no reason to stop.
    pub fn talk(&self, write: impl FnOnce(&mut Out<'_>) -> io::Result<()>) {
        let mut stderr = BufWriter::new(io::stderr().lock());
        let _ = write(&mut Out::new(&mut stderr, self.talk)).and_then(|()| stderr.flush());
    }

    /// The terminal of the person, where one of the streams that a person reads is one; a script that
    /// redirects both has nobody to ask.
    pub fn terminal(&self, interrupt: InterruptFlag) -> Option<Terminal> {
        let somebody = io::stdout().is_terminal() || io::stderr().is_terminal();
        Terminal::open(self.tty, interrupt).filter(|_| somebody)
    }

    /// A line for what takes time in a run.
    pub fn waiting(&self) -> Waiting {
        Waiting::new(!self.quiet && !self.wishes.dumb && io::stderr().is_terminal())
    }

    /// A bar for `total` bytes of work, shown on a terminal when it takes longer than a moment.
    pub fn progress(&self, total: Option<u64>) -> Progress {
        if self.quiet || !io::stderr().is_terminal() || self.wishes.dumb {
            return Progress { bar: None };
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
        let template = if total.is_some() {
            "[{bar:24}] {bytes} of {total_bytes} read, {bytes_per_sec}, {eta} left"
        } else {
            "{bytes} read, {bytes_per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Progress { bar: Some((bar, std::time::Instant::now())) }
    }

    fn say(&self, indent: usize, (label, head): (&'static str, &str), text: &str) {
        // In a file of messages each is one line, to be searched.
        let wraps = io::stderr().is_terminal() || self.wishes.columns.is_some();
        let head = [Piece::new(label, head), Piece::new("", ": ")];
        self.talk(|out| {
            if wraps {
                return out.hanging(indent, &head, "", text);
            }
            out.text(&" ".repeat(indent))?;
            out.pieces(&head)?;
            out.line("", text)
        });
    }
}

/// A bar that shows how much was read.
pub struct Progress {
    bar: Option<(ProgressBar, std::time::Instant)>,
}

impl Progress {
    /// So much was read in all.
    pub fn at(&self, bytes: u64) {
        if let Some((bar, started)) = &self.bar
            && started.elapsed() > Duration::from_millis(500)
        {
            bar.set_position(bytes);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((bar, _)) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// As ripgrep does it: the option first, then `NO_COLOR`, `CLICOLOR_FORCE`, then the terminal.
fn paint(when: ColorWhen, terminal: bool, wishes: &TerminalWishes) -> Paint {
    match when {
        ColorWhen::Always => Paint::Ansi,
        ColorWhen::Debug => Paint::Labels,
        ColorWhen::Auto if wishes.color.unwrap_or(terminal && !wishes.dumb) => Paint::Ansi,
        ColorWhen::Never | ColorWhen::Auto => Paint::Plain,
    }
}

#[cfg(test)]
mod tests;
