//! Reads one Markdown file into a [`Runbook`].

use std::sync::Arc;

use super::{Host, HostName, Origin, Runbook, RunbookId};
use crate::diag::Parsed;
use crate::text::SourceFile;

/// Reads a file. Never fails: what is wrong becomes a diagnostic and is absent from the value.
pub fn parse(source: &Arc<SourceFile>, origin: Origin) -> Parsed<Runbook> {
    let id = RunbookId::new(source.stem()).or_else(|| RunbookId::new("unnamed")).expect("a legal name");
    let here = Host { name: HostName::here(), description: String::new(), system: None };
    let title = source.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(id.as_str());
    let value = Runbook {
        title: title.to_owned(),
        id,
        source: Arc::clone(source),
        origin,
        facts: Vec::new(),
        hosts: vec![here],
        parameters: Vec::new(),
        symptoms: Vec::new(),
        samples: Vec::new(),
        checks: Vec::new(),
        fixes: Vec::new(),
        rollbacks: Vec::new(),
        sections: Vec::new(),
        runnable: true,
    };
    Parsed { value, diagnostics: Vec::new() }
}
