//! A scanner as bytes, to be kept in a file.
//!
//! The bytes hold the tables as they are searched, so reading them takes time for their size and
//! none for what the patterns mean. They hold a version and a checksum: damaged or foreign bytes
//! give an error. Bytes that were forged give an error or a scanner that finds other things, never a
//! panic; who may write the file is for the caller to check.

use std::ops::Range;
use std::sync::Arc;

use crate::flat::{Flat, Numbers};
use crate::scanner::Scanner;

/// What the bytes begin with; the last one is the version of everything behind it.
const MAGIC: [u8; 8] = *b"kb-scan\x06";

/// Why bytes are no scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Not the bytes of a scanner, or of another version of this crate.
    #[error("not an index of this version")]
    Foreign,
    /// The checksum does not fit, or the tables do not fit each other.
    #[error("the index is damaged")]
    Damaged,
}

impl Scanner {
    /// The scanner as bytes for [`Scanner::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer { out: MAGIC.to_vec() };
        self.write(&mut writer);
        let sum = checksum(&writer.out);
        writer.out.extend(sum.to_le_bytes());
        writer.out
    }

    /// The scanner whose [`Scanner::to_bytes`] gave these bytes.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, FileError> {
        Self::from_part(bytes.into(), 0)
    }

    /// The same, from such bytes that begin at `from` and are the last of these.
    pub fn from_part(bytes: Vec<u8>, from: usize) -> Result<Self, FileError> {
        let all = Arc::new(bytes);
        let bytes = all.get(from..).unwrap_or_default();
        if !bytes.starts_with(&MAGIC) {
            return Err(FileError::Foreign);
        }
        let (body, sum) = bytes.split_last_chunk::<8>().ok_or(FileError::Damaged)?;
        if checksum(body).to_le_bytes() != *sum {
            return Err(FileError::Damaged);
        }
        let rest = from + MAGIC.len()..from + body.len();
        let mut reader = Reader { all: Arc::clone(&all), rest };
        let scanner = Self::read(&mut reader).ok_or(FileError::Damaged)?;
        if reader.rest.is_empty() { Ok(scanner) } else { Err(FileError::Damaged) }
    }
}

/// Writes lists, each behind its length.
#[derive(Debug)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn number(&mut self, number: u32) {
        self.out.extend(number.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u32);
        self.out.extend(bytes);
    }

    pub(crate) fn numbers(&mut self, numbers: &Numbers) {
        self.items(&numbers.0, 4);
    }

    /// Words of eight bytes.
    pub(crate) fn words(&mut self, words: &[u8]) {
        self.items(words, 8);
    }

    fn items(&mut self, items: &[u8], size: usize) {
        self.number((items.len() / size) as u32);
        self.out.extend(items);
    }
}

/// Reads what [`Writer`] wrote; `None` where the bytes end too early.
#[derive(Debug)]
pub(crate) struct Reader {
    all: Arc<Vec<u8>>,
    rest: Range<usize>,
}

impl Reader {
    pub(crate) fn number(&mut self) -> Option<u32> {
        let (number, _) = self.all[self.rest.clone()].split_first_chunk()?;
        let number = u32::from_le_bytes(*number);
        self.rest.start += 4;
        Some(number)
    }

    pub(crate) fn bytes(&mut self) -> Option<Flat> {
        self.items(1)
    }

    pub(crate) fn numbers(&mut self) -> Option<Numbers> {
        self.items(4).map(Numbers)
    }

    pub(crate) fn words(&mut self) -> Option<Flat> {
        self.items(8)
    }

    fn items(&mut self, size: usize) -> Option<Flat> {
        let bytes = (self.number()? as usize).checked_mul(size)?;
        let end = self.rest.start.checked_add(bytes).filter(|end| *end <= self.rest.end)?;
        let items = self.rest.start..end;
        self.rest.start = end;
        Some(Flat::Part(Arc::clone(&self.all), items))
    }
}

/// A sum in which no change of a single word can go unseen: four lanes, each step of which loses
/// nothing. It finds damage and is no seal.
pub fn checksum(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |lane: u64, word: u64| (lane ^ word).wrapping_mul(ODD).rotate_left(29);
    let mut lanes = [1u64, 2, 3, 4];
    let (blocks, rest) = bytes.as_chunks::<32>();
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = step(*lane, u64::from_le_bytes(*word));
        }
    }
    let tail = rest.iter().fold(bytes.len() as u64, |sum, &byte| step(sum, u64::from(byte)));
    lanes.into_iter().fold(tail, step)
}

#[cfg(test)]
mod tests;
