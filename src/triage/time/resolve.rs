//! What a stamp leaves open, settled: the year is the nearest past, the zone the one that was told.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Written;
use super::stamp::EPOCH_SECONDS;
use crate::report::{Clock, Stamp};
use crate::triage::Options;

/// A clock may be ahead of ours by so much before its stamps are taken for those of last year.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The 29th of February is looked for in so many years back.
const YEARS_BACK: i16 = 9;

/// Which clocks a stamp may be compared with: stamps of two files are compared only when they have
/// one of these in common. Within one file they always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::triage) struct Zones(u8);

impl Zones {
    /// The stamp says its zone.
    const WRITTEN: Self = Self(1);
    /// Its zone is the one that was told (or would be the same).
    const TOLD: Self = Self(2);
    /// Both of these.
    const BOTH: Self = Self(3);
    /// Seconds since the start of some machine: of which one is not known.
    const NONE: Self = Self(0);

    /// True when stamps of these may be compared across files.
    pub(in crate::triage) fn comparable(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A stamp with nothing open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::triage) struct Resolved {
    /// When.
    pub(in crate::triage) stamp: Stamp,
    /// What it may be compared with.
    pub(in crate::triage) zones: Zones,
    /// The year that was taken where none is written and it is not that of the present.
    pub(in crate::triage) guessed_year: Option<i16>,
}

/// From where a stamp is looked at: the present, or the time at which its file was last written.
#[derive(Clone, Debug)]
pub(in crate::triage) struct Reference {
    zone: TimeZone,
    latest: Timestamp,
    year: i16,
}

impl Reference {
    /// The reference for one input. An archive may say that its files were written in 1970 or 1980.
    pub(in crate::triage) fn new(options: &Options, modified: Option<Timestamp>) -> Self {
        let real = modified.filter(|modified| modified.as_second() >= EPOCH_SECONDS.start);
        let latest = real.map_or(options.now, |modified| modified.min(options.now));
        let year = options.now.to_zoned(options.zone.clone()).year();
        Self { zone: options.zone.clone(), latest, year }
    }

    /// Settles a stamp; `None` when it is no point in time at all.
    pub(in crate::triage) fn resolve(&self, written: Written) -> Option<Resolved> {
        let wall = |micros| Stamp { micros, clock: Clock::Wall };
        let told = |stamp: Timestamp, guessed_year| Resolved {
            stamp: wall(stamp.as_microsecond()),
            zones: Zones::TOLD,
            guessed_year,
        };
        match written {
            Written::Boot(micros) => Some(Resolved {
                stamp: Stamp { micros, clock: Clock::Boot },
                zones: Zones::NONE,
                guessed_year: None,
            }),
            Written::Instant { micros, ahead } => {
                let at = Timestamp::from_microsecond(micros).ok()?;
                let same = ahead.is_none_or(|ahead| ahead == self.zone.to_offset(at).seconds());
                let zones = if same { Zones::BOTH } else { Zones::WRITTEN };
                Some(Resolved { stamp: wall(micros), zones, guessed_year: None })
            }
            Written::Local(local) => Some(told(self.instant(local)?, None)),
            Written::Yearless { month, day, time } => {
                let latest = self.latest.checked_add(AHEAD_MAX).unwrap_or(self.latest);
                let last = latest.to_zoned(self.zone.clone()).year();
                let (year, at) = (0..YEARS_BACK).find_map(|back| {
                    let date = civil::Date::new(last - back, month, day).ok()?;
                    let at = self.instant(date.to_datetime(time))?;
                    (at <= latest).then_some((last - back, at))
                })?;
                Some(told(at, (year != self.year).then_some(year)))
            }
        }
    }

    fn instant(&self, local: civil::DateTime) -> Option<Timestamp> {
        // Of an hour that comes twice the first is taken, in an hour that is left out the next.
        self.zone.to_ambiguous_timestamp(local).compatible().ok()
    }
}
