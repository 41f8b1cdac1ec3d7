//! What each signature costs: the text it is found by, and how often that lets a line through.

use std::io;

use super::{cut, plural};
use crate::render::style::Out;
use crate::runbook::KnowledgeBase;
use crate::signature::Cost;

/// Where the text of a signature begins.
const TEXT_COLUMN: usize = 31;

/// The table of `kb lint --costs`, by runbook, and the sum.
pub fn costs(out: &mut Out<'_>, base: &KnowledgeBase, costs: &[Cost]) -> io::Result<()> {
    let room = out.width().saturating_sub(TEXT_COLUMN).max(20);
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
            let numbers = format!("  line {line:<4} {:>6.1}/MiB {:>5} ", cost.candidates_per_mib, cost.hits);
            out.text(&numbers)?;
            let label = if cost.literals.is_empty() { "warning" } else { "" };
            out.line(label, &cut(&found_by, room))?;
        }
    }
    let sum: f64 = costs.iter().map(|cost| cost.candidates_per_mib).sum();
    let signatures = plural(costs.len() as u64, "signature");
    out.line("title", &format!("{signatures}: {sum:.1} candidates in each MiB of the noise sample"))?;
    out.line("dim", "Of each: lines tried in a MiB, lines matched in the sample, the text it is found by.")
}
