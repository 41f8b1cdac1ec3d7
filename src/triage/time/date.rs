//! Dates that begin with something else than the year: by the name of the month, or all in digits.

use jiff::civil;

use super::Written;
use super::cursor::Cursor;
use super::stamp::{with_zone, year};

/// `12/Nov/2013:11:25:51 +0100`, `12-Nov-2013 11:25:51.123`, `12 Nov 2013 11:25:51`, `12 Nov 11:25:51`.
pub(super) fn day_month_year(cursor: &mut Cursor<'_>) -> Option<Written> {
    let mut ahead = *cursor;
    let day = ahead.number(1..=2)? as i8;
    let separator = ahead.peek().filter(|byte| matches!(byte, b'/' | b'-' | b' '))?;
    ahead.at += 1;
    let month = ahead.month()?;
    if !ahead.eat(separator) {
        return None;
    }
    let Some(year) = year(&mut ahead) else {
        let time = (separator == b' ').then(|| ahead.time())??;
        civil::Date::new(2000, month, day).ok()?;
        *cursor = ahead;
        return Some(Written::Yearless { month, day, time });
    };
    ahead.eat(b',');
    if !ahead.eat(b':') && ahead.blanks() == 0 {
        return None;
    }
    let time = ahead.time()?;
    let written = with_zone(civil::Date::new(year, month, day).ok()?.to_datetime(time), &mut ahead);
    *cursor = ahead;
    Some(written)
}

/// All in digits: `11/12/2013 03:25:51 PM`, `12.11.2013 11:25:51`, `20131112 11:25:51`,
/// `20131112T112551Z`, `131112 11:25:51` (databases), `13/11/12 11:25:51` (Hadoop), `11-12 11:25:51.123`
/// (Android).
pub(super) fn numeric(cursor: &mut Cursor<'_>) -> Option<Written> {
    let found = parted(*cursor).or_else(|| in_one(*cursor))?;
    let (written, end) = found;
    cursor.at = end;
    Some(written)
}

/// Three numbers, or a month and a day.
fn parted(mut cursor: Cursor<'_>) -> Option<(Written, usize)> {
    let first = cursor.number(1..=2)?;
    let separator = cursor.peek().filter(|byte| matches!(byte, b'/' | b'.' | b'-'))?;
    cursor.at += 1;
    let second = cursor.number(1..=2)?;
    if !cursor.eat(separator) {
        let time = (separator == b'-' && cursor.eat(b' ')).then(|| cursor.time())??;
        let (month, day) = (first as i8, second as i8);
        civil::Date::new(2000, month, day).ok()?;
        return Some((Written::Yearless { month, day, time }, cursor.at));
    }
    let long = year(&mut cursor);
    let short = if long.is_none() && separator == b'/' { cursor.number(2..=2) } else { None };
    cursor.eat(b',');
    if cursor.blanks() == 0 {
        return None;
    }
    let start = cursor.at;
    let time = cursor.time()?;
    let half = cursor.line[start..cursor.at].ends_with(b"M");
    let (year, month, day) = match (long, short) {
        // Who writes slashes puts the month first, who writes dots or dashes the day; a number that
        // is no month is none.
        (Some(year), _) if first > 12 => (year, second, first),
        (Some(year), _) if second > 12 || separator == b'/' => (year, first, second),
        (Some(year), _) => (year, second, first),
        (None, Some(last)) if half => (2000 + last as i16, first, second),
        (None, Some(last)) => (2000 + first as i16, second, last),
        (None, None) => return None,
    };
    let date = civil::Date::new(year, month as i8, day as i8).ok()?;
    let written = with_zone(date.to_datetime(time), &mut cursor);
    Some((written, cursor.at))
}

/// Six or eight digits, and the time behind them.
fn in_one(mut cursor: Cursor<'_>) -> Option<(Written, usize)> {
    let digits = cursor.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = cursor.number(6..=8)?;
    let year = match digits {
        6 => 2000 + number / 10_000,
        8 => Some(number / 10_000).filter(|year| (1970..2100).contains(year))?,
        _ => return None,
    };
    let date = civil::Date::new(year as i16, (number / 100 % 100) as i8, (number % 100) as i8).ok()?;
    let time = match cursor.peek()? {
        b'T' | b't' | b'-' | b'_' if digits == 8 => {
            cursor.at += 1;
            cursor.time().or_else(|| compact_time(&mut cursor))?
        }
        b' ' | b'\t' => {
            cursor.blanks();
            cursor.time()?
        }
        _ => return None,
    };
    let written = with_zone(date.to_datetime(time), &mut cursor);
    Some((written, cursor.at))
}

/// `112551`.
fn compact_time(cursor: &mut Cursor<'_>) -> Option<civil::Time> {
    let mut ahead = *cursor;
    let number = ahead.number(6..=6)?;
    let micros = ahead.fraction();
    let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100);
    let time = civil::Time::new(hour as i8, minute as i8, second as i8, (micros * 1000) as i32).ok()?;
    *cursor = ahead;
    Some(time)
}
