//! Triage: logs in, ranked runbooks with their reasons out.
//!
//! Signatures come first: blocks of input are searched whole, and line bounds, time stamps, hosts
//! and records are worked out only where something hit. Hits are judged by streaming evaluators,
//! so that memory does not grow with the input. Full text is the second step, for lines that no
//! signature explains. Reads only from the readers it is given; opens nothing, runs nothing, asks
//! no clock: what time it is comes in [`Options`].

mod hit;
mod input;
pub mod library;
pub mod shape;
mod time;
mod window;

use std::cell::Cell;
use std::fmt;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::report::{InputSummary, Tier, Triage};
use crate::runbook::{KnowledgeBase, Runbook};
use crate::signature::SignatureSet;

/// When lines that no signature explains are searched as full text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suggest {
    /// Never.
    Never,
    /// When the whole input has 200 lines or fewer.
    ForPastes,
    /// Always.
    Always,
}

/// What triage must be told, because it asks nobody.
#[derive(Clone, Debug)]
pub struct Options {
    /// The present: stamps without a year are in the nearest past seen from here.
    pub now: Timestamp,
    /// The zone of stamps that name none.
    pub zone: TimeZone,
    /// Lines stamped before this do not count.
    pub since: Option<Timestamp>,
    /// Lines stamped after this do not count.
    pub until: Option<Timestamp>,
    /// When to search by words.
    pub suggest: Suggest,
}

/// One log: a name and a reader. Compression is recognised by content.
pub struct Input {
    /// `-` for standard input, else its path.
    pub name: PathBuf,
    /// Where it is read from.
    pub reader: Box<dyn Read>,
    /// Its size as stored, when known.
    pub bytes: Option<u64>,
    /// When it was last written: stamps without a year are not later than this.
    pub modified: Option<Timestamp>,
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Input").field("name", &self.name).field("bytes", &self.bytes).finish()
    }
}

/// Matches logs against all runbooks. `progress` is told how many bytes were taken from the readers.
pub fn triage(
    inputs: Vec<Input>,
    _base: &KnowledgeBase,
    _signatures: &SignatureSet,
    _options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Triage {
    let stored = Rc::new(Cell::new(0));
    let mut found = Triage::default();
    for input in inputs {
        let mut summary = InputSummary { name: input.name, lines: 0, bytes: 0, error: None };
        match input::open(input.reader, Rc::clone(&stored)) {
            Err(error) => summary.error = Some(error.to_string()),
            Ok(mut blocks) => {
                loop {
                    match blocks.next() {
                        Ok(Some(_)) => progress(stored.get()),
                        Ok(None) => break,
                        Err(error) => {
                            summary.error = Some(error.to_string());
                            break;
                        }
                    }
                }
                summary.lines = blocks.lines();
                summary.bytes = blocks.bytes;
            }
        }
        found.inputs.push(summary);
    }
    found
}

/// True when the text holds the runbook's symptom: a complete block of weight normal or high.
/// Records that are stamped at `newer_than` or before do not count; text without stamps does.
pub fn symptom_seen(
    runbook: &Runbook,
    text: &[u8],
    newer_than: Option<Timestamp>,
    options: &Options,
) -> bool {
    let base = KnowledgeBase { runbooks: vec![runbook.clone()], ..KnowledgeBase::default() };
    let input = Input {
        name: PathBuf::from("-"),
        reader: Box::new(Cursor::new(text.to_vec())),
        bytes: Some(text.len() as u64),
        modified: None,
    };
    let since = newer_than.map(|at| at + jiff::SignedDuration::from_micros(1));
    let options = Options { since, until: None, suggest: Suggest::Never, ..options.clone() };
    let found = triage(vec![input], &base, &SignatureSet::of(runbook), &options, &mut |_| {});
    found.results.iter().any(|result| result.tier == Tier::Match)
}
