//! axe-core, which judges whether a page can be read and used by everybody: contrast, names, landmarks.
//!
//! It comes from npm, once for each target folder; without npm the tests say so and do nothing.

#![expect(clippy::disallowed_methods, reason = "a test installs what it judges with")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::browser::skip;
use crate::sshd::which;

const VERSION: &str = "4.14.1";

/// The text of the library.
pub(crate) fn source() -> Option<&'static str> {
    static SOURCE: OnceLock<Option<String>> = OnceLock::new();
    SOURCE.get_or_init(read).as_deref()
}

fn read() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-core-{VERSION}"));
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        install(&folder);
    }
    let source = std::fs::read_to_string(&file).ok();
    if source.is_none() {
        skip("`npm install axe-core` is not possible here");
    }
    source
}

fn install(folder: &Path) {
    let quiet = |program: &str| {
        let mut command = Command::new(program);
        command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    if which("npm").is_none() && rustix::process::geteuid().is_root() && which("apt-get").is_some() {
        let _ = quiet("apt-get").args(["install", "-y", "-q", "--no-install-recommends", "npm"]).status();
    }
    let package = format!("axe-core@{VERSION}");
    let options = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
    let _ = quiet("npm").args(options).arg(folder).arg(package).status();
}
