//! The one connection to a host: opened on the terminal, where `ssh` itself asks for a password or a
//! token; everything after it goes over it and asks nothing.
//!
//! It is the system's `ssh` with the user's own configuration; known hosts are never bypassed. kb
//! sets only what keeps hosts apart and forwards nothing. A keeper beside it ends the connection and
//! takes its folder away when kb is gone, however it went.
#![expect(clippy::disallowed_methods, reason = "starts `ssh`")]

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command as Process, Stdio};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::destination::Destination;
use super::words;
use crate::target::{InterruptFlag, TargetError};
use crate::text::Untrusted;

/// The keeper ends the connection; if it was killed, too, the connection ends this long after its
/// last use.
const PERSIST: &str = "ControlPersist=3600";
/// A process that has ended may still have words on the way.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Nothing is waited for longer than this without a look at the clock.
const TICK: Duration = Duration::from_millis(50);
/// The connection has so long to say that it is alive.
const ALIVE: Duration = Duration::from_secs(5);

/// What ends with kb, in any way kb may end: its standard input is a pipe that only kb holds open.
const KEEPER: &str = r#"while IFS= read -r line; do :; done; "$@"; rm -rf "$0""#;

/// How `ssh` is started, and the terminal on which it may ask.
#[derive(Clone)]
pub struct Client<'a> {
    /// Options ahead of kb's own.
    pub options: Vec<String>,
    /// There is a terminal, and a person at it.
    pub terminal: bool,
    /// Shows what ssh and sudo say on the way, line by line, already safe to show. Called without a
    /// word before they may ask.
    pub say: Rc<dyn Fn(&str) + 'a>,
}

impl std::fmt::Debug for Client<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Client<'_> {
    /// With these options and without a terminal: nothing can be asked.
    pub fn silent(options: Vec<String>) -> Self {
        Self { options, terminal: false, say: Rc::new(|_| ()) }
    }
}

/// A connection to a host.
#[derive(Debug)]
pub(in crate::target) struct Link<'a> {
    pub(in crate::target) destination: Destination,
    pub(in crate::target) client: Client<'a>,
    interrupt: InterruptFlag,
    keeper: Option<Keeper>,
}

/// Whether a session goes over the one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::target) enum Over {
    /// Over it, asking nothing.
    Connection,
    /// A connection of its own, asking nothing: for when the other one is dying.
    Itself,
}

impl<'a> Link<'a> {
    pub(in crate::target) fn new(
        destination: Destination,
        client: Client<'a>,
        interrupt: InterruptFlag,
    ) -> Self {
        Self { destination, client, interrupt, keeper: None }
    }

    fn process(&self, socket: Option<&Path>, more: &[&str]) -> Process {
        let mut process = Process::new("ssh");
        process.args(&self.client.options);
        let socket = socket.map_or_else(
            || "ControlPath=none".to_owned(),
            |folder| format!("ControlPath={}/%C", folder.display()),
        );
        for option in [
            socket.as_str(),
            "StrictHostKeyChecking=yes",
            "ForwardAgent=no",
            "ForwardX11=no",
            "ClearAllForwardings=yes",
            "ServerAliveInterval=5",
            "ServerAliveCountMax=3",
            "ConnectTimeout=10",
            "PermitLocalCommand=no",
            // What a configuration may say for every session is not for this one.
            "RemoteCommand=none",
        ] {
            process.args(["-o", option]);
        }
        if !self.client.terminal {
            process.args(["-o", "BatchMode=yes"]);
        }
        process.args(more);
        process
    }

    /// Opens the connection unless it is open. A changed host key is ssh's own refusal and stays one.
    pub(in crate::target) fn open(&mut self) -> Result<(), TargetError> {
        if self.is_open() {
            return Ok(());
        }
        // The old one takes its socket with it.
        self.keeper = None;
        let keeper = self.keep()?;
        let mut process = self.process(Some(&keeper.folder), &["-o", "ControlMaster=yes", "-o", PERSIST]);
        process.args(["-f", "-N"]);
        self.destination.add_to(&mut process);
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        (self.client.say)("");
        let mut child = process.spawn().map_err(|source| self.no_ssh(source))?;
        let said = self.listen(&mut child);
        let opened = child.wait().is_ok_and(|status| status.success());
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(TargetError::Interrupted);
        }
        if !opened {
            return Err(self.no_login(&said));
        }
        self.keeper = Some(keeper);
        Ok(())
    }

    /// Shows what it says until it has ended or gone into the background.
    fn listen(&self, child: &mut Child) -> String {
        let (sender, lines) = channel();
        if let Some(stderr) = child.stderr.take() {
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stderr.take(words::BYTES_MAX));
                let mut line = Vec::new();
                while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
                    let text = Untrusted::new(line.trim_ascii_end()).for_terminal();
                    line.clear();
                    if sender.send(text).is_err() {
                        return;
                    }
                }
                let _ = std::io::copy(&mut reader.into_inner().into_inner(), &mut std::io::sink());
            });
        }
        let mut said = String::new();
        let mut until: Option<Instant> = None;
        while until.is_none_or(|until| Instant::now() < until) {
            match lines.recv_timeout(TICK) {
                Ok(line) => {
                    (self.client.say)(&line);
                    said.push_str(&line);
                    said.push('\n');
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if until.is_none() && !matches!(child.try_wait(), Ok(None)) {
                until = Some(Instant::now() + LAST_WORDS);
            }
        }
        said
    }

    /// Why there was no login; `said` is what ssh said, safe to show.
    pub(in crate::target) fn no_login(&self, said: &str) -> TargetError {
        let known = words::known_key(said).and_then(|(file, host)| {
            let mut keygen = Process::new("ssh-keygen");
            let output = keygen.args(["-l", "-F", &host, "-f", &file]).stdin(Stdio::null()).output().ok()?;
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        });
        self.unreachable(words::no_login(said, known.as_deref(), &self.destination))
    }

    fn is_open(&self) -> bool {
        let Some(keeper) = &self.keeper else { return false };
        let mut process = self.process(Some(&keeper.folder), &["-O", "check"]);
        self.destination.add_to(&mut process);
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut child) = process.spawn() else { return false };
        let until = Instant::now() + ALIVE;
        while Instant::now() < until {
            if let Ok(Some(status)) = child.try_wait() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = child.kill();
        let _ = child.wait();
        false
    }

    /// A folder for the control socket, which only this user can enter, and who takes it away.
    fn keep(&self) -> Result<Keeper, TargetError> {
        let machine =
            |source| TargetError::Machine { what: "make a folder for the ssh connection".into(), source };
        // Not the folder of the environment: the path of a socket may have about 100 bytes.
        let folder = tempfile::Builder::new().prefix("kb-ssh-").tempdir_in("/tmp").map_err(machine)?.keep();
        let mut ends = self.process(Some(&folder), &["-O", "exit"]);
        self.destination.add_to(&mut ends);
        let mut keeper = Process::new("/bin/sh");
        keeper.args(["-c", KEEPER]).arg(&folder).arg("ssh").args(ends.get_args()).process_group(0);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = keeper.spawn().map_err(machine)?;
        Ok(Keeper { line: child.stdin.take(), child, folder })
    }

    /// Starts a session; it asks nothing and is out of the reach of Ctrl-C, which is for kb to act on.
    pub(in crate::target) fn session(&self, over: Over, command: &str) -> Result<Child, TargetError> {
        let folder = self.keeper.as_ref().filter(|_| over == Over::Connection);
        let folder = folder.map(|keeper| keeper.folder.as_path());
        let mut process = self.process(folder, &["-o", "ControlMaster=no", "-o", "BatchMode=yes", "-T"]);
        self.destination.add_to(&mut process);
        process.arg(command).process_group(0);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        process.spawn().map_err(|source| self.no_ssh(source))
    }

    /// Logs in on a terminal of the host, over a connection of its own: devices know no second session
    /// on one. It stays where ssh can ask the person.
    pub(in crate::target) fn login(&self) -> Result<Child, TargetError> {
        let mut process = self.process(None, &["-o", "ControlMaster=no", "-tt"]);
        self.destination.add_to(&mut process);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        (self.client.say)("");
        process.spawn().map_err(|source| self.no_ssh(source))
    }

    pub(in crate::target) fn unreachable(&self, reason: impl Into<String>) -> TargetError {
        TargetError::Unreachable { host: self.destination.to_string(), reason: reason.into() }
    }

    fn no_ssh(&self, source: std::io::Error) -> TargetError {
        match source.kind() {
            std::io::ErrorKind::NotFound => self.unreachable("there is no `ssh` on this machine"),
            _ => {
                TargetError::Machine { what: format!("start `ssh` to reach `{}`", self.destination), source }
            }
        }
    }
}

/// Ends the connection and removes its folder, when it is dropped and when kb is no more.
#[derive(Debug)]
struct Keeper {
    line: Option<ChildStdin>,
    child: Child,
    folder: PathBuf,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.line = None;
        let _ = self.child.wait();
    }
}
