//! A run that `kb history N --format json` has written, read back: complete, and byte for byte as
//! it was written, or not at all.
//!
//! The seal in its last line guards against a paste that was cut and a ticket system that "improves"
//! text. It says nothing of who wrote it: whose file it is decides whether anything of it may run.

use serde::Deserialize;

use super::entry::Entry;
use super::line::Record;
use super::past::PastRun;

/// Why it is no record of a run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoExport {
    /// A line is something else.
    #[error("line {0} is no record of a past run")]
    NoRecord(usize),
    /// The last line is not there.
    #[error("its last line, with the checksum, is missing")]
    NoSeal,
    /// A byte is not as it was written.
    #[error("it is not as kb wrote it: the checksum in its last line does not fit")]
    Changed,
    /// Several runs in one file.
    #[error("it holds {0} runs; one can be undone at a time")]
    Several(usize),
}

/// What a line may be.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line {
    Past { number: usize, run: String, at: String, entry: Box<Entry<'static>> },
    Sealed { blake3: String },
}

/// The checksum over everything that was written of a run.
pub fn seal(lines: &[u8]) -> String {
    blake3::hash(lines).to_hex().to_string()
}

/// Reads one exported run.
pub fn parse(bytes: &[u8]) -> Result<PastRun, NoExport> {
    let mut runs: Vec<PastRun> = Vec::new();
    let (mut run, mut start, mut at) = (PastRun::default(), 0, 0);
    for (number, text) in (1..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
        if text.trim_ascii().is_empty() && run.records.is_empty() && !runs.is_empty() {
            continue;
        }
        match serde_json::from_slice(text).map_err(|_| NoExport::NoRecord(number))? {
            Line::Past { number, run: id, at, entry } => {
                run.number = number;
                run.id.clone_from(&id);
                run.records.push(Record { kb: 1, run: id, at, after: String::new(), entry: *entry });
            }
            Line::Sealed { blake3 } if blake3 == seal(&bytes[start..at]) => {
                runs.push(std::mem::take(&mut run));
                start = at + text.len();
            }
            Line::Sealed { .. } => return Err(NoExport::Changed),
        }
        at += text.len();
    }
    if !run.records.is_empty() || runs.is_empty() {
        return Err(NoExport::NoSeal);
    }
    if runs.len() > 1 {
        return Err(NoExport::Several(runs.len()));
    }
    Ok(runs.remove(0))
}
