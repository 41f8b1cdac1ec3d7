//! A reader that can be looked into before it is read.

use std::io::{self, BufRead, Read};

const BUFFER_BYTES: usize = 64 << 10;

/// What is left of a reader.
pub(super) struct Peek {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    given: usize,
}

impl Peek {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, buffer: Vec::new(), given: 0 }
    }

    /// The next bytes, at least so many unless the end comes first.
    pub(super) fn peek(&mut self, bytes: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.given < bytes {
            self.buffer.drain(..self.given);
            self.given = 0;
            let known = self.buffer.len();
            self.buffer.resize(known.max(bytes).max(BUFFER_BYTES), 0);
            let read = self.reader.read(&mut self.buffer[known..]);
            self.buffer.truncate(known + read.as_ref().map_or(0, |read| *read));
            if read? == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.given..])
    }
}

impl BufRead for Peek {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, bytes: usize) {
        self.given = (self.given + bytes).min(self.buffer.len());
    }
}

impl Read for Peek {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}
