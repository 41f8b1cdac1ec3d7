//! What each signature costs: the text it is found by, and how often that lets a line through.

use std::io;

use super::{cut, plural};
use crate::render::style::Out;
use crate::runbook::KnowledgeBase;
use crate::signature::Cost;

/// Where the text of a signature begins.
const TEXT_COLUMN: usize = 29;
/// So many lines of a MiB to be tried are worth a look.
const MANY_PER_MIB: f64 = 100.0;

/// The table of `kb lint --costs`, by runbook, and the sum.
pub fn costs(out: &mut Out<'_>, base: &KnowledgeBase, costs: &[Cost]) -> io::Result<()> {
    let room = out.width().saturating_sub(TEXT_COLUMN).max(20);
    if !costs.is_empty() {
        out.line("dim", "  line  tried/MiB  matched  found by")?;
    }
    for of_runbook in costs.chunk_by(|one, other| one.place.runbook == other.place.runbook) {
        let runbook = &base.runbooks[of_runbook[0].place.runbook];
        out.label("runbook id", runbook.id.as_str())?;
        out.newline()?;
        for cost in of_runbook {
            let line = runbook.source.line_column(cost.signature(base).span.start).0;
            let found_by = match cost.literals.len() {
                0 => "nothing: every line is tried".to_owned(),
                1 => format!("`{}`", cost.literals[0]),
                more => format!("`{}` or {} more", cost.shortest_literal(), more - 1),
            };
            let tried = cost.candidates_per_mib;
            let label = |bad: bool| if bad { "warning" } else { "" };
            out.text(&format!("{line:>6}  "))?;
            out.label(label(tried >= MANY_PER_MIB), &format!("{tried:>9.1}"))?;
            out.text(&format!("  {:>7}  ", cost.hits))?;
            out.line(label(cost.literals.is_empty()), &cut(&found_by, room))?;
        }
    }
    let sum: f64 = costs.iter().map(|cost| cost.candidates_per_mib).sum::<f64>() + 0.0;
    let signatures = plural(costs.len() as u64, "signature");
    let lines = plural(sum.round() as u64, "line");
    out.line("title", &format!("{signatures}: {lines} of each MiB of healthy logs are tried"))?;
    if costs.is_empty() {
        return Ok(());
    }
    out.line("dim", "tried: lines of a MiB of the noise sample that hold the text")?;
    out.line("dim", "matched: lines of the sample that are what the signature means")
}
