//! The order of results: tier first, then how much the evidence says.
//!
//! How often a line came does not count: a noisy runbook would always be first. What counts is how
//! rare the words are that were seen, how many lines of a set were, and whether they agree. Each part
//! of a score is named, so that a person can see why one stands before the other.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::draft::Draft;
use super::wording;
use crate::report::{Clock, Match, Score};
use crate::runbook::{Runbook, SymptomMode, Weight};
use kb_text::background;

const WEIGHT: [(Weight, &str, f64); 4] = [
    (Weight::Support, "weight support", 0.0),
    (Weight::Low, "weight low", 10.0),
    (Weight::Normal, "weight normal", 20.0),
    (Weight::High, "weight high", 30.0),
];
/// What evidence that says everything would add; half of it is reached at [`EVIDENCE_HALF_BITS`].
const EVIDENCE: f64 = 50.0;
const EVIDENCE_HALF_BITS: f64 = 60.0;
/// Each doubling of how often a line must come says so much.
const REPEAT_BITS: f64 = 3.0;
/// So many lines are named in a score; the rest is one part.
const LINES_NAMED_MAX: usize = 4;
/// A complete block adds this, an incomplete one its part of it.
const COMPLETE: f64 = 15.0;
/// For each name with one value in several lines, up to [`AGREED_MAX`] of them.
const AGREED: f64 = 4.0;
const AGREED_MAX: usize = 3;
/// For each block of weight `support` that agrees, up to [`SUPPORT_MAX`] of them.
const SUPPORT: f64 = 3.0;
const SUPPORT_MAX: usize = 3;
/// What a line of this moment adds. An hour later a good half of it is left, a day later a quarter,
/// a year later a tenth: the order of two old ones still shows.
const RECENT: f64 = 10.0;
const RECENT_SCALE_S: f64 = 3600.0;

/// The score of a result, by the instance that says the most.
pub(super) fn score(runbook: &Runbook, drafts: &[Draft], now: Timestamp) -> Score {
    let best = drafts.iter().map(|draft| of_draft(runbook, draft, now));
    best.max_by(|one, other| one.total.total_cmp(&other.total)).unwrap_or_default()
}

fn of_draft(runbook: &Runbook, draft: &Draft, now: Timestamp) -> Score {
    let weight = draft.blocks.iter().map(|block| runbook.symptoms[*block].weight).max();
    let (_, name, value) = WEIGHT[weight.map_or(0, |weight| weight as usize)];
    let mut parts = vec![(name.to_owned(), value)];
    parts.extend(evidence(runbook, draft));
    let share = draft.completeness;
    let seen = if share < 1.0 { format!("{:.0} % complete", share * 100.0) } else { "complete".to_owned() };
    parts.push((seen, COMPLETE * share));
    let agreed = draft.agreed.min(AGREED_MAX);
    if agreed > 0 {
        parts.push(("the same values in several lines".to_owned(), AGREED * agreed as f64));
    }
    let support = draft.support_blocks.len().min(SUPPORT_MAX);
    if support > 0 {
        parts.push(("supporting lines".to_owned(), SUPPORT * support as f64));
    }
    if let Some(stamp) = draft.last.stamp.filter(|stamp| stamp.clock == Clock::Wall) {
        let age = (now.as_microsecond().saturating_sub(stamp.micros).max(0)) as f64 / 1e6;
        parts.push(("recent".to_owned(), RECENT / (1.0 + (age / RECENT_SCALE_S).ln_1p())));
    }
    for (_, value) in &mut parts {
        *value = (*value * 10.0).round() / 10.0;
    }
    parts.retain(|(_, value)| *value > 0.0);
    let total = parts.iter().map(|(_, value)| value).sum::<f64>();
    Score { total: (total * 10.0).round() / 10.0, parts }
}

/// What each kind of line says that was seen: the more, the less another one adds.
fn evidence(runbook: &Runbook, draft: &Draft) -> Vec<(String, f64)> {
    // Two blocks may ask for the same line.
    let mut lines: BTreeMap<String, f64> = BTreeMap::new();
    for (block, step, alternative) in &draft.seen {
        let symptom = &runbook.symptoms[*block];
        let step = &symptom.steps[*step];
        let text = wording::literal_text(&step.alternatives[*alternative]);
        let wanted = match symptom.mode {
            SymptomMode::Count(count) => count,
            _ => step.at_least,
        };
        let bits =
            background::bits(&text) + REPEAT_BITS * f64::from(wanted.max(1)).log2() * draft.completeness;
        let known = lines.entry(text).or_default();
        *known = known.max(bits);
    }
    let all: f64 = lines.values().sum();
    if all <= 0.0 {
        return Vec::new();
    }
    let worth = EVIDENCE * all / (all + EVIDENCE_HALF_BITS);
    let mut lines: Vec<(String, f64)> = lines.into_iter().collect();
    lines.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let rest = lines.split_off(lines.len().min(LINES_NAMED_MAX));
    let part = |bits: f64| worth * bits / all;
    let mut parts: Vec<(String, f64)> = lines
        .iter()
        .map(|(text, bits)| (format!("{:.0} bits in `{}`", bits.round(), wording::shown(text)), part(*bits)))
        .collect();
    if !rest.is_empty() {
        let bits: f64 = rest.iter().map(|(_, bits)| bits).sum();
        let kinds =
            if rest.len() == 1 { "1 more kind".to_owned() } else { format!("{} more kinds", rest.len()) };
        parts.push((format!("{:.0} bits in {kinds} of line", bits.round()), part(bits)));
    }
    parts
}

/// Puts the best first.
pub(super) fn sort(results: &mut [Match]) {
    results.sort_by(|one, other| {
        (one.tier.cmp(&other.tier))
            .then_with(|| other.score.total.total_cmp(&one.score.total))
            .then_with(|| one.runbook.cmp(&other.runbook))
    });
}
