//! The order of results: tier first, then what the evidence says.
//!
//! How often a line came does not count: a noisy runbook would always be first. Each part of a
//! score is named, so that a person can see why one stands before the other.

use jiff::Timestamp;

use super::draft::Draft;
use super::wording;
use crate::report::{Clock, Match, Score};
use crate::runbook::{Runbook, Weight};

const WEIGHT: [(Weight, &str, f64); 4] = [
    (Weight::Support, "weight support", 0.0),
    (Weight::Low, "weight low", 10.0),
    (Weight::Normal, "weight normal", 30.0),
    (Weight::High, "weight high", 40.0),
];
/// What unlimited literal text would add; half of it is reached at [`LITERAL_HALF`] characters.
const LITERAL: f64 = 30.0;
const LITERAL_HALF: f64 = 40.0;
/// A complete block adds this, an incomplete one its part of it.
const COMPLETE: f64 = 20.0;
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
    let literal =
        draft.blocks.iter().map(|block| literal_length(runbook, draft, *block)).max().unwrap_or(0) as f64;
    parts.push((
        format!("{literal} characters of literal text"),
        LITERAL * literal / (literal + LITERAL_HALF),
    ));
    let share = draft.completeness;
    parts.push((format!("{:.0} % of its lines", share * 100.0), COMPLETE * share));
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
    parts.retain(|(_, value)| *value > 0.0);
    for (_, value) in &mut parts {
        *value = (*value * 10.0).round() / 10.0;
    }
    let total = parts.iter().map(|(_, value)| value).sum::<f64>();
    Score { total: (total * 10.0).round() / 10.0, parts }
}

/// The literal text of the steps of a block that were seen: the longer, the rarer.
fn literal_length(runbook: &Runbook, draft: &Draft, block: usize) -> usize {
    let symptom = &runbook.symptoms[block];
    let hits = draft.hits.iter().chain(&draft.latest).filter(|(of, _)| *of == block);
    let mut seen: Vec<(usize, usize)> = hits.map(|(_, hit)| (hit.step, hit.alternative)).collect();
    seen.sort_unstable();
    seen.dedup();
    let lengths = seen
        .iter()
        .map(|(step, alternative)| wording::literal_length(&symptom.steps[*step].alternatives[*alternative]));
    lengths.sum()
}

/// Puts the best first.
pub(super) fn sort(results: &mut [Match]) {
    results.sort_by(|one, other| {
        (one.tier.cmp(&other.tier))
            .then_with(|| other.score.total.total_cmp(&one.score.total))
            .then_with(|| one.runbook.cmp(&other.runbook))
    });
}
