//! What would make an incomplete symptom block complete, in words.

use std::time::Duration;

use super::window::Progress;
use super::wording::wording;
use crate::runbook::{Runbook, Step, Symptom, SymptomMode, Weight};

/// Lines that are named for one block.
const NAMED_MAX: usize = 3;

/// Sentences for an incomplete block.
pub(super) fn sentences(symptom: &Symptom, progress: &Progress) -> Vec<String> {
    let within = symptom.within.map(words);
    match symptom.mode {
        SymptomMode::Any => symptom
            .steps
            .iter()
            .filter(|step| !step.negated && step.at_least > 1)
            .map(|step| counted(step.at_least, std::slice::from_ref(step), within.as_deref(), progress.most))
            .take(NAMED_MAX)
            .collect(),
        SymptomMode::Count(wanted) => vec![counted(wanted, &symptom.steps, within.as_deref(), progress.most)],
        SymptomMode::All => {
            let span = within.map(|within| format!(" within {within} of it")).unwrap_or_default();
            let rest: Vec<String> = unseen(symptom, progress)
                .map(|(step, wanted)| format!("{}{span}.", line_like(step, wanted)))
                .take(NAMED_MAX)
                .collect();
            if rest.is_empty() { vec![unjoined(symptom)] } else { rest }
        }
        SymptomMode::Sequence => {
            let span = within.map(|within| format!(", within {within}")).unwrap_or_default();
            let next =
                unseen(symptom, progress).take(NAMED_MAX).map(|(step, wanted)| line_like(step, wanted));
            let next: Vec<String> = next.collect();
            if next.is_empty() {
                return vec![unjoined(symptom)];
            }
            vec![format!("{} after it{span}.", next.join(", then ").replace(", then A ", ", then a "))]
        }
    }
}

/// A sentence for a block that is complete but weak.
pub(super) fn stronger(runbook: &Runbook) -> String {
    let strong = runbook.symptoms.iter().filter(|symptom| symptom.weight >= Weight::Normal);
    let steps = strong.flat_map(|symptom| &symptom.steps);
    match steps.into_iter().find(|step| !step.negated) {
        Some(step) => format!("{}; this line alone does not identify it.", line_like(step, step.at_least)),
        None => "No log line identifies it; only its checks can tell.".to_owned(),
    }
}

/// Steps that were not seen, or not often enough, with how many lines are missing.
fn unseen<'a>(symptom: &'a Symptom, progress: &'a Progress) -> impl Iterator<Item = (&'a Step, u32)> {
    symptom.steps.iter().enumerate().filter(|(_, step)| !step.negated).filter_map(|(index, step)| {
        let seen = progress.steps.iter().filter(|seen| **seen == index).count() as u32;
        let missing = step.at_least.max(1).saturating_sub(seen);
        (missing > 0).then_some((step, missing))
    })
}

fn line_like(step: &Step, wanted: u32) -> String {
    let text = step.alternatives.first().map_or(String::new(), wording);
    match wanted {
        0 | 1 => format!("A line like `{text}`"),
        _ => format!("{wanted} lines like `{text}`"),
    }
}

fn counted(wanted: u32, steps: &[Step], within: Option<&str>, most: usize) -> String {
    let line = steps.iter().find(|step| !step.negated).map_or(String::new(), |step| line_like(step, wanted));
    let span = within.map(|within| format!(" within {within}")).unwrap_or_default();
    format!("{line}{span}, with the same values; the most seen is {most}.")
}

fn unjoined(symptom: &Symptom) -> String {
    let host = if symptom.anyhost { "" } else { " of one host" };
    let span = symptom.within.map(|within| format!(" within {}", words(within))).unwrap_or_default();
    format!("All its lines{host} with the same values{span}.")
}

/// A duration as a person writes it.
pub(super) fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let parts = units.iter().scan(seconds, |left, (size, unit)| {
        let count = *left / size;
        *left %= size;
        Some((count, unit))
    });
    let parts: Vec<String> =
        parts.filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if parts.is_empty() { format!("{} ms", duration.as_millis()) } else { parts.join(" ") }
}
