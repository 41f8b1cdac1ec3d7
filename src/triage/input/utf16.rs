//! UTF-16 as UTF-8, for logs of systems that write it (Windows tools, exported consoles).

use std::io::{self, Read};

const CHUNK_BYTES: usize = 8 << 10;

/// So many units are needed to tell UTF-16 without a mark from other bytes.
const UNITS_MIN: usize = 16;

/// How two bytes make a unit, when this is how UTF-16 begins: by its mark, or by nearly all units being
/// letters and signs of ASCII.
pub(super) fn unit_order(head: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match head {
        [0xff, 0xfe, ..] => return Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return Some(u16::from_be_bytes),
        _ => {}
    }
    let units = head.len() / 2;
    if units < UNITS_MIN || head[..2].iter().all(|byte| *byte != 0) {
        return None;
    }
    let shown = |byte: u8| byte >= b' ' || matches!(byte, b'\t' | b'\r' | b'\n');
    let orders: [fn([u8; 2]) -> u16; 2] = [u16::from_le_bytes, u16::from_be_bytes];
    orders.into_iter().find(|order| {
        let ascii = head.chunks_exact(2).filter(|pair| {
            let unit = order([pair[0], pair[1]]);
            u8::try_from(unit).is_ok_and(shown)
        });
        ascii.count() * 10 >= units * 9
    })
}

/// Reads UTF-16 and gives UTF-8. The byte order mark is dropped; what is no character becomes
/// U+FFFD, so no line is lost.
pub(super) struct Utf16 {
    source: Box<dyn Read + Send>,
    unit: fn([u8; 2]) -> u16,
    /// A byte whose partner has not come yet.
    odd: Option<u8>,
    /// The first half of a pair whose second half has not come yet.
    high: Option<u16>,
    at_start: bool,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Utf16 {
    /// A reader of units that `unit` puts together from two bytes.
    pub(super) fn new(source: Box<dyn Read + Send>, unit: fn([u8; 2]) -> u16) -> Self {
        Self {
            source,
            unit,
            odd: None,
            high: None,
            at_start: true,
            ready: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        let mut bytes = [0; CHUNK_BYTES];
        let read = self.source.read(&mut bytes)?;
        if read == 0 {
            self.ended = true;
            if self.odd.take().is_some() || self.high.take().is_some() {
                self.push(char::REPLACEMENT_CHARACTER);
            }
            return Ok(());
        }
        for &byte in &bytes[..read] {
            match self.odd.take() {
                None => self.odd = Some(byte),
                Some(first) => self.take((self.unit)([first, byte])),
            }
        }
        Ok(())
    }

    fn take(&mut self, unit: u16) {
        if std::mem::take(&mut self.at_start) && unit == 0xfeff {
            return;
        }
        match (self.high.take(), unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                let point = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                self.push(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (Some(_), _) => {
                self.push(char::REPLACEMENT_CHARACTER);
                self.take(unit);
            }
            (None, 0xd800..=0xdbff) => self.high = Some(unit),
            (None, _) => self.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn push(&mut self, c: char) {
        self.ready.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl Read for Utf16 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
