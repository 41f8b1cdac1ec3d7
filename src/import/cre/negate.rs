//! Conditions that must not occur: when the rule forbids them, and where ours can.
//!
//! A rule forbids a condition from an offset to one of its lines on, for a while. Our blocks know
//! three places: before the first line, between two, after the last. What is wider or narrower than
//! the rule is said.

use std::fmt::Write as _;
use std::time::Duration;

use super::model::Condition;
use super::symptoms::{go_duration, short};

/// When a rule forbids a condition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reach {
    /// The line that it begins at, from 0.
    anchor: usize,
    /// Seconds from that line to where it begins.
    slide: f64,
    /// Seconds that it lasts, beside what the lines took.
    more: f64,
    /// It lasts no longer than that.
    absolute: bool,
}

/// Where a sequence of ours forbids it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Within the window before the first line.
    pub(super) before: bool,
    /// Behind which lines but the last, from 0.
    pub(super) between: std::ops::Range<usize>,
    /// Within the window after the last line.
    pub(super) after: bool,
}

impl Reach {
    /// As the condition says it; `None` when a time of it is no time.
    pub(super) fn of(condition: &Condition) -> Option<Self> {
        let seconds = |text: &Option<String>| match text.as_deref() {
            Some(text) => signed_seconds(text),
            None => Some(0.0),
        };
        Some(Self {
            anchor: condition.anchor.unwrap_or(0) as usize,
            slide: seconds(&condition.slide)?,
            more: seconds(&condition.window)?,
            absolute: condition.absolute == Some(true),
        })
    }

    /// From the first line to the last, as a sequence of ours says it too.
    pub(super) fn is_among(self) -> bool {
        self == Self::default()
    }

    /// The seconds that it can lie beside the lines.
    pub(super) fn beside(self) -> Duration {
        Duration::try_from_secs_f64(self.slide.abs() + self.more.max(0.0)).unwrap_or_default()
    }

    /// The words of the rule that make it another one than [`Reach::is_among`].
    pub(super) fn constructs(self, condition: &Condition) -> Vec<&'static str> {
        [
            ("anchor", self.anchor > 0),
            ("slide", condition.slide.is_some()),
            ("negate window", condition.window.is_some()),
            ("absolute", self.absolute),
        ]
        .into_iter()
        .filter_map(|(name, used)| used.then_some(name))
        .collect()
    }

    /// The places in a sequence of so many lines within a window.
    pub(super) fn places(self, lines: usize, window: Option<Duration>) -> Places {
        let window = window.map_or(f64::INFINITY, |window| window.as_secs_f64());
        let first = if self.slide < 0.0 { 0 } else { self.anchor };
        // It begins after the last line, or ends before the first.
        let beside = self.slide >= window || (self.anchor == 0 && self.slide <= -window);
        let last = lines.saturating_sub(1);
        let between = if beside { 0..0 } else { first.min(last)..last };
        let after = match self.anchor {
            0 => self.slide + self.more > 0.0,
            _ => self.slide + self.more > 0.0 || (self.slide + self.more >= 0.0 && !self.absolute),
        };
        let before = self.anchor == 0 && self.slide < 0.0;
        Places { before, between, after }
    }

    /// When the rule forbids it, in words.
    pub(super) fn words(self) -> String {
        let line = match self.anchor {
            0 => "the first line".to_owned(),
            more => format!("line {}", more + 1),
        };
        let mut words = match self.slide {
            0.0 => format!("from {line} on"),
            slide => {
                let where_to = if slide < 0.0 { "before" } else { "after" };
                format!("from {} {where_to} {line} on", seconds(slide.abs()))
            }
        };
        match (self.absolute, self.more) {
            (true, more) => {
                let _ = write!(words, " for {}", seconds(more.max(0.0)));
            }
            (false, 0.0) => words.push_str(" for as long as the lines took"),
            (false, more) => {
                let _ = write!(words, " for as long as the lines took and {}", seconds(more));
            }
        }
        words
    }
}

impl Places {
    /// They, in words.
    pub(super) fn words(&self, window: Option<Duration>) -> String {
        let within = window.map(|window| format!("within {} ", short(window))).unwrap_or_default();
        let mut places = Vec::new();
        if self.before {
            places.push(format!("{within}before the first line"));
        }
        match self.between.start {
            _ if self.between.is_empty() => {}
            0 => places.push("between the lines".to_owned()),
            first => places.push(format!("between the lines from line {} on", first + 1)),
        }
        if self.after {
            places.push(format!("{within}after the last line"));
        }
        if places.is_empty() { "nowhere".to_owned() } else { places.join(" and ") }
    }
}

fn signed_seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    Some(sign * go_duration(rest)?.as_secs_f64())
}

fn seconds(seconds: f64) -> String {
    short(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests;
