//! Judging signatures: too broad, set off by a healthy log, or text that changes with the language.
//!
//! Knows runbooks and a sample of healthy logs; whether a page is well formed is judged by
//! `runbook::lint`.

mod translated;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::set::{Disabled, SignatureSet, signatures};
use super::{clean, weak};
use crate::diag::{Diagnostic, Located, Severity};
use crate::runbook::{KnowledgeBase, Runbook, Symptom, SymptomMode, Weight};
use crate::text::Untrusted;

/// What is wrong with the signatures of all runbooks, in the order of the pages. `noise` is a sample
/// of healthy logs.
///
/// An error disables its block (see [`SignatureSet::disabled`]); `broad` on the block turns it into a
/// warning. Only a block that gives a *match* by itself counts as set off by the sample: the steps of
/// a sequence, and blocks of weight `low` and `support`, are meant to be seen on healthy machines too.
pub fn lint(base: &KnowledgeBase, noise: &[u8]) -> Vec<Located> {
    let set = SignatureSet::compile(base);
    let mut found: Vec<(usize, Diagnostic)> = Vec::new();
    for (index, runbook) in base.runbooks.iter().enumerate() {
        for symptom in &runbook.symptoms {
            let own = weak::findings(symptom).chain(translated(symptom));
            found.extend(own.map(|diagnostic| (index, diagnostic)));
        }
    }
    for block in set.disabled() {
        let known =
            found.iter().any(|(runbook, other)| *runbook == block.runbook && *other == block.diagnostic);
        if !known {
            found.push((block.runbook, block.diagnostic.clone()));
        }
    }
    let seen = noisy_blocks(&set, &base.runbooks, noise).into_iter();
    found.extend(seen.map(|block| (block.runbook, block.diagnostic)));
    // What the parser says of the same place is not said again.
    found.retain(|(runbook, found)| !said_before(base, &base.runbooks[*runbook], found));
    found.sort_by_key(|(runbook, diagnostic)| (*runbook, diagnostic.span));
    found.into_iter().map(|(runbook, found)| found.at(&base.runbooks[runbook].source)).collect()
}

fn said_before(base: &KnowledgeBase, runbook: &Runbook, found: &Diagnostic) -> bool {
    let said = base.diagnostics.iter().filter(|said| Arc::ptr_eq(&said.source, &runbook.source));
    said.map(|said| &said.diagnostic).any(|said| (said.rule, said.span) == (found.rule, found.span))
}

/// The blocks that a sample of healthy logs sets off, each with the first signature that did.
pub(super) fn noisy_blocks(set: &SignatureSet, runbooks: &[Runbook], noise: &[u8]) -> Vec<Disabled> {
    let mut seen: BTreeMap<(usize, usize, usize), Seen> = BTreeMap::new();
    let mut line_hits = Vec::new();
    set.scan(noise, &mut |hit| {
        let place = set.places()[hit.signature as usize];
        let symptom = &runbooks[place.runbook].symptoms[place.symptom];
        if identifies_alone(symptom) {
            line_hits.push((hit.line, place, symptom));
        }
    });
    for on_line in line_hits.chunk_by(|a, b| a.0 == b.0) {
        for (line, place, symptom) in on_line {
            let denied = on_line.iter().any(|(_, other, _)| {
                (other.runbook, other.symptom) == (place.runbook, place.symptom)
                    && symptom.steps[other.step].negated
            });
            if !denied {
                let key = (place.runbook, place.symptom, place.step);
                let seen = seen.entry(key).or_insert_with(|| Seen {
                    lines: 0,
                    example: noise[line.clone()].to_vec(),
                    alternative: place.alternative,
                });
                seen.lines += 1;
            }
        }
    }
    let mut blocks: Vec<Disabled> = Vec::new();
    for ((runbook, symptom, step), seen) in seen {
        let block = &runbooks[runbook].symptoms[symptom];
        let known = blocks.last().is_some_and(|last| (last.runbook, last.symptom) == (runbook, symptom));
        if seen.lines >= block.steps[step].at_least && !known {
            let diagnostic = noisy(block, step, &seen);
            blocks.push(Disabled { runbook, symptom, diagnostic });
        }
    }
    blocks
}

struct Seen {
    lines: u32,
    example: Vec<u8>,
    alternative: usize,
}

/// True for a block of which one line is a match.
fn identifies_alone(symptom: &Symptom) -> bool {
    symptom.mode == SymptomMode::Any && symptom.weight >= Weight::Normal
}

fn noisy(symptom: &Symptom, step: usize, seen: &Seen) -> Diagnostic {
    let signature = &symptom.steps[step].alternatives[seen.alternative];
    let line = Untrusted::new(clean(&seen.example).into_owned()).for_terminal();
    let message = format!("`{}` is seen on healthy machines: `{line}`", signature.text);
    let mut diagnostic = Diagnostic::error("signature-fires-on-noise", signature.span, message).hint(
        "Write more of the line, join it with another in an `all` or `sequence` block, or give the block \
         `weight=low`.",
    );
    if symptom.broad {
        diagnostic.severity = Severity::Warning;
    }
    diagnostic
}

fn translated(symptom: &Symptom) -> impl Iterator<Item = Diagnostic> {
    let lines = signatures(symptom).filter(|(place, _)| !symptom.steps[place.step].negated);
    lines.filter_map(|(_, signature)| {
        let message = translated::only(signature)?;
        Some(
            Diagnostic::warning(
                "signature-translated",
                signature.span,
                format!(
                    "`{message}` is written in the language of the machine, and nothing else is beside it"
                ),
            )
            .hint("Write also the part of the line that the program itself prints."),
        )
    })
}

#[cfg(test)]
mod tests;
