//! When and where a line was written: stamps, and the host that a syslog line names.
//!
//! Looks at one line at a time and only where something hit. A stamp is first [`Written`] as it
//! stands, without guessing; [`Reference`] then settles what it leaves open: year and zone.

mod cursor;
mod date;
mod header;
mod json;
mod logfmt;
mod resolve;
mod stamp;

pub(super) use header::header;
pub(super) use resolve::{Reference, Resolved, Zones};

use jiff::civil;

/// A stamp as it is written, with nothing guessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written {
    /// A date and a time of some zone.
    Local(civil::DateTime),
    /// The same without a year.
    Yearless {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
        /// The time of day.
        time: civil::Time,
    },
    /// A point in time: microseconds since 1970, and the seconds that its zone is ahead of UTC.
    Instant {
        /// Microseconds since 1970-01-01 UTC.
        micros: i64,
        /// `None` for seconds since the epoch, which have no zone.
        ahead: Option<i32>,
    },
    /// Microseconds since the start of the machine.
    Boot(i64),
}

#[cfg(test)]
mod tests;
