//! A scanner as bytes, to be kept in a file.
//!
//! The bytes hold a version and a checksum. Damaged or foreign bytes give an error: never a panic,
//! never a scanner that answers otherwise than the one that was written.

use crate::pattern::{Pattern, PatternText};
use crate::scanner::{BuildError, Scanner};

/// What the bytes begin with; the last one is the version.
const MAGIC: [u8; 8] = *b"kb-scan\x01";

const IS_REGEX: u8 = 1;
const NOCASE: u8 = 2;
const UNICODE: u8 = 4;

/// Why bytes are no scanner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Not the bytes of a scanner, or of another version of this crate.
    #[error("not an index of this version")]
    Foreign,
    /// The checksum does not fit: cut short or changed.
    #[error("the index is damaged")]
    Damaged,
    /// The patterns in it cannot be used.
    #[error("the index holds a pattern that cannot be used")]
    Build(#[from] BuildError),
}

impl Scanner {
    /// The scanner as bytes for [`Scanner::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend((self.len() as u64).to_le_bytes());
        for pattern in self.patterns() {
            let (kind, text) = match &pattern.text {
                PatternText::Literal(bytes) => (0, bytes.as_slice()),
                PatternText::Regex(text) => (IS_REGEX, text.as_bytes()),
            };
            let nocase = if pattern.nocase { NOCASE } else { 0 };
            let unicode = if pattern.unicode { UNICODE } else { 0 };
            out.push(kind | nocase | unicode);
            out.extend((text.len() as u32).to_le_bytes());
            out.extend(text);
        }
        out.extend(checksum(&out).to_le_bytes());
        out
    }

    /// The scanner whose [`Scanner::to_bytes`] gave these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(FileError::Foreign);
        }
        let (body, sum) = bytes.split_last_chunk::<8>().ok_or(FileError::Damaged)?;
        if checksum(body).to_le_bytes() != *sum {
            return Err(FileError::Damaged);
        }
        let patterns = patterns(&body[MAGIC.len().min(body.len())..]).ok_or(FileError::Damaged)?;
        Ok(Self::new(&patterns)?)
    }
}

fn patterns(mut rest: &[u8]) -> Option<Vec<Pattern>> {
    let count = u64::from_le_bytes(*take(&mut rest)?);
    let mut patterns = Vec::new();
    for _ in 0..count {
        let [flags] = *take(&mut rest)?;
        let length = u32::from_le_bytes(*take(&mut rest)?) as usize;
        let (text, after) = rest.split_at_checked(length)?;
        rest = after;
        let text = match flags & IS_REGEX {
            0 => PatternText::Literal(text.to_vec()),
            _ => PatternText::Regex(String::from_utf8(text.to_vec()).ok()?),
        };
        patterns.push(Pattern { text, nocase: flags & NOCASE != 0, unicode: flags & UNICODE != 0 });
    }
    rest.is_empty().then_some(patterns)
}

fn take<'b, const N: usize>(rest: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(taken)
}

/// FNV-1a over 64 bits: it finds damage; who may write the file is for the caller to check.
fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
