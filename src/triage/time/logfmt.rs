//! Stamp and host of a line of `name=value` pairs, as Go programs and firewalls write it.

use std::ops::Range;

use super::Written;
use super::cursor::Cursor;
use super::header::{Header, is_host_name};
use super::json::{HOST_NAMES, TIME_NAMES, written};

/// So many pairs are looked at.
const PAIRS_MAX: usize = 16;
/// Fortinet's name of the host.
const DEVICE_NAME: &[u8] = b"devname";

/// The header of a line that begins with such pairs, when one of them is a time.
pub(super) fn record(line: &[u8], from: usize) -> Option<Header> {
    let mut cursor = Cursor::new(line, from);
    let mut priority = cursor;
    if priority.eat(b'<') && priority.number(1..=3).is_some() && priority.eat(b'>') {
        cursor = priority;
    }
    let mut found: Option<(usize, Written)> = None;
    let (mut date, mut host) = (None, None);
    for _ in 0..PAIRS_MAX {
        let Some((name, value)) = pair(&mut cursor) else { break };
        let text = &line[value.clone()];
        if let Some(rank) = TIME_NAMES.iter().position(|known| name == *known)
            && found.is_none_or(|(known, _)| rank < known)
            && let Some(time) = written(text)
        {
            found = Some((rank, time));
        }
        // `date=2013-11-12 time=11:25:51`
        match name {
            b"date" => date = Cursor::new(text, 0).date(),
            b"time" if let (Some(date), Some(time)) = (date, Cursor::new(text, 0).time()) => {
                found = Some((0, Written::Local(date.to_datetime(time))));
            }
            _ => {}
        }
        if host.is_none() && (HOST_NAMES.contains(&name) || name == DEVICE_NAME) && is_host_name(text) {
            host = Some(value);
        }
    }
    let (_, time) = found?;
    Some(Header { written: Some(time), host, message: from })
}

/// A name and what stands behind the sign, without quotes.
fn pair<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], Range<usize>)> {
    cursor.blanks();
    let rest = cursor.rest();
    let legal = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@');
    let length = rest.iter().take_while(legal).count();
    if length == 0 || rest.get(length) != Some(&b'=') {
        return None;
    }
    cursor.at += length + 1;
    let start = cursor.at;
    if !cursor.eat(b'"') {
        cursor.at += cursor.word().len();
        return Some((&rest[..length], start..cursor.at));
    }
    while let Some(byte) = cursor.peek().filter(|byte| *byte != b'"') {
        cursor.at += if byte == b'\\' { 2 } else { 1 };
    }
    let end = cursor.at.min(cursor.line.len());
    cursor.at = (end + 1).min(cursor.line.len());
    Some((&rest[..length], start + 1..end))
}
