//! Log text and what it must come out as: the samples of the pages, and the sample of noise.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::PathBuf;

use super::{Bench, Case};
use crate::report::{Match, Tier, Triage};
use crate::runbook::{ParamName, Runbook, RunbookId, Sample, SampleExpect};
use crate::triage::{self, Input};

/// The cases of all samples, and for each wanted runbook one about the samples of the others.
pub(super) fn samples(bench: &Bench<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut strays: Vec<(RunbookId, String)> = Vec::new();
    for runbook in &bench.base.runbooks {
        for (index, sample) in runbook.samples.iter().enumerate() {
            let found = triage_of(bench, sample.text.as_bytes());
            strays.extend(strayed(runbook, sample, &found));
            if bench.wanted.contains(&runbook.id) {
                cases.push(sample_case(runbook, index + 1, sample, &found));
                let values = sample.values.iter();
                cases.extend(values.map(|value| value_case(runbook, index + 1, value, &found)));
            }
        }
    }
    for runbook in bench.wanted() {
        let of_this = strays.iter().filter(|(id, _)| *id == runbook.id);
        let where_found: Vec<&str> = of_this.map(|(_, text)| text.as_str()).collect();
        let outcome = if where_found.is_empty() { Ok(()) } else { Err(where_found.join("\n")) };
        cases.push(Case::new(
            runbook,
            first_symptom(runbook),
            "no match on samples of other runbooks",
            outcome,
        ));
    }
    cases
}

/// For each wanted runbook: no match on logs of healthy machines.
pub(super) fn silence(bench: &Bench<'_>, noise: &[u8]) -> Vec<Case> {
    let found = triage_of(bench, noise);
    let cases = bench.wanted().map(|runbook| {
        let result = found.results.iter().find(|result| result.runbook == runbook.id);
        let outcome = match result {
            Some(result) if result.tier == Tier::Match => Err(format!("a match{}", evidence(result))),
            _ => Ok(()),
        };
        let mut case = Case::new(runbook, first_symptom(runbook), "no match on healthy logs", outcome);
        case.note = result.filter(|result| result.tier == Tier::Possible).map(possibles);
        case
    });
    cases.collect()
}

fn possibles(result: &Match) -> String {
    let hits: u64 = result.instances.iter().map(|instance| instance.count).sum();
    format!("{hits} possible on healthy logs")
}

fn triage_of(bench: &Bench<'_>, text: &[u8]) -> Triage {
    let input = Input {
        name: PathBuf::from("-"),
        reader: Box::new(Cursor::new(text.to_vec())),
        bytes: Some(text.len() as u64),
        modified: None,
    };
    triage::triage(vec![input], bench.base, &bench.signatures, &bench.options, &mut |_| {})
}

fn first_symptom(runbook: &Runbook) -> u32 {
    runbook.symptoms.first().map_or(0, |symptom| symptom.span.start)
}

fn sample_case(runbook: &Runbook, number: usize, sample: &Sample, found: &Triage) -> Case {
    let own = found.results.iter().find(|result| result.runbook == runbook.id);
    let (promise, outcome) = match sample.expect {
        SampleExpect::Match => ("is a match and ranked first", is_first(runbook, own, found)),
        SampleExpect::Possible => ("is possible", is_possible(own)),
        SampleExpect::Not => ("is nothing of this runbook", own.map_or(Ok(()), |own| Err(seen_as(own)))),
    };
    Case::new(runbook, sample.span.start, format!("sample {number} {promise}"), outcome)
}

fn is_first(runbook: &Runbook, own: Option<&Match>, found: &Triage) -> Result<(), String> {
    let Some(own) = own else { return Err("nothing was seen in it".into()) };
    if own.tier != Tier::Match {
        return Err(format!("{}; missing: {}", seen_as(own), own.missing.join(" ")));
    }
    match found.results.first() {
        Some(first) if first.runbook != runbook.id => {
            Err(format!("`{}` is ranked before it: {}", first.runbook, seen_as(first)))
        }
        _ => Ok(()),
    }
}

fn is_possible(own: Option<&Match>) -> Result<(), String> {
    match own {
        None => Err("nothing was seen in it".into()),
        Some(own) if own.tier != Tier::Possible => Err(seen_as(own)),
        Some(_) => Ok(()),
    }
}

fn value_case(
    runbook: &Runbook,
    number: usize,
    (name, wanted, span): &(ParamName, String, crate::text::Span),
    found: &Triage,
) -> Case {
    let own = found.results.iter().filter(|result| result.runbook == runbook.id);
    let instances: Vec<_> = own.flat_map(|result| &result.instances).collect();
    let of_name = |captures: &[(ParamName, crate::text::Untrusted)]| -> Vec<String> {
        let values = captures.iter().filter(|(param, _)| param == name);
        values.map(|(_, value)| value.for_terminal()).collect()
    };
    let taken: Vec<String> = instances.iter().flat_map(|instance| of_name(&instance.captures)).collect();
    let refused: Vec<String> = instances.iter().flat_map(|instance| of_name(&instance.refused)).collect();
    let outcome = if taken.contains(wanted) {
        Ok(())
    } else if refused.contains(wanted) {
        Err("this value was captured, but is not what the parameter must match".into())
    } else if taken.is_empty() {
        Err("nothing was captured for it".into())
    } else {
        Err(format!("captured was {}", taken.join(", ")))
    };
    Case::new(runbook, span.start, format!("sample {number} gives `{name}` the value `{wanted}`"), outcome)
}

/// Other runbooks that fire on a sample. A look-alike (`sample not`) may well be the problem of
/// another page; what is said of the problem itself, or may be it, must not be.
fn strayed(runbook: &Runbook, sample: &Sample, found: &Triage) -> Vec<(RunbookId, String)> {
    let right_is_first =
        found.results.first().is_some_and(|first| first.runbook == runbook.id && first.tier == Tier::Match);
    let strays = found.results.iter().filter(|result| {
        result.runbook != runbook.id
            && match sample.expect {
                SampleExpect::Match => result.tier == Tier::Match || !right_is_first,
                SampleExpect::Possible => result.tier == Tier::Match,
                SampleExpect::Not => false,
            }
    });
    let line = runbook.source.line_column(sample.span.start).0;
    let place = format!("sample of `{}` at line {line}", runbook.id);
    strays.map(|result| (result.runbook.clone(), format!("{place}: {}", seen_as(result)))).collect()
}

fn seen_as(result: &Match) -> String {
    let tier = match result.tier {
        Tier::Match => "a match",
        Tier::Possible => "possible",
        Tier::Suggestion => "a suggestion",
    };
    format!("{tier}{}", evidence(result))
}

fn evidence(result: &Match) -> String {
    let mut text = String::new();
    if let Some(line) = result.instances.iter().flat_map(|instance| &instance.evidence).next() {
        let shown = line.text.for_terminal();
        let _ = write!(text, ", by `{}` on line {}: {shown}", line.signature, line.line);
    }
    text
}
