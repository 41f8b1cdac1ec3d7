//! Checks read: words by which the tools that runbooks use are known to write.
//!
//! A table for a person's slips, not a sandbox: on this machine the kernel holds a check, but over ssh,
//! by hand and elsewhere there is only this and the author's word. What is not in the table is not
//! judged.

mod starts;
mod tools;

use self::starts::{Started, started};
use self::tools::{FILES, TOOLS, Writes};
use crate::diag::Diagnostic;
use crate::runbook::shell::{Command, ShellText, is_name};
use crate::runbook::{Check, Language, Runbook};

/// A command in a command in a command: deeper than this nobody writes.
const DEPTH_MAX: usize = 6;

/// Where a redirection changes nothing.
const SINKS: &[&str] = &["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"];

/// A check that writes is no check.
pub(super) fn writes(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for check in runbook.checks.iter().filter(|check| check.script.language != Language::Cisco) {
        let text = check.script.text.as_str();
        for command in ShellText::new(text).simple_commands() {
            let Some(Write { tool, word }) = write_of(check, &command, 0) else { continue };
            // The text of a script is that of the page, so the same words stand in both.
            let page = runbook.source.slice(check.span);
            let at = page.find(text).unwrap_or(0) + offset(text, word);
            let (what, instead) = match tool {
                None => {
                    (format!("> {word}"), "write into a pipe, or with `allow=tmp` below `$TMPDIR`".into())
                }
                Some(tool) if tool == word => (tool.to_owned(), "leave it out".to_owned()),
                Some(tool) => (format!("{tool} {word}"), format!("use a form of `{tool}` that only shows")),
            };
            let message = format!("`{what}` changes something, and a check only reads");
            let hint = format!(
                "Move it to a fix, or {instead}. Over ssh and by hand nothing but this holds a check."
            );
            let span = check.span.part(at..at + word.len());
            found.push(Diagnostic::warning("lint-writes", span, message).hint(hint));
        }
    }
}

/// Where a part of a text begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// What writes; both are parts of the script.
struct Write<'a> {
    /// None is a redirection.
    tool: Option<&'a str>,
    /// The word by which it writes; that of the tool itself where it always does.
    word: &'a str,
}

fn write_of<'a>(check: &Check, command: &Command<'a>, depth: usize) -> Option<Write<'a>> {
    if let Some(word) = command.written.iter().find(|file| changes(check, file)) {
        return Some(Write { tool: None, word });
    }
    by_words(check, &command.words, depth)
}

/// What a command writes by its words, or a command that it starts.
fn by_words<'a>(check: &Check, words: &[&'a str], depth: usize) -> Option<Write<'a>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let assigns = |word: &&&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let words = &words[words.iter().take_while(assigns).count()..];
    let tool = words.first()?.rsplit('/').next()?;
    let rest = &words[1..];
    let started = started(tool, rest);
    let inner = started.iter().find_map(|started| match started {
        Started::Words(words) => by_words(check, words, depth + 1),
        Started::Script(text) => {
            let commands = ShellText::new(text).simple_commands();
            commands.iter().find_map(|command| write_of(check, command, depth + 1))
        }
    });
    // The words of what is started are not its own.
    if inner.is_some() || !(started.is_empty() || tool == "find") {
        return inner;
    }
    let own_folder = check.allow.tmp && FILES.contains(&tool);
    let own_process = tool == "kill" && check.script.text.contains("$!");
    let to_nowhere = tool == "tee" && rest.iter().all(|word| word.starts_with('-') || SINKS.contains(word));
    if own_folder || own_process || to_nowhere {
        return None;
    }
    let word = if tool == "dd" {
        rest.iter().find(|word| word.strip_prefix("of=").is_some_and(|file| changes(check, file)))?
    } else {
        let (_, writes) = TOOLS.iter().find(|(names, _)| names.contains(&tool))?;
        writing_word(check, writes, tool, rest)?
    };
    Some(Write { tool: Some(tool), word })
}

/// The word by which a tool writes.
fn writing_word<'a>(check: &Check, writes: &Writes, tool: &'a str, rest: &[&'a str]) -> Option<&'a str> {
    let is_operand = |word: &&&str| !word.starts_with('-');
    // The file that an option names is no verb.
    let is_name = |word: &&&str| word.starts_with(['"', '\'', '$', '/', '.', '~']);
    let verb = || rest.iter().find(|word| is_operand(word) && !is_name(word)).copied();
    match writes {
        Writes::Words(known) => {
            rest.iter().find(|word| known.iter().any(|known| is_word(word, known))).copied()
        }
        Writes::Unless(reads) if rest.iter().any(|word| reads.contains(word)) => None,
        Writes::UnlessPart(reads) if rest.iter().any(|word| reads.iter().any(|read| word.contains(read))) => {
            None
        }
        Writes::Unless(_) if tool.starts_with("birdc") => verb(),
        Writes::Always | Writes::Unless(_) => Some(tool),
        Writes::UnlessPart(_) => verb(),
        Writes::Operand => {
            // `-t` takes the first for a kind of file system.
            let first = usize::from(rest.contains(&"-t"));
            rest.iter().filter(is_operand).nth(first).copied()
        }
        Writes::Assigns(options) => {
            let assigns = |word: &&&str| word.contains('=') && is_operand(word) && !is_name(word);
            rest.iter().find(|word| options.contains(*word) || assigns(word)).copied()
        }
        Writes::File(options) => rest.iter().enumerate().find_map(|(at, word)| {
            let option = options.iter().find(|option| word.starts_with(**option))?;
            let glued = word[option.len()..].trim_start_matches('=');
            let file = if glued.is_empty() { rest.get(at + 1).copied()? } else { glued };
            (file != "-" && changes(check, file)).then_some(*word)
        }),
        Writes::Letter(letter, group, long) => {
            let grouped = |word: &str| {
                let letters = word.strip_prefix('-')?;
                letters[..letters.find(*letter)?].chars().all(|c| group.contains(c)).then_some(())
            };
            let is_it =
                |word: &&&str| grouped(word).is_some() || long.iter().any(|known| is_word(word, known));
            rest.iter().find(is_it).copied()
        }
    }
}

/// `--vacuum-size` is also in `--vacuum-size=1G`.
fn is_word(word: &str, known: &str) -> bool {
    word == known || (known.starts_with("--") && word.split('=').next() == Some(known))
}

/// A file that is written by a redirection, other than those where nothing stays.
fn changes(check: &Check, file: &str) -> bool {
    let file = file.trim_matches(['"', '\'']);
    let own_folder = check.allow.tmp && (file.starts_with("$TMPDIR") || file.starts_with("${TMPDIR"));
    // A connection of bash; whether it may be is for `allow=` to say.
    let is_socket = file.starts_with("/dev/tcp/") || file.starts_with("/dev/udp/");
    !(SINKS.contains(&file) || own_folder || is_socket || is_descriptor(file))
}

/// `&1`, `&-`.
fn is_descriptor(file: &str) -> bool {
    file.strip_prefix('&')
        .is_some_and(|number| number == "-" || number.bytes().all(|byte| byte.is_ascii_digit()))
}
