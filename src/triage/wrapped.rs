//! Lines of a paste that a terminal or a mail program has broken in two, put together again.
//!
//! What lies across such a break is found besides what the lines say by themselves, never in its place:
//! whether a line was broken can only be guessed from how wide it is. Knows quoting and stamps; judges
//! nothing.

use std::ops::Range;

use super::time::header;
use crate::signature::{Searching, SignatureHit, SignatureSet, clean};

/// A longer text is no paste.
const PASTE_BYTES_MAX: usize = 64 << 10;
/// Nobody breaks lines that are narrower, and no terminal is wider.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=300;
/// A line is broken so often at most.
const LINES_MAX: usize = 12;

/// Adds what lies across the breaks of a whole text, when it is a paste; such a hit has all the lines
/// that belong together.
pub(super) fn add_hits(
    signatures: &SignatureSet,
    searching: &mut Searching,
    text: &[u8],
    hits: &mut Vec<SignatureHit>,
) {
    if text.len() > PASTE_BYTES_MAX {
        return;
    }
    let mut added = Vec::new();
    for raw in broken(text) {
        let known = |signature: u32| {
            hits.iter().any(|hit| hit.signature == signature && raw.contains(&hit.line.start))
        };
        for line in joined(&text[raw.clone()]) {
            signatures.scan_with(searching, &line, &mut |hit| {
                if !known(hit.signature) {
                    added.push(SignatureHit { signature: hit.signature, line: raw.clone() });
                }
            });
        }
    }
    if !added.is_empty() {
        hits.append(&mut added);
        hits.sort_by_key(|hit| (hit.line.start, hit.line.end, hit.signature));
        hits.dedup();
    }
}

/// The lines put together: as a terminal breaks them, anywhere, and as a mail program does, at a blank.
pub(super) fn joined(raw: &[u8]) -> [Vec<u8>; 2] {
    let lines: Vec<Vec<u8>> =
        raw.split(|byte| *byte == b'\n').map(|line| unquoted(&clean(line)).to_vec()).collect();
    [lines.concat(), lines.join(&b' ')]
}

/// Where lines stand that belong together.
fn broken(text: &[u8]) -> Vec<Range<usize>> {
    let mut lines: Vec<(Range<usize>, usize, bool, usize)> = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive(|byte| *byte == b'\n') {
        let line = raw.strip_suffix(b"\n").unwrap_or(raw);
        let kept = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
        let cleaned = clean(line);
        let said = unquoted(&cleaned);
        // Bytes that go on a character take no column.
        let columns = |text: &[u8]| text.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let goes_on =
            said.first().is_some_and(|byte| !byte.is_ascii_whitespace()) && header(said).written.is_none();
        let word = said.iter().position(u8::is_ascii_whitespace).unwrap_or(said.len());
        lines.push((start..start + kept, columns(&cleaned), goes_on, columns(&said[..word])));
        start += raw.len();
    }
    let widest = lines.iter().map(|(_, width, ..)| *width).filter(|width| WIDTHS.contains(width)).max();
    let Some(widest) = widest else { return Vec::new() };
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut first = 0;
    for at in 1..=lines.len() {
        let goes_on = lines.get(at).is_some_and(|(_, _, goes_on, word)| {
            let width = lines[at - 1].1;
            *goes_on && WIDTHS.contains(&width) && width + 1 + word > widest && at - first < LINES_MAX
        });
        if goes_on {
            continue;
        }
        if at - first > 1 {
            found.push(lines[first].0.start..lines[at - 1].0.end);
        }
        first = at;
    }
    found
}

/// Without the marks of quoting in mails (`> > `, `| `).
fn unquoted(line: &[u8]) -> &[u8] {
    let mut rest = line;
    while let Some(inner) = rest.strip_prefix(b">").or_else(|| rest.strip_prefix(b"| ")) {
        rest = inner.strip_prefix(b" ").unwrap_or(inner);
    }
    rest
}

#[cfg(test)]
mod tests;
