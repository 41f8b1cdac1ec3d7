//! Questions to the person: one key and Enter, a value, a word to type. Never a default yes.

use std::io;

use super::terminal::{Terminal, Typed};
use crate::render::style::Out;

/// One possible answer: its key, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Choice<T> {
    /// The key; upper case where it is also what an empty line means.
    pub key: char,
    /// What it is called.
    pub name: &'static str,
    /// What it stands for.
    pub answer: T,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered<T> {
    /// With one of the choices.
    With(T),
    /// With Ctrl-C, or the terminal is gone.
    Interrupted,
}

/// How often a question is put again before "nobody answers" is assumed.
const TRIES: usize = 20;

/// Asks until one of the choices is typed: its key or its name. An empty line and Ctrl-D mean the
/// choice in upper case, where there is one.
pub fn choose<T: Copy>(terminal: &mut Terminal, question: &str, choices: &[Choice<T>]) -> Answered<T> {
    for _ in 0..TRIES {
        match terminal.line(|out| put(out, question, choices)) {
            Ok(Typed::Text(line)) => {
                if let Some(answer) = understand(&line, choices) {
                    return Answered::With(answer);
                }
            }
            Ok(Typed::End) => {
                let _ = terminal.write(|out| out.text("\n"));
                if let Some(answer) = understand(b"", choices) {
                    return Answered::With(answer);
                }
            }
            Ok(Typed::Interrupted) | Err(_) => return Answered::Interrupted,
        }
        let _ = terminal.write(|out| explain(out, choices));
    }
    Answered::Interrupted
}

/// Which choice a line means.
pub(super) fn understand<T: Copy>(line: &[u8], choices: &[Choice<T>]) -> Option<T> {
    let line = String::from_utf8_lossy(line).trim().to_lowercase();
    let fits = |choice: &&Choice<T>| {
        if line.is_empty() {
            return choice.key.is_uppercase();
        }
        line == choice.key.to_lowercase().to_string() || line == choice.name
    };
    choices.iter().find(fits).map(|choice| choice.answer)
}

fn put<T>(out: &mut Out<'_>, question: &str, choices: &[Choice<T>]) -> io::Result<()> {
    let keys: Vec<String> = choices.iter().map(|choice| choice.key.to_string()).collect();
    out.label("question", question)?;
    out.text(" [")?;
    out.label("key", &keys.join("/"))?;
    out.text("] ")
}

fn explain<T>(out: &mut Out<'_>, choices: &[Choice<T>]) -> io::Result<()> {
    for choice in choices {
        out.text("  ")?;
        out.label("key", &choice.key.to_lowercase().to_string())?;
        out.text("  ")?;
        out.line("", choice.name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
