//! Proving a knowledge base by its own pages: `kb test`.
//!
//! Every sample, every recorded output and the shipped noise sample become a [`Case`]. Knows how to
//! ask `triage` and `run`; does no I/O, and must not know how a case is shown.

use crate::runbook::RunbookId;

mod noise;

pub use noise::noise;

/// The seed of the noise sample that `kb lint` and `kb test` judge by.
pub const NOISE_SEED: u64 = 2013;

/// The size of that sample.
pub const NOISE_BYTES: usize = 1 << 20;

/// One thing that was tried.
#[derive(Clone, Debug)]
pub struct Case {
    /// The runbook whose page says it.
    pub runbook: RunbookId,
    /// What was tried, stable between runs (`sample 2 is a match`).
    pub name: String,
    /// The line of the page it stands on, from 1.
    pub line: usize,
    /// What is worth knowing although nothing is wrong.
    pub note: Option<String>,
    /// Why it failed, in full.
    pub outcome: Result<(), String>,
}
