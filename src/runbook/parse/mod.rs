//! Reads one Markdown file into a [`Runbook`], in stages that each do one thing.
//!
//! 1. `front` (front matter), `outline` (Markdown into top-level blocks), `damage` (is it still
//!    clear where a block ends?), `sections`, `facts`.
//! 2. `mark` (what the words after a fence say), then a reader for each kind: `symptoms`,
//!    `checks` with `rules` and `conditions`, `fixes`; `runnable` and `judge` for what runs.
//! 3. `depend`: what is disabled because something else is.
//!
//! Parsing never fails and opens nothing. An error disables its block; the model lists only what
//! is enabled.

mod checks;
mod conditions;
mod damage;
mod depend;
mod facts;
mod fixes;
mod front;
mod judge;
mod limits;
pub(in crate::runbook) mod mark;
pub(in crate::runbook) mod near;
mod outline;
mod page;
mod params;
mod programs;
pub(in crate::runbook) mod rules;
pub(in crate::runbook) mod runnable;
mod sections;
mod sink;
mod symptoms;
mod values;

use std::sync::Arc;

use super::{Origin, Runbook};
use crate::diag::Parsed;
use crate::text::SourceFile;

pub(in crate::runbook) use facts::level;
use outline::Fence;
pub use values::parse_duration;

/// Reads a file. Never fails: what is wrong becomes a diagnostic and is absent from the value.
pub fn parse(source: &Arc<SourceFile>, origin: Origin) -> Parsed<Runbook> {
    let mut sink = sink::Sink::default();
    let value = page::read(source, origin, &mut sink);
    Parsed { value, diagnostics: sink.into_sorted() }
}

/// The text of a block: its lines, each with a line feed.
fn text_of(source: &SourceFile, fence: &Fence) -> String {
    let mut text = String::new();
    for line in &fence.lines {
        text.push_str(source.slice(*line));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
