//! Commands that a command starts: behind `sudo` and its like, by `xargs` and `find -exec`, in the
//! script of a `sh -c`.

use crate::runbook::shell::is_name;

/// What a command starts.
pub(super) enum Started<'w, 'a> {
    /// A command, as the words behind.
    Words(&'w [&'a str]),
    /// The text of a script.
    Script(&'a str),
}

/// Commands that start the one behind them: their names, the options that take a word, how many
/// operands come first.
const STARTERS: &[(&[&str], &[&str], usize)] = &[
    (&["if", "while", "until", "then", "do", "else", "elif", "!"], &[], 0),
    (&["command", "exec", "nohup", "setsid", "busybox", "builtin"], &[], 0),
    (&["sudo"], &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-r", "-t", "-T", "-U"], 0),
    (&["doas"], &["-u", "-C"], 0),
    (&["env"], &["-u", "-C", "--unset", "--chdir"], 0),
    (&["nice"], &["-n"], 0),
    (&["ionice"], &["-c", "-n"], 0),
    (&["time"], &["-f", "-o"], 0),
    (&["timeout"], &["-k", "-s"], 1),
    (&["stdbuf"], &["-i", "-o", "-e"], 0),
    (&["taskset", "chrt", "flock"], &[], 1),
    (&["chroot"], &[], 1),
    (&["nsenter"], &["-t", "-S", "-G", "-W"], 0),
    (&["unshare"], &[], 0),
    (&["xargs"], &["-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s"], 0),
    (
        &["ssh"],
        &[
            "-B", "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p",
            "-Q", "-R", "-S", "-W", "-w",
        ],
        1,
    ),
];

const SHELLS: &[&str] = &["sh", "bash", "dash", "ksh", "ash", "zsh", "csh", "tcsh", "fish", "su"];

/// The options of `find` that start a command.
const EXEC: &[&str] = &["-exec", "-execdir", "-ok", "-okdir"];

/// What `tool` starts with the words behind it.
pub(super) fn started<'w, 'a>(tool: &str, rest: &'w [&'a str]) -> Vec<Started<'w, 'a>> {
    if tool == "command" && rest.first().is_some_and(|word| matches!(*word, "-v" | "-V")) {
        return Vec::new();
    }
    if SHELLS.contains(&tool) {
        return script_of(rest).into_iter().map(Started::Script).collect();
    }
    if tool == "find" {
        let begins = rest.iter().enumerate().filter(|(_, word)| EXEC.contains(*word));
        return begins.map(|(at, _)| Started::Words(until_end(&rest[at + 1..]))).collect();
    }
    if tool == "ip" {
        // `ip netns exec NAME COMMAND`
        let at = rest.windows(2).position(|pair| pair == ["netns", "exec"]);
        return at.and_then(|at| rest.get(at + 3..)).map(Started::Words).into_iter().collect();
    }
    let Some((_, with_word, operands)) = STARTERS.iter().find(|(names, ..)| names.contains(&tool)) else {
        return Vec::new();
    };
    let behind = behind(rest, with_word, *operands);
    match behind {
        // The far shell reads it again.
        [text, ..] if tool == "ssh" && unquoted(text).is_some() => {
            unquoted(text).map(Started::Script).into_iter().collect()
        }
        [] => Vec::new(),
        words => vec![Started::Words(words)],
    }
}

/// What stands behind options, assignments and the first operands.
fn behind<'w, 'a>(words: &'w [&'a str], with_word: &[&str], mut operands: usize) -> &'w [&'a str] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let assigns = word.split_once('=').is_some_and(|(name, _)| is_name(name));
        if with_word.contains(word) {
            at += 2;
        } else if word.starts_with('-') || assigns {
            at += 1;
        } else if operands > 0 {
            operands -= 1;
            at += 1;
        } else {
            break;
        }
    }
    words.get(at..).unwrap_or_default()
}

/// Up to what ends a command of `find`.
fn until_end<'w, 'a>(words: &'w [&'a str]) -> &'w [&'a str] {
    let end = words.iter().position(|word| matches!(*word, "\\;" | "';'" | "\";\"" | "+"));
    &words[..end.unwrap_or(words.len())]
}

/// The text behind `-c`, or a group of options that ends in it.
fn script_of<'a>(words: &[&'a str]) -> Option<&'a str> {
    let is_option = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    let text = words.get(words.iter().position(is_option)? + 1)?;
    Some(unquoted(text).unwrap_or(text))
}

/// What stands between quotes.
fn unquoted(word: &str) -> Option<&str> {
    ['\'', '"'].iter().find_map(|quote| word.strip_prefix(*quote)?.strip_suffix(*quote))
}
