//! This machine. Each block runs under a supervising helper: `kb` itself, re-executed.
#![expect(clippy::disallowed_methods, reason = "starts the helper")]

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::helper::wire::{self, Plan, Reply};
use crate::target::{
    Access, Command, Confinement, Ending, Helper, Holding, Identity, Interpreter, InterruptFlag, Output,
    Target, TargetError,
};
use crate::text::Untrusted;

/// After the time limit of a block the helper has so long to end everything and to answer.
const HELPER_TIME: Duration = Duration::from_secs(30);
/// Nothing is waited for longer than this without a look at the clock.
const TICK: Duration = Duration::from_millis(50);
/// Of what `sudo` says so much is read.
const COMPLAINT_BYTES_MAX: u64 = 4096;

/// This machine.
#[derive(Debug)]
pub struct Local {
    helper: Helper,
    interrupt: InterruptFlag,
    identity: Option<Identity>,
}

impl Local {
    /// This machine, with the helper that supervises blocks and the flag that stops them.
    pub fn new(helper: Helper, interrupt: InterruptFlag) -> Self {
        Self { helper, interrupt, identity: None }
    }

    fn run_one(&self, command: &Command) -> Result<Output, TargetError> {
        let confinement = not_started(command.access);
        if self.interrupt.load(Ordering::Relaxed) {
            return Ok(Output::without_text(Ending::Interrupted, confinement));
        }
        let system = rustix::system::uname().sysname().to_string_lossy().to_lowercase();
        if !(command.systems.is_empty() || command.systems.contains(&system)) {
            return Ok(Output::without_text(Ending::OtherSystem(system), confinement));
        }
        if command.interpreter == Interpreter::Device {
            let why = "this machine does not speak the language of a device".into();
            return Ok(Output::without_text(Ending::Refused(why), confinement));
        }
        let by_sudo = command.root && !rustix::process::geteuid().is_root();
        let reply = self.supervise(&plan(command, self.helper.holding), by_sudo)?;
        Ok(Output {
            ending: reply.ending,
            text: Untrusted::new(reply.text),
            dropped: reply.dropped,
            took: reply.took,
            confinement: reply.confinement,
            left: reply.left,
        })
    }

    fn supervise(&self, plan: &Plan, by_sudo: bool) -> Result<Reply, TargetError> {
        let mut child = match self.start(by_sudo) {
            Ok(child) => child,
            Err(error) if by_sudo && error.kind() == io::ErrorKind::NotFound => {
                return Ok(refused("it needs root, and `sudo` is not installed; run kb as root".into()));
            }
            Err(source) => {
                let what = format!("start `{}`", self.helper.program.display());
                return Err(TargetError::Machine { what, source });
            }
        };
        let mut control = child.stdin.take().expect("standard input is a pipe");
        let mut replies = child.stdout.take().expect("standard output is a pipe");
        // A helper that is gone already shows in its missing reply.
        let _ = send(&mut control, plan);
        let limit = Instant::now() + plan.time + HELPER_TIME;
        let message = self.listen(&mut replies, &mut control, limit);
        drop(control);
        if message.is_none() {
            let _ = child.kill();
        }
        let complaint = complaint(&mut child);
        let status = child.wait();
        if let Some(reply) = message.as_deref().and_then(Reply::decode) {
            return Ok(reply);
        }
        if by_sudo && !complaint.is_empty() {
            return Ok(refused(format!("it needs root: {complaint}")));
        }
        let signal = status.ok().and_then(|status| status.signal());
        let why = match signal {
            Some(signal) => format!("its supervisor was ended by signal {signal}"),
            None => "its supervisor did not answer".into(),
        };
        Ok(Reply { ending: Ending::NotKnown(why), ..refused(String::new()) })
    }

    fn start(&self, by_sudo: bool) -> io::Result<Child> {
        let program = &self.helper.program;
        let mut command = if by_sudo {
            let mut sudo = std::process::Command::new("sudo");
            // `-n`: whoever needs a password has been asked on the terminal before the run.
            sudo.args(["-n", "--"]).arg(program);
            sudo
        } else {
            std::process::Command::new(program)
        };
        command.arg("__exec").stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(if by_sudo { Stdio::piped() } else { Stdio::null() });
        command.env_clear().env("PATH", super::helper::PATH).current_dir("/").spawn()
    }

    /// The reply of the helper; `None` when it does not come in time.
    fn listen(&self, replies: &mut ChildStdout, control: &mut ChildStdin, limit: Instant) -> Option<Vec<u8>> {
        let mut message = Vec::new();
        let mut told = false;
        let mut hurried = false;
        let mut limit = limit;
        loop {
            if !told && self.interrupt.load(Ordering::Relaxed) {
                told = true;
                limit = Instant::now() + HELPER_TIME;
                let _ = control.write_all(&[wire::STOP]);
            }
            if !hurried && self.helper.hurry.load(Ordering::Relaxed) {
                hurried = true;
                let _ = control.write_all(&[wire::NOW]);
            }
            if Instant::now() > limit {
                return None;
            }
            let tick = Timespec { tv_sec: 0, tv_nsec: TICK.as_nanos() as i64 };
            let mut files = [PollFd::from_borrowed_fd(replies.as_fd(), PollFlags::IN)];
            if !matches!(poll(&mut files, Some(&tick)), Ok(1..)) {
                continue;
            }
            let mut piece = [0; 16 * 1024];
            match replies.read(&mut piece) {
                Ok(0) => return Some(message),
                Ok(length) => message.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    fn user(&self) -> Result<String, TargetError> {
        let ask = Command {
            label: "who".into(),
            interpreter: Interpreter::Sh,
            script: Arc::from("id -un"),
            environment: Vec::new(),
            root: false,
            access: Access::Read { unix: false, net: false, tmp: false, processes: false },
            needs: Vec::new(),
            systems: Vec::new(),
            time: Duration::from_secs(5),
            output_bytes_max: 1024,
            questions: Vec::new(),
            secrets: Vec::new(),
            undoes: false,
        };
        // Who it is, is asked for however it can be.
        let helper =
            Helper { holding: Holding { required: false, ..self.helper.holding }, ..self.helper.clone() };
        let output = Self::new(helper, Arc::clone(&self.interrupt)).run_one(&ask)?;
        let name = String::from_utf8_lossy(output.text.raw()).trim().to_owned();
        let known = output.ending == Ending::Exited(0) && !name.is_empty();
        Ok(if known { name } else { format!("user {}", rustix::process::geteuid().as_raw()) })
    }
}

impl Target for Local {
    fn name(&self) -> &'static str {
        "this machine"
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        if self.identity.is_none() {
            let uname = rustix::system::uname();
            self.identity = Some(Identity {
                system: uname.sysname().to_string_lossy().to_lowercase(),
                release: uname.release().to_string_lossy().into_owned(),
                host: Untrusted::new(uname.nodename().to_bytes()),
                user: self.user()?,
            });
        }
        Ok(self.identity.clone())
    }

    fn run(&mut self, commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        commands.iter().map(|command| self.run_one(command)).collect()
    }
}

/// Lets `sudo` ask for its password on the terminal, ahead of blocks that need root. `Ok(false)`
/// when it is missing or says no (in its own words, on the terminal).
pub fn validate_sudo() -> Result<bool, TargetError> {
    match std::process::Command::new("sudo").arg("-v").status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(TargetError::Machine { what: "start `sudo -v`".into(), source }),
    }
}

fn plan(command: &Command, holding: Holding) -> Plan {
    let name = |name: &String| OsString::from(name);
    Plan {
        interpreter: if command.interpreter == Interpreter::Bash { "bash" } else { "/bin/sh" }.into(),
        // Line ends at its end mean nothing to a shell; without them its messages count lines the
        // same way on every target.
        script: OsString::from(command.script.trim_end_matches('\n')),
        environment: command
            .environment
            .iter()
            .map(|(key, value)| (name(key), wire::os(value.clone())))
            .collect(),
        needs: command.needs.clone(),
        time: command.time,
        output_bytes_max: command.output_bytes_max,
        access: command.access,
        holding,
    }
}

/// What is said of a block that did not start.
fn not_started(access: Access) -> Confinement {
    match access {
        Access::Read { .. } => Confinement::NotRun,
        Access::Change => Confinement::Free,
    }
}

fn send(control: &mut ChildStdin, plan: &Plan) -> io::Result<()> {
    let message = plan.encode();
    control.write_all(&(message.len() as u64).to_le_bytes())?;
    control.write_all(&message)?;
    control.flush()
}

/// What `sudo` said, on one line.
fn complaint(child: &mut Child) -> String {
    let mut said = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(COMPLAINT_BYTES_MAX).read_to_end(&mut said);
    }
    Untrusted::new(said.trim_ascii()).for_terminal()
}

fn refused(why: String) -> Reply {
    Reply {
        ending: Ending::Refused(why),
        text: Vec::new(),
        dropped: 0,
        took: Duration::ZERO,
        left: crate::target::Leftovers::default(),
        confinement: Confinement::NotRun,
    }
}
