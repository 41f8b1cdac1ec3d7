//! Programs that a test makes and runs. Another process writes them: while this one has a file open
//! for writing, a child that another thread is just starting has it too, and a file that somebody
//! has open for writing cannot be run ("Text file busy").

#![expect(clippy::disallowed_methods, reason = "a test makes its files and starts what it tests")]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes a script of `sh`.
pub(crate) fn script(path: &Path, text: &str) {
    let mut install = install("/dev/stdin", path).stdin(Stdio::piped()).spawn().expect("install runs");
    let mut input = install.stdin.take().expect("it is piped");
    write!(input, "#!/bin/sh\n{text}").expect("install reads");
    drop(input);
    assert!(install.wait().expect("install ends").success(), "{}", path.display());
}

/// Copies a program into a folder.
pub(crate) fn copy(program: &Path, folder: &Path) {
    let status = install(program, folder).status().expect("install runs");
    assert!(status.success(), "{} to {}", program.display(), folder.display());
}

fn install(from: impl AsRef<OsStr>, to: &Path) -> Command {
    let mut command = Command::new("install");
    command.args(["-m", "755"]).arg(from).arg(to);
    command
}
