//! Cases of signatures: lines of a `symptom` block and lines of a `log` block go in; out come the
//! lines that a signature matches, with what it captures.
//!
//! A `symptom` block takes the words of the format (`nocase`). In a `log` block with the word
//! `escaped`, `\e`, `\r`, `\t` and `\0` are the characters.

use std::path::Path;
use std::sync::Arc;

use kb::diag::Severity;
use kb::runbook::{Origin, Runbook, parse};
use kb::signature::{Said, SignatureSet};
use kb::text::{SourceFile, Untrusted};

use crate::cases::{self, Block, Case};

/// Runs a case file.
pub(crate) fn file(path: &Path, text: String) -> cases::Result {
    cases::check(path, &text, |case| vec![run(case)])
}

fn run(case: &Case) -> String {
    let symptom = case.blocks("symptom").next().unwrap_or_else(|| panic!("{}: no `symptom`", case.title));
    let (runbook, mut out) = runbook(symptom);
    let set = SignatureSet::of(&runbook);
    for disabled in set.disabled() {
        out += &format!("disabled: {}\n", disabled.diagnostic.message);
    }
    let log = case.blocks("log").map(log).collect::<Vec<_>>().concat();
    let before = out.len();
    set.scan(&log, &mut |hit| {
        let place = set.places()[hit.signature as usize];
        let step = &runbook.symptoms[place.symptom].steps[place.step];
        let said = Said::by(&log[hit.line.clone()]);
        let number = memchr::memchr_iter(b'\n', &log[..hit.line.start]).count() + 1;
        let mut parts = said.parts();
        let (line, found) = parts
            .find_map(|(_, part)| Some((part, set.confirm(hit.signature, part)?)))
            .expect("what the scan finds is there");
        let show = |range: std::ops::Range<usize>| Untrusted::new(&line[range]).for_terminal();
        out += &format!("{number}: {}\n", step.alternatives[place.alternative].text);
        out += &format!("   `{}`\n", show(found.hit));
        for (name, range) in found.captures {
            out += &format!("   {name} = `{}`\n", show(range));
        }
    });
    if out.len() == before {
        out += "nothing\n";
    }
    out
}

/// A runbook with the block; `broad`, so that captures need no table of parameters.
fn runbook(symptom: &Block) -> (Runbook, String) {
    let words = &symptom.info["symptom".len()..];
    let page = format!("# Case\n\n## Symptoms\n\n```text symptom broad{words}\n{}```\n", symptom.text);
    let parsed = parse(&Arc::new(SourceFile::new("case.md", page)), Origin::Named);
    let errors = parsed.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let said = errors.map(|found| format!("error: {}\n", found.message)).collect();
    (parsed.value, said)
}

fn log(block: &Block) -> Vec<u8> {
    let text = block.text.clone();
    if !block.info.split_whitespace().any(|word| word == "escaped") {
        return text.into_bytes();
    }
    text.replace("\\e", "\x1b").replace("\\r", "\r").replace("\\t", "\t").replace("\\0", "\0").into_bytes()
}
