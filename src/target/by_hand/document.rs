//! The one block that a person runs on a console: every command between marks, in a shell of its
//! own, with its values, and first of all who the host is.
//!
//! The marks are put together by the block when it runs, so the block itself, echoed by the
//! console and pasted back with the rest, holds none.

use std::fmt::Write as _;

use super::quote::{assignment, quoted};
use crate::target::{Access, Command, Interpreter};

/// What every mark begins with.
pub(super) fn mark(nonce: &str) -> String {
    format!("KB-{nonce}")
}

/// The mark after which a paste is complete.
pub(super) fn end_mark(nonce: &str) -> String {
    format!("KB-{nonce} done")
}

/// The whole block. `host` is what the host called itself before: on another one nothing runs.
pub(super) fn shell(nonce: &str, commands: &[(usize, &Command)], host: Option<&[u8]>) -> String {
    let mut out = format!("sh <<'KB_{nonce}'\n");
    out.push_str(&PREAMBLE.replace("NONCE", nonce));
    if let Some(host) = host {
        out.push_str(&assignment("kb_expected", host));
        out.push_str(
            "if [ \"$(kb_host)\" != \"$kb_expected\" ]; then kb_mark elsewhere; kb_mark done; exit; fi\n",
        );
    }
    for (number, command) in commands {
        out.push_str(&one(nonce, *number, command));
    }
    out.push_str("kb_mark done\n");
    let _ = writeln!(out, "KB_{nonce}");
    out
}

/// What every block begins with. A check writes into a pipe, as it does on this machine: many
/// programs say something else to a terminal. A change does not: what it leaves running could hold
/// the pipe open for ever.
const PREAMBLE: &str = r#"PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
LC_ALL=C; export LC_ALL; TERM=dumb; export TERM; exec 4>&1
kb_mark() { printf '\n%s-%s %s\n' KB NONCE "$*"; }
kb_host() { hostname 2>/dev/null || uname -n; }
kb_read() { kb_mark begin $1; kb_end=$({ { kb_do; echo $? >&3; } | cat >&4; } 3>&1); kb_mark end $1 $kb_end; }
kb_change() { kb_mark begin $1; kb_do; kb_mark end $1 $?; }
kb_user() { id -un 2>/dev/null || echo "${USER:-unknown}"; }
kb_mark who; uname -s; uname -r; kb_host; kb_user
"#;

/// One command. Its script is the body of a here-document, so every byte of it is as on the page,
/// and a mistake in it spoils no other.
fn one(nonce: &str, number: usize, command: &Command) -> String {
    let script = &command.script;
    let end = if script.is_empty() || script.ends_with('\n') { "" } else { "\n" };
    let mut out = format!("# {}\nkb_script() {{ cat <<'KB_{nonce}_{number}'\n", command.label);
    let _ = write!(out, "{script}{end}KB_{nonce}_{number}\n}}\nkb_do() {{ (\n");
    out.push_str(&conditions(number, command));
    for (name, value) in &command.environment {
        out.push_str(&assignment(name, value));
    }
    let shell = if command.interpreter == Interpreter::Bash { "bash" } else { "sh" };
    let way = if command.access == Access::Change { "kb_change" } else { "kb_read" };
    // Standard input is the rest of this block, which a script must not read.
    let _ = writeln!(out, "exec {shell} -c \"$(kb_script)\" </dev/null 2>&1 3>&- 4>&-\n) }}\n{way} {number}");
    out
}

/// What must hold before it runs; otherwise a mark says what did not.
fn conditions(number: usize, command: &Command) -> String {
    let mut out = String::new();
    let mut refuse = |test: String, word: &str| {
        let _ = writeln!(out, "{test} || {{ kb_mark {word} {number}; exit 0; }}");
    };
    if !command.systems.is_empty() {
        let systems: Vec<String> = command.systems.iter().map(|system| any_case(system)).collect();
        let systems = systems.join("|");
        refuse(format!("case $(uname -s) in {systems}) true;; *) false;; esac"), "other-system");
    }
    if command.root {
        refuse("[ \"$(kb_user)\" = root ] || [ \"$(id -u 2>/dev/null)\" = 0 ]".into(), "not-root");
    }
    let bash = (command.interpreter == Interpreter::Bash).then_some("bash");
    for program in command.needs.iter().map(String::as_str).chain(bash) {
        let program = quoted(program.as_bytes());
        refuse(format!("command -v {program} >/dev/null 2>&1"), &format!("missing-{program}"));
    }
    out
}

/// A pattern of the shell for a word in any letter case. Not every system has `tr`: ESXi has not.
fn any_case(word: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' => format!("[{c}{}]", c.to_ascii_uppercase()),
        other => other.to_string(),
    };
    word.chars().map(letter).collect()
}

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
