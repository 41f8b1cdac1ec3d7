//! The records about runbooks themselves: `kb list`, `kb lint`, `kb test`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{OriginName, Record, write};
use crate::diag::{Located, Severity};
use crate::proof::Case;
use crate::runbook::{KnowledgeBase, Runbook};
use crate::signature::Cost;

/// A runbook that kb knows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunbookRecord {
    /// The slug.
    runbook: String,
    title: String,
    origin: OriginName,
    path: String,
    /// False when an error keeps everything in it from running.
    runnable: bool,
    symptoms: usize,
    checks: usize,
    fixes: usize,
    /// The facts at the head of the page.
    facts: Vec<FactRecord>,
}

/// A fact of a runbook.
#[derive(Debug, Serialize, JsonSchema)]
struct FactRecord {
    key: String,
    text: String,
}

/// A finding of `kb lint`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DiagnosticRecord {
    file: String,
    /// From 1, in characters.
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    severity: SeverityName,
    rule: String,
    message: String,
    hints: Vec<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SeverityName {
    Note,
    Warning,
    Error,
}

/// What a signature costs (`kb lint --costs`).
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CostRecord {
    runbook: String,
    /// Its line in the runbook.
    line: usize,
    signature: String,
    /// The text that it is found by, one for each way it can match; none: every line is tried.
    literals: Vec<String>,
    /// Characters of the shortest of them.
    shortest: usize,
    /// Lines for each MiB of healthy logs on which it must be tried.
    candidates_per_mib: f64,
    /// Lines of the sample of healthy logs that it matches.
    hits: u64,
}

/// One thing that `kb test` tried.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CaseRecord {
    runbook: String,
    name: String,
    /// The line of the runbook that says it.
    line: usize,
    ok: bool,
    /// Why it failed.
    reason: Option<String>,
    /// What is worth knowing although nothing is wrong.
    note: Option<String>,
}

/// The records of `kb list`.
pub fn list(out: &mut dyn Write, base: &KnowledgeBase) -> io::Result<()> {
    base.runbooks.iter().try_for_each(|found| write(out, Record::Runbook(runbook(found))))
}

fn runbook(runbook: &Runbook) -> RunbookRecord {
    let facts = runbook.facts.iter();
    RunbookRecord {
        runbook: runbook.id.to_string(),
        title: runbook.title.clone(),
        origin: runbook.origin.into(),
        path: runbook.source.path.to_string_lossy().into_owned(),
        runnable: runbook.has_blocks(),
        symptoms: runbook.symptoms.len(),
        checks: runbook.checks.len(),
        fixes: runbook.fixes.len(),
        facts: facts.map(|fact| FactRecord { key: fact.key.clone(), text: fact.text.clone() }).collect(),
    }
}

/// The records of `kb lint`.
pub fn diagnostics(out: &mut dyn Write, found: &[Located]) -> io::Result<()> {
    found.iter().try_for_each(|found| write(out, Record::Diagnostic(diagnostic(found))))
}

fn diagnostic(found: &Located) -> DiagnosticRecord {
    let (line, column) = found.source.line_column(found.diagnostic.span.start);
    let (end_line, end_column) = found.source.line_column(found.diagnostic.span.end);
    DiagnosticRecord {
        file: found.source.path.to_string_lossy().into_owned(),
        line,
        column,
        end_line,
        end_column,
        severity: match found.diagnostic.severity {
            Severity::Note => SeverityName::Note,
            Severity::Warning => SeverityName::Warning,
            Severity::Error => SeverityName::Error,
        },
        rule: found.diagnostic.rule.to_owned(),
        message: found.diagnostic.message.clone(),
        hints: found.diagnostic.hints.clone(),
    }
}

/// The records of `kb test`.
pub fn cases(out: &mut dyn Write, cases: &[Case]) -> io::Result<()> {
    cases.iter().try_for_each(|case| {
        write(
            out,
            Record::Case(CaseRecord {
                runbook: case.runbook.to_string(),
                name: case.name.clone(),
                line: case.line,
                ok: case.outcome.is_ok(),
                reason: case.outcome.clone().err(),
                note: case.note.clone(),
            }),
        )
    })
}

/// One record for each signature.
pub fn costs(out: &mut dyn Write, base: &KnowledgeBase, costs: &[Cost]) -> io::Result<()> {
    for cost in costs {
        let runbook = &base.runbooks[cost.place.runbook];
        let signature = cost.signature(base);
        let record = CostRecord {
            runbook: runbook.id.to_string(),
            line: runbook.source.line_column(signature.span.start).0,
            signature: signature.text.clone(),
            literals: cost.literals.clone(),
            shortest: cost.shortest,
            candidates_per_mib: (cost.candidates_per_mib * 10.0).round() / 10.0,
            hits: cost.hits,
        };
        write(out, Record::Cost(record))?;
    }
    Ok(())
}
