//! Commands as text for a POSIX shell on another host: marks, conditions, values, and what the
//! marks in an answer mean. Shared by everything that reaches a shell kb did not start itself.
//!
//! Knows no way to a host: how the text gets there and the answer comes back is the target's.

use std::fmt::Write as _;

use crate::target::{Command, Ending, Identity, Interpreter};
use crate::text::Untrusted;

mod quote;
mod supervise;

pub(super) use supervise::{CONSTANT, ROOT_SIGN, by_sudo, framed, many, remote, who};

pub(super) use quote::assignment;
use quote::quoted;

/// What every mark begins with.
pub(super) fn mark(nonce: &str) -> String {
    format!("KB-{nonce}")
}

/// How every text begins: surroundings, how marks are made, who this is.
pub(super) fn opening(nonce: &str) -> String {
    OPENING.replace("NONCE", nonce)
}

const OPENING: &str = r#"PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
LC_ALL=C; export LC_ALL; TERM=dumb; export TERM; unset BASH_ENV ENV; exec 4>&1
kb_mark() { printf '\n%s-%s %s\n' KB NONCE "$*"; }
kb_host() { hostname 2>/dev/null || uname -n; }
kb_user() { id -un 2>/dev/null || echo "${USER:-unknown}"; }
kb_mark who; uname -s; uname -r; kb_host; kb_user
"#;

/// On a host that calls itself otherwise nothing goes on.
pub(super) fn only_on(host: &[u8]) -> String {
    let mut out = assignment("kb_expected", host);
    out.push_str(
        "if [ \"$(kb_host)\" != \"$kb_expected\" ]; then kb_mark elsewhere; kb_mark done; exit 0; fi\n",
    );
    out
}

/// How a secret reaches a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrets {
    /// As every other value.
    Sent,
    /// A person types it on that console, see [`ask_secret`].
    Typed,
}

/// Asks on the console for a secret, which is not shown there, for blocks that follow.
pub(super) fn ask_secret(name: &str) -> String {
    format!(
        "kb_secret_{name}=; trap 'stty echo </dev/tty; exit 1' INT\n\
         while [ -z \"$kb_secret_{name}\" ]; do\n\
         printf '%s' '{name} (not shown): ' >/dev/tty; stty -echo </dev/tty 2>/dev/null\n\
         IFS= read -r kb_secret_{name} </dev/tty || break\n\
         stty echo </dev/tty 2>/dev/null; echo >/dev/tty\n\
         done; trap - INT\n"
    )
}

/// Makes `kb_do`, which becomes the command and so belongs in a subshell; `launcher` are words
/// ahead of its shell. Its script is the body of a here-document, so every byte of it is as on the
/// page, and a mistake in it spoils no other.
pub(super) fn define(nonce: &str, number: usize, command: &Command, launcher: &str, by: Secrets) -> String {
    let script = &command.script;
    let end = if script.is_empty() || script.ends_with('\n') { "" } else { "\n" };
    let mut out = format!("# {}\nkb_script() {{ cat <<'KB_{nonce}_{number}'\n", command.label);
    let _ = write!(out, "{script}{end}KB_{nonce}_{number}\n}}\nkb_do() {{\n");
    out.push_str(&conditions(number, command));
    for (name, value) in &command.environment {
        if by == Secrets::Typed && command.secrets.iter().any(|(secret, _)| secret == name) {
            let _ = writeln!(out, "{name}=$kb_secret_{name}; export {name}");
        } else {
            out.push_str(&assignment(name, value));
        }
    }
    // Below sshd bash reads its start-up file even for a command.
    let shell = if command.interpreter == Interpreter::Bash { "bash --norc" } else { "sh" };
    // Standard input is the rest of this text, which a script must not read.
    let _ = writeln!(out, "exec {launcher}{shell} -c \"$(kb_script)\" </dev/null 2>&1 3>&- 4>&-\n}}");
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

/// How a command ended that a shell gives this status: it says so when a signal ended it.
pub(super) fn ending(status: i32) -> Ending {
    match status {
        129..=192 => Ending::Signalled(status - 128),
        _ => Ending::Exited(status),
    }
}

/// The words of a mark that say why a command did not start; `system` is what the host said of
/// itself.
pub(super) fn not_run(words: &str, number: usize, system: &str) -> Option<Ending> {
    let (word, of) = words.split_once(' ')?;
    if of.trim() != number.to_string() {
        return None;
    }
    match word {
        "other-system" => Some(Ending::OtherSystem(system.into())),
        "not-root" => Some(Ending::Refused("it needs root, and that console is not root's".into())),
        _ => word.strip_prefix("missing-").map(|program| Ending::Missing(program.into())),
    }
}

/// Who a host says it is, from the lines after the mark `who`.
pub(super) fn identity<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Option<Identity> {
    let mut lines = lines.into_iter().map(<[u8]>::trim_ascii);
    let mut next = || lines.next();
    let (system, release, host, user) = (next()?, next()?, next()?, next()?);
    let word = |line: &[u8]| Untrusted::new(line).for_terminal();
    (!system.is_empty() && !user.is_empty()).then(|| Identity {
        system: word(system).to_lowercase(),
        release: word(release),
        host: Untrusted::new(host),
        user: word(user),
    })
}
