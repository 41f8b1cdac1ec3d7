//! The results of `kb test`: a line for each runbook, every failure in full.

use std::io;

use super::plural;
use crate::proof::Case;
use crate::render::style::Out;

/// The report of `kb test`.
pub fn cases(out: &mut Out<'_>, cases: &[Case]) -> io::Result<()> {
    for suite in cases.chunk_by(|a, b| a.runbook == b.runbook) {
        let failed: Vec<&Case> = suite.iter().filter(|case| case.outcome.is_err()).collect();
        let (label, symbol) = match failed.len() {
            0 => ("ok", out.screen().symbol("✓", "+")),
            _ => ("fail", out.screen().symbol("✗", "x")),
        };
        out.label(label, symbol)?;
        out.text(" ")?;
        out.label("runbook id", suite[0].runbook.as_str())?;
        let counts = match failed.len() {
            0 => plural(suite.len() as u64, "case"),
            count => format!("{}, {count} failed", plural(suite.len() as u64, "case")),
        };
        out.line("dim", &format!("  {counts}"))?;
        failed.iter().try_for_each(|case| failure(out, case))?;
        for case in suite {
            if let Some(note) = &case.note {
                out.wrapped("dim", 4, &format!("{}: {note}", case.name))?;
            }
        }
    }
    let failed = cases.iter().filter(|case| case.outcome.is_err()).count() as u64;
    out.newline()?;
    match failed {
        0 => out.line("ok", &format!("{} passed", plural(cases.len() as u64, "case"))),
        _ => out.line("fail", &format!("{failed} of {} failed", plural(cases.len() as u64, "case"))),
    }
}

fn failure(out: &mut Out<'_>, case: &Case) -> io::Result<()> {
    out.text("    ")?;
    out.label("fail", &case.name)?;
    out.label("dim", &format!("  line {}", case.line))?;
    out.newline()?;
    let reason = case.outcome.as_ref().err().map_or("", String::as_str);
    reason.lines().try_for_each(|line| {
        out.text("      ")?;
        out.line("", line)
    })
}
