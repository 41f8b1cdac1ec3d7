//! A past run for a ticket.

use std::io::{self, Write};

use super::{block, code, prose};
use crate::run::journal::Entry;
use crate::run::journal::history::PastRun;

/// Everything that a run recorded, in order.
pub fn past_run(out: &mut dyn Write, run: &PastRun) -> io::Result<()> {
    writeln!(out, "# {}, run {}\n", code(run.runbook()), run.number)?;
    for record in &run.records {
        entry(out, &record.at, &record.entry)?;
    }
    if run.outcome().is_none() {
        writeln!(out, "No end was recorded. {}", prose(&run.what_is_known().join(" ")))?;
    }
    Ok(())
}

fn entry(out: &mut dyn Write, at: &str, entry: &Entry<'_>) -> io::Result<()> {
    let at = code(at);
    match entry {
        Entry::Run { origin, who, version, .. } => {
            writeln!(out, "Begun {at} by {}, from {}, kb {}.\n", code(who), code(origin), code(version))
        }
        Entry::Host { host, target, system, name, user } => writeln!(
            out,
            "Host {}: {}, {}, {}, user {}.\n",
            code(host),
            code(target),
            code(name),
            code(system),
            code(user)
        ),
        Entry::Verdict { check, verdict, reason } => {
            writeln!(out, "- {at} check {}: {}: {}\n", code(check), code(verdict), prose(reason))
        }
        Entry::Begin { kind, block: what, values, agreed, .. } => {
            writeln!(out, "## {} {}\n", prose(kind), code(&what.id))?;
            writeln!(out, "Started {at} on {}, agreed: {}.\n", code(&what.host), code(agreed))?;
            for value in values {
                writeln!(out, "- {} = {}", code(&value.name), code(&value.value))?;
            }
            writeln!(out, "\n{}\n", block(what.text.trim_end()))
        }
        Entry::End { block: id, ending, output, .. } => {
            writeln!(out, "{at} {}: {}.\n", code(id), prose(ending))?;
            if output.trim().is_empty() { Ok(()) } else { writeln!(out, "{}\n", block(output.trim_end())) }
        }
        Entry::Fix { fix, state, reason } => {
            writeln!(out, "{at} fix {}: {}: {}\n", code(fix), code(state), prose(reason))
        }
        Entry::Outcome { outcome } => writeln!(out, "Ended {at}: {}.", code(outcome)),
        Entry::Told { .. } | Entry::Other => Ok(()),
    }
}
