//! Which needles are sampled how densely.
//!
//! Long needles can be found by looking at few places, short ones cannot. Every pass over the text
//! costs, and so does every place that looks like a needle and is none. The plan weighs the two: a
//! handful of needles is best sampled in one pass, thousands in several.

use super::packed::PACKED_MAX;
use super::sampled::Shape;

/// Needles are planned by their length up to this; longer ones are no better.
const LENGTH_MAX: usize = 16;

/// What is known of passes: nanoseconds a byte at every step. Measured; only the ratios matter.
const STEPS: [Step; 4] = [
    Step { bytes: 8, cost: 0.075, grams: 5..=8 },
    Step { bytes: 4, cost: 0.15, grams: 4..=8 },
    Step { bytes: 2, cost: 0.3, grams: 4..=8 },
    Step { bytes: 1, cost: 0.6, grams: 2..=8 },
];

/// Nanoseconds that a place costs which must be looked at closely.
const CLOSE_LOOK: f64 = 20.0;

/// How often a place is looked at closely only because two grams share a bit.
const SHARED_BIT: f64 = 1.0 / 512.0;

/// Nanoseconds a byte of a pass of [`Packed`](super::packed::Packed): all, and for each needle.
const PACKED: (f64, f64) = (0.045, 0.001);

/// How needles of the same pass are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// By sampling.
    Sampled(Shape),
    /// By comparing all of them at once. Takes needles of any length.
    Packed,
}

impl Pass {
    /// True for a needle of so many bytes.
    pub(super) fn takes(self, bytes: usize) -> bool {
        match self {
            Self::Sampled(shape) => shape.window() <= bytes,
            Self::Packed => true,
        }
    }
}

/// How many needles of each length have no pass yet.
type Left = [usize; LENGTH_MAX + 1];

struct Step {
    /// From one sample to the next.
    bytes: usize,
    cost: f64,
    /// How long a sample may be.
    grams: std::ops::RangeInclusive<usize>,
}

/// The passes to make for needles of these lengths; the widest window first. Every needle of two bytes
/// or more fits one of them: it goes into the first whose window is not longer than itself.
pub(super) fn passes(lengths: impl Iterator<Item = usize>) -> Vec<Pass> {
    let mut left = [0; LENGTH_MAX + 1];
    for length in lengths {
        left[length.min(LENGTH_MAX)] += 1;
    }
    let mut best: (f64, Vec<Pass>) = (f64::INFINITY, Vec::new());
    try_steps(&left, &STEPS, 0.0, &mut Vec::new(), &mut best);
    best.1
}

/// Tries every gram of the first step, and leaving it out; the rest of the needles go to the others.
fn try_steps(left: &Left, steps: &[Step], cost: f64, chosen: &mut Vec<Pass>, best: &mut (f64, Vec<Pass>)) {
    if cost >= best.0 {
        return;
    }
    let count: usize = left.iter().sum();
    if count == 0 {
        *best = (cost, chosen.clone());
        return;
    }
    let packed = cost + PACKED.0 + PACKED.1 * count as f64;
    if count <= PACKED_MAX && packed < best.0 {
        *best = (packed, chosen.iter().copied().chain([Pass::Packed]).collect());
    }
    let Some((step, steps)) = steps.split_first() else { return };
    try_steps(left, steps, cost, chosen, best);
    for gram in step.grams.clone() {
        let shape = Shape { step: step.bytes, gram };
        let taken: usize = left.iter().skip(shape.window()).sum();
        if taken == 0 {
            continue;
        }
        let mut rest = *left;
        rest.iter_mut().skip(shape.window()).for_each(|count| *count = 0);
        chosen.push(Pass::Sampled(shape));
        try_steps(&rest, steps, cost + step.cost_of(gram, taken), chosen, best);
        chosen.pop();
    }
}

impl Step {
    /// Nanoseconds a byte of a pass with so many needles.
    fn cost_of(&self, gram: usize, needles: usize) -> f64 {
        // How often a gram of a needle is seen in a log without the needle.
        let seen = 2f64.powf(-6.85 - 1.64 * gram as f64) * (needles * self.bytes) as f64;
        self.cost + (seen.min(1.0) + SHARED_BIT) * CLOSE_LOOK / self.bytes as f64
    }
}

#[cfg(test)]
mod tests;
