//! The records of `kb history`: what the journal holds, one record a line.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Record, write};
use crate::run::journal::history::PastRun;

/// One record of a past run.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PastRecord {
    /// The number of the run in `kb history`.
    number: u64,
    /// The name of the run, which was `$kb_run`.
    run: String,
    /// When it was written, RFC 3339.
    at: String,
    /// What it says, as the journal has it; `record` in it names its kind.
    entry: serde_json::Value,
}

/// Every record of a run.
pub fn past_run(out: &mut dyn Write, run: &PastRun) -> io::Result<()> {
    for record in &run.records {
        let entry = serde_json::to_value(&record.entry)?;
        let (run_id, at) = (run.id.clone(), record.at.clone());
        write(out, Record::Past(PastRecord { number: run.number as u64, run: run_id, at, entry }))?;
    }
    Ok(())
}
