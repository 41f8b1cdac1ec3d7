//! The one block that a person runs on a console: every command between marks, in a shell of its
//! own, with its values, and first of all who the host is.
//!
//! The marks are put together by the block when it runs, so the block itself, echoed by the
//! console and pasted back with the rest, holds none.

use std::fmt::Write as _;

use crate::target::shell::{self, mark};
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
    for (number, command) in commands {
        out.push_str(&shell::define(nonce, *number, command, ""));
        let way = if command.access == Access::Change { "kb_change" } else { "kb_read" };
        let _ = writeln!(out, "{way} {number}");
    }
    out.push_str("kb_mark done\n");
    let _ = writeln!(out, "KB_{nonce}");
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

/// The lines for a device without a shell. It echoes what it is told, behind its prompt, and takes
/// a line that begins with `!` as a comment: so the marks are comments.
pub(super) fn device(nonce: &str, commands: &[(usize, &Command)]) -> String {
    let mark = mark(nonce);
    let mut out = String::from("terminal pager 0\n");
    for (number, command) in commands {
        let _ =
            write!(out, "! {mark} begin {number}\n{}\n! {mark} end {number}\n", command.script.trim_end());
    }
    let _ = writeln!(out, "! {mark} done");
    out
}
