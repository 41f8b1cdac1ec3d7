//! One block from its start until nothing of it is left.
#![expect(clippy::disallowed_methods, reason = "starts the block")]

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitStatus, kill_process_group};

use super::hold::{Held, hold};
use super::wire::{self, Plan, Reply};
use super::{PATH, family, find};
use crate::target::keep::Keep;
use crate::target::{Access, Confinement, Ending, Leftovers};

/// After the block has exited: so long of silence on its pipe ends the wait for more output…
const SILENCE: Duration = Duration::from_millis(100);
/// …and so long of anything else. The end of the pipe is never waited for: what the block left
/// running may hold it open for ever.
const AFTER_EXIT_MAX: Duration = Duration::from_millis(300);
/// From the signal to stop to the one that cannot be caught.
const STOP_TIME: Duration = Duration::from_millis(300);
/// The same for an interrupted change: first SIGINT, then SIGTERM, which it may clean up after.
const GENTLE_INT: Duration = Duration::from_secs(3);
const GENTLE_TERM: Duration = Duration::from_secs(2);
/// More processes than any check needs, and than any change should; there is no limit of the kernel
/// that holds for root.
const PROCESSES_MAX_CHECK: usize = 512;
const PROCESSES_MAX_CHANGE: usize = 4096;
/// Nothing is waited for longer than this without a look at the clock.
const TICK: Duration = Duration::from_millis(50);

/// Runs the block and everything that follows.
pub(super) fn run(plan: &Plan) -> io::Result<Reply> {
    family::adopt_orphans();
    let ordinary = family::comes_first();
    let (bell, ringer) = UnixStream::pair()?;
    bell.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(Signal::CHILD.as_raw(), ringer)?;
    let (output, write_end) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&output, true)?;
    let started = Instant::now();
    let held = hold(plan.access, plan.holding)?;
    if let Some(why) = held.lacks() {
        return Ok(super::not_started(Ending::NotHeld(why)));
    }
    let child = start(plan, &held, ordinary, write_end)?;
    let mut watch = Supervision {
        child,
        output: File::from(output),
        bell,
        keep: Keep::new(plan.output_bytes_max),
        ended: None,
        closed: false,
        last_output: started,
        counted: started,
        stop: None,
        confinement: held.confinement.clone(),
    };
    watch.follow(plan, started);
    let took = started.elapsed();
    let left = family::sweep();
    watch.read_output();
    Ok(watch.reply(took, left))
}

fn start(plan: &Plan, held: &Held, ordinary: i32, write_end: OwnedFd) -> io::Result<Pid> {
    let interpreter = plan.interpreter.to_str().and_then(find).unwrap_or_else(|| plan.interpreter.clone());
    let home = std::env::home_dir().filter(|home| home.is_absolute()).unwrap_or_else(|| "/".into());
    // By this name it is found even after an upgrade has replaced the file.
    let myself = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
    let mut command = Command::new(myself);
    command
        .args(["__exec", "launch"])
        .arg(ordinary.to_string())
        .args(held.arguments())
        .arg(interpreter)
        .arg(&plan.script);
    command.env_clear().env("PATH", PATH).env("HOME", home).env("LC_ALL", "C").env("TERM", "dumb");
    command.envs(held.folder().map(|folder| ("TMPDIR", folder)));
    command.envs(plan.environment.iter().map(|(name, value)| (name, value)));
    command.current_dir("/").stdin(Stdio::null());
    command.stdout(write_end.try_clone()?).stderr(write_end);
    let child = command.spawn()?;
    Pid::from_raw(child.id() as i32).ok_or_else(|| io::Error::other("a process without a number"))
}

/// Why the block is being stopped, and the next step of it.
struct Stop {
    ending: Ending,
    gentle: bool,
    next: Instant,
    signalled: u8,
}

struct Supervision {
    child: Pid,
    output: File,
    bell: UnixStream,
    keep: Keep,
    ended: Option<(WaitStatus, Instant)>,
    closed: bool,
    last_output: Instant,
    counted: Instant,
    stop: Option<Stop>,
    confinement: Confinement,
}

impl Supervision {
    /// Until the block has exited and is silent, or has been told to stop and had its time.
    fn follow(&mut self, plan: &Plan, started: Instant) {
        let deadline = started + plan.time;
        let most = match plan.access {
            Access::Read { .. } => PROCESSES_MAX_CHECK,
            Access::Change => PROCESSES_MAX_CHANGE,
        };
        loop {
            let control = self.wait_for_something(deadline);
            self.read_output();
            self.reap();
            let now = Instant::now();
            match control {
                Control::Quiet => {}
                Control::Stop => self.stop(Ending::Interrupted, plan.access == Access::Change, now),
                Control::StopNow => {
                    self.stop(Ending::Interrupted, false, now);
                    return;
                }
                // Nobody is left to tell; the sweep comes at once.
                Control::Gone => return,
            }
            if self.may_count(now) && family::size(most) > most {
                let what = format!("it had started more than {most} processes");
                self.stop(Ending::TookTooMuch(what), false, now);
                return;
            }
            if let Some((_, at)) = self.ended {
                let silent = now.duration_since(self.last_output.max(at)) >= SILENCE;
                if self.closed || silent || now.duration_since(at) >= AFTER_EXIT_MAX {
                    return;
                }
            } else if now >= deadline {
                self.stop(Ending::TimedOut, false, now);
            }
            if self.stop_is_over(now) {
                return;
            }
        }
    }

    fn wait_for_something(&mut self, deadline: Instant) -> Control {
        let until = deadline.saturating_duration_since(Instant::now());
        let tick = if until.is_zero() { TICK } else { until.min(TICK) };
        let tick = Timespec { tv_sec: 0, tv_nsec: tick.as_nanos() as i64 };
        let stdin = rustix::stdio::stdin();
        let mut files = vec![
            PollFd::from_borrowed_fd(stdin, PollFlags::IN),
            PollFd::from_borrowed_fd(self.bell.as_fd(), PollFlags::IN),
        ];
        if !self.closed {
            files.push(PollFd::from_borrowed_fd(self.output.as_fd(), PollFlags::IN));
        }
        if !matches!(poll(&mut files, Some(&tick)), Ok(1..)) {
            return Control::Quiet;
        }
        let spoken = !files[0].revents().is_empty();
        let rung = !files[1].revents().is_empty();
        if rung {
            let _ = self.bell.read(&mut [0; 64]);
        }
        if !spoken {
            return Control::Quiet;
        }
        let mut words = [0; 64];
        match rustix::io::read(stdin, &mut words) {
            Ok(count @ 1..) if words[..count].contains(&wire::NOW) => Control::StopNow,
            Ok(1..) => Control::Stop,
            Err(rustix::io::Errno::INTR) => Control::Quiet,
            _ => Control::Gone,
        }
    }

    /// Counting processes takes a while; a flood of output brings kb here all the time.
    fn may_count(&mut self, now: Instant) -> bool {
        let due = now.duration_since(self.counted) >= TICK;
        if due {
            self.counted = now;
        }
        due
    }

    /// Takes what is there, but no more than one large piece, so that a flood cannot hide the
    /// clock.
    fn read_output(&mut self) {
        let mut piece = [0; 16 * 1024];
        for _ in 0..64 {
            match self.output.read(&mut piece) {
                Ok(0) => {
                    self.closed = true;
                    return;
                }
                Ok(length) => {
                    self.keep.push(&piece[..length]);
                    self.last_output = Instant::now();
                }
                Err(_) => return,
            }
        }
    }

    fn reap(&mut self) {
        family::reap(|pid, status| {
            if pid == self.child {
                self.ended = Some((status, Instant::now()));
            }
        });
    }

    fn stop(&mut self, ending: Ending, gentle: bool, now: Instant) {
        if self.stop.is_none() && self.ended.is_none() {
            self.stop = Some(Stop { ending, gentle, next: now, signalled: 0 });
        }
    }

    /// Sends the next signal when it is time; true when the last one has had its time.
    fn stop_is_over(&mut self, now: Instant) -> bool {
        let Some(stop) = &mut self.stop else { return false };
        if self.ended.is_some() {
            return true;
        }
        if now < stop.next {
            return false;
        }
        let (signal, time) = match (stop.gentle, stop.signalled) {
            (true, 0) => (Signal::INT, GENTLE_INT),
            (true, 1) => (Signal::TERM, GENTLE_TERM),
            (false, 0) => (Signal::TERM, STOP_TIME),
            _ => return true,
        };
        stop.signalled += 1;
        stop.next = now + time;
        let _ = kill_process_group(self.child, signal);
        false
    }

    fn reply(self, took: Duration, left: Leftovers) -> Reply {
        let ending = match (&self.stop, self.ended) {
            (Some(stop), _) => stop.ending.clone(),
            (None, Some((status, _))) => ending_of(status),
            (None, None) => Ending::NotKnown("kb went away".into()),
        };
        // What was running because the block was cut short was not left running by it.
        let left = if self.stop.is_some() { Leftovers { ended: 0, ..left } } else { left };
        let (text, dropped) = self.keep.finish();
        Reply { ending, text, dropped, took, left, confinement: self.confinement }
    }
}

enum Control {
    Quiet,
    Stop,
    StopNow,
    Gone,
}

fn ending_of(status: WaitStatus) -> Ending {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ending::Exited(code),
        (_, Some(signal)) => Ending::Signalled(signal),
        _ => Ending::NotKnown("it ended in no known way".into()),
    }
}
