//! A position in a line and the small parts that stamps are made of.

use jiff::civil;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
/// How they go on when they are written in full.
const LONG_MONTHS: [&[u8]; 12] =
    [b"uary", b"ruary", b"ch", b"il", b"", b"e", b"y", b"ust", b"tember", b"ober", b"ember", b"ember"];
const WEEKDAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// A position in a line. Every method either takes what it names or leaves the position alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) line: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a [u8], at: usize) -> Self {
        Self { line, at }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or(&[])
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_text(&mut self, text: &[u8]) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Blanks and tabs; how many there were.
    pub(super) fn blanks(&mut self) -> usize {
        let count = self.rest().iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        self.at += count;
        count
    }

    /// A number of so many digits, and no digit after it.
    pub(super) fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).take(20).count();
        if !digits.contains(&count) {
            return None;
        }
        let value =
            self.rest()[..count].iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'));
        self.at += count;
        Some(value)
    }

    /// Exactly two digits.
    fn two(&mut self) -> Option<i8> {
        match self.rest() {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => {
                self.at += 2;
                Some(((tens - b'0') * 10 + ones - b'0') as i8)
            }
            _ => None,
        }
    }

    /// `.123` or `,123` as microseconds; nothing is zero.
    pub(super) fn fraction(&mut self) -> i64 {
        let [b'.' | b',', rest @ ..] = self.rest() else { return 0 };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return 0;
        }
        let micros = (0..6).fold(0, |value, place| {
            value * 10 + if place < digits { i64::from(rest[place] - b'0') } else { 0 }
        });
        self.at += 1 + digits;
        micros
    }

    /// `11:25:51` with a fraction; `3:25:51 PM`.
    pub(super) fn time(&mut self) -> Option<civil::Time> {
        let mut ahead = *self;
        let hour = ahead.number(1..=2)? as i8;
        let minute = ahead.eat(b':').then(|| ahead.two())??;
        let second = ahead.eat(b':').then(|| ahead.two())??;
        if ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let micros = ahead.fraction();
        let hour = match ahead.half_of_day() {
            Some(false) if hour == 12 => 0,
            Some(true) if hour < 12 => hour + 12,
            _ => hour,
        };
        // A leap second is the second before it: no clock of ours knows sixty.
        let time = civil::Time::new(hour, minute, second.min(59), (micros * 1000) as i32).ok()?;
        if second > 60 {
            return None;
        }
        *self = ahead;
        Some(time)
    }

    /// ` AM` (false) or ` PM` (true), also behind a narrow blank, as newer systems write it.
    pub(super) fn half_of_day(&mut self) -> Option<bool> {
        let mut ahead = *self;
        if !ahead.eat_text("\u{202f}".as_bytes()) && !ahead.eat_text("\u{a0}".as_bytes()) {
            ahead.blanks();
        }
        let afternoon = match ahead.rest() {
            [b'A', b'M', ..] => false,
            [b'P', b'M', ..] => true,
            _ => return None,
        };
        ahead.at += 2;
        if ahead.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        *self = ahead;
        Some(afternoon)
    }

    /// `Nov`, `November`.
    pub(super) fn month(&mut self) -> Option<i8> {
        let name = self.rest().get(..3)?;
        let index = MONTHS.iter().position(|month| name == *month)?;
        let whole = LONG_MONTHS.get(index).is_some_and(|rest| self.rest()[3..].starts_with(rest));
        self.at += 3 + if whole { LONG_MONTHS[index].len() } else { 0 };
        Some(index as i8 + 1)
    }

    /// `Tue ` or `Tue, `, `Tuesday, `.
    pub(super) fn weekday(&mut self) -> bool {
        let Some(name) = self.rest().get(..3) else { return false };
        if !WEEKDAYS.iter().any(|day| name == *day) {
            return false;
        }
        let mut ahead = *self;
        ahead.at += 3;
        let rest = ahead.rest();
        let letters = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        if rest[..letters].ends_with(b"day") {
            ahead.at += letters;
        }
        ahead.eat(b',');
        if ahead.blanks() == 0 {
            return false;
        }
        *self = ahead;
        true
    }

    /// `2013-11-12`, `2013/11/12` or `2013.11.12`.
    pub(super) fn date(&mut self) -> Option<civil::Date> {
        let mut ahead = *self;
        let year = ahead.number(4..=4)?;
        let separator = ahead.peek().filter(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
        ahead.at += 1;
        let month = ahead.two()?;
        let day = ahead.eat(separator).then(|| ahead.two())??;
        let date = civil::Date::new(year as i16, month, day).ok()?;
        *self = ahead;
        Some(date)
    }

    /// `Z`, `+01:00`, `+0100`, `+01`, each also after a blank with `UTC` or `GMT`: seconds ahead.
    pub(super) fn zone(&mut self) -> Option<i32> {
        let mut ahead = *self;
        ahead.eat(b' ');
        for name in [b"UTC".as_slice(), b"GMT"] {
            if ahead.eat_text(name) && !ahead.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                *self = ahead;
                return Some(0);
            }
        }
        if ahead.at == self.at && ahead.eat(b'Z') {
            *self = ahead;
            return Some(0);
        }
        let sign = match ahead.peek() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return None,
        };
        ahead.at += 1;
        let hours = ahead.two()?;
        ahead.eat(b':');
        let minutes = ahead.two().unwrap_or(0);
        if hours > 23 || minutes > 59 || ahead.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        *self = ahead;
        Some(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60))
    }

    /// The run of bytes that are no blanks.
    pub(super) fn word(&self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|&byte| byte == b' ' || byte == b'\t').unwrap_or(rest.len());
        &rest[..end]
    }
}
