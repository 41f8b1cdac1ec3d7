//! What the page says of itself: title, risk, how far it was tested, samples.

use crate::diag::Diagnostic;
use crate::runbook::parse::level;
use crate::runbook::{Risk, Runbook, SampleExpect};
use crate::text::Span;

/// The mark of a place that a new page leaves to its author.
pub const TO_FILL: &str = "TO FILL";

pub(super) fn title(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    if !runbook.sections.iter().any(|section| section.level == 1) {
        found.push(
            Diagnostic::warning("lint-title", Span::default(), "the page has no title")
                .hint("Begin it with a line `# What is broken`."),
        );
    }
}

/// Renderers hide what stands behind a fence, so the worst of it is said in prose.
pub(super) fn risk(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    let Some(highest) = runbook.fixes.iter().map(|fix| fix.risk).max() else { return };
    let name = match highest {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    };
    let fact = runbook.facts.iter().find(|fact| fact.key.eq_ignore_ascii_case("risk"));
    let Some(fact) = fact else {
        let message = "the page does not say how dangerous its fixes are";
        found.push(
            Diagnostic::warning("lint-risk", title_span(runbook), message)
                .hint(format!("Add the fact `- **Risk**: {name}`.")),
        );
        return;
    };
    if level(&fact.text).is_some_and(|said| said != highest) {
        let message = format!("the fact `Risk` is not the highest `risk=` of the fixes, which is `{name}`");
        found.push(Diagnostic::warning("lint-risk", fact.span, message));
    }
}

pub(super) fn tested(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    if runbook.fixes.is_empty() {
        return;
    }
    let fact = runbook.facts.iter().find(|fact| fact.key.eq_ignore_ascii_case("tested"));
    let says = |text: &str| {
        let text = text.to_lowercase();
        ["real", "stand-in", "documented"].iter().any(|word| text.contains(word))
    };
    if !fact.is_some_and(|fact| says(&fact.text)) {
        let message = "the page does not say whether its fixes were ever run on the real thing";
        found.push(
            Diagnostic::warning("lint-tested", fact.map_or(title_span(runbook), |fact| fact.span), message)
                .hint(
                    "Add the fact `- **Tested**: DATE, versions, fix: **real**` (or **stand-in**, or **documented**).",
                ),
        );
    }
}

/// What `kb new` left for the author, once for each section.
pub(super) fn to_fill(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for section in &runbook.sections {
        let (start, text) = (section.span.start as usize, runbook.source.slice(section.span));
        let mut places = text.match_indices(TO_FILL);
        let Some((first, _)) = places.next() else { continue };
        let message = match places.count() {
            0 => "a place here is still to be filled".to_owned(),
            more => format!("{} places from here on are still to be filled", more + 1),
        };
        found.push(Diagnostic::warning(
            "lint-to-fill",
            (start + first..start + first + TO_FILL.len()).into(),
            message,
        ));
    }
}

pub(super) fn samples(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    let Some(first) = runbook.symptoms.first() else { return };
    let has = |expect| runbook.samples.iter().any(|sample| sample.expect == expect);
    if !has(SampleExpect::Match) && !has(SampleExpect::Possible) {
        let message = "no sample shows a log that these signatures find";
        found.push(
            Diagnostic::warning("lint-sample", first.span, message)
                .hint("Add a block `text sample` with the lines of a real log."),
        );
    }
    if !has(SampleExpect::Not) {
        let message = "no sample shows a log that looks alike and must not match";
        found
            .push(Diagnostic::warning("lint-sample", first.span, message).hint(
                "Add a block `text sample not` with lines of a healthy machine or of another problem.",
            ));
    }
}

/// The line of the title.
pub(super) fn title_span(runbook: &Runbook) -> Span {
    let title = runbook.sections.iter().find(|section| section.level == 1);
    title.map_or(Span::default(), |section| Span { start: section.span.start, end: section.span.start + 1 })
}
