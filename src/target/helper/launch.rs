//! The last step before a block: this process takes its surroundings away from itself and becomes
//! the interpreter.
//!
//! It is a process of its own because only what happens between fork and exec belongs to the block
//! and not to its supervisor, and that needs no `unsafe` when it is done by a program.
#![expect(clippy::disallowed_methods, reason = "becomes the interpreter; reads its own open files in /proc")]

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use rustix::fs::Mode;
use rustix::process::{Signal, setsid, umask};

/// Becomes the interpreter: `arguments` are the priority of the block, those of
/// [`super::hold::Held`], then its path and the script.
pub(super) fn main(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let priority = arguments.next().and_then(|place| place.to_str()?.parse().ok());
    let held = super::hold::from_arguments(&mut arguments);
    let (Some(priority), Some(held), Some(interpreter), Some(script)) =
        (priority, held, arguments.next(), arguments.next())
    else {
        return ExitCode::from(2);
    };
    // A session of its own: no terminal, and a signal to its group reaches nothing else.
    let _ = setsid();
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    let _ = rustix::process::setpriority_process(None, priority);
    umask(Mode::from_bits_truncate(0o077));
    if let Err(error) = held.apply() {
        return failed(error.as_ref());
    }
    let mut command = closing_inherited(&interpreter);
    let error = command.arg("-c").arg(script).exec();
    failed(&error)
}

/// Seen as any program that could not be started; the supervisor's pipe is standard error.
fn failed(error: &dyn std::error::Error) -> ExitCode {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("kb: {error}\n").as_bytes());
    ExitCode::from(126)
}

/// The interpreter, by way of a shell that closes what this process inherited open.
fn closing_inherited(interpreter: &OsString) -> Command {
    let name = std::path::Path::new(interpreter).file_name().unwrap_or(interpreter);
    let open = inherited_open();
    if open.is_empty() {
        let mut command = Command::new(interpreter);
        command.arg0(name);
        return command;
    }
    // Closing a descriptor by its number alone is `unsafe` in Rust, a redirection in a shell. Only
    // bash takes numbers above nine. The name of the interpreter leads to the same file, since
    // `PATH` is ours, and it is the name that error messages begin with.
    let shell = if open.iter().any(|&fd| fd > 9) { "bash" } else { "/bin/sh" };
    let closes: Vec<String> = open.iter().map(|fd| format!("{fd}<&-")).collect();
    let mut command = Command::new(shell);
    command.arg("-c").arg(format!("exec {}; exec \"$@\"", closes.join(" "))).arg(name).arg(name);
    command
}

/// Descriptors that would stay open in the interpreter, besides the three standard ones.
fn inherited_open() -> Vec<i32> {
    let Ok(files) = std::fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let numbers = files.filter_map(|file| file.ok()?.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter(|&fd| fd > 2 && !closes_on_exec(fd)).collect()
}

fn closes_on_exec(fd: i32) -> bool {
    // A descriptor that has gone meanwhile was the listing's own.
    let Ok(info) = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")) else { return true };
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    flags
        .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok())
        .is_some_and(|bits| bits & 0o2_000_000 != 0)
}
