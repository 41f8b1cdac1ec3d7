//! Where lines begin and end.
//!
//! A line ends at a line feed or at the end of the block. Carriage returns straight before that end
//! are not part of it.

use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::filter::Found;

/// Lines are searched in chunks of about this size, so that what is found in one stays small.
const CHUNK_BYTES: usize = 128 << 10;

/// The lines of a block, one by one.
pub(crate) struct Lines<'b> {
    pub(crate) block: &'b [u8],
    pub(crate) at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.at >= self.block.len() {
            return None;
        }
        let start = self.at;
        let feed = feed_after(self.block, start);
        self.at = feed + 1;
        Some(start..trimmed_end(self.block, start, feed))
    }
}

/// Where a chunk that begins at `start` ends: after a line feed, or at the end of the block.
pub(crate) fn chunk_end(block: &[u8], start: usize) -> usize {
    match block.get(start + CHUNK_BYTES..) {
        Some(rest) => memchr(b'\n', rest).map_or(block.len(), |at| start + CHUNK_BYTES + at + 1),
        None => block.len(),
    }
}

/// The line that holds the byte at `at`, and where its line feed is (or the end of the block).
pub(crate) fn line_around(block: &[u8], at: usize) -> (Range<usize>, usize) {
    let start = memrchr(b'\n', &block[..at]).map_or(0, |feed| feed + 1);
    let feed = feed_after(block, at);
    (start..trimmed_end(block, start, feed), feed)
}

/// Keeps of several occurrences of one needle in one line the first.
pub(crate) fn drop_repeated(block: &[u8], found: &mut Vec<Found>) {
    found.sort_unstable();
    let (mut line, mut feed) = (0, 0);
    let mut numbered: Vec<(usize, u32, usize)> = Vec::with_capacity(found.len());
    for &Found { at, needle } in found.iter() {
        if at >= feed {
            feed = feed_after(block, at);
            line += 1;
        }
        numbered.push((line, needle, at));
    }
    numbered.sort_unstable();
    numbered.dedup_by_key(|&mut (line, needle, _)| (line, needle));
    found.clear();
    found.extend(numbered.into_iter().map(|(_, needle, at)| Found { at, needle }));
}

fn feed_after(block: &[u8], at: usize) -> usize {
    memchr(b'\n', &block[at..]).map_or(block.len(), |feed| at + feed)
}

fn trimmed_end(block: &[u8], start: usize, feed: usize) -> usize {
    start + block[start..feed].iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1)
}
