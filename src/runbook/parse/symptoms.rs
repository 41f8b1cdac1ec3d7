//! Symptom blocks and samples.

use super::checks::Place;
use super::mark::Mark;
use super::outline::{BlockKind, Inline, Item, Style, plain};
use super::sink::Sink;
use super::values;
use crate::diag::{Diagnostic, Severity};
use crate::runbook::pattern::{self, LITERAL_CHARS_MIN, Prefix, SignatureLine, Trouble};
use crate::runbook::{ParamName, Sample, SampleExpect, Signature, Step, Symptom, SymptomMode, Weight};
use crate::text::Span;

const WEIGHTS: &[(&str, Weight)] =
    &[("high", Weight::High), ("normal", Weight::Normal), ("low", Weight::Low), ("support", Weight::Support)];

/// Reads a symptom block; `None` when an error disables it.
pub(super) fn symptom(place: &Place<'_>, parameters: &[String], sink: &mut Sink) -> Option<Symptom> {
    let before = sink.errors();
    let Place { source, fence, mark, span, .. } = *place;
    let nocase = mark.word("nocase").is_some();
    let broad = mark.word("broad").is_some();
    let mode = mode(mark, sink);
    let weight = values::choice(mark, "weight", WEIGHTS, sink).unwrap_or(Weight::Normal);
    let within = values::duration(mark, "within", sink);
    let mut steps: Vec<Step> = Vec::new();
    for line in &fence.lines {
        let text = source.slice(*line);
        let read = match pattern::read_line(text, nocase) {
            None => continue,
            Some(Ok(read)) => read,
            Some(Err(trouble)) => {
                sink.push(diagnostic(trouble, *line, Severity::Error));
                continue;
            }
        };
        for doubt in &read.doubts {
            sink.push(diagnostic(doubt.clone(), *line, Severity::Warning));
        }
        judge_line(&read, *line, broad, parameters, sink);
        add(read, text, *line, &mut steps, sink);
    }
    let symptom =
        Symptom { mode, weight, within, nocase, anyhost: mark.word("anyhost").is_some(), broad, steps, span };
    judge(&symptom, mark, sink);
    (sink.errors() == before).then_some(symptom)
}

fn mode(mark: &Mark, sink: &mut Sink) -> SymptomMode {
    let count = values::number(mark, "count", 2..=1_000_000, sink).map(SymptomMode::Count);
    let all = mark.word("all").map(|_| SymptomMode::All);
    let sequence = mark.word("sequence").map(|_| SymptomMode::Sequence);
    let said: Vec<SymptomMode> = [all, sequence, count].into_iter().flatten().collect();
    if said.len() > 1 {
        let message = "only one of `all`, `sequence` and `count=` can hold";
        sink.push(
            Diagnostic::error("symptom-mode", mark.span, message)
                .hint("Within `all` and `sequence` write `{5} ` before a line that must occur five times."),
        );
    }
    said.first().copied().unwrap_or(SymptomMode::Any)
}

fn diagnostic(trouble: Trouble, line: Span, severity: Severity) -> Diagnostic {
    let span = line.part(trouble.at);
    let found = Diagnostic { severity, ..Diagnostic::error(trouble.rule, span, trouble.message) };
    match trouble.hint {
        Some(hint) => found.hint(hint),
        None => found,
    }
}

/// What `broad` turns into a warning.
fn judge_line(read: &SignatureLine, line: Span, broad: bool, parameters: &[String], sink: &mut Sink) {
    let severity = if broad { Severity::Warning } else { Severity::Error };
    let found = |rule, at, message: String| Diagnostic {
        severity,
        ..Diagnostic::error(rule, line.part(at), message)
    };
    // A line that must not occur only takes a match away; with `broad`, lint of the signatures says it.
    if read.literal_chars < LITERAL_CHARS_MIN && !broad && read.prefix != Some(Prefix::Not) {
        let message = format!("no text of {LITERAL_CHARS_MIN} characters that is always there");
        sink.push(
            found("signature-broad", read.text.clone(), message)
                .hint("Write more of the line; if it really says enough, put `broad` after `symptom`."),
        );
    }
    for (name, at) in &read.captures {
        if !parameters.iter().any(|parameter| parameter == name.as_str()) {
            let message = format!("`{name}` is captured, but is no parameter");
            sink.push(found("capture-unknown", at.clone(), message).hint(format!(
                "Add a row `{name}` to the table under \"Parameters\", write `<_>` when the value is \
                 of no use, or `\\<` when the log has the character itself."
            )));
        }
    }
}

/// Adds a line to the step it belongs to.
fn add(read: SignatureLine, text: &str, line: Span, steps: &mut Vec<Step>, sink: &mut Sink) {
    let signature = Signature {
        text: text[read.text.clone()].to_owned(),
        pattern: read.pattern,
        span: line.part(read.text.clone()),
    };
    if read.prefix == Some(Prefix::Or) {
        match steps.last_mut() {
            Some(step) => step.alternatives.push(signature),
            None => sink.push(
                Diagnostic::error("signature-prefix", line.part(read.text), "`| ` needs a line above it")
                    .hint("Write `\\|` when the line begins with the character."),
            ),
        }
        return;
    }
    let at_least = match read.prefix {
        Some(Prefix::Count(count)) => count,
        _ => 1,
    };
    let negated = read.prefix == Some(Prefix::Not);
    steps.push(Step { alternatives: vec![signature], at_least, negated });
}

fn judge(symptom: &Symptom, mark: &Mark, sink: &mut Sink) {
    let wanted = symptom.steps.iter().filter(|step| !step.negated).count();
    if wanted == 0 {
        let message = "nothing in this block can be found in a log";
        sink.push(Diagnostic::error("symptom-empty", mark.span, message));
        return;
    }
    let counted = symptom.steps.iter().any(|step| step.at_least > 1);
    let alone = matches!(symptom.mode, SymptomMode::All | SymptomMode::Sequence)
        && symptom.steps.len() == 1
        && !counted;
    if alone {
        let message = "one line alone: `all` and `sequence` change nothing";
        sink.push(Diagnostic::warning("symptom-mode", mark.span, message));
    }
    let combines = symptom.mode != SymptomMode::Any || counted || wanted < symptom.steps.len();
    if symptom.within.is_some() && !combines {
        let message = "`within=` has no effect where each line identifies on its own";
        sink.push(
            Diagnostic::warning("symptom-mode", mark.span, message)
                .hint("Add `all`, `sequence` or `count=N`."),
        );
    }
}

/// Reads a sample, with the list of values after it.
pub(super) fn sample(
    place: &Place<'_>,
    after: Option<&BlockKind>,
    parameters: &[String],
    sink: &mut Sink,
) -> Option<Sample> {
    let before = sink.errors();
    let Place { source, fence, mark, span, .. } = *place;
    let expect = match (mark.word("possible"), mark.word("not")) {
        (None, None) => SampleExpect::Match,
        (Some(_), None) => SampleExpect::Possible,
        (None, Some(_)) => SampleExpect::Not,
        (Some(_), Some(_)) => {
            let message = "a sample is `possible` or `not`, but not both";
            sink.push(Diagnostic::error("sample-expect", mark.span, message));
            SampleExpect::Not
        }
    };
    let text = super::text_of(source, fence);
    if text.trim().is_empty() {
        sink.push(Diagnostic::error("sample-empty", mark.span, "this sample holds no text"));
    }
    let values = match after {
        Some(BlockKind::Bullets(items)) => {
            items.iter().filter_map(|item| sink.ok(sample_value(item, parameters))).collect()
        }
        _ => Vec::new(),
    };
    if expect == SampleExpect::Not && !values.is_empty() {
        let message = "a sample that must not match captures nothing";
        sink.push(Diagnostic::error("sample-value", mark.span, message));
    }
    (sink.errors() == before).then_some(Sample { expect, text, values, span })
}

/// ``- `vip` is `carp0` ``.
fn sample_value(item: &Item, parameters: &[String]) -> Result<(ParamName, String, Span), Diagnostic> {
    let words: Vec<&Inline> = item.text.iter().filter(|inline| !inline.text.trim().is_empty()).collect();
    let [name, is, value] = words.as_slice() else { return Err(not_a_value(item)) };
    let shape = name.style == Style::Code && is.text.trim() == "is" && value.style == Style::Code;
    let Some(param) = ParamName::new(&name.text).filter(|_| shape) else { return Err(not_a_value(item)) };
    if !parameters.contains(&name.text) {
        let message = format!("`{param}` is no parameter");
        return Err(Diagnostic::error("sample-value", name.span, message)
            .hint("Name a row of the table under \"Parameters\"."));
    }
    Ok((param, value.text.clone(), item.span))
}

fn not_a_value(item: &Item) -> Diagnostic {
    let message = format!("`{}` is no value that a sample must give", plain(&item.text));
    Diagnostic::error("sample-value", item.span, message)
        .hint("The list right after a sample has items of the form ``- `name` is `value` ``; put a sentence between them when this is another list.")
}
