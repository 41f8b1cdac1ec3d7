//! The one connection to a host: opened on the terminal, where `ssh` itself asks for a password or a
//! token; everything after it goes over it and asks nothing.
//!
//! It is the system's `ssh` with the user's own configuration; known hosts are never bypassed. kb
//! sets only what keeps hosts apart and forwards nothing.
#![expect(clippy::disallowed_methods, reason = "starts `ssh`")]

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command as Process, Stdio};

use super::destination::Destination;
use crate::target::TargetError;

/// So long the connection outlives its last use, if kb is gone and cannot end it.
const PERSIST: &str = "ControlPersist=300";

/// A connection to a host.
#[derive(Debug)]
pub(in crate::target) struct Link {
    pub(in crate::target) destination: Destination,
    /// Holds the control socket; only this user can enter it.
    sockets: tempfile::TempDir,
    /// Options ahead of kb's own.
    options: Vec<String>,
    opened: bool,
}

impl Link {
    pub(in crate::target) fn new(
        destination: Destination,
        options: Vec<String>,
    ) -> Result<Self, TargetError> {
        // Not the folder of the environment: the path of a socket may have about 100 bytes.
        let sockets = tempfile::Builder::new().prefix("kb-ssh-").tempdir_in("/tmp").map_err(|source| {
            TargetError::Machine { what: "make a folder for the ssh connection".into(), source }
        })?;
        Ok(Self { destination, sockets, options, opened: false })
    }

    fn process(&self, more: &[&str]) -> Process {
        let mut process = Process::new("ssh");
        process.args(&self.options);
        let socket = format!("ControlPath={}/%C", self.sockets.path().display());
        for option in [socket.as_str(), "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes"] {
            process.args(["-o", option]);
        }
        for option in
            ["ServerAliveInterval=5", "ServerAliveCountMax=3", "ConnectTimeout=10", "PermitLocalCommand=no"]
        {
            process.args(["-o", option]);
        }
        // What a configuration may say for every session is not for this one.
        process.args(["-o", "RemoteCommand=none"]);
        process.args(more);
        process
    }

    /// Opens the connection unless it is open. A changed host key is ssh's own refusal and stays one.
    pub(in crate::target) fn open(&mut self) -> Result<(), TargetError> {
        // The master takes its socket away when it ends.
        if self.opened && self.sockets.path().read_dir().is_ok_and(|mut files| files.next().is_some()) {
            return Ok(());
        }
        let mut process = self.process(&["-o", "ControlMaster=yes", "-o", PERSIST, "-f", "-N"]);
        self.destination.add_to(&mut process);
        // Its words go to the terminal: a question that is not seen cannot be answered.
        let status = process.stdin(Stdio::null()).stdout(Stdio::null()).status();
        let status = status.map_err(|source| self.no_ssh(source))?;
        if !status.success() {
            return Err(self.unreachable("ssh could not log in; what it said is above"));
        }
        self.opened = true;
        Ok(())
    }

    /// Starts a session over the connection; it asks nothing and is out of the reach of Ctrl-C, which
    /// is for kb to act on.
    pub(in crate::target) fn session(
        &self,
        terminal: bool,
        command: Option<&str>,
    ) -> Result<Child, TargetError> {
        let terminal = if terminal { "-tt" } else { "-T" };
        let mut process = self.process(&["-o", "ControlMaster=no", "-o", "BatchMode=yes", terminal]);
        self.destination.add_to(&mut process);
        process.args(command).process_group(0);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
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

impl Drop for Link {
    fn drop(&mut self) {
        if self.opened {
            let mut process = self.process(&["-O", "exit"]);
            self.destination.add_to(&mut process);
            let quiet = process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            // Where it cannot be told, it ends by itself.
            let _ = quiet.status();
        }
    }
}
