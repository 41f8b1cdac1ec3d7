//! The output of a block as far as it is kept: its first and its last half, the rest counted.

use std::collections::VecDeque;

/// Keeps the first and the last half of so many bytes.
#[derive(Debug)]
pub(in crate::target) struct Keep {
    half: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Keep {
    pub(in crate::target) fn new(bytes_max: usize) -> Self {
        Self { half: bytes_max / 2, head: Vec::new(), tail: VecDeque::new(), dropped: 0 }
    }

    pub(in crate::target) fn push(&mut self, bytes: &[u8]) {
        let room = self.half - self.head.len();
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(head);
        // Of a piece longer than the tail only its end can stay.
        let (lost, rest) = rest.split_at(rest.len().saturating_sub(self.half));
        let overflow = (self.tail.len() + rest.len()).saturating_sub(self.half);
        self.tail.drain(..overflow);
        self.tail.extend(rest);
        self.dropped += (lost.len() + overflow) as u64;
    }

    /// What was kept, and how many bytes were not.
    pub(in crate::target) fn finish(mut self) -> (Vec<u8>, u64) {
        self.head.extend(self.tail);
        (self.head, self.dropped)
    }
}

#[cfg(test)]
mod tests;
