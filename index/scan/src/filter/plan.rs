//! Which needles are sampled how densely.
//!
//! Long needles can be found by looking at few places, short ones cannot. Every pass over the text
//! costs, and so does every place that looks like a needle and is none. The plan weighs the two: a
//! handful of needles is best sampled in one pass, thousands in several.

use super::tier::Shape;

/// Needles are planned by their length up to this; longer ones are no better.
const LENGTH_MAX: usize = 16;

/// What is known of passes: nanoseconds a byte at every step. Measured; only the ratios matter.
const PASSES: [Pass; 4] = [
    Pass { step: 8, cost: 0.12, grams: 5..=8 },
    Pass { step: 4, cost: 0.24, grams: 4..=8 },
    Pass { step: 2, cost: 0.5, grams: 4..=8 },
    Pass { step: 1, cost: 1.0, grams: 2..=8 },
];

/// Nanoseconds that a place costs which must be looked at closely.
const CLOSE_LOOK: f64 = 10.0;

/// How often a place is looked at closely only because two grams share a bit.
const SHARED_BIT: f64 = 1.0 / 64.0;

struct Pass {
    step: usize,
    cost: f64,
    grams: std::ops::RangeInclusive<usize>,
}

/// The shapes to use for needles of these lengths, the widest window first. Every needle of two bytes
/// or more fits one of them: it goes into the first whose window is not longer than itself.
pub(super) fn shapes(lengths: impl Iterator<Item = usize>) -> Vec<Shape> {
    let mut counts = [0usize; LENGTH_MAX + 1];
    for length in lengths {
        counts[length.min(LENGTH_MAX)] += 1;
    }
    let mut best: (f64, Vec<Shape>) = (f64::INFINITY, Vec::new());
    try_passes(&counts, &PASSES, 0.0, &mut Vec::new(), &mut best);
    best.1
}

/// Tries every gram of the first pass, and leaving it out; the rest of the needles go to the others.
fn try_passes(
    counts: &[usize; LENGTH_MAX + 1],
    passes: &[Pass],
    cost: f64,
    chosen: &mut Vec<Shape>,
    best: &mut (f64, Vec<Shape>),
) {
    if cost >= best.0 {
        return;
    }
    if counts.iter().all(|&count| count == 0) {
        *best = (cost, chosen.clone());
        return;
    }
    let Some((pass, passes)) = passes.split_first() else { return };
    try_passes(counts, passes, cost, chosen, best);
    for gram in pass.grams.clone() {
        let shape = Shape { step: pass.step, gram };
        let taken: usize = counts.iter().skip(shape.window()).sum();
        if taken == 0 {
            continue;
        }
        let mut left = *counts;
        left.iter_mut().skip(shape.window()).for_each(|count| *count = 0);
        chosen.push(shape);
        try_passes(&left, passes, cost + pass.cost_of(gram, taken), chosen, best);
        chosen.pop();
    }
}

impl Pass {
    /// Nanoseconds a byte of a pass with so many needles.
    fn cost_of(&self, gram: usize, needles: usize) -> f64 {
        // How often a gram of a needle is seen in a log without the needle.
        let seen = 2f64.powf(-4.0 - 2.2 * gram as f64) * (needles * self.step) as f64;
        self.cost + (seen.min(1.0) + SHARED_BIT) * CLOSE_LOOK / self.step as f64
    }
}

#[cfg(test)]
mod tests;
