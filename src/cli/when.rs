//! Times as people type them: `03:00`, `1h`, `yesterday`, a date, a full time stamp.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// The instant that a text means: `now` is the present, and times without a zone are in `zone`.
pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    let here = now.to_zoned(zone.clone());
    relative(text, now)
        .or_else(|| day(text, &here))
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| text.strip_prefix('@')?.parse().ok().and_then(|at| Timestamp::from_second(at).ok()))
        .or_else(|| {
            text.parse::<DateTime>()
                .ok()
                .filter(|_| text.len() > 10)
                .and_then(|at| at.to_zoned(zone.clone()).ok())
                .map(|at| at.timestamp())
        })
        .or_else(|| text.parse::<Date>().ok()?.to_zoned(zone.clone()).ok().map(|at| at.timestamp()))
        .or_else(|| clock(text, &here))
        .ok_or_else(|| format!("`{}` is no time", crate::text::printable(text)))
}

/// `1h`, `90m`, `2d`, `1h30m`, also with a `-` in front or `ago` behind.
fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let text = text.strip_suffix("ago").unwrap_or(text).trim();
    let mut seconds: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].trim_start();
        let letters = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        let length = match &unit[..letters] {
            "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86400,
            "w" | "week" | "weeks" => 7 * 86400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(length)?)?;
        rest = unit[letters..].trim_start();
    }
    if text.is_empty() {
        return None;
    }
    now.checked_sub(SignedDuration::from_secs(seconds)).ok()
}

fn day(text: &str, here: &Zoned) -> Option<Timestamp> {
    let date = match text {
        "now" => return Some(here.timestamp()),
        "today" => here.date(),
        "yesterday" => here.date().yesterday().ok()?,
        _ => return None,
    };
    Some(date.to_zoned(here.time_zone().clone()).ok()?.timestamp())
}

/// A time of day: the last one that has passed.
fn clock(text: &str, here: &Zoned) -> Option<Timestamp> {
    let time: Time = text.parse().ok()?;
    let today = here.date().to_datetime(time).to_zoned(here.time_zone().clone()).ok()?;
    if today.timestamp() <= here.timestamp() {
        return Some(today.timestamp());
    }
    let before = here.date().yesterday().ok()?.to_datetime(time);
    Some(before.to_zoned(here.time_zone().clone()).ok()?.timestamp())
}

/// A zone as people type it: a name of the database, `UTC`, `+02:00`.
pub fn zone(text: &str) -> Result<TimeZone, String> {
    let wrong = || format!("`{}` is no time zone", crate::text::printable(text));
    if let Ok(zone) = TimeZone::get(text) {
        return Ok(zone);
    }
    let offset = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    let (sign, digits) = match offset.as_bytes().first() {
        Some(b'+') => (1, &offset[1..]),
        Some(b'-') => (-1, &offset[1..]),
        _ => return Err(wrong()),
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    let number = |part: Option<&str>| part.unwrap_or("0").parse::<i32>().map_err(|_| wrong());
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number(Some(&digits))?, 0),
        4 => (number(digits.get(..2))?, number(digits.get(2..))?),
        _ => return Err(wrong()),
    };
    let seconds = sign * (hours * 3600 + minutes * 60);
    jiff::tz::Offset::from_seconds(seconds).map(TimeZone::fixed).map_err(|_| wrong())
}

#[cfg(test)]
mod tests;
