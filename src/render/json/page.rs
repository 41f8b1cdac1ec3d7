//! The records about runbooks themselves: `kb list`, `kb lint`, `kb test`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{OriginName, Record, write};
use crate::diag::{Located, Severity};
use crate::proof::Case;
use crate::runbook::{KnowledgeBase, Runbook};

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
