//! The terminal of the person, whatever the streams are: `/dev/tty`, read by line, without echo, or
//! as one raw paste.
//!
//! Every read watches the flag of Ctrl-C, and every mode that is changed is put back when its guard
//! goes, also in a panic.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, OutputModes, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize,
    tcsetattr,
};

use super::paste::Paste;
use crate::render::style::{Out, Screen};
use crate::target::InterruptFlag;

/// A line that a person types is not longer than this.
const LINE_BYTES_MAX: usize = 64 << 10;
/// How long input must be silent before a paste without a last line end counts as complete.
const SILENCE: Duration = Duration::from_millis(400);
/// How often a waiting read looks at the flag of Ctrl-C.
const LOOK: Duration = Duration::from_millis(100);

/// The columns of a terminal.
pub fn width(stream: impl AsFd) -> Option<usize> {
    tcgetwinsize(stream).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// What a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line, without its end, or a paste.
    Text(Vec<u8>),
    /// Ctrl-D, and nothing before it.
    End,
    /// Ctrl-C.
    Interrupted,
}

/// The terminal of the person.
#[derive(Debug)]
pub struct Terminal {
    tty: File,
    screen: Screen,
    interrupt: InterruptFlag,
}

impl Terminal {
    /// Opens `/dev/tty`; `None` where there is none.
    pub fn open(screen: Screen, interrupt: InterruptFlag) -> Option<Self> {
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        let columns = width(&tty).unwrap_or(screen.width);
        Some(Self { tty, screen: Screen { width: columns.min(super::WIDTH_MAX), ..screen }, interrupt })
    }

    /// What can be shown here.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Writes to the person.
    pub fn write(&mut self, write: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> io::Result<()> {
        let mut text = Vec::new();
        write(&mut Out::new(&mut text, self.screen))?;
        self.tty.write_all(&text)
    }

    /// Shows a question and reads a line. What was typed before the question was shown does not count.
    pub fn line(&mut self, question: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> io::Result<Typed> {
        tcflush(&self.tty, QueueSelector::IFlush)?;
        self.write(question)?;
        let mut line = Vec::new();
        loop {
            if !self.wait(None)? {
                return Ok(Typed::Interrupted);
            }
            let mut bytes = [0; 4096];
            let count = self.tty.read(&mut bytes)?;
            if count == 0 {
                return Ok(if line.is_empty() { Typed::End } else { Typed::Text(line) });
            }
            line.extend_from_slice(&bytes[..count]);
            if let Some(end) = memchr::memchr(b'\n', &line) {
                line.truncate(end);
                return Ok(Typed::Text(line));
            }
            line.truncate(LINE_BYTES_MAX);
        }
    }

    /// The same for a line that is not shown.
    pub fn secret(&mut self, question: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> io::Result<Typed> {
        let mode = Mode::set(&self.tty, |modes| modes.local_modes.remove(LocalModes::ECHO))?;
        let typed = self.line(question);
        drop(mode);
        self.tty.write_all(b"\n")?;
        typed
    }

    /// Shows a request and reads a paste up to the line with `end` or to Ctrl-D. The bytes come as
    /// they are typed: by lines the terminal would cut each at 4,096 bytes.
    pub fn paste(
        &mut self,
        request: impl FnOnce(&mut Out<'_>) -> io::Result<()>,
        end: &[u8],
    ) -> io::Result<Typed> {
        tcflush(&self.tty, QueueSelector::IFlush)?;
        let mode = Mode::set(&self.tty, |modes| {
            modes.make_raw();
            modes.output_modes.insert(OutputModes::OPOST | OutputModes::ONLCR);
        })?;
        let bracketed = Bracketed::ask(&self.tty)?;
        self.write(request)?;
        let typed = self.read_paste(end);
        // The rest of the paste (a prompt behind the last line) must not answer the next question.
        while !self.interrupted() && self.bytes(Some(LOOK))?.is_some() {}
        drop(bracketed);
        drop(mode);
        self.tty.write_all(b"\n")?;
        typed
    }

    fn read_paste(&mut self, end: &[u8]) -> io::Result<Typed> {
        let mut paste = Paste::default();
        let typed = self.fill(&mut paste, end);
        write!(self.tty, "\rlines received: {}", paste.lines())?;
        typed
    }

    fn fill(&mut self, paste: &mut Paste, end: &[u8]) -> io::Result<Typed> {
        loop {
            let silence = paste.seen(end).then_some(SILENCE);
            let Some(bytes) = self.bytes(silence)? else {
                let typed = Typed::Text(paste.text());
                return Ok(if self.interrupted() { Typed::Interrupted } else { typed });
            };
            if let Some(typed) = paste.take(&bytes, end) {
                return Ok(typed);
            }
            write!(self.tty, "\rlines received: {}", paste.lines())?;
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupt.load(Ordering::SeqCst)
    }

    /// Bytes as they come; `None` after so much silence, at the end, or when interrupted.
    fn bytes(&mut self, silence: Option<Duration>) -> io::Result<Option<Vec<u8>>> {
        if !self.wait(silence)? {
            return Ok(None);
        }
        let mut bytes = vec![0; 1 << 16];
        let count = self.tty.read(&mut bytes)?;
        bytes.truncate(count);
        Ok((count > 0).then_some(bytes))
    }

    /// Waits for input; false when the person interrupted or nothing came for so long.
    fn wait(&self, at_most: Option<Duration>) -> io::Result<bool> {
        let started = Instant::now();
        let pause = Timespec::try_from(LOOK).unwrap_or_default();
        loop {
            if self.interrupted() {
                return Ok(false);
            }
            let mut watched = [PollFd::new(&self.tty, PollFlags::IN)];
            match poll(&mut watched, Some(&pause)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(true),
                Err(error) => return Err(error.into()),
            }
            if at_most.is_some_and(|limit| started.elapsed() >= limit) {
                return Ok(false);
            }
        }
    }
}

/// A changed mode of the terminal, put back when it goes.
struct Mode {
    tty: File,
    before: Termios,
}

impl Mode {
    fn set(tty: &File, change: impl FnOnce(&mut Termios)) -> io::Result<Self> {
        let tty = tty.try_clone()?;
        let before = tcgetattr(&tty)?;
        let mut modes = before.clone();
        change(&mut modes);
        tcsetattr(&tty, OptionalActions::Now, &modes)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.tty, OptionalActions::Now, &self.before);
    }
}

/// The terminal marks the ends of a paste, until this goes.
struct Bracketed {
    tty: File,
}

impl Bracketed {
    fn ask(tty: &File) -> io::Result<Self> {
        let mut tty = tty.try_clone()?;
        tty.write_all(b"\x1b[?2004h")?;
        Ok(Self { tty })
    }
}

impl Drop for Bracketed {
    fn drop(&mut self) {
        let _ = self.tty.write_all(b"\x1b[?2004l");
    }
}
