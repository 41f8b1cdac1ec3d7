//! What a log line says: mostly itself; a line that holds a JSON object or pairs says its message.
//!
//! A program that writes JSON hides its line behind escapes and among other fields. What it would have
//! written as plain text is put together here, so that a signature finds it as it would there. Knows how
//! journald, Docker and the usual libraries name the field of the message; knows nothing of times.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memchr3_iter, memrchr};

use super::clean::{ESCAPE, clean, clean_into};
use super::json::{Field, Value, fields, first_object, opens_object, unescape_into};

/// What stands behind the backslash of an escape.
const ESCAPED: &[u8] = b"\"\\/ntrbfu";
/// Names of the message among pairs.
const PAIR_NAMES: [&[u8]; 4] = [b"msg", b"message", b"error", b"err"];
/// Text that is JSON in JSON is looked into so often.
const NESTED_MAX: usize = 3;

/// A line as it is searched.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// The raw line without what a terminal would not have shown.
    line: Cow<'a, [u8]>,
    decoded: Option<Decoded>,
}

/// What a line with an object says.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoded {
    message: Vec<u8>,
    rest: Vec<u8>,
    /// The line counts too.
    itself: bool,
    /// Memory that is used again.
    fields: Vec<Field>,
    text: Vec<u8>,
}

impl Decoded {
    fn clear(&mut self) {
        self.message.clear();
        self.rest.clear();
        self.itself = false;
    }
}

/// What a part of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// So many lines of the message stand before it.
    Message(u32),
    /// What stands beside the message.
    Beside,
}

impl<'a> Said<'a> {
    /// What this raw line says.
    pub fn by(raw: &'a [u8]) -> Self {
        let line = clean(raw);
        let mut decoded = Decoded::default();
        let found = decode(&line, 0, &mut decoded) || decode_pairs(&line, &mut decoded);
        if decoded.itself {
            push(&line, &mut decoded.rest);
        }
        Self { line, decoded: found.then_some(decoded) }
    }

    /// What is searched, in this order: what an earlier part says, a later one need not say again.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &[u8])> {
        let plain = self.decoded.is_none().then_some((Part::Message(0), self.line.as_ref()));
        let (message, rest) = match &self.decoded {
            None => (&[][..], &[][..]),
            Some(decoded) => (decoded.message.as_slice(), decoded.rest.as_slice()),
        };
        let message = (0..).zip(lines(message)).map(|(number, line)| (Part::Message(number), line));
        plain.into_iter().chain(message).chain(lines(rest).map(|line| (Part::Beside, line)))
    }

    /// The first line of the message, else the whole line.
    pub fn headline(&self) -> &[u8] {
        let message = self.decoded.as_ref().and_then(|decoded| lines(&decoded.message).next());
        message.unwrap_or(&self.line)
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
        let more = !rest.is_empty();
        rest = rest.get(line.len() + 1..).unwrap_or_default();
        more.then_some(line)
    })
}

/// Where the next line may stand that does not simply say itself.
pub(super) fn suspect(block: &[u8], from: usize) -> Option<usize> {
    let mut pairs = PairsAbove { line: None, seen: from, pair: false };
    let found = |at: &usize| match block[*at] {
        ESCAPE => true,
        b'{' => opens_object(block, *at),
        _ => block.get(*at + 1).is_some_and(|byte| ESCAPED.contains(byte)) && pairs.opened(block, *at),
    };
    memchr3_iter(ESCAPE, b'{', b'\\', &block[from..]).map(|at| from + at).find(found)
}

/// True for a line with an object whose values are all on the line just as they are said: nothing stands for
/// something else, and nothing is put before them. An escaped line feed only ends what stands before it.
pub(super) fn says_as_it_stands(line: &[u8]) -> bool {
    let Some(open) = first_object(line) else { return false };
    let feed = |at: usize| line[at] == b'\\' && line.get(at + 1) == Some(&b'n');
    if line[..open].iter().any(u8::is_ascii_alphanumeric) || !memchr2_iter(ESCAPE, b'\\', line).all(feed) {
        return false;
    }
    let mut plain = true;
    let end = fields(line, open, &mut |field| {
        plain &= !matches!(field.value, Value::Bytes(_)) && line[field.name] != *b"MESSAGE";
    });
    plain && end.is_none_or(|end| line[end..].trim_ascii().is_empty())
}

/// Appends what is searched of such a line, each part with a line feed; `true` when the line itself, as it
/// stands, is searched too and was left out.
pub(super) fn said_into(raw: &[u8], decoded: &mut Decoded, out: &mut Vec<u8>) -> bool {
    let line = clean(raw);
    decoded.clear();
    if !decode(&line, 0, decoded) && !decode_pairs(&line, decoded) {
        out.extend_from_slice(&line);
        out.push(b'\n');
        return false;
    }
    let as_it_stands = decoded.itself && matches!(line, Cow::Borrowed(_));
    out.append(&mut decoded.message);
    if decoded.itself && !as_it_stands {
        push(&line, &mut decoded.rest);
    }
    out.append(&mut decoded.rest);
    as_it_stands
}

/// Takes a line apart; `false` when it holds no object.
fn decode(line: &[u8], nested: usize, out: &mut Decoded) -> bool {
    let Some(open) = first_object(line).filter(|_| nested <= NESTED_MAX) else { return false };
    let mut found = std::mem::take(&mut out.fields);
    found.clear();
    let end = fields(line, open, &mut |field| found.push(field));
    let holds = !found.is_empty();
    if holds {
        let kind = say(line, open, &found, nested, out);
        let after = end.map(|end| line[end..].trim_ascii());
        let more = after.is_some_and(|after| decode(after, nested + 1, out));
        // An envelope that is whole says nothing but the message. What follows an object is part of the line.
        let more_counts = if more { out.itself } else { !after.is_some_and(<[u8]>::is_empty) };
        out.itself = kind == Kind::Other || more_counts;
    }
    out.fields = found;
    holds
}

/// What the fields of an object say that opens there.
fn say(line: &[u8], open: usize, found: &[Field], nested: usize, out: &mut Decoded) -> Kind {
    let message = message(line, found);
    let kind = message.map_or(Kind::Other, |at| Kind::of(line, found, &found[at]));
    if let Some(at) = message {
        let mut text = std::mem::take(&mut out.text);
        text.clear();
        if line[..open].iter().any(u8::is_ascii_alphanumeric) {
            text.extend_from_slice(&line[..open]);
        }
        if kind == Kind::Journal {
            identify(line, found, &mut text);
        }
        unescape_into(line, &found[at].value, &mut text);
        for line in lines(&text) {
            if !decode(line, nested + 1, out) && !decode_pairs(line, out) {
                push(line, &mut out.message);
            } else if std::mem::take(&mut out.itself) {
                push(line, &mut out.rest);
            }
        }
        out.text = text;
    }
    if kind == Kind::Other {
        let others = found.iter().enumerate().filter(|(at, _)| Some(*at) != message);
        others.for_each(|(_, field)| beside(line, field, nested, &mut out.rest));
    }
    kind
}

/// Whether a quote behind the sign of a pair opened on a line, asked for one place after the other: a long
/// line of backslashes is looked through once.
struct PairsAbove {
    /// Where the line of the last place begins.
    line: Option<usize>,
    /// How far it was looked through.
    seen: usize,
    pair: bool,
}

impl PairsAbove {
    fn opened(&mut self, block: &[u8], at: usize) -> bool {
        let feed = memrchr(b'\n', &block[self.seen..at]).map(|feed| self.seen + feed + 1);
        let start = match (feed, self.line) {
            (Some(start), _) => start,
            (None, Some(line)) => line,
            (None, None) => memrchr(b'\n', &block[..self.seen]).map_or(0, |feed| feed + 1),
        };
        if self.line != Some(start) {
            *self = Self { line: Some(start), seen: start, pair: false };
        }
        // The quote may stand where the last look ended, its sign before it.
        let from = self.seen.saturating_sub(1).max(start);
        self.pair = self.pair || quoted_values(&block[from..at]).next().is_some();
        self.seen = at;
        self.pair
    }
}

/// Where values in quotes begin, behind `="`.
fn quoted_values(line: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b'=', line).filter(|at| line.get(at + 1) == Some(&b'"')).map(|at| at + 2)
}

/// Takes the message out of `level=error msg="no \"x\""`; `false` when the line holds none in quotes.
fn decode_pairs(line: &[u8], out: &mut Decoded) -> bool {
    let rank = |start: usize| {
        let before = &line[..start - 2];
        let name = PAIR_NAMES.iter().position(|name| before.ends_with(name))?;
        let preceding = before[..before.len() - PAIR_NAMES[name].len()].last();
        preceding.is_none_or(|byte| *byte == b' ').then_some((name, start))
    };
    let Some((_, start)) = quoted_values(line).filter_map(rank).min() else { return false };
    let mut end = start;
    while let Some(byte) = line.get(end).filter(|byte| **byte != b'"') {
        end += if *byte == b'\\' { 2 } else { 1 };
    }
    let mut text = Vec::new();
    unescape_into(line, &Value::Text(start..end.min(line.len())), &mut text);
    lines(&text).for_each(|line| push(line, &mut out.message));
    out.itself = true;
    true
}

/// Who wrote the object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// journald: the other fields are about the message.
    Journal,
    /// Docker, or what collects the logs of containers: so are these.
    Container,
    Other,
}

impl Kind {
    fn of(line: &[u8], fields: &[Field], message: &Field) -> Self {
        let has =
            |name: &[u8]| fields.iter().any(|field| field.depth == 1 && line[field.name.clone()] == *name);
        match &line[message.name.clone()] {
            _ if message.depth > 1 => Self::Other,
            b"MESSAGE" if has(b"__REALTIME_TIMESTAMP") || has(b"_BOOT_ID") => Self::Journal,
            b"log" if has(b"stream") => Self::Container,
            _ => Self::Other,
        }
    }
}

/// Which field holds the message: one of the object itself before one of an object in it.
fn message(line: &[u8], found: &[Field]) -> Option<usize> {
    let rank = |field: &Field| {
        let text = matches!(field.value, Value::Text(_) | Value::Bytes(_));
        let likely: u8 = match &line[field.name.clone()] {
            b"MESSAGE" => 0,
            b"message" => 1,
            b"msg" => 2,
            b"log" => 3,
            b"@message" => 4,
            b"Message" => 5,
            b"short_message" => 6,
            b"textPayload" => 7,
            b"text" => 8,
            b"event" => 9,
            b"body" => 10,
            _ => return None,
        };
        text.then_some((field.depth, likely))
    };
    let ranked = found.iter().enumerate().filter_map(|(at, field)| Some((rank(field)?, at)));
    ranked.min().map(|(_, at)| at)
}

/// `sshd[42]: `, as journalctl writes it before the message.
fn identify(line: &[u8], found: &[Field], out: &mut Vec<u8>) {
    let field = |names: [&[u8]; 2]| {
        let named =
            |name: &[u8]| found.iter().find(|field| field.depth == 1 && line[field.name.clone()] == *name);
        names.into_iter().find_map(named)
    };
    let Some(identifier) = field([b"SYSLOG_IDENTIFIER", b"_COMM"]) else { return };
    unescape_into(line, &identifier.value, out);
    if let Some(process) = field([b"_PID", b"SYSLOG_PID"]) {
        out.push(b'[');
        unescape_into(line, &process.value, out);
        out.push(b']');
    }
    out.extend_from_slice(b": ");
}

/// Adds what stands in a field beside the message.
fn beside(line: &[u8], field: &Field, nested: usize, out: &mut Vec<u8>) {
    if matches!(field.value, Value::Bare(_)) {
        return;
    }
    if let Value::Text(range) = &field.value
        && memchr2(b'\\', b'{', &line[range.clone()]).is_none()
    {
        push(&line[range.clone()], out);
        return;
    }
    let mut text = Vec::new();
    unescape_into(line, &field.value, &mut text);
    for line in lines(&text) {
        let mut inner = Decoded::default();
        let plain = !decode(line, nested + 1, &mut inner);
        out.append(&mut inner.message);
        out.append(&mut inner.rest);
        if plain || inner.itself {
            push(line, out);
        }
    }
}

fn push(line: &[u8], out: &mut Vec<u8>) {
    clean_into(line, out);
    out.push(b'\n');
}

#[cfg(test)]
mod tests;
