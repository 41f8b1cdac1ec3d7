//! The signatures of a knowledge base as the page's matcher takes them: one JSON value.
//!
//! Knows runbooks and signatures; knows nothing of pages. What the matcher in the page cannot say
//! exactly as kb does is listed in the table, for the page to say so.

use kb_scan::{Pattern, required_literals};
use regex_syntax::hir::Hir;
use serde::Serialize;

use super::javascript::{self, Expression};
use crate::runbook::{
    KnowledgeBase, Parameter, Runbook, Signature, Step, Symptom, SymptomMode, Weight, pattern,
};
use crate::signature::{SignatureSet, capture_name, scan_pattern};
use crate::triage::wording::{literal_text, shown, wording};
use kb_text::background;

/// The version of the table; the matcher refuses another.
const VERSION: u8 = 1;

/// All that is needed to match a log.
#[derive(Debug, Serialize)]
pub struct Table {
    kb: u8,
    /// Hours and years are told by the reader's clock; everything else is here.
    runbooks: Vec<RunbookRow>,
    /// Signatures that JavaScript may match otherwise than kb.
    differs: Vec<Differs>,
}

#[derive(Debug, Serialize)]
struct RunbookRow {
    id: String,
    title: String,
    parameters: Vec<ParameterRow>,
    symptoms: Vec<SymptomRow>,
}

#[derive(Debug, Serialize)]
struct ParameterRow {
    name: String,
    /// As written in the runbook.
    pattern: String,
    /// The same for JavaScript, over bytes and the whole value.
    regex: String,
}

#[derive(Debug, Serialize)]
struct SymptomRow {
    /// Its line in the runbook.
    line: usize,
    mode: &'static str,
    /// For `count`: how many; else 0.
    count: u32,
    /// 0 to 3: support, low, normal, high.
    weight: u8,
    /// In microseconds.
    within: Option<u64>,
    anyhost: bool,
    broad: bool,
    steps: Vec<StepRow>,
}

#[derive(Debug, Serialize)]
struct StepRow {
    at_least: u32,
    negated: bool,
    alternatives: Vec<SignatureRow>,
}

#[derive(Debug, Serialize)]
struct SignatureRow {
    /// As written.
    text: String,
    /// As a person reads it.
    wording: String,
    /// Its line in the runbook.
    line: usize,
    /// The text that a line must hold, what a score shows of it, and how much it says.
    says: String,
    shown: String,
    bits: f64,
    /// Other programs' lines hold it too.
    little: bool,
    regex: String,
    /// What each capturing group of `regex` captures.
    groups: Vec<Option<String>>,
    /// Bytes, one a character, in lower case: a line that matches holds one of these in some case.
    /// Empty when nothing is certain.
    needles: Vec<String>,
}

/// A signature that JavaScript may match otherwise.
#[derive(Debug, Serialize)]
struct Differs {
    runbook: String,
    line: usize,
    why: String,
}

/// The table of a knowledge base. Blocks that kb does not search for are left out.
pub fn table(base: &KnowledgeBase) -> Table {
    let set = SignatureSet::compile(base);
    let mut differs = Vec::new();
    let mut runbooks = Vec::new();
    for (index, runbook) in base.runbooks.iter().enumerate() {
        let disabled = |symptom: usize| {
            set.disabled().iter().any(|block| (block.runbook, block.symptom) == (index, symptom))
        };
        let symptoms = runbook.symptoms.iter().enumerate().filter(|(at, _)| !disabled(*at));
        let symptoms: Vec<_> = symptoms.map(|(_, block)| symptom(runbook, block, &mut differs)).collect();
        if !symptoms.is_empty() {
            runbooks.push(RunbookRow {
                id: runbook.id.to_string(),
                title: runbook.title.clone(),
                parameters: runbook.parameters.iter().filter_map(parameter).collect(),
                symptoms,
            });
        }
    }
    Table { kb: VERSION, runbooks, differs }
}

fn parameter(parameter: &Parameter) -> Option<ParameterRow> {
    let (written, _) = &parameter.pattern;
    let hir = Pattern::regex(format!("(?:{written})")).hir().ok()?;
    Some(ParameterRow {
        name: parameter.name.to_string(),
        pattern: written.clone(),
        regex: javascript::anchored(&hir).source,
    })
}

fn symptom(runbook: &Runbook, block: &Symptom, differs: &mut Vec<Differs>) -> SymptomRow {
    let (mode, count) = match block.mode {
        SymptomMode::Any => ("any", 0),
        SymptomMode::All => ("all", 0),
        SymptomMode::Sequence => ("sequence", 0),
        SymptomMode::Count(count) => ("count", count),
    };
    let line = |span: crate::text::Span| runbook.source.line_column(span.start).0;
    let mut signature_row = |signature: &Signature| {
        let row = signature_row(signature, block.nocase, line(signature.span));
        let Some((row, expression)) = row else {
            panic!("`{}` was searched for, so it can be parsed", signature.text);
        };
        differs.extend(expression.differs.iter().map(|why| Differs {
            runbook: runbook.id.to_string(),
            line: line(signature.span),
            why: (*why).to_owned(),
        }));
        row
    };
    let mut step_row = |step: &Step| StepRow {
        at_least: step.at_least,
        negated: step.negated,
        alternatives: step.alternatives.iter().map(&mut signature_row).collect(),
    };
    SymptomRow {
        line: line(block.span),
        mode,
        count,
        weight: match block.weight {
            Weight::Support => 0,
            Weight::Low => 1,
            Weight::Normal => 2,
            Weight::High => 3,
        },
        within: block.within.map(|within| u64::try_from(within.as_micros()).unwrap_or(u64::MAX)),
        anyhost: block.anyhost,
        broad: block.broad,
        steps: block.steps.iter().map(&mut step_row).collect(),
    }
}

fn signature_row(signature: &Signature, nocase: bool, line: usize) -> Option<(SignatureRow, Expression)> {
    let scanned = scan_pattern(&signature.pattern, nocase);
    let hir: Hir = scanned.hir().ok()?;
    let expression = javascript::expression(&hir);
    let name = |group: &String| Some(capture_name(group)?.to_string());
    let says = literal_text(signature);
    let row = SignatureRow {
        text: signature.text.clone(),
        wording: wording(signature),
        line,
        shown: shown(&says),
        bits: background::bits(&says),
        says,
        little: pattern::says_little(&signature.pattern),
        regex: expression.source.clone(),
        groups: expression.groups.iter().map(name).collect(),
        needles: needles(&scanned),
    };
    Some((row, expression))
}

/// The longest certain word of each way to match; empty when one way has none.
fn needles(pattern: &Pattern) -> Vec<String> {
    let branches = required_literals(pattern).unwrap_or_default();
    let longest = branches.iter().map(|branch| {
        branch.literals.iter().map(kb_scan::Literal::longest_word).max_by_key(|word| word.len())
    });
    let words: Option<Vec<&[u8]>> = longest.map(|word| word.filter(|word| !word.is_empty())).collect();
    let latin = |word: &[u8]| word.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    words.unwrap_or_default().into_iter().map(latin).collect()
}

#[cfg(test)]
mod tests;
