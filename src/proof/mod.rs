//! Proving a knowledge base by its own pages: `kb test`.
//!
//! Every page, every sample, every recorded output and the shipped noise sample become a [`Case`].
//! Knows how to ask `triage` and `run`; does no I/O, and must not know how a case is shown.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::diag::Severity;
use crate::runbook::{KnowledgeBase, Runbook, RunbookId};
use crate::signature::SignatureSet;
use crate::triage::{Options, Suggest};

mod logs;
mod noise;
mod outputs;

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
    /// What was tried, stable between runs (`sample 2 is a match and ranked first`).
    pub name: String,
    /// The line of the page it stands on, from 1.
    pub line: usize,
    /// What is worth knowing although nothing is wrong.
    pub note: Option<String>,
    /// Why it failed, in full.
    pub outcome: Result<(), String>,
}

/// What every case is tried against.
struct Bench<'a> {
    base: &'a KnowledgeBase,
    signatures: SignatureSet,
    options: Options,
    /// The runbooks whose pages are proved.
    wanted: BTreeSet<&'a RunbookId>,
}

/// Tries everything the pages promise, for all runbooks or only for some; the others still take
/// part in ranking and cross-matching. In the order of the runbooks, for each: the page, its
/// samples, its silence on the samples of others and on `noise`, its recorded outputs.
pub fn prove(base: &KnowledgeBase, only: Option<&[RunbookId]>, noise: &[u8]) -> Vec<Case> {
    let wanted = |id: &RunbookId| only.is_none_or(|only| only.contains(id));
    let bench = Bench {
        base,
        signatures: SignatureSet::compile(base),
        options: options(),
        wanted: base.runbooks.iter().map(|runbook| &runbook.id).filter(|id| wanted(id)).collect(),
    };
    let mut cases: Vec<Case> = bench.wanted().map(|runbook| page(base, runbook)).collect();
    cases.extend(logs::samples(&bench));
    cases.extend(logs::silence(&bench, noise));
    cases.extend(bench.wanted().flat_map(|runbook| outputs::recorded(runbook, &bench.options)));
    cases.sort_by(|left, right| left.runbook.cmp(&right.runbook));
    cases
}

impl<'a> Bench<'a> {
    fn wanted(&self) -> impl Iterator<Item = &'a Runbook> {
        self.base.runbooks.iter().filter(|runbook| self.wanted.contains(&runbook.id))
    }
}

/// How pages are proved: a fixed present, so that a page that is proved today is proved next year.
pub fn options() -> Options {
    let now = Timestamp::from_second(1_798_761_600).expect("a second of the year 2027");
    Options { now, zone: TimeZone::UTC, since: None, until: None, suggest: Suggest::Never, threads: 1 }
}

impl Case {
    fn new(runbook: &Runbook, at: u32, name: impl Into<String>, outcome: Result<(), String>) -> Self {
        let line = runbook.source.line_column(at).0;
        Self { runbook: runbook.id.clone(), name: name.into(), line, note: None, outcome }
    }
}

/// A part that an error disabled cannot fail, so an error fails by itself.
fn page(base: &KnowledgeBase, runbook: &Runbook) -> Case {
    let mut errors = base.diagnostics.iter().filter(|found| {
        found.source.path == runbook.source.path && found.diagnostic.severity == Severity::Error
    });
    let Some(first) = errors.next() else {
        return Case::new(runbook, 0, "the page has no error", Ok(()));
    };
    let more = errors.count();
    let message = &first.diagnostic.message;
    let why = match more {
        0 => message.clone(),
        more => format!("{message} (and {more} more; see `kb lint`)"),
    };
    Case::new(runbook, first.diagnostic.span.start, "the page has no error", Err(why))
}

#[cfg(test)]
mod tests;
