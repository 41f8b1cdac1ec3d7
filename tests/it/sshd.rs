//! A real `sshd` on loopback, of the test's own: its keys, configuration and known hosts are in a
//! temporary folder, and it ends with the test.
//!
//! It serves the tester by a line of sh that every session runs, or accounts made for the test.

#![expect(clippy::disallowed_methods, reason = "a test starts the server it tests against")]

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kb::target::ssh::Destination;

use crate::accounts::Account;

/// The server, ended with its value.
pub(crate) struct Sshd {
    folder: tempfile::TempDir,
    port: u16,
    child: Child,
}

/// Installed by the first test that needs it, as root; without it the tests say so and do nothing.
pub(crate) fn installed(programs: &[&str]) -> bool {
    let missing = |name: &&&str| which(name).is_none();
    if let Some(name) = programs.iter().find(missing) {
        if rustix::process::geteuid().is_root() && which("apt-get").is_some() {
            let packages =
                ["openssh-server", "openssh-client", "tcsh", "fish", "busybox-static", "sudo", "python3"];
            let mut install = Command::new("apt-get");
            install.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
            let _ = install.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status();
        }
        if programs.iter().any(|name| which(name).is_none()) {
            skip(&format!("`{name}` is missing and cannot be installed"));
            return false;
        }
    }
    true
}

#[expect(clippy::print_stderr, reason = "a test that does nothing must be seen to")]
fn skip(why: &str) {
    eprintln!("SKIPPED: a test over ssh did nothing: {why}");
}

pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin", "/usr/local/sbin"];
    folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists())
}

impl Sshd {
    /// A server whose every session runs this line of sh; `$SSH_ORIGINAL_COMMAND` is what was asked
    /// for.
    pub(crate) fn start(session: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("session"), format!("#!/bin/sh\n{session}\n")).expect("written");
        let at = folder.path().display();
        let more = format!(
            "PasswordAuthentication no\nPermitRootLogin yes\nSetEnv HOME={at}\nForceCommand exec /bin/sh {at}/session\n"
        );
        Self::serve(folder, &more)
    }

    /// A server for these accounts alone, each with its own login shell.
    pub(crate) fn of(accounts: &[&Account], more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
        let users = format!("AllowUsers {}\nPasswordAuthentication yes\n{more}", names.join(" "));
        Self::serve(folder, &users)
    }

    fn serve(folder: tempfile::TempDir, more: &str) -> Self {
        if rustix::process::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").expect("the folder that sshd wants");
            // Its accounts read the keys there.
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(folder.path(), open).expect("mine");
        }
        for key in ["host", "user", "other"] {
            keygen(&folder.path().join(key));
        }
        let authorized = fs::read(folder.path().join("user.pub")).expect("a key");
        fs::write(folder.path().join("authorized"), authorized).expect("written");
        let port = free_port();
        let at = folder.path().display();
        let server = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/host\nPidFile none\nUsePAM no\nStrictModes no\n\
             AuthorizedKeysFile {at}/authorized\nKbdInteractiveAuthentication no\n\
             PrintMotd no\nMaxSessions 50\nMaxStartups 100\n{more}"
        );
        fs::write(folder.path().join("sshd_config"), server).expect("written");
        let log = fs::File::create(folder.path().join("log")).expect("a file");
        let mut sshd = Command::new(which("sshd").expect("sshd"));
        sshd.args(["-D", "-e", "-f"]).arg(folder.path().join("sshd_config"));
        let child = sshd.stdin(Stdio::null()).stderr(log).spawn().expect("sshd starts");
        let server = Self { folder, port, child };
        server.trust("host");
        server.wait();
        server
    }

    /// Makes a key of the server the known one.
    pub(crate) fn trust(&self, key: &str) {
        let key = fs::read_to_string(self.path(&format!("{key}.pub"))).expect("a key");
        fs::write(self.path("known"), format!("[127.0.0.1]:{} {key}", self.port)).expect("written");
        let mut client = String::from("StrictHostKeyChecking yes\nIdentitiesOnly yes\n");
        let at = self.folder.path().display();
        let _ = write!(
            client,
            "UserKnownHostsFile {at}/known\nGlobalKnownHostsFile none\nIdentityFile {at}/user\n"
        );
        fs::write(self.path("ssh_config"), client).expect("written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Options for the client.
    pub(crate) fn options(&self) -> Vec<String> {
        vec!["-F".into(), self.path("ssh_config").to_string_lossy().into_owned()]
    }

    pub(crate) fn destination(&self) -> Destination {
        Destination::parse(&self.address()).expect("a place to log in")
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(Instant::now() < until, "sshd does not listen: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Kills what serves the connections of a server, so that nobody can say goodbye.
pub(crate) fn cut(server: u32) {
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("/proc");
    for child in children.split_whitespace() {
        let pid = child.parse().ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

fn keygen(path: &Path) {
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "kb-test", "-f"]).arg(path);
    assert!(keygen.status().expect("ssh-keygen starts").success());
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}
