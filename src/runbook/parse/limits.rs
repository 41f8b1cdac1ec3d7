//! How much one file may hold: more than any person writes, and little enough that a hostile file is
//! read in seconds.

use super::mark::{self, Info, Kind};
use super::outline::{BlockKind, Outline};
use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::text::{SourceFile, Span};

const BLOCKS_MAX: usize = 500;
const SIGNATURES_MAX: usize = 500;
const RULES_MAX: usize = 500;
const PARAMETERS_MAX: usize = 500;

/// Says which limit a file passes, and where; true when it passes none.
pub(super) fn hold(source: &SourceFile, outline: &Outline, sink: &mut Sink) -> bool {
    let found = first_passed(source, outline);
    let hold = found.is_none();
    sink.extend(found);
    hold
}

fn first_passed(source: &SourceFile, outline: &Outline) -> Option<Diagnostic> {
    let (mut blocks, mut signatures, mut rules, mut rows) = (0, 0, 0, 0);
    for (at, block) in outline.blocks.iter().enumerate() {
        if let BlockKind::Table { rows: more, .. } = &block.kind {
            rows += more.len();
        }
        if let BlockKind::Fence(fence) = &block.kind
            && let Info::Marked(mark, _) = mark::read(source.slice(fence.info), fence.info)
        {
            blocks += 1;
            match (mark.kind, outline.blocks.get(at + 1).map(|next| &next.kind)) {
                (Kind::Symptom, _) => signatures += fence.lines.len(),
                (Kind::Check, Some(BlockKind::Bullets(items))) => rules += items.len(),
                _ => {}
            }
        }
        let counts = [
            (blocks, BLOCKS_MAX, "marked blocks"),
            (signatures, SIGNATURES_MAX, "lines of signatures"),
            (rules, RULES_MAX, "rules"),
            (rows, PARAMETERS_MAX, "rows of tables"),
        ];
        // A page of prose may hold as many tables as it likes.
        let passed = counts.into_iter().find(|(count, max, _)| count > max && blocks > 0);
        if let Some((_, max, what)) = passed {
            return Some(limit(block.span, max, what));
        }
    }
    None
}

fn limit(span: Span, max: usize, what: &str) -> Diagnostic {
    Diagnostic::error("file-limit", span, format!("a runbook holds {max} {what} at most"))
        .hint("Write two runbooks; until then nothing in this one runs.")
}
