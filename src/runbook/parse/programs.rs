//! Values that become code by way of another program: one that takes its program as a text, a shell
//! that reads its script from a pipe, a file that is read as a script.

use std::collections::BTreeSet;
use std::ops::Range;

use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::runbook::shell::{Command, ShellText, Use};
use crate::text::Span;

/// Where a program takes the text that it runs.
enum Text {
    /// The first operand, or what follows one of these options.
    FirstOr(&'static [&'static str]),
    /// What follows one of these options, which may stand at the end of a group (`-ne`).
    After(&'static [&'static str]),
    /// Every operand behind the first.
    BehindFirst,
    /// The first operand.
    First,
}

use Text::{After, BehindFirst, First, FirstOr};

const PROGRAMS: &[(&[&str], Text, &str)] = &[
    (
        &["awk", "gawk", "mawk", "nawk"],
        FirstOr(&[]),
        "Put the program in single quotes and read `ENVIRON[\"name\"]` in it.",
    ),
    (
        &["sed"],
        FirstOr(&["-e", "--expression"]),
        "Let `awk` compare with `ENVIRON[\"name\"]`, or `grep -F -- \"$name\"`.",
    ),
    (&["perl", "ruby"], After(&["e", "E"]), "Put the program in single quotes and read `$ENV{name}` in it."),
    (
        &["python", "python2", "python3"],
        After(&["c"]),
        "Put the program in single quotes and read `os.environ` in it.",
    ),
    (&["php"], After(&["r"]), "Put the program in single quotes and read `getenv(\"name\")` in it."),
    (&["ssh"], BehindFirst, "The far shell reads it again: run the block there, with `on=HOST`."),
    (&["trap"], First, "Put the command in single quotes: it is read when the trap springs."),
    (&["source", "."], First, "Name the file itself: what is in it runs."),
];

/// How far around a command is looked.
const NEAR: usize = 512;

/// Options of `ssh` that take a word.
const SSH_WITH_WORD: &str = "BbcDEeFIiJLlmOopQRSWw";

/// Names whose value came from outside: the parameters, and what the block makes of them.
pub(super) fn tainted(text: &str, shell: &ShellText<'_>, parameters: &[String]) -> Vec<String> {
    let mut known: BTreeSet<String> = parameters.iter().cloned().collect();
    let (uses, commands) = (shell.uses(), shell.simple_commands());
    // Each round finds one more name at least, and a block has few.
    for _ in 0..8 {
        let before = known.len();
        let mut fed = false;
        for command in &commands {
            let position = program(command).unwrap_or(0);
            let Some(first) = command.words.get(position) else { continue };
            let carries = |range: &Range<usize>| uses_any(&uses, range, &known);
            fed = command.places.iter().any(carries) || (command.piped && fed);
            let here_string = || {
                let start = command.places[0].start;
                let near = &text[start..text.floor_char_boundary(start + NEAR)];
                fed && near.lines().next().is_some_and(|line| line.contains("<<<"))
            };
            let named: Vec<String> = match *first {
                "for" if command.places.iter().skip(2).any(carries) => {
                    command.words.get(1).into_iter().map(|name| (*name).to_owned()).collect()
                }
                "read" if (command.piped && fed) || here_string() => command.words[position + 1..]
                    .iter()
                    .filter(|word| !word.starts_with('-'))
                    .map(|word| (*word).to_owned())
                    .collect(),
                _ => command
                    .words
                    .iter()
                    .zip(&command.places)
                    .filter(|(_, place)| carries(place))
                    .filter_map(|(word, _)| word.split_once('=').map(|(name, _)| name.to_owned()))
                    .collect(),
            };
            known.extend(named);
        }
        if known.len() == before {
            break;
        }
    }
    known.into_iter().collect()
}

fn uses_any(uses: &[Use<'_>], range: &Range<usize>, names: &BTreeSet<String>) -> bool {
    let first = uses.partition_point(|used| used.at.start < range.start);
    let inside = uses[first..].iter().take_while(|used| used.at.start < range.end);
    inside.into_iter().any(|used| names.contains(used.name))
}

/// Judges every command of a block.
pub(super) fn judge(
    shell: &ShellText<'_>,
    tainted: &[String],
    shells: &[&str],
    at: &dyn Fn(Range<usize>) -> Span,
    sink: &mut Sink,
) {
    let names: BTreeSet<String> = tainted.iter().cloned().collect();
    let (uses, commands) = (shell.uses(), shell.simple_commands());
    let mut fed = false;
    for command in &commands {
        let carries = command.places.iter().any(|place| uses_any(&uses, place, &names));
        fed = carries || (command.piped && fed);
        let Some(position) = program(command) else { continue };
        let name = command.words[position].rsplit('/').next().unwrap_or("");
        let is_shell = |word: &&str| shells.contains(&word.rsplit('/').next().unwrap_or(word));
        let by_xargs = name == "xargs" && command.words[position..].iter().any(is_shell);
        if command.piped && fed && (by_xargs || reads_script(command, position, shells)) {
            let message = format!("`{name}` takes a value that is piped into it for a script");
            sink.push(
                Diagnostic::error("value-evaluated", at(command.places[position].clone()), message)
                    .hint("Write the command itself, with each value as `\"$name\"`."),
            );
            continue;
        }
        let Some((_, text, hint)) = PROGRAMS.iter().find(|(known, ..)| known.contains(&name)) else {
            continue;
        };
        let texts = texts(text, command, position, name);
        if let Some(place) = texts.into_iter().find(|place| uses_any(&uses, place, &names)) {
            let message = format!("`{name}` takes this text for a program, and a value in it becomes code");
            sink.push(Diagnostic::error("value-evaluated", at(place), message).hint(*hint));
        }
    }
}

/// Which word is the program, behind assignments and what starts others.
fn program(command: &Command<'_>) -> Option<usize> {
    const STARTERS: [&str; 11] =
        ["sudo", "exec", "command", "env", "nohup", "if", "while", "until", "then", "do", "!"];
    command.words.iter().position(|word| {
        !(STARTERS.contains(word)
            || word.split_once('=').is_some_and(|(name, _)| !name.contains(['"', '/', '$'])))
    })
}

/// A shell without a script of its own reads one from its input.
fn reads_script(command: &Command<'_>, position: usize, shells: &[&str]) -> bool {
    let name = command.words[position].rsplit('/').next().unwrap_or("");
    let operand =
        command.words[position + 1..].iter().any(|word| !word.starts_with('-') || word.ends_with('c'));
    shells.contains(&name) && !operand
}

/// The words that the program takes for code.
fn texts(text: &Text, command: &Command<'_>, position: usize, name: &str) -> Vec<Range<usize>> {
    let words = &command.words[position + 1..];
    let places = &command.places[position + 1..];
    let follows = |at: usize, options: &[&str]| at > 0 && options.contains(&words[at - 1]);
    let mut found = Vec::new();
    let mut operands = 0;
    let mut by_option = false;
    for (at, word) in words.iter().enumerate() {
        match text {
            FirstOr(options) if follows(at, options) => {
                by_option = true;
                found.push(places[at].clone());
            }
            After(letters) if at > 0 => {
                let before = words[at - 1];
                if before.starts_with('-')
                    && !before.starts_with("--")
                    && letters.iter().any(|letter| before.ends_with(letter))
                {
                    found.push(places[at].clone());
                }
            }
            _ => {}
        }
        let with_word = match name {
            "ssh" => {
                at > 0
                    && words[at - 1].len() == 2
                    && words[at - 1].starts_with('-')
                    && SSH_WITH_WORD.contains(&words[at - 1][1..])
            }
            "awk" | "gawk" | "mawk" | "nawk" => follows(at, &["-v", "-F", "-f"]),
            "sed" => follows(at, &["-e", "-f", "--expression"]),
            _ => false,
        };
        if word.starts_with('-') || with_word {
            continue;
        }
        operands += 1;
        let code = match text {
            FirstOr(_) => operands == 1 && !by_option && !words.contains(&"-f"),
            First => operands == 1,
            BehindFirst => operands > 1,
            After(_) => false,
        };
        if code {
            found.push(places[at].clone());
        }
    }
    found
}
