//! The one block that a person runs on a console: every command between marks, in a shell of its
//! own, with its values, and first of all who the host is.
//!
//! The marks are put together by the block when it runs, so the block itself, echoed by the
//! console and pasted back with the rest, holds none.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::target::shell::{self, Secrets, mark};
use crate::target::{Access, Command};

/// The mark after which a paste is complete.
pub(super) fn end_mark(nonce: &str) -> String {
    format!("{} done", mark(nonce))
}

/// The whole block. `host` is what the host called itself before: on another one nothing runs.
pub(super) fn shell(nonce: &str, commands: &[(usize, &Command)], host: Option<&[u8]>) -> String {
    let mut out = format!("sh <<'KB_{nonce}'\n{}{WAYS}", shell::opening(nonce));
    if let Some(host) = host {
        out.push_str(&shell::only_on(host));
    }
    for name in secrets(commands) {
        out.push_str(&shell::ask_secret(name));
    }
    for (number, command) in commands {
        out.push_str(&shell::define(nonce, *number, command, "", Secrets::Typed));
        let way = if command.access == Access::Change { "kb_change" } else { "kb_read" };
        let _ = writeln!(out, "{way} {number}");
    }
    out.push_str("kb_mark done\n");
    let _ = writeln!(out, "KB_{nonce}");
    out
}

/// The names of the secrets that some commands use.
pub(super) fn secrets<'a>(commands: &[(usize, &'a Command)]) -> BTreeSet<&'a str> {
    let of = |(_, command): &(usize, &'a Command)| command.secrets.iter().map(|(name, _)| name.as_str());
    commands.iter().flat_map(of).collect()
}

/// One command alone, as a person types it; a secret is asked for there.
pub(super) fn alone(command: &Command) -> String {
    let mut out = String::new();
    for (name, value) in &command.environment {
        if command.secrets.iter().any(|(secret, _)| secret == name) {
            let _ = writeln!(out, "stty -echo; IFS= read -r {name}; stty echo; export {name}");
        } else {
            out.push_str(&shell::assignment(name, value));
        }
    }
    out.push_str(&command.script);
    out
}

/// A check writes into a pipe, as it does on this machine: many programs say something else to a
/// terminal. A change does not: what it leaves running could hold the pipe open for ever.
const WAYS: &str = r"kb_read() { kb_mark begin $1; kb_end=$({ { (kb_do); echo $? >&3; } | cat >&4; } 3>&1); kb_mark end $1 $kb_end; }
kb_change() { kb_mark begin $1; (kb_do); kb_mark end $1 $?; }
";

/// True when a text can be pasted into a terminal as it is.
pub(super) fn can_be_pasted(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control())
}

/// The lines of a block. One with a secret becomes a comment: pasted as it is, it does nothing.
fn lines(command: &Command) -> String {
    let holds = |line: &str| command.secrets.iter().any(|(name, _)| line.contains(&format!("<{name}>")));
    let line =
        |line: &str| if holds(line) { format!("! type yourself: {line}\n") } else { format!("{line}\n") };
    command.script.trim_end().lines().map(line).collect()
}

/// The lines for a device without a shell. It echoes what it is told, behind its prompt, and takes
/// a line that begins with `!` as a comment: so the marks are comments.
pub(super) fn device(nonce: &str, commands: &[(usize, &Command)]) -> String {
    let mark = mark(nonce);
    let mut out = String::from("terminal pager 0\n");
    for (number, command) in commands {
        let _ = write!(out, "! {mark} begin {number}\n{}! {mark} end {number}\n", lines(command));
    }
    let _ = writeln!(out, "! {mark} done");
    out
}
