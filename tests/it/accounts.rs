//! Users of this machine, made for one test and removed after it, also when it fails.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test makes users, and says what it skips"
)]

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The files of users are changed by one at a time.
static FILES: Mutex<()> = Mutex::new(());
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Only root makes users. Where nothing may be skipped, that is a failure.
pub(crate) fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    assert!(root || std::env::var_os("CI").is_none(), "tests with users need root");
    if !root {
        eprintln!("SKIPPED: a test with users of its own did nothing: it needs root");
    }
    root
}

/// A user with a home.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) home: PathBuf,
    own_home: Option<tempfile::TempDir>,
    id: u32,
}

impl Account {
    /// With a home of its own.
    pub(crate) fn new(shell: &str) -> Self {
        let home = tempfile::Builder::new().prefix("kb-home-").tempdir().expect("a folder");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(home.path(), open).expect("mine");
        let mut account = Self::at(home.path(), shell);
        account.own_home = Some(home);
        account
    }

    /// At home in a folder that is there.
    pub(crate) fn at(home: &Path, shell: &str) -> Self {
        let name = format!("kbt{:07}n{:02}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let home_arg = home.to_string_lossy().into_owned();
        // `*` is a password that nobody has, and no locked account.
        change(&["useradd", "-M", "-N", "-g", "nogroup", "-p", "*", "-d", &home_arg, "-s", shell, &name]);
        let id = Command::new("id").args(["-u", &name]).output().expect("id(1) starts").stdout;
        let id = String::from_utf8_lossy(&id).trim().parse().expect("the user is there");
        let account = Self { name, home: home.to_owned(), own_home: None, id };
        account.own(home);
        account
    }

    pub(crate) fn set_password(&self, password: &str) {
        let encrypted =
            Command::new("openssl").args(["passwd", "-6", password]).output().expect("openssl starts");
        let encrypted = String::from_utf8_lossy(&encrypted.stdout).trim().to_owned();
        assert!(encrypted.starts_with("$6$"), "openssl made no password");
        change(&["usermod", "-p", &encrypted, &self.name]);
    }

    /// What its login starts.
    pub(crate) fn use_shell(&self, shell: &str) {
        change(&["usermod", "-s", shell, &self.name]);
    }

    /// Makes everything below a folder this user's.
    pub(crate) fn own(&self, path: &Path) {
        std::os::unix::fs::lchown(path, Some(self.id), None).expect("root may");
        if path.is_dir() && !path.is_symlink() {
            for entry in fs::read_dir(path).expect("a folder") {
                self.own(&entry.expect("an entry").path());
            }
        }
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.home.join(name);
        let folder = path.parent().expect("below the home");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, text).expect("a file");
        chown(folder, Some(self.id), None).expect("root may");
        chown(&path, Some(self.id), None).expect("root may");
        self.own(&self.home.join(Path::new(name).components().next().expect("a name")));
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        end_all_of(self.id);
        change(&["userdel", "-f", &self.name]);
        drop(self.own_home.take());
    }
}

/// Ends what a user still runs.
fn end_all_of(user: u32) {
    let wanted = format!("Uid:\t{user}\t");
    for folder in fs::read_dir("/proc").expect("/proc").flatten() {
        let status = fs::read_to_string(folder.path().join("status")).unwrap_or_default();
        let pid = folder.file_name().to_str().and_then(|name| name.parse().ok());
        if let (true, Some(pid)) = (status.contains(&wanted), pid.and_then(rustix::process::Pid::from_raw)) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Another checkout may hold the lock of the files.
fn change(command: &[&str]) {
    let _one = FILES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut said = String::new();
    for _ in 0..100 {
        let output = Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("{} does not start: {error}", command[0]));
        if output.status.success() {
            return;
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(command[0] == "userdel", "{command:?}: {said}");
}
