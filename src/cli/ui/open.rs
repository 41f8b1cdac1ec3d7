//! The browser: what the desktop opens an address or a file with.

#![expect(clippy::disallowed_methods, reason = "a browser shows what kb wrote; nothing of a runbook runs")]

use std::ffi::OsStr;
use std::process::{Command, Stdio};

const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens it without waiting for the browser; false when there is nothing to open it with.
pub(super) fn open(what: &OsStr) -> bool {
    let mut command = Command::new(OPENER);
    command.arg(what).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}
