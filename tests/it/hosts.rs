//! `kb run` on other machines, as a person sees it: the real binary in a terminal, run by a user made
//! for the test, whose `~/.ssh/config` leads to a real `sshd` on loopback.
//!
//! A case is a play as in `terminal.rs`, and beside it
//! - `hosts`: a line for each host, `NAME [KEY=VALUE ...]`: `shell`, `password` (else the client's key
//!   is known there), `link=STAND-IN[:AS,...]` (programs at the head of its `PATH`), `device=asa`,
//!   `system` (its `uname -s`), `sudo=free|no|PASSWORD` (a line for `client` is about the client), `env=NAME:VALUE,...`, `as=NAME` (what it calls itself);
//! - `ssh`: lines ahead of the client's `~/.ssh/config`; `setup`: lines of sh, run as root before;
//! - `[PORT]`, `[USER:NAME]` and `[HOME:NAME]` stand for what the test found free.

#![expect(clippy::disallowed_methods, reason = "a test makes its files and starts what it tests")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::accounts::{Account, is_root};
use crate::cases::{self, Case, Result};
use crate::console::{Sandbox, fits};
use crate::program;
use crate::sshd::{Sshd, installed};
use crate::terminal;

const NEEDED: [&str; 7] = ["sshd", "ssh", "python3", "sudo", "script", "setpriv", "useradd"];

/// Plays one file.
pub(crate) fn file(path: &Path, text: String) -> Result {
    if !installed(&NEEDED) || !is_root() {
        return Ok(());
    }
    cases::check(path, &text, |case| {
        let actual = play(case);
        let expected = case.block("expect").expect("a play has an `expect` block");
        vec![if fits(expected, &actual) { expected.to_owned() } else { actual }]
    })
}

fn play(case: &Case) -> String {
    let sandbox = Sandbox::new(case);
    let client = Account::at(sandbox.home(), "/bin/sh");
    let world = World::new(case, &client);
    let setup = format!("set -e\ncd {}\n{}", client.home.display(), case.block("setup").unwrap_or(""));
    let made = Command::new("/bin/sh").args(["-c", &world.filled(&setup)]).status();
    assert!(made.is_ok_and(|status| status.success()), "{}: the setup failed", case.title);
    client.own(&client.home);
    let text = terminal::follow(case, &sandbox, |command| {
        let mut script = sandbox.command("setpriv");
        let user = ["--reuid", &client.name, "--regid", "nogroup", "--init-groups", "--", "script", "-qefc"];
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin", kb().display());
        script.env("PATH", path).env("USER", &client.name);
        script.args(user).arg(world.filled(command)).arg("/dev/null");
        script
    });
    sandbox.hide(&world.hidden(&text).replace(&client.name, "[CLIENT]"))
}

/// A folder with `kb`, which every user may start.
fn kb() -> &'static Path {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FOLDER.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("kb-bin-").tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mine");
        program::copy(Path::new(env!("CARGO_BIN_EXE_kb")), folder.path());
        let path = folder.path().to_owned();
        (folder, path)
    });
    path
}

/// The hosts of a play and their server.
struct World {
    hosts: BTreeMap<String, Account>,
    server: Sshd,
    sudoers: Vec<PathBuf>,
    _programs: tempfile::TempDir,
}

impl World {
    fn new(case: &Case, client: &Account) -> Self {
        let programs = programs();
        let (mut hosts, mut rules, mut sudoers) = (BTreeMap::new(), String::new(), Vec::new());
        for line in case.block("hosts").expect("a block of hosts").lines() {
            let line = with_homes(line, &hosts);
            let (name, words) = line.split_once(' ').unwrap_or((&line, ""));
            let told: BTreeMap<&str, &str> =
                words.split_whitespace().filter_map(|word| word.split_once('=')).collect();
            if name == "client" {
                sudoers.extend(told.get("sudo").and_then(|how| may_sudo(client, how)));
                client.set_password(told.get("sudo").unwrap_or(&"none"));
                continue;
            }
            let host = host(name, &told, programs.path());
            sudoers.extend(told.get("sudo").and_then(|how| may_sudo(&host, how)));
            let _ = writeln!(rules, "Match User {}", host.name);
            let _ =
                writeln!(rules, "  SetEnv PATH={}/bin:/usr/sbin:/usr/bin:/sbin:/bin", host.home.display());
            if told.contains_key("password") {
                let _ = writeln!(rules, "  PubkeyAuthentication no");
            }
            hosts.insert(name.to_owned(), host);
        }
        let server = Sshd::of(&hosts.values().collect::<Vec<_>>(), &rules);
        let world = Self { hosts, server, sudoers, _programs: programs };
        world.write_client(case, client);
        world
    }

    /// The client's `~/.ssh`.
    fn write_client(&self, case: &Case, client: &Account) {
        let mut config = self.filled(case.block("ssh").unwrap_or(""));
        for (name, host) in &self.hosts {
            let _ = writeln!(config, "Host {name}\n  HostName 127.0.0.1\n  User {}", host.name);
        }
        let _ = writeln!(config, "Host *\n  Port {}\n  IdentityFile ~/.ssh/id", self.server.port());
        client.write(".ssh/config", &config);
        let known = fs::read_to_string(self.server.path("known")).expect("a key");
        client.write(".ssh/known_hosts", &known);
        client.write(".ssh/id", &fs::read_to_string(self.server.path("user")).expect("a key"));
        fs::set_permissions(client.home.join(".ssh/id"), fs::Permissions::from_mode(0o600)).expect("mine");
    }

    fn filled(&self, text: &str) -> String {
        let text = text.replace("[PORT]", &self.server.port().to_string());
        let text = text.replace("[SSHD]", &self.server.path("").to_string_lossy());
        with_homes(&text, &self.hosts)
    }

    fn hidden(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, host) in &self.hosts {
            text = text.replace(&*host.home.to_string_lossy(), &format!("[HOME:{name}]"));
            text = text.replace(&host.name, &format!("[USER:{name}]"));
        }
        text.replace(&self.server.port().to_string(), "[PORT]")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for path in &self.sudoers {
            let _ = fs::remove_file(path);
        }
    }
}

fn with_homes(text: &str, hosts: &BTreeMap<String, Account>) -> String {
    let mut text = text.to_owned();
    for (name, host) in hosts {
        text = text.replace(&format!("[USER:{name}]"), &host.name);
        text = text.replace(&format!("[HOME:{name}]"), &host.home.to_string_lossy());
    }
    text
}

/// The stand-ins, where every user may start them.
fn programs() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("kb-stand-ins-").tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mine");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-ins");
    for entry in fs::read_dir(shipped).expect("the stand-ins") {
        program::copy(&entry.expect("an entry").path(), folder.path());
    }
    folder
}

/// A host: an account with programs of its own.
fn host(name: &str, told: &BTreeMap<&str, &str>, programs: &Path) -> Account {
    let host = Account::new(told.get("shell").unwrap_or(&"/bin/sh"));
    let bin = host.home.join("bin");
    fs::create_dir(&bin).expect("a folder");
    let itself = told.get("as").unwrap_or(&name);
    let mut surroundings = String::new();
    for pair in told.get("env").unwrap_or(&"").split(',').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once(':').expect("NAME:VALUE");
        let _ = writeln!(surroundings, "export {name}={value}");
    }
    program::script(&bin.join("hostname"), &format!("echo {itself}\n"));
    if let Some(system) = told.get("system") {
        let real = "exec /usr/bin/uname \"$@\"";
        program::script(
            &bin.join("uname"),
            &format!("[ \"$*\" != -s ] || {{ echo {system}; exit; }}\n{real}\n"),
        );
    }
    for link in told.get("link").unwrap_or(&"").split(',').filter(|link| !link.is_empty()) {
        let (stand_in, names) = link.split_once(':').unwrap_or((link, link));
        for name in names.split('+') {
            let real = host.home.join(".real").join(name);
            fs::create_dir_all(real.parent().expect("a folder")).expect("a folder");
            symlink(programs.join(stand_in), &real).expect("a link");
            let state = format!("export ESXI_STATE=${{ESXI_STATE:-{}/esxi}}\n", host.home.display());
            program::script(
                &bin.join(name),
                &format!("{state}{surroundings}exec {} \"$@\"\n", real.display()),
            );
        }
    }
    if let Some(device) = told.get("device") {
        let shell = bin.join("device");
        let python = format!("exec /usr/bin/python3 {}\n", programs.join(device).display());
        program::script(
            &shell,
            &format!("ASA_STATE={}/conf; export ASA_STATE\n{surroundings}{python}", host.home.display()),
        );
        host.use_shell(&shell.to_string_lossy());
    }
    if let Some(password) = told.get("password").or(told.get("sudo").filter(|how| **how != "free")) {
        host.set_password(password);
    }
    host.own(&host.home);
    host
}

/// A rule of its own for an account; its file.
fn may_sudo(host: &Account, how: &str) -> Option<PathBuf> {
    let free = match how {
        "no" => return None,
        "free" => "NOPASSWD:",
        _ => "",
    };
    fs::create_dir_all("/etc/sudoers.d").expect("the folder of sudo");
    let path = Path::new("/etc/sudoers.d").join(&host.name);
    let keep = format!("Defaults:{0} !secure_path\n{0} ALL=(ALL:ALL) {free}ALL\n", host.name);
    fs::write(&path, keep).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).expect("mine");
    Some(path)
}
