//! One service of a monitoring server: a first line with the state and the counts, after a `|` the
//! figures, below it what is wrong. The exit status is the state.
//!
//! The shape is that of the plugin API which Nagios, Icinga, Naemon and Checkmk read: the first line
//! is what is shown and alarmed by, a `|` ends the text, so it may not occur in it.

use std::io::{self, Write};
use std::time::Duration;

use super::human::{Examined, Health, reasons};
use crate::report::{Outcome, Verdict};
use crate::runbook::Runbook;
use crate::text::printable;

/// Servers read so many bytes of an answer at least (NRPE's packet in its second version is the
/// smallest, with one kibibyte); the first line fits, and what is wrong is cut to stay near it.
const REASON_CHARS_MAX: usize = 200;

/// The states of a service, by their exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Everything that was checked is healthy.
    Ok = 0,
    /// A problem is there that its runbook calls `low`.
    Warning = 1,
    /// Any other problem is there.
    Critical = 2,
    /// A check could not tell, or none applied.
    Unknown = 3,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// What is wrong with one runbook's subject.
#[derive(Debug)]
pub struct Problem {
    state: State,
    runbook: String,
    why: String,
}

/// The problem that an examination found, if it did.
pub fn problem(runbook: &Runbook, examined: &Examined) -> Option<Problem> {
    let unknown = |why: String| (State::Unknown, why);
    let (state, why) = match examined {
        Examined::Done(report) => match report.outcome {
            Outcome::Healthy | Outcome::Held | Outcome::DoesNotApply => return None,
            Outcome::Unknown | Outcome::NoRight | Outcome::Interrupted => {
                unknown(reasons(report, Verdict::Unknown).join("; "))
            }
            _ => (state_of_sick(runbook), reasons(report, Verdict::Sick).join("; ")),
        },
        Examined::Failed(why) => unknown(why.clone()),
        Examined::OutOfTime => unknown("not finished within the time limit".into()),
        _ => return None,
    };
    Some(Problem { state, runbook: runbook.id.to_string(), why })
}

fn state_of_sick(runbook: &Runbook) -> State {
    let low = runbook.fact("Severity").is_some_and(|severity| severity.trim_start().starts_with("low"));
    if low { State::Warning } else { State::Critical }
}

/// The state of the whole: what is surely wrong counts more than what could not be told.
pub fn state(health: &Health, problems: &[Problem]) -> State {
    let any = |state| problems.iter().any(|problem| problem.state == state);
    match () {
        () if any(State::Critical) => State::Critical,
        () if any(State::Warning) => State::Warning,
        () if any(State::Unknown) || health.healthy == 0 => State::Unknown,
        () => State::Ok,
    }
}

/// Writes the answer.
pub fn service(out: &mut dyn Write, health: &Health, problems: &[Problem], took: Duration) -> io::Result<()> {
    let word = state(health, problems).word();
    let (sick, healthy, unknown) = (health.sick, health.healthy, health.unknown);
    let named: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.state != State::Unknown)
        .map(|problem| problem.runbook.as_str())
        .collect();
    let summary = if sick + healthy + unknown == 0 {
        "no check applied to this machine".to_owned()
    } else {
        format!("{sick} sick, {healthy} healthy, {unknown} unknown")
    };
    let after = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
    let left_out = health.left_out();
    writeln!(
        out,
        "KB {word} - {summary}{after} | sick={sick};;0;0 healthy={healthy};;;0 unknown={unknown};;;0 \
         not_checked={left_out};;;0 time={:.3}s;;;0",
        took.as_secs_f64()
    )?;
    for Problem { state, runbook, why } in problems {
        writeln!(out, "{}: {runbook}: {}", state.word(), plain(why))?;
    }
    Ok(())
}

/// Text on one line without the sign that ends it.
fn plain(text: &str) -> String {
    let text = printable(text).replace('|', "/").replace(['\n', '\t'], " ");
    match text.char_indices().nth(REASON_CHARS_MAX) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
