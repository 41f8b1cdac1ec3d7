//! Values of keys: times, counts, lists, words out of a fixed set.

use std::time::Duration;

use super::mark::{Mark, Word};
use super::near::nearest_word;
use super::sink::Sink;
use crate::diag::Diagnostic;

const DAY: u64 = 86_400;
const DURATION_MAX: Duration = Duration::from_secs(366 * DAY);

fn malformed(key: &str, value: &Word, wanted: &str) -> Diagnostic {
    let message = format!("`{}` is no value of `{key}=`", value.text);
    Diagnostic::error("info-value", value.span, message).hint(format!("Write {wanted}."))
}

/// `500ms`, `30s`, `10m`, `2h`, `1d`.
pub(super) fn duration(mark: &Mark, key: &str, sink: &mut Sink) -> Option<Duration> {
    let value = mark.key(key)?;
    let parsed = parse_duration(&value.text);
    if parsed.is_none() {
        sink.push(malformed(key, value, "a whole number and `ms`, `s`, `m`, `h` or `d`, for instance `30s`"));
    }
    parsed
}

/// A time as it is written in a runbook: `500ms`, `30s`, `10m`, `2h`, `1d`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text[..digits].parse().ok()?;
    let duration = match &text[digits..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        "h" => Duration::from_secs(number.checked_mul(3600)?),
        "d" => Duration::from_secs(number.checked_mul(DAY)?),
        _ => return None,
    };
    (!duration.is_zero() && duration <= DURATION_MAX).then_some(duration)
}

/// A whole number in a range.
pub(super) fn number(
    mark: &Mark,
    key: &str,
    range: std::ops::RangeInclusive<u32>,
    sink: &mut Sink,
) -> Option<u32> {
    let value = mark.key(key)?;
    let parsed = value.text.parse().ok().filter(|number| range.contains(number));
    if parsed.is_none() {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        sink.push(malformed(key, value, &wanted));
    }
    parsed
}

/// One of a fixed set of words.
pub(super) fn choice<T: Copy>(mark: &Mark, key: &str, choices: &[(&str, T)], sink: &mut Sink) -> Option<T> {
    let value = mark.key(key)?;
    let found = choices.iter().find(|(name, _)| *name == value.text).map(|(_, choice)| *choice);
    if found.is_none() {
        let all: Vec<String> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        let found = malformed(key, value, &all.join(" or "));
        sink.push(match nearest_word(&value.text, choices.iter().map(|(name, _)| *name)) {
            Some(near) => found.hint(format!("Did you mean `{key}={near}`?")),
            None => found,
        });
    }
    found
}

/// Words separated by commas, each of a form of its own.
pub(super) fn list(
    mark: &Mark,
    key: &str,
    legal: impl Fn(&str) -> bool,
    wanted: &str,
    sink: &mut Sink,
) -> Vec<Word> {
    let Some(value) = mark.key(key) else { return Vec::new() };
    let mut at = 0;
    let mut words = Vec::new();
    for part in value.text.split(',') {
        // A quoted value begins one byte later.
        let quote = usize::from(value.span.end - value.span.start > value.text.len() as u32);
        let span = value.span.part(at + quote..at + quote + part.len());
        at += part.len() + 1;
        let word = Word { text: part.trim().to_owned(), span };
        if legal(&word.text) {
            words.push(word);
        } else {
            sink.push(malformed(key, &word, wanted));
        }
    }
    words
}
