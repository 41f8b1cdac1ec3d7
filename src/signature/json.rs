//! The fields of a JSON object in a log line, whole or cut, and what their escapes stand for.
//!
//! Knows the grammar of JSON as far as a log needs it: a line may end anywhere, and what stands
//! before the end counts. Knows no names of fields.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// Objects and lists that are deeper in each other are not looked into.
const DEPTH_MAX: usize = 16;

/// A field that is no object and no list, with where it stands in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name between the quotes, as written; of an element that of the list.
    pub(crate) name: Range<usize>,
    /// The name of the object that it is in; empty for the outermost.
    pub(crate) parent: Range<usize>,
    /// 1 in the outermost object.
    pub(crate) depth: usize,
    /// Its value.
    pub(crate) value: Value,
}

/// A value, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Between the quotes, or up to the end of a line that was cut.
    Text(Range<usize>),
    /// A number, `true`, `null`.
    Bare(Range<usize>),
    /// A list of numbers that are bytes, between the brackets.
    Bytes(Range<usize>),
}

/// Where the first object of a line opens.
pub(crate) fn first_object(line: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'{', line).find(|&at| opens_object(line, at))
}

/// True when the brace at a place is followed by a name.
pub(super) fn opens_object(text: &[u8], at: usize) -> bool {
    let blanks = text[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(at + 1 + blanks) == Some(&b'"')
}

/// The object that opens at `open`: tells its fields and gives its end, if the line has it.
pub(crate) fn fields(line: &[u8], open: usize, tell: &mut dyn FnMut(Field)) -> Option<usize> {
    let mut walk = Walk { line, at: open + 1, open: [Open::default(); DEPTH_MAX], depth: 1 };
    while walk.depth > 0 {
        let Open { list, name: (start, end) } = walk.open[walk.depth - 1];
        let name = start..end;
        walk.blanks();
        match walk.peek()? {
            b',' => walk.at += 1,
            b'}' | b']' => {
                walk.at += 1;
                walk.depth -= 1;
            }
            _ if list => walk.value(name, tell)?,
            b'"' => {
                let (name, whole) = walk.text();
                walk.blanks();
                if !whole || walk.peek() != Some(b':') {
                    return None;
                }
                walk.at += 1;
                walk.blanks();
                walk.value(name, tell)?;
            }
            _ => return None,
        }
    }
    Some(walk.at)
}

#[derive(Clone, Copy, Default)]
struct Open {
    list: bool,
    name: (usize, usize),
}

struct Walk<'a> {
    line: &'a [u8],
    at: usize,
    open: [Open; DEPTH_MAX],
    depth: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn blanks(&mut self) {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.line[self.at..].iter().take_while(blank).count();
    }

    /// Between the quotes, and whether there is a second one.
    fn text(&mut self) -> (Range<usize>, bool) {
        let start = self.at + 1;
        let mut from = start;
        while let Some(at) = memchr2(b'"', b'\\', &self.line[from.min(self.line.len())..]) {
            if self.line[from + at] == b'"' {
                self.at = from + at + 1;
                return (start..from + at, true);
            }
            from += at + 2;
        }
        self.at = self.line.len();
        (start..self.line.len(), false)
    }

    fn value(&mut self, name: Range<usize>, tell: &mut dyn FnMut(Field)) -> Option<()> {
        let mut objects = self.open[..self.depth].iter().filter(|open| !open.list);
        let depth = objects.clone().count();
        let parent = objects.next_back().map_or(0..0, |object| object.name.0..object.name.1);
        let mut field = |value| tell(Field { name: name.clone(), parent: parent.clone(), depth, value });
        match self.peek()? {
            b'"' => {
                let (text, whole) = self.text();
                field(Value::Text(text));
                whole.then_some(())
            }
            b'[' if let Some(end) = self.bytes_end() => {
                field(Value::Bytes(self.at + 1..end));
                self.at = end + 1;
                Some(())
            }
            kind @ (b'{' | b'[') if self.depth < DEPTH_MAX => {
                self.at += 1;
                self.open[self.depth] = Open { list: kind == b'[', name: (name.start, name.end) };
                self.depth += 1;
                Some(())
            }
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r');
                let rest = &self.line[self.at..];
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                field(Value::Bare(self.at..self.at + length));
                self.at += length;
                (length > 0).then_some(())
            }
        }
    }

    /// The closing bracket of a list of bytes.
    fn bytes_end(&self) -> Option<usize> {
        let start = self.at + 1;
        let length = memchr(b']', &self.line[start..])?;
        let inner = &self.line[start..start + length];
        let mut numbers = inner.split(|byte| *byte == b',').map(byte);
        (length > 0 && numbers.all(|number| number.is_some())).then_some(start + length)
    }
}

fn byte(written: &[u8]) -> Option<u8> {
    str::from_utf8(written.trim_ascii()).ok()?.parse().ok()
}

/// The text of a value without its escapes, appended.
pub(crate) fn unescape_into(line: &[u8], value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bare(range) => out.extend_from_slice(&line[range.clone()]),
        Value::Bytes(range) => out.extend(line[range.clone()].split(|at| *at == b',').filter_map(byte)),
        Value::Text(range) => {
            let mut rest = &line[range.clone()];
            while let Some(at) = memchr(b'\\', rest) {
                out.extend_from_slice(&rest[..at]);
                rest = &rest[at + escape(&rest[at..], out)..];
            }
            out.extend_from_slice(rest);
        }
    }
}

/// What the escape that `text` begins with stands for; gives its length. One that is none stays as it is.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = match text.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(same @ (b'"' | b'\\' | b'/')) => *same,
        Some(b'u') if let Some(unit) = unit(text) => {
            let low = unit_pair(unit, &text[6..]);
            let point = low.map_or(u32::from(unit), |low| {
                0x1_0000 + ((u32::from(unit) - 0xd800) << 10) + (u32::from(low) - 0xdc00)
            });
            let c = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return if low.is_some() { 12 } else { 6 };
        }
        _ => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(byte);
    2
}

/// `\u00e4`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits
        .iter()
        .try_fold(0, |value, digit| Some(value << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?))
}

/// The second half of a pair, when this is the first.
fn unit_pair(high: u16, rest: &[u8]) -> Option<u16> {
    let low = unit(rest)?;
    ((0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low)).then_some(low)
}

#[cfg(test)]
mod tests;
