//! The full text in blocks, each with a checksum: a question reads a few of them.
//!
//! The sums of the blocks come first, behind them the blocks. The part's own checksum is that of the
//! sums.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Part, read_part};
use crate::disk::CacheFile;

const BLOCK_BYTES: usize = 4 << 10;
const SUM_BYTES: usize = 8;

/// The sums of these bytes.
pub(super) fn sums(words: &[u8]) -> Vec<u8> {
    words.chunks(BLOCK_BYTES).flat_map(|block| kb_scan::checksum(block).to_le_bytes()).collect()
}

/// The full text of a catalog, as far as it is asked for.
#[derive(Debug)]
pub(super) struct Words {
    file: Arc<CacheFile>,
    sums: Vec<u8>,
    /// Where the blocks begin.
    offset: u64,
    bytes: usize,
    damaged: Arc<AtomicBool>,
}

impl Words {
    /// `None` when the sums are not as they were written.
    pub(super) fn open(file: &Arc<CacheFile>, part: Part, damaged: &Arc<AtomicBool>) -> Option<Self> {
        let blocks = part.bytes.div_ceil((BLOCK_BYTES + SUM_BYTES) as u64);
        let length = blocks.checked_mul(SUM_BYTES as u64).filter(|length| *length <= part.bytes)?;
        let sums = read_part(file, Part { bytes: length, ..part })?;
        Some(Self {
            file: Arc::clone(file),
            sums,
            offset: part.offset.checked_add(length)?,
            bytes: usize::try_from(part.bytes - length).ok()?,
            damaged: Arc::clone(damaged),
        })
    }

    /// All of it.
    pub(super) fn all(&self) -> Option<Vec<u8>> {
        self.blocks(0..self.bytes).ok()
    }

    /// These bytes, which begin with a block and end with one.
    fn blocks(&self, range: Range<usize>) -> io::Result<Vec<u8>> {
        let bytes = self
            .file
            .read(self.offset + range.start as u64, range.len())
            .map_err(|error| io::Error::other(error.to_string()))?;
        let (sums, _) = self.sums.as_chunks::<SUM_BYTES>();
        let known = sums.get(range.start / BLOCK_BYTES..).unwrap_or_default();
        let mut blocks = bytes.chunks(BLOCK_BYTES).zip(known);
        if blocks.len() == range.len().div_ceil(BLOCK_BYTES)
            && blocks.all(|(block, sum)| kb_scan::checksum(block) == u64::from_le_bytes(*sum))
        {
            return Ok(bytes);
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the full text is damaged"))
    }
}

impl kb_text::Source for Words {
    fn len(&self) -> usize {
        self.bytes
    }

    fn read(&self, range: Range<usize>) -> io::Result<(Vec<u8>, usize)> {
        let start = range.start - range.start % BLOCK_BYTES;
        let end = range.end.next_multiple_of(BLOCK_BYTES).min(self.bytes);
        let blocks = self.blocks(start..end).inspect_err(|_| self.damaged.store(true, Ordering::Relaxed))?;
        Ok((blocks, range.start - start))
    }
}
