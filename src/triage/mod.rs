//! Triage: logs in, ranked runbooks with their reasons out.
//!
//! Signatures come first: blocks of input are searched whole, and line bounds, time stamps, hosts
//! and records are worked out only where something hit. Hits are judged by streaming evaluators,
//! so that memory does not grow with the input. Full text is the second step, for lines that no
//! signature explains. Reads only from the readers it is given; opens nothing, runs nothing, asks
//! no clock: what time it is comes in [`Options`].

pub mod shape;

use std::fmt;
use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

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
