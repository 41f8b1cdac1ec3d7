//! The records of `kb history`: what the journal holds, one record a line, and below each run a seal.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Record, write};
use crate::run::journal::exported;
use crate::run::journal::past::PastRun;

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

/// The end of a run: with it, `kb undo FILE` knows that the run is complete and as it was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SealedRecord {
    /// The number of the run in `kb history`.
    number: u64,
    /// The name of the run.
    run: String,
    /// So many records of it stand above.
    records: u64,
    /// The hash of the bytes of these lines, line ends included.
    blake3: String,
}

/// Every record of a run, and its seal.
pub fn past_run(out: &mut dyn Write, run: &PastRun) -> io::Result<()> {
    let (number, id) = (run.number as u64, &run.id);
    let mut lines = Vec::new();
    for record in &run.records {
        let entry = serde_json::to_value(&record.entry)?;
        let at = record.at.clone();
        write(&mut lines, Record::Past(PastRecord { number, run: id.clone(), at, entry }))?;
    }
    out.write_all(&lines)?;
    let (records, blake3) = (run.records.len() as u64, exported::seal(&lines));
    write(out, Record::Sealed(SealedRecord { number, run: id.clone(), records, blake3 }))
}
