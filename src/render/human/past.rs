//! Past runs for people: a line for each, or all that one recorded.

use std::io;

use super::consent::script;
use crate::render::style::Out;
use crate::run::journal::Entry;
use crate::run::journal::history::History;
use crate::run::journal::past::{PastRun, moment};

/// The list of `kb history`, the newest first.
pub fn past_runs(out: &mut Out<'_>, history: &History) -> io::Result<()> {
    if history.runs.is_empty() {
        return out.line("", "The journal holds no run.");
    }
    for run in history.runs.iter().rev() {
        out.label("rank", &format!("{:>4}", run.number))?;
        out.text("  ")?;
        out.label("time", &moment(run.began()))?;
        out.text("  ")?;
        out.label("runbook id", run.runbook())?;
        out.text("  ")?;
        match run.outcome() {
            Some(outcome) => out.text(outcome)?,
            None => out.label("outcome open", "no end recorded")?,
        }
        let changes: Vec<String> =
            run.changes().iter().map(|change| format!("{} {}", change.kind, change.block.id)).collect();
        out.line(
            "dim",
            &if changes.is_empty() { String::new() } else { format!("  {}", changes.join(", ")) },
        )?;
    }
    Ok(())
}

/// Everything that one run recorded, in order.
pub fn past_run(out: &mut Out<'_>, run: &PastRun, going_on: bool) -> io::Result<()> {
    for record in &run.records {
        entry(out, &moment(&record.at), &record.entry)?;
    }
    if run.outcome().is_some() {
        return Ok(());
    }
    out.newline()?;
    if going_on {
        return out.line("outcome open", "It has no end yet: a run of this runbook is going on.");
    }
    out.line("outcome bad", "It was cut off.")?;
    run.what_is_known().iter().try_for_each(|known| out.wrapped("", 0, known))
}

fn entry(out: &mut Out<'_>, at: &str, entry: &Entry<'_>) -> io::Result<()> {
    match entry {
        Entry::Run { runbook, origin, who, undoes, .. } => {
            out.line("runbook id", runbook)?;
            if undoes.is_some() {
                out.line("", "  undoes a change of an earlier run")?;
            }
            out.line("", &format!("  {at}  begun by {who}, from {origin}"))
        }
        Entry::Host { host, target, system, name, user } => {
            out.line("", &format!("  host {host}: {target}, {name}, {system}, user {user}"))
        }
        Entry::Agreed { host, target, checks, who, flag, .. } => {
            let how = flag.as_deref().unwrap_or("asked");
            let checks = checks.join(", ");
            let text = format!(
                "{at}  {who} agreed to the checks on {host} ({target}), which nothing there holds to reading \
                 ({how}): {checks}"
            );
            out.wrapped("", 2, &text)
        }
        Entry::Value { value, from } => {
            out.line("value", &format!("  value {} = {} ({from})", value.name, value.value))
        }
        Entry::Verdict { check, verdict, reason } => {
            out.line("", &format!("  {at}  check {check}: {verdict}"))?;
            out.wrapped("reason", 6, reason)
        }
        Entry::Continued { who, .. } => out.line("", &format!("  {at}  continued by {who}")),
        Entry::Begin { kind, block, values, agreed, undo, .. } => {
            out.line("", &format!("  {at}  {kind} {} on {} started ({agreed})", block.id, block.host))?;
            for value in values {
                out.line("value", &format!("      {} = {}", value.name, value.value))?;
            }
            script(out, "What ran:", &block.text)?;
            if let Some(undo) = undo {
                script(out, &format!("What would undo it, with these values (`{}`):", undo.id), &undo.text)?;
            }
            out.newline()
        }
        Entry::End { block, ending, output, .. } => {
            out.line("", &format!("  {at}  {block}: {ending}"))?;
            let output = output.trim_end_matches('\n');
            if output.is_empty() { Ok(()) } else { script(out, "It printed:", output) }
        }
        Entry::Fix { fix, state, reason } => {
            out.line("", &format!("  {at}  fix {fix}: {state}"))?;
            out.wrapped("reason", 6, reason)
        }
        Entry::Outcome { outcome } => out.line("", &format!("  {at}  ended: {outcome}")),
        Entry::Told { .. } | Entry::Other => Ok(()),
    }
}

/// What is known of a run that was cut off, ahead of what is to become of it.
pub fn cut_off(out: &mut Out<'_>, run: &PastRun) -> io::Result<()> {
    let how = if run.outcome().is_none() { "was cut off" } else { "left a change of unknown state" };
    let number = run.number;
    out.line("outcome bad", &format!("Run {number} of {} {how}.", moment(run.began())))?;
    run.what_is_known().iter().try_for_each(|known| out.wrapped("", 2, known))?;
    out.wrapped("dim", 2, &format!("`kb history {number}` shows that run."))
}
