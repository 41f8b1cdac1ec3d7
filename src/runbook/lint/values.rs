//! Values: does each parameter have a use and its source, and is each variable of a block one?

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::runbook::shell::ShellText;
use crate::runbook::{
    Language, ParamName, Parameter, Pattern, Piece, Runbook, Script, Signature, ValueSource,
};
use crate::text::Span;

/// More names in one block than this need no list.
const SAID_MAX: usize = 20;

/// Variables that kb sets itself.
const OWN: &[&str] = &["kb_since", "kb_run"];

/// A parameter that comes from the log is captured by a signature.
pub(super) fn parameters(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for parameter in &runbook.parameters {
        let captured = signatures(runbook).any(|signature| captures(signature, &parameter.name));
        if parameter.sources.contains(&ValueSource::Log) && !captured {
            let message = format!(
                "the parameter `{}` comes from the log, but no signature captures it",
                parameter.name
            );
            found.push(
                Diagnostic::warning("lint-parameter", parameter.span, message)
                    .hint(format!("Write `<{}>` in a signature, or `asked`.", parameter.name)),
            );
        }
        if !captured && !used(runbook, parameter) {
            let message = format!("nothing uses the parameter `{}`", parameter.name);
            found.push(Diagnostic::warning("lint-parameter", parameter.span, message));
        }
    }
}

fn signatures(runbook: &Runbook) -> impl Iterator<Item = &Signature> {
    runbook.symptoms.iter().flat_map(|symptom| &symptom.steps).flat_map(|step| &step.alternatives)
}

fn captures(signature: &Signature, name: &ParamName) -> bool {
    match &signature.pattern {
        Pattern::Pieces(pieces) => pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Capture { name: Some(captured), .. } if captured == name)),
        Pattern::Regex(regex) => regex.contains(&format!("<{name}>")),
    }
}

/// Every block that is given values, with its place.
fn scripts(runbook: &Runbook) -> impl Iterator<Item = (&Script, Span)> {
    let checks = runbook.checks.iter().map(|check| (&check.script, check.span));
    let fixes = runbook.fixes.iter().filter_map(|fix| Some((fix.script.as_ref()?, fix.span)));
    let rollbacks = runbook.rollbacks.iter().map(|rollback| (&rollback.script, rollback.span));
    checks.chain(fixes).chain(rollbacks)
}

fn used(runbook: &Runbook, parameter: &Parameter) -> bool {
    let name = parameter.name.as_str();
    let in_manual = runbook.fixes.iter().any(|fix| fix.script.is_none() && fix.text.contains(name));
    let in_rules = runbook.checks.iter().flat_map(|check| &check.rules).any(|rule| rule.text.contains(name));
    in_manual || in_rules || scripts(runbook).any(|(script, _)| script.text.contains(name))
}

/// A variable that is neither a parameter nor set in the block is empty when it runs; a parameter
/// outside double quotes is split into words.
pub(super) fn variables(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for (script, span) in scripts(runbook).filter(|(script, _)| script.language != Language::Cisco) {
        let shell = ShellText::new(&script.text);
        let assigned: BTreeSet<&str> = shell.assigned().into_iter().collect();
        let mut said: BTreeSet<&str> = BTreeSet::new();
        for used in shell.uses() {
            let parameter = runbook.parameters.iter().any(|parameter| parameter.name.as_str() == used.name);
            let known = parameter || OWN.contains(&used.name) || assigned.contains(used.name);
            if said.contains(used.name) || said.len() > SAID_MAX {
                continue;
            }
            // The text of a script is that of the page, so the same words stand in both.
            let place = || {
                let word = &script.text[used.at.clone()];
                let at = runbook.source.slice(span).find(word).unwrap_or(0);
                span.part(at..at + word.len())
            };
            if !known {
                let message = format!("`${}` is no parameter, and the block does not set it", used.name);
                found.push(
                    Diagnostic::warning("lint-variable", place(), message)
                        .hint("Add a row to the table under \"Parameters\"."),
                );
                said.insert(used.name);
            } else if parameter && used.bare && !is_assignment(&script.text, used.at.start) {
                let message = format!("`${}` stands outside double quotes", used.name);
                found.push(Diagnostic::warning("lint-unquoted", place(), message).hint(format!(
                    "Write `\"${}\"`, so that a blank or `*` in it stays what it is.",
                    used.name
                )));
                said.insert(used.name);
            }
        }
    }
}

/// `x=$name` and `case $name in` are not split.
fn is_assignment(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let word = before.rfind(|c: char| c.is_whitespace() || ";&|(".contains(c)).map_or(0, |end| end + 1);
    before[word..].contains('=') || before.trim_end().ends_with("case")
}
