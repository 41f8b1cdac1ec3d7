//! Times and spans as a person says them.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::report::{Clock, Stamp};

/// The present, and the zone in which times are shown.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The present.
    pub now: Timestamp,
    /// The zone.
    pub zone: TimeZone,
}

impl Moment {
    /// A stamp as a time: `2013-11-12 11:25:54`, or `12345.678 s after boot`.
    pub fn time(&self, stamp: Stamp) -> String {
        match (stamp.clock, Timestamp::from_microsecond(stamp.micros)) {
            (Clock::Wall, Ok(at)) => at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            _ => format!("{:.3} s after boot", stamp.micros as f64 / 1e6),
        }
    }

    /// How long ago a stamp was: `20 s ago`, `12 d ago`; empty for a clock of its own.
    pub fn ago(&self, stamp: Stamp) -> Option<String> {
        if stamp.clock != Clock::Wall {
            return None;
        }
        let micros = self.now.as_microsecond() - stamp.micros;
        Some(ago(micros))
    }
}

/// How long ago, from microseconds.
pub fn ago(micros: i64) -> String {
    let length = span(Duration::from_micros(micros.unsigned_abs()));
    if micros < -1_000_000 { format!("{length} ahead of this clock") } else { format!("{length} ago") }
}

/// A length of time in its largest unit that is not too coarse.
pub fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        172_800..=63_071_999 => format!("{} d", seconds / 86_400),
        _ => format!("{} years", seconds / 31_557_600),
    }
}
