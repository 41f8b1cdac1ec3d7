//! Cases of the runbook format: a `runbook` block goes in, its diagnostics come out.
//!
//! The same runner reads `book/src/format.md`: there an example without an `expect` block must be
//! free of findings.

use std::path::Path;
use std::sync::Arc;

use kb::diag::{Diagnostic, Severity};
use kb::runbook::{self, Origin};
use kb::text::SourceFile;

use crate::cases::{self, Case, Result};

/// What is found when a file is read.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| run(case, parsed))
}

/// What is found when it is linted too.
pub(crate) fn lint(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| run(case, linted))
}

/// For each `expect` block the findings in the `runbook` block before it.
fn run(case: &Case, find: impl Fn(&Arc<SourceFile>) -> Vec<Diagnostic>) -> Vec<String> {
    let mut results = Vec::new();
    let mut open: Option<String> = None;
    let clean = |found: &Option<String>| {
        let found = found.as_deref().unwrap_or("");
        assert!(found.is_empty(), "{}: an example without `expect` has findings:\n{found}", case.title);
    };
    for block in &case.blocks {
        match block.kind() {
            "runbook" => {
                clean(&open);
                let name = block.key("file").unwrap_or("case.md");
                let source = Arc::new(SourceFile::new(name, block.text.as_str()));
                open = Some(shown(&source, &find(&source)));
            }
            "expect" => results.push(open.take().expect("an `expect` block follows a `runbook` block")),
            _ => {}
        }
    }
    clean(&open);
    results
}

fn parsed(source: &Arc<SourceFile>) -> Vec<Diagnostic> {
    runbook::parse(source, Origin::Named).diagnostics
}

fn linted(source: &Arc<SourceFile>) -> Vec<Diagnostic> {
    let parsed = runbook::parse(source, Origin::Named);
    let mut found = parsed.diagnostics;
    found.extend(runbook::lint(&parsed.value));
    found.sort_by_key(|found| found.span);
    found
}

/// `line:column severity rule: message`, its hints below it.
fn shown(source: &SourceFile, found: &[Diagnostic]) -> String {
    let mut out = String::new();
    for found in found {
        let (line, column) = source.line_column(found.span.start);
        let severity = match found.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        out.push_str(&format!("{line}:{column} {severity} {}: {}\n", found.rule, found.message));
        for hint in &found.hints {
            out.push_str(&format!("  {hint}\n"));
        }
    }
    out
}
