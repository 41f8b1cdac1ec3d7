//! Stamp and host of a JSON record, under the names that programs give them.

use std::ops::Range;

use super::Written;
use super::cursor::Cursor;
use super::header::{Header, is_host_name};
use super::stamp::{EPOCH_SECONDS, stamp};
use crate::signature::json::{Field, Value, fields};

/// Names of the time, those that say the most about it first.
pub(super) const TIME_NAMES: [&[u8]; 25] = [
    b"time",
    b"timestamp",
    b"@timestamp",
    b"ts",
    b"__REALTIME_TIMESTAMP",
    b"_SOURCE_REALTIME_TIMESTAMP",
    b"t",
    b"@t",
    b"datetime",
    b"date",
    b"Time",
    b"Timestamp",
    b"TIMESTAMP",
    b"DATE",
    b"asctime",
    b"eventTime",
    b"event_time",
    b"time_iso8601",
    b"time_local",
    b"timeMillis",
    b"timestampMs",
    b"epochSecond",
    b"log_time",
    b"created",
    b"start_time",
];
/// An object of one of the names above holds the time under one of these (`MongoDB`).
const DATE_NAMES: [&[u8]; 2] = [b"$date", b"$numberLong"];
pub(super) const HOST_NAMES: [&[u8]; 8] =
    [b"_HOSTNAME", b"hostname", b"host", b"host.name", b"Hostname", b"HOSTNAME", b"HOST", b"logsource"];
/// The message may have a stamp and a host of its own.
const MESSAGE_NAMES: [&[u8]; 4] = [b"log", b"message", b"MESSAGE", b"msg"];

/// The header of the record that opens at a place.
pub(super) fn record(line: &[u8], open: usize) -> Header {
    let mut found: Vec<Field> = Vec::new();
    fields(line, open, &mut |field| found.push(field));
    let named =
        |names: &[&[u8]], range: &Range<usize>| names.iter().position(|name| line[range.clone()] == **name);
    let rank = |field: &Field| match named(&TIME_NAMES, &field.name) {
        Some(name) => Some((field.depth, name)),
        None => named(&DATE_NAMES, &field.name)
            .and_then(|_| named(&TIME_NAMES, &field.parent))
            .map(|name| (field.depth - 1, name)),
    };
    let mut times: Vec<_> = found.iter().filter_map(|field| Some((rank(field)?, field))).collect();
    times.sort_by_key(|(rank, _)| *rank);
    let written = times.iter().find_map(|(_, field)| time(line, &field.value));
    let host_rank = |field: &Field| match field.depth {
        1 => named(&HOST_NAMES, &field.name),
        // `"host":{"name":"fw1"}`
        2 => (line[field.parent.clone()] == *b"host")
            .then(|| named(&[b"name", b"hostname"], &field.name))?
            .map(|name| HOST_NAMES.len() + name),
        _ => None,
    };
    let hosts = found.iter().filter_map(|field| Some((host_rank(field)?, host(line, &field.value)?)));
    let host = hosts.min_by_key(|(rank, _)| *rank).map(|(_, host)| host);
    let mut header = Header { written, host, message: open };
    if header.written.is_none() || header.host.is_none() {
        let message = found.iter().filter(|field| field.depth == 1).filter_map(|field| match &field.value {
            Value::Text(text) => Some((named(&MESSAGE_NAMES, &field.name)?, text.clone())),
            _ => None,
        });
        if let Some((_, text)) = message.min_by_key(|(rank, _)| *rank) {
            let inner = super::header(&line[text.clone()]);
            header.written = header.written.or(inner.written);
            header.host =
                header.host.or(inner.host.map(|host| text.start + host.start..text.start + host.end));
        }
    }
    header
}

fn time(line: &[u8], value: &Value) -> Option<Written> {
    let (Value::Text(range) | Value::Bare(range)) = value else { return None };
    written(&line[range.clone()])
}

/// A time that is a value by itself.
pub(super) fn written(text: &[u8]) -> Option<Written> {
    epoch(text).or_else(|| stamp(Cursor::new(text, 0)).map(|(written, _, _)| written))
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970: their number of digits tells which.
fn epoch(text: &[u8]) -> Option<Written> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = |digits: &[u8]| digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    let micros = match text[digits..].first() {
        None | Some(b'.' | b',') => {
            let fraction = Cursor::new(text, digits).fraction();
            match digits {
                10 => number(&text[..10]) * 1_000_000 + fraction,
                13 => number(&text[..13]) * 1000 + fraction / 1000,
                16 | 19 => number(&text[..16]),
                _ => return scientific(text),
            }
        }
        _ => return scientific(text),
    };
    in_our_time(micros)
}

/// `1.384251951123e9`, as some writers put large numbers.
fn scientific(text: &[u8]) -> Option<Written> {
    let legal = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+');
    if !text.first()?.is_ascii_digit() || !text.iter().all(legal) || text.len() > 40 {
        return None;
    }
    let seconds: f64 = str::from_utf8(text).ok()?.parse().ok()?;
    EPOCH_SECONDS.contains(&(seconds as i64)).then_some((seconds * 1e6) as i64).and_then(in_our_time)
}

fn in_our_time(micros: i64) -> Option<Written> {
    EPOCH_SECONDS.contains(&(micros / 1_000_000)).then_some(Written::Instant { micros, ahead: None })
}

fn host(line: &[u8], value: &Value) -> Option<Range<usize>> {
    let Value::Text(range) = value else { return None };
    is_host_name(&line[range.clone()]).then(|| range.clone())
}
