//! What is read: any reader, decompressed by content, as blocks cut at line ends.
//!
//! Memory is bounded whatever comes: a block, what is kept before it for looking back, and at most
//! [`blocks::LINE_BYTES_MAX`] of a line without an end. Knows nothing of signatures and stamps.

mod blocks;
mod decode;
mod utf16;

pub(super) use blocks::{Block, Blocks};

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Opens a reader as blocks of text; `stored` counts the bytes taken from it, before decompression.
pub(super) fn open(reader: Box<dyn Read>, stored: Rc<Cell<u64>>) -> io::Result<Blocks> {
    let text = decode::text(Box::new(Counted { reader, stored }))?;
    Ok(Blocks::new(text))
}

/// Counts what was read and goes on after a signal.
struct Counted {
    reader: Box<dyn Read>,
    stored: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(read) => {
                    self.stored.set(self.stored.get() + read as u64);
                    return Ok(read);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
