//! The scenarios of the lab (`tests/lab`): each is played as `tests/lab/run NAME` plays it, and the
//! chapter of the book that tells it (`book/src/lab/NAME.md`) must quote what was seen.
//!
//! A step of a chapter is a line `root@HOST:~# COMMAND` in a `console` block and what stands below it,
//! with the `...` and `[..]` of a console session. Steps may be left out, not put in another order.
//! `KB_UPDATE=1` writes what came out where a step does not fit.
//!
//! Where a scenario cannot be played it says why and is skipped; where `CI` is set, it fails.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the scenario, reads its chapter, and says what it skips"
)]

use std::path::Path;
use std::process::Command;

use crate::cases::{self, Failure, Result};
use crate::console::fits;

/// What a scenario ends with when it was skipped.
const SKIPPED: i32 = 77;

/// Plays one scenario.
pub(crate) fn scenario(path: &Path) -> Result {
    let name = path.parent().and_then(Path::file_name).expect("a scenario stands in its folder");
    let output = Command::new("tests/lab/run").arg(name).env("KB", env!("CARGO_BIN_EXE_kb")).output()?;
    let transcript = String::from_utf8_lossy(&output.stdout);
    let trouble = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => quoted(Path::new("book/src/lab").join(name).with_extension("md").as_path(), &transcript),
        Some(SKIPPED) => {
            eprintln!("{}: {trouble}", path.display());
            Ok(())
        }
        _ => Err(Failure(format!("{}: {}\n{transcript}\n{trouble}", path.display(), output.status)).into()),
    }
}

/// Checks that a chapter quotes the transcript.
fn quoted(chapter: &Path, transcript: &str) -> Result {
    let text = std::fs::read_to_string(chapter)
        .map_err(|error| Failure(format!("{}: a scenario has a chapter: {error}", chapter.display())))?;
    let mut seen = steps(transcript).into_iter();
    cases::check_blocks(chapter, &text, |case| {
        let blocks = case.blocks("console").map(|block| {
            let quoted: String = steps(&block.text).iter().map(|step| replay(step, &mut seen)).collect();
            (block.span.clone(), quoted)
        });
        blocks.collect()
    })
}

/// A command, with its prompt, and what it said.
struct Step {
    command: String,
    output: String,
}

/// The step as it was seen, or as the chapter has it where that fits.
fn replay(quoted: &Step, seen: &mut impl Iterator<Item = Step>) -> String {
    let Some(step) = seen.find(|step| step.command == quoted.command) else {
        return format!("(never typed, or not in this order: {})\n", quoted.command.trim_end());
    };
    let output = if fits(&quoted.output, &step.output) { &quoted.output } else { &step.output };
    format!("{}{output}", quoted.command)
}

/// What was typed, each with what came below it, up to the next heading; without blanks at the end of a
/// line, which a chapter cannot have.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut told = false;
    for line in text.lines().map(|line| format!("{}\n", line.trim_end())) {
        if line.starts_with("root@") && line.contains(":~# ") {
            steps.push(Step { command: line, output: String::new() });
            told = false;
        } else if line.starts_with("## ") {
            told = true;
        } else if let Some(step) = steps.last_mut().filter(|_| !told) {
            step.output.push_str(&line);
        }
    }
    for step in &mut steps {
        step.output.truncate(step.output.trim_end().len());
        if !step.output.is_empty() {
            step.output.push('\n');
        }
    }
    steps
}
