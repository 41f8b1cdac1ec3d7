//! The pager: `$PAGER`, else `less -FRX`, as git does it. Without one the page is written plainly.

#![expect(
    clippy::disallowed_methods,
    reason = "a pager shows what kb wrote; nothing of a runbook runs in it"
)]

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The status by which a shell says that there is no such program.
const MISSING: i32 = 127;

/// Shows `text` on the terminal.
pub(super) fn show(text: &[u8], pager: Option<&str>) -> io::Result<()> {
    let pager = pager.unwrap_or("less");
    if pager.trim().is_empty() || pager.trim() == "cat" {
        return io::stdout().write_all(text);
    }
    // Ctrl-C belongs to the pager while it runs.
    let ignored = Arc::new(AtomicBool::new(false));
    let signal = signal_hook::flag::register(signal_hook::consts::SIGINT, ignored);
    let ended = feed(text, pager);
    if let Ok(signal) = signal {
        signal_hook::low_level::unregister(signal);
    }
    match ended {
        Ok(Some(MISSING)) | Err(_) => io::stdout().write_all(text),
        Ok(_) => Ok(()),
    }
}

/// Runs the pager to its end; what it did not want to read is no error.
fn feed(text: &[u8], pager: &str) -> io::Result<Option<i32>> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", pager]).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        match input.write_all(text) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    Ok(child.wait()?.code())
}
