//! One line of the journal: a JSON object that ends in the checksum of everything before it, and
//! that names the checksum of the line before. A flipped bit, a cut line and a missing line show.

use serde::{Deserialize, Serialize};

use super::entry::Entry;

const SUM_HEAD: &[u8] = b",\"sum\":\"";
const SUM_TAIL: &[u8] = b"\"}";
const SUM_BYTES: usize = 32;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<'a> {
    /// The version of the format: 1.
    pub kb: u32,
    /// The run it belongs to.
    pub run: String,
    /// When it was written.
    pub at: String,
    /// The checksum of the record before; empty for the first.
    pub after: String,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry<'a>,
}

/// A record as a line, with its line end and its checksum.
pub(super) fn encode(record: &Record<'_>) -> (Vec<u8>, String) {
    let mut line = serde_json::to_vec(record).expect("records hold only text, numbers and lists");
    let sum = checksum(&line);
    line.pop();
    line.extend_from_slice(SUM_HEAD);
    line.extend_from_slice(sum.as_bytes());
    line.extend_from_slice(SUM_TAIL);
    line.push(b'\n');
    (line, sum)
}

/// The record of a line (without its line end) and its checksum; `None` when it is damaged.
pub(super) fn decode(line: &[u8]) -> Option<(Record<'static>, String)> {
    let head = line.strip_suffix(SUM_TAIL)?;
    let (head, sum) = head.split_at(head.len().checked_sub(SUM_BYTES)?);
    let mut body = head.strip_suffix(SUM_HEAD)?.to_vec();
    body.push(b'}');
    if checksum(&body).as_bytes() != sum {
        return None;
    }
    Some((serde_json::from_slice(&body).ok()?, String::from_utf8(sum.to_vec()).ok()?))
}

fn checksum(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..SUM_BYTES].to_owned()
}
