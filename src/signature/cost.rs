//! What each signature costs: the text it is found by, and how often that lets a line through.

use super::set::{Place, SignatureSet};
use crate::runbook::{KnowledgeBase, Signature};

/// What one signature costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Where it stands.
    pub place: Place,
    /// The text that it is found by, one for each way it can match, blanks as one blank.
    pub literals: Vec<String>,
    /// Characters of the shortest of them.
    pub shortest: usize,
    /// Lines for each MiB of the noise sample on which the signature itself had to be tried.
    pub candidates_per_mib: f64,
    /// Lines of the noise sample that it matches.
    pub hits: u64,
}

impl Cost {
    /// The signature itself.
    pub fn signature<'b>(&self, base: &'b KnowledgeBase) -> &'b Signature {
        let Place { runbook, symptom, step, alternative } = self.place;
        &base.runbooks[runbook].symptoms[symptom].steps[step].alternatives[alternative]
    }

    /// The shortest text that it is found by; empty when there is none.
    pub fn shortest_literal(&self) -> &str {
        self.literals.iter().min_by_key(|text| text.chars().count()).map_or("", String::as_str)
    }
}

/// What every signature costs on a sample of healthy logs, in the order of the runbooks. Disabled
/// blocks are not searched for and cost nothing.
pub fn costs(base: &KnowledgeBase, noise: &[u8]) -> Vec<Cost> {
    let set = SignatureSet::compile(base);
    let mut candidates = vec![0u64; set.places().len()];
    let mut hits = candidates.clone();
    set.scanner().candidates(noise, &mut |signature, _| candidates[signature as usize] += 1);
    set.scan(noise, &mut |hit| hits[hit.signature as usize] += 1);
    let mib = noise.len().max(1) as f64 / f64::from(1 << 20);
    let patterns = set.scanner().patterns();
    let numbers = candidates.iter().zip(&hits);
    set.places()
        .iter()
        .zip(patterns)
        .zip(numbers)
        .map(|((&place, pattern), (&candidates, &hits))| {
            let literals = literals(&pattern);
            let shortest = literals.iter().map(|text| text.chars().count()).min().unwrap_or(0);
            Cost { place, literals, shortest, candidates_per_mib: candidates as f64 / mib, hits }
        })
        .collect()
}

fn literals(pattern: &kb_scan::Pattern) -> Vec<String> {
    let branches = kb_scan::required_literals(pattern).unwrap_or_default();
    let text = |branch: &kb_scan::Branch| {
        let first = branch.literals.first().map(kb_scan::Literal::text).unwrap_or_default();
        String::from_utf8_lossy(&first).into_owned()
    };
    let found_by: Vec<String> = branches.iter().map(text).collect();
    // A way to match without text makes the text of the others useless.
    if found_by.iter().any(String::is_empty) { Vec::new() } else { found_by }
}
