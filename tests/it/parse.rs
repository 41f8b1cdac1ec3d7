//! Cases of the runbook format: a `runbook` block goes in, its diagnostics come out.
//!
//! The same runner reads `book/src/format.md`: there an example without an `expect` block must be
//! free of findings.

#![expect(clippy::disallowed_methods, reason = "a test reads the sources for the names of findings")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use kb::diag::{Diagnostic, Located, Severity};
use kb::runbook::{self, KnowledgeBase, Origin};
use kb::text::SourceFile;
use kb::{proof, signature};
use regex::Regex;

use crate::cases::{self, Case, Failure, Result};

/// What is found when a file is read.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| run(case, parsed))
}

/// What is found when it is linted too.
pub(crate) fn lint(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| run(case, linted))
}

/// The reference of the format: its examples, and that it shows every finding there is.
pub(crate) fn reference(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| run(case, parsed))?;
    let shown = &text;
    let missing: Vec<String> =
        rules()?.into_iter().filter(|rule| !shown.contains(&format!(" {rule}: "))).collect();
    // A file that is not UTF-8, or far too long, is no example for a page; the page says so in words.
    if missing != ["file-findings", "file-limit", "file-utf8"] {
        return Err(Failure(format!("{}: no example shows {missing:?}", path.display())).into());
    }
    Ok(())
}

/// The names of all findings, from the sources that make them.
fn rules() -> std::result::Result<BTreeSet<String>, Box<dyn std::error::Error>> {
    let made =
        Regex::new(r#"(?:::(?:error|warning)|Trouble::new|\bfound|SHAPE: &str =)\s*\(?\s*"([a-z0-9-]+)""#)?;
    let mut rules = BTreeSet::new();
    for entry in ignore::Walk::new("src/runbook") {
        let path = entry?.into_path();
        let tests = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
        if path.extension().is_some_and(|ending| ending == "rs") && !tests {
            let source = std::fs::read_to_string(&path)?;
            rules.extend(made.captures_iter(&source).map(|found| found[1].to_owned()));
        }
    }
    assert!(rules.len() > 60, "the findings could not be read from the sources: {rules:?}");
    Ok(rules)
}

/// For each `expect` block the findings in the `runbook` blocks before it. Those that say `base` are
/// read together; `lint` adds what lint warns of, `signatures` what lint finds in the signatures.
fn run(case: &Case, find: impl Fn(&Arc<SourceFile>) -> Vec<Diagnostic>) -> Vec<String> {
    let mut results = Vec::new();
    let mut open: Option<String> = None;
    let mut together: Vec<(Arc<SourceFile>, Origin)> = Vec::new();
    let clean = |found: &Option<String>| {
        let found = found.as_deref().unwrap_or("");
        assert!(found.is_empty(), "{}: an example without `expect` has findings:\n{found}", case.title);
    };
    for block in &case.blocks {
        let says = |word: &str| block.info.split_whitespace().any(|said| said == word);
        match block.kind() {
            "runbook" => {
                clean(&open.take());
                let name = block.key("file").unwrap_or("case.md");
                let source = Arc::new(SourceFile::new(name, block.text.as_str()));
                if says("base") {
                    together.push((source, Origin::Given));
                } else {
                    let found = match () {
                        () if says("signatures") => signatures(&source),
                        () if says("lint") => linted(&source),
                        () => find(&source),
                    };
                    open = Some(shown(&source, &found));
                }
            }
            "expect" if !together.is_empty() => results.push(of_base(std::mem::take(&mut together))),
            "expect" => results.push(open.take().expect("an `expect` block follows a `runbook` block")),
            _ => {}
        }
    }
    clean(&open);
    results
}

/// The findings of several files of one origin, each with its path.
fn of_base(sources: Vec<(Arc<SourceFile>, Origin)>) -> String {
    let found = KnowledgeBase::from_sources(sources).diagnostics;
    let with_path = |found: &Located| {
        format!(
            "{}:{}",
            found.source.path.display(),
            shown(&found.source, std::slice::from_ref(&found.diagnostic))
        )
    };
    found.iter().map(with_path).collect()
}

fn parsed(source: &Arc<SourceFile>) -> Vec<Diagnostic> {
    runbook::parse(source, Origin::Named).diagnostics
}

/// What the signatures of a page set off on a sample of healthy logs, beside what parsing finds.
fn signatures(source: &Arc<SourceFile>) -> Vec<Diagnostic> {
    static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES));
    let base = KnowledgeBase::from_sources(vec![(Arc::clone(source), Origin::Named)]);
    let of_set = signature::lint(&base, &NOISE);
    let mut found = parsed(source);
    found.extend(of_set.into_iter().map(|found| found.diagnostic));
    found.sort_by_key(|found| found.span);
    found
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
