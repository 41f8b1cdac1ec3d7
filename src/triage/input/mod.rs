//! What is read: any reader, decompressed by content, as blocks cut at line ends.
//!
//! Memory is bounded whatever comes: a block, the one before it for looking back, and at most
//! [`blocks::LINE_BYTES_MAX`] of a line without an end. Knows nothing of signatures and stamps.

mod blocks;
mod decode;
mod journal;
mod packed;
mod peek;
mod utf16;

pub(super) use blocks::{Block, Cut, Cutter, Reading};

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Opens a reader as text that is cut; `stored` counts the bytes taken from it, before decompression.
pub(super) fn open(reader: Box<dyn Read + Send>, stored: Arc<AtomicU64>) -> io::Result<Cutter> {
    let text = decode::text(Box::new(Counted { reader, stored }))?;
    Ok(Cutter::new(text))
}

/// Counts what was read and goes on after a signal.
struct Counted {
    reader: Box<dyn Read + Send>,
    stored: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(read) => {
                    self.stored.fetch_add(read as u64, Ordering::Relaxed);
                    return Ok(read);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
