//! The part of a line that is kept to be shown.

use std::ops::Range;
use std::sync::Arc;

/// A longer line is cut around what matched.
const TEXT_BYTES_MAX: usize = 480;
/// Of what stands before the match so much is kept.
const BEFORE_BYTES: usize = 160;
/// Stands for what was cut.
const CUT: &[u8] = "…".as_bytes();

/// The line, or the part of it around a match, and where the match is in that. `whole` holds the
/// line once it was kept, so that several matches share it.
pub(super) fn excerpt(
    line: &[u8],
    matched: Range<usize>,
    whole: &mut Option<Arc<[u8]>>,
) -> (Arc<[u8]>, Range<usize>) {
    if line.len() <= TEXT_BYTES_MAX {
        return (Arc::clone(whole.get_or_insert_with(|| line.into())), matched);
    }
    let start = boundary(line, matched.start.saturating_sub(BEFORE_BYTES).min(line.len() - TEXT_BYTES_MAX));
    let end = boundary(line, start + TEXT_BYTES_MAX);
    let mut text = Vec::with_capacity(TEXT_BYTES_MAX + 2 * CUT.len());
    if start > 0 {
        text.extend_from_slice(CUT);
    }
    let shift = |at: usize| at.clamp(start, end) - start + if start > 0 { CUT.len() } else { 0 };
    text.extend_from_slice(&line[start..end]);
    if end < line.len() {
        text.extend_from_slice(CUT);
    }
    let matched = shift(matched.start)..shift(matched.end);
    (text.into(), matched)
}

/// The place itself, or the start of the character it lies in.
fn boundary(line: &[u8], at: usize) -> usize {
    let continues = |at: usize| line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let start = (at.saturating_sub(3)..=at).rev().find(|&at| !continues(at));
    start.unwrap_or(at)
}

#[cfg(test)]
mod tests;
