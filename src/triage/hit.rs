//! A line that a signature matched, with when, where and with which values.

use std::ops::Range;
use std::sync::Arc;

use super::time::Zones;
use crate::report::Stamp;
use crate::runbook::ParamName;

/// Without times a window is taken as met within so many lines.
pub(super) const LINES_WITHOUT_TIMES: u64 = 200;

/// Where a line stands in the order of everything that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Sorts by time; a line without a stamp of its file's clock has that of the line above.
    pub(super) key: i64,
    /// Which input.
    pub(super) file: u32,
    /// Its number in that input, from 1.
    pub(super) line: u64,
    /// So many lines of its message stand before it, where one line of a log holds several.
    pub(super) part: u32,
    /// Its stamp, or that of the line above.
    pub(super) stamp: Option<Stamp>,
    /// What the stamp may be compared with.
    pub(super) zones: Option<Zones>,
}

/// What hits are sorted by.
pub(super) type Order = (i64, u32, u64, u32);

/// How two hits stand to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// In it.
    Within,
    /// Taken to be in it: there are no times to tell by, and few lines between them.
    Assumed,
    /// The later one is past its end, and so is all that follows.
    Over,
    /// Nothing tells, or the later one is stamped earlier.
    Apart,
}

impl Gap {
    /// True when the window counts as met.
    pub(super) fn is_met(self) -> bool {
        matches!(self, Self::Within | Self::Assumed)
    }
}

impl Mark {
    /// What hits are sorted by.
    pub(super) fn order(&self) -> Order {
        (self.key, self.file, self.line, self.part)
    }

    /// How `later` stands to a window of so many microseconds that begins here.
    pub(super) fn gap(&self, later: &Self, within: Option<i64>) -> Gap {
        let Some(within) = within else { return Gap::Within };
        if let Some(micros) = self.micros_to(later) {
            return match micros {
                ..0 => Gap::Apart,
                _ if micros <= within => Gap::Within,
                _ => Gap::Over,
            };
        }
        if self.file != later.file {
            Gap::Apart
        } else if self.line.abs_diff(later.line) <= LINES_WITHOUT_TIMES {
            Gap::Assumed
        } else {
            Gap::Over
        }
    }

    /// The time between two marks whose stamps may be compared.
    fn micros_to(&self, later: &Self) -> Option<i64> {
        let (from, to) = (self.stamp?, later.stamp?);
        let comparable = self.file == later.file
            || self.zones.zip(later.zones).is_some_and(|(one, other)| one.comparable(other));
        (from.clock == to.clock && comparable).then(|| to.micros.saturating_sub(from.micros))
    }
}

/// What a set of hits agrees on: the host, and one value for each name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binding {
    /// `None` when no record names one, or when it does not matter.
    pub(super) host: Option<Arc<[u8]>>,
    /// Sorted by name, each name once.
    pub(super) values: Arc<[(ParamName, Arc<[u8]>)]>,
}

impl Binding {
    /// The value of a name.
    pub(super) fn value(&self, name: &ParamName) -> Option<&Arc<[u8]>> {
        let at = self.values.binary_search_by(|(known, _)| known.cmp(name)).ok()?;
        Some(&self.values[at].1)
    }

    /// True when no name and no host has two values in them.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let hosts = match (&self.host, &other.host) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        hosts && self.values.iter().all(|(name, value)| other.value(name).is_none_or(|other| other == value))
    }

    /// Both together, when they agree.
    pub(super) fn join(&self, other: &Self) -> Option<Self> {
        if !self.agrees(other) {
            return None;
        }
        let host = self.host.clone().or_else(|| other.host.clone());
        let missing = other.values.iter().filter(|(name, _)| self.value(name).is_none());
        if missing.clone().next().is_none() {
            return Some(Self { host, values: Arc::clone(&self.values) });
        }
        let mut values: Vec<_> = self.values.iter().chain(missing).cloned().collect();
        values.sort();
        Some(Self { host, values: values.into() })
    }

    /// True when it says all that `other` says.
    pub(super) fn covers(&self, other: &Self) -> bool {
        (other.host.is_none() || self.host == other.host)
            && other.values.iter().all(|(name, value)| self.value(name) == Some(value))
    }
}

/// A line that a step of a symptom block matched.
#[derive(Debug)]
pub(super) struct Hit {
    /// Index of the step.
    pub(super) step: usize,
    /// Index of the alternative.
    pub(super) alternative: usize,
    /// Where it stands.
    pub(super) mark: Mark,
    /// The host of its record.
    pub(super) host: Option<Arc<[u8]>>,
    /// What it says: its values, and its host unless the block takes evidence of any.
    pub(super) binding: Binding,
    /// The cleaned line, or the part of it around the match.
    pub(super) text: Arc<[u8]>,
    /// What the signature matched in `text`.
    pub(super) matched: Range<usize>,
}

impl Hit {
    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let values: usize = self.binding.values.iter().map(|(_, value)| value.len() + 48).sum();
        size_of::<Self>() + self.text.len() + values
    }
}
