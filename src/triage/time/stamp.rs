//! The shapes of stamps, each tried where a line begins.

use jiff::civil;

use super::Written;
use super::cursor::Cursor;
use super::date::{day_month_year, numeric};

/// 2001-09-09 to 2100: what ten digits at the start of a line can mean as seconds.
pub(super) const EPOCH_SECONDS: std::ops::Range<i64> = 1_000_000_000..4_102_444_800;

/// How a line goes on after its stamp; decides how a host is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `host tag:` follows, if anything of that kind does.
    Syslog,
    /// `host app procid msgid` follows.
    Rfc5424,
    /// Text follows in which a host is unlikely: only `host tag[pid]:` is one.
    Free,
    /// No host.
    Bare,
}

/// The stamp at a position, the position after it, and what to expect there.
pub(super) fn stamp(mut cursor: Cursor<'_>) -> Option<(Written, usize, Style)> {
    let (written, style) = match cursor.peek()? {
        b'<' => return after_priority(cursor),
        b'[' | b'(' => (bracketed(&mut cursor)?, Style::Free),
        b'0'..=b'9' => digits(&mut cursor)?,
        b'*' | b'.' => {
            // Cisco marks a clock that is not synchronised.
            cursor.at += 1;
            (named_month(&mut cursor)?, Style::Syslog)
        }
        b'A'..=b'Z' => letters(&mut cursor)?,
        b't' if let Some(written) = audit(&mut cursor) => (written, Style::Bare),
        b'a'..=b'z' => (web_access(&mut cursor)?, Style::Bare),
        _ => return None,
    };
    Some((written, cursor.at, style))
}

/// `<34>1 2003-…`, `<6>[754] `, `<166>2013-…`, `<13>Nov 12 …`.
fn after_priority(mut cursor: Cursor<'_>) -> Option<(Written, usize, Style)> {
    cursor.eat(b'<');
    cursor.number(1..=3)?;
    if !cursor.eat(b'>') {
        return None;
    }
    let mut modern = cursor;
    if modern.eat_text(b"1 ")
        && let Some(written) = iso(&mut modern)
    {
        return Some((written, modern.at, Style::Rfc5424));
    }
    // Cisco's EMBLEM format puts a colon here.
    cursor.eat(b':');
    cursor.blanks();
    if cursor.peek() == Some(b'[') {
        let written = seconds_since_boot(&mut cursor, false)?;
        return Some((written, cursor.at, Style::Bare));
    }
    match cursor.peek()? {
        b'<' => None,
        _ => stamp(cursor),
    }
}

/// `[12345.678901] `; without a fraction only where a priority stands before it.
fn seconds_since_boot(cursor: &mut Cursor<'_>, fraction_needed: bool) -> Option<Written> {
    let mut ahead = *cursor;
    ahead.eat(b'[');
    ahead.blanks();
    let seconds = ahead.number(1..=10)?;
    let has_fraction = ahead.peek() == Some(b'.');
    let micros = ahead.fraction();
    if !ahead.eat(b']') || (fraction_needed && !has_fraction) || EPOCH_SECONDS.contains(&seconds) {
        return None;
    }
    *cursor = ahead;
    Some(Written::Boot(seconds * 1_000_000 + micros))
}

/// A stamp in brackets: of dmesg, Nagios, Apache's error log and many programs.
fn bracketed(cursor: &mut Cursor<'_>) -> Option<Written> {
    if let Some(written) = seconds_since_boot(cursor, true) {
        return Some(written);
    }
    let mut ahead = *cursor;
    ahead.at += 1;
    // `[I 2013-11-12 …]`, as Python's servers write it.
    if let [b'A'..=b'Z', b' ', ..] = ahead.rest() {
        ahead.at += 2;
    }
    let written = match ahead.peek()? {
        b'0'..=b'9' => digits(&mut ahead).map(|found| found.0),
        _ => letters(&mut ahead).map(|found| found.0),
    }?;
    if !ahead.eat(b']') {
        ahead.eat(b')');
    }
    *cursor = ahead;
    Some(written)
}

fn digits(cursor: &mut Cursor<'_>) -> Option<(Written, Style)> {
    if let Some((written, style)) = iso_style(cursor) {
        return Some((written, style));
    }
    let start = cursor.at;
    if let Some(written) = epoch(cursor) {
        // With microseconds it is of `journalctl -o short-unix`, and a host follows.
        let with_micros = cursor.at - start == "1384251951.123456".len();
        return Some((written, if with_micros { Style::Syslog } else { Style::Bare }));
    }
    if let Some(written) = year_and_named_month(cursor) {
        return Some((written, Style::Syslog));
    }
    if let Some(written) = day_month_year(cursor).or_else(|| numeric(cursor)) {
        return Some((written, Style::Free));
    }
    web_access(cursor).map(|written| (written, Style::Bare))
}

/// `2013-11-12T11:25:51.123Z`, also with a blank, a comma, slashes.
fn iso(cursor: &mut Cursor<'_>) -> Option<Written> {
    iso_style(cursor).map(|(written, _)| written)
}

fn iso_style(cursor: &mut Cursor<'_>) -> Option<(Written, Style)> {
    let mut ahead = *cursor;
    let date = ahead.date()?;
    let style = match ahead.peek()? {
        b'T' | b't' => Style::Syslog,
        b' ' | b'_' | b'-' => Style::Free,
        b',' if ahead.line.get(ahead.at + 1) == Some(&b' ') => {
            ahead.at += 1;
            Style::Free
        }
        _ => return None,
    };
    ahead.at += 1;
    let time = ahead.time()?;
    let written = with_zone(date.to_datetime(time), &mut ahead);
    *cursor = ahead;
    Some((written, style))
}

/// Seconds (or milliseconds) since 1970 as the first word.
fn epoch(cursor: &mut Cursor<'_>) -> Option<Written> {
    let mut ahead = *cursor;
    let micros = match ahead.number(10..=10) {
        Some(seconds) => seconds * 1_000_000 + ahead.fraction(),
        None => ahead.number(13..=13)? * 1000,
    };
    let ends =
        ahead.peek().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b':' | b',' | b']' | b'|' | b';'));
    if !ends || !EPOCH_SECONDS.contains(&(micros / 1_000_000)) {
        return None;
    }
    *cursor = ahead;
    Some(Written::Instant { micros, ahead: None })
}

/// `2013 Nov 12 11:25:51`.
fn year_and_named_month(cursor: &mut Cursor<'_>) -> Option<Written> {
    let mut ahead = *cursor;
    let year = ahead.number(4..=4)?;
    if ahead.blanks() == 0 {
        return None;
    }
    let Written::Yearless { month, day, time } = named_month(&mut ahead)? else { return None };
    let date = civil::Date::new(year as i16, month, day).ok()?;
    *cursor = ahead;
    Some(Written::Local(date.to_datetime(time)))
}

/// `192.0.2.1 - - [12/Nov/2013:11:25:51 +0100] "GET …`: the bracket within the first 256 bytes.
fn web_access(cursor: &mut Cursor<'_>) -> Option<Written> {
    let head = &cursor.rest()[..cursor.rest().len().min(256)];
    let open = memchr::memchr(b'[', head)?;
    let mut ahead = Cursor::new(cursor.line, cursor.at + open + 1);
    let written = day_month_year(&mut ahead)?;
    if !ahead.eat(b']') {
        return None;
    }
    *cursor = ahead;
    Some(written)
}

fn letters(cursor: &mut Cursor<'_>) -> Option<(Written, Style)> {
    if let Some(written) = klog(cursor) {
        return Some((written, Style::Bare));
    }
    let mut ahead = *cursor;
    if ahead.weekday() {
        // `Tue 2013-11-12 11:25:51 UTC fw1 …` is of `journalctl -o short-full`.
        let named = named_month(&mut ahead).or_else(|| day_month_year(&mut ahead));
        let named = named.map(|written| (written, Style::Free));
        let found = named.or_else(|| Some((iso(&mut ahead)?, Style::Syslog)))?;
        *cursor = ahead;
        return Some(found);
    }
    if let Some(written) = named_month(cursor) {
        return Some((written, Style::Syslog));
    }
    web_access(cursor).map(|written| (written, Style::Bare))
}

/// `I1112 11:25:51.123456`.
fn klog(cursor: &mut Cursor<'_>) -> Option<Written> {
    let mut ahead = *cursor;
    if !matches!(ahead.peek()?, b'I' | b'W' | b'E' | b'F') {
        return None;
    }
    ahead.at += 1;
    let date = ahead.number(4..=4)?;
    let time = ahead.eat(b' ').then(|| ahead.time())??;
    let (month, day) = ((date / 100) as i8, (date % 100) as i8);
    civil::Date::new(2000, month, day).ok()?;
    *cursor = ahead;
    Some(Written::Yearless { month, day, time })
}

/// `Nov 12 11:25:51`, `Nov 12 2013 11:25:51`, `Nov 12, 2013 11:25:51`, `Nov 12 11:25:51 2013`.
fn named_month(cursor: &mut Cursor<'_>) -> Option<Written> {
    let mut ahead = *cursor;
    let month = ahead.month()?;
    let day = (1..=3).contains(&ahead.blanks()).then(|| ahead.number(1..=2))??;
    ahead.eat(b',');
    if ahead.blanks() == 0 {
        return None;
    }
    let mut year = year(&mut ahead);
    if year.is_some() {
        ahead.eat(b',');
        if ahead.blanks() == 0 {
            return None;
        }
    }
    let time = ahead.time()?;
    if year.is_none() {
        let mut further = ahead;
        year = further.eat(b' ').then(|| self::year(&mut further)).flatten();
        if year.is_some() && further.peek().is_none_or(|byte| matches!(byte, b' ' | b']' | b':' | b',')) {
            ahead = further;
        } else {
            year = None;
        }
    }
    // A leap year decides whether the 29th of February exists; without one it may.
    let date = civil::Date::new(year.unwrap_or(2000), month, day as i8).ok()?;
    *cursor = ahead;
    Some(match year {
        Some(_) => with_zone(date.to_datetime(time), cursor),
        None => Written::Yearless { month, day: day as i8, time },
    })
}

/// Four digits that are a year of this time.
pub(super) fn year(cursor: &mut Cursor<'_>) -> Option<i16> {
    let mut ahead = *cursor;
    let year = ahead.number(4..=4).filter(|year| (1970..2100).contains(year))?;
    *cursor = ahead;
    Some(year as i16)
}

/// `type=AVC msg=audit(1384251951.123:42): …`.
fn audit(cursor: &mut Cursor<'_>) -> Option<Written> {
    let head = &cursor.rest()[..cursor.rest().len().min(128)];
    if !head.starts_with(b"type=") {
        return None;
    }
    let mark = b"msg=audit(";
    let at = memchr::memmem::find(head, mark)?;
    let mut ahead = Cursor::new(cursor.line, cursor.at + at + mark.len());
    let written = epoch(&mut ahead)?;
    *cursor = ahead;
    Some(written)
}

/// A date and time, at a point in time when a zone follows.
pub(super) fn with_zone(local: civil::DateTime, cursor: &mut Cursor<'_>) -> Written {
    let before = *cursor;
    let Some(ahead) = cursor.zone() else { return Written::Local(local) };
    let offset = jiff::tz::Offset::from_seconds(ahead).ok();
    if let Some(instant) = offset.and_then(|offset| offset.to_timestamp(local).ok()) {
        return Written::Instant { micros: instant.as_microsecond(), ahead: Some(ahead) };
    }
    *cursor = before;
    Written::Local(local)
}
