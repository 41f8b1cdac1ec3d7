//! Recorded outputs and the verdict that the rules of their check must give.

use super::Case;
use crate::report::Verdict;
use crate::run::verdict::{Context, judge, of_rule};
use crate::runbook::{Check, ParamName, RecordedOutput, Runbook, ValueSource};
use crate::target::Output;
use crate::triage::{Options, symptom_seen};

/// A case for each recorded output of each check.
pub(super) fn recorded(runbook: &Runbook, options: &Options) -> Vec<Case> {
    let mut cases = Vec::new();
    for check in &runbook.checks {
        let mut outputs: Vec<&RecordedOutput> = check.outputs.iter().collect();
        outputs.sort_by_key(|output| output.span);
        cases.extend(outputs.iter().enumerate().map(|(index, output)| {
            let name =
                format!("output {} of check `{}` is {}", index + 1, check.id, word(of_rule(output.verdict)));
            Case::new(runbook, output.span.start, name, judged(runbook, check, output, options))
        }));
    }
    cases
}

fn judged(
    runbook: &Runbook,
    check: &Check,
    output: &RecordedOutput,
    options: &Options,
) -> Result<(), String> {
    let seen = |text: &[u8]| symptom_seen(runbook, text, None, options);
    let value = |name: &ParamName| known_value(runbook, name).map(String::into_bytes);
    let context = Context { symptom_seen: &seen, value: &value };
    let result = judge(check, Output::recorded(output.exit, output.text.as_str()), &context);
    if result.verdict == of_rule(output.verdict) {
        return Ok(());
    }
    Err(format!("its rules say {}: {}", word(result.verdict), result.reason))
}

/// The value that a page gives a parameter by itself: its default, or what a sample says.
fn known_value(runbook: &Runbook, name: &ParamName) -> Option<String> {
    let parameter = runbook.parameter(name)?;
    let literal = parameter.sources.iter().find_map(|source| match source {
        ValueSource::Literal(text) => Some(text.clone()),
        ValueSource::Log | ValueSource::Check(_) => None,
    });
    let asserted = || {
        let mut values = runbook.samples.iter().flat_map(|sample| &sample.values);
        values.find(|(param, ..)| param == name).map(|(_, value, _)| value.clone())
    };
    literal.or_else(asserted)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sick => "sick",
        Verdict::Healthy => "healthy",
        Verdict::Unknown => "unknown",
        Verdict::DoesNotApply => "does not apply",
        Verdict::Refuse => "refuse",
        Verdict::Shown => "shown only",
    }
}
