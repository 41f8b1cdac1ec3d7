//! The scanner: patterns in, built once; blocks of bytes in, hits out.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem;
use regex::bytes::Regex;

use crate::filter::{Filter, Found, NEEDLE_BYTES_MIN, Needle, RUNS_BYTES_MIN, Scratch};
use crate::lines::{Lines, chunk_end, drop_repeated, line_around};
use crate::literal::{Branch, branches};
use crate::pattern::{Checked, Pattern, PatternError, compile_checked};

/// Beyond so many, occurrences that say nothing new about their line are dropped.
const FOUND_MAX: usize = 64 << 10;

/// So many further words are looked for in a line before an expression is run on it.
const OTHERS_MAX: usize = 4;

/// One pattern that occurs in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the pattern in what the scanner was built from.
    pub pattern: u32,
    /// The line in the block, without its line feed and the carriage returns before it.
    pub line: Range<usize>,
    /// Where in the block the leftmost match begins.
    pub at: usize,
}

/// The leftmost match of one pattern in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<'s> {
    /// The bytes that matched.
    pub span: Range<usize>,
    /// The named groups that took part, in the order of the expression.
    pub groups: Vec<(&'s str, Range<usize>)>,
}

/// A pattern that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// One pattern is at fault.
    #[error("pattern {pattern}: {error}")]
    Pattern {
        /// Its index.
        pattern: u32,
        /// What is wrong with it.
        #[source]
        error: PatternError,
    },
    /// More patterns or more text than the prefilter can number.
    #[error("{patterns} patterns are too many")]
    TooMany {
        /// How many.
        patterns: usize,
    },
}

/// Many patterns that are searched at once.
pub struct Scanner {
    patterns: Vec<Entry>,
    filter: Filter,
    /// For each needle the branches that it may begin.
    users: Vec<Vec<User>>,
    /// Patterns that are tried on every line, in ascending order.
    every_line: Vec<u32>,
}

struct Entry {
    pattern: Pattern,
    /// The pattern is its needle, of so many bytes: where that occurs, the pattern matches.
    plain_bytes: Option<usize>,
    regex: OnceLock<Regex>,
}

struct User {
    pattern: u32,
    /// What else the line must hold: words where case counts.
    others: Vec<Vec<u8>>,
}

impl Scanner {
    /// Builds a scanner. No expression is compiled before a line calls for it.
    pub fn new(patterns: &[Pattern]) -> Result<Self, BuildError> {
        let mut builder = Builder::default();
        for (index, pattern) in patterns.iter().enumerate() {
            let checked = Checked::new(pattern)
                .map_err(|error| BuildError::Pattern { pattern: index as u32, error })?;
            builder.add(index as u32, pattern, checked);
        }
        let too_many = BuildError::TooMany { patterns: patterns.len() };
        if u32::try_from(patterns.len()).is_err() {
            return Err(too_many);
        }
        let filter = Filter::new(builder.needles).ok_or(too_many)?;
        Ok(Self { patterns: builder.entries, filter, users: builder.users, every_line: builder.every_line })
    }

    /// The number of patterns.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// True without any pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The patterns it was built from.
    pub fn patterns(&self) -> impl ExactSizeIterator<Item = &Pattern> {
        self.patterns.iter().map(|entry| &entry.pattern)
    }

    /// Calls `hits` for every pattern that occurs in a line of the block, once for each pattern and
    /// line, ordered by line, then by pattern.
    ///
    /// The block is taken as whole lines: it begins at the start of a line, and what stands after
    /// its last line feed is a line too. Cut a stream after a line feed.
    pub fn scan(&self, block: &[u8], hits: &mut dyn FnMut(Hit)) {
        let mut work = Work::default();
        let mut start = 0;
        while start < block.len() {
            let end = chunk_end(block, start);
            self.scan_chunk(&block[start..end], &mut work, &mut |hit| {
                hits(Hit {
                    pattern: hit.pattern,
                    line: hit.line.start + start..hit.line.end + start,
                    at: hit.at + start,
                });
            });
            start = end;
        }
    }

    /// Calls `candidates` for every pattern and line that the prefilter lets through to the pattern
    /// itself, once each. What a pattern costs is how often it is called here without need.
    pub fn candidates(&self, block: &[u8], candidates: &mut dyn FnMut(u32, Range<usize>)) {
        let mut work = Work::default();
        for line in (Lines { block, at: 0 }) {
            work.found.clear();
            self.filter.search(&block[line.clone()], &mut work.scratch, &mut |found| work.found.push(found));
            self.suspect(&block[line.clone()], 0..work.found.len(), &mut work);
            work.tried.extend(work.hits.iter().map(|hit| hit.0));
            work.tried.sort_unstable();
            work.tried.dedup();
            work.tried.iter().for_each(|&pattern| candidates(pattern, line.clone()));
        }
    }

    /// The leftmost match of a pattern in a line, with its named groups.
    pub fn locate(&self, pattern: u32, line: &[u8]) -> Option<Located<'_>> {
        let regex = self.patterns.get(pattern as usize)?.regex();
        let captures = regex.captures(line)?;
        let named = regex.capture_names().enumerate().filter_map(|(index, name)| Some((index, name?)));
        Some(Located {
            span: captures.get(0)?.range(),
            groups: named.filter_map(|(index, name)| Some((name, captures.get(index)?.range()))).collect(),
        })
    }

    fn scan_chunk(&self, chunk: &[u8], work: &mut Work, hits: &mut dyn FnMut(Hit)) {
        work.found.clear();
        let found = &mut work.found;
        let mut limit = FOUND_MAX;
        self.filter.search(chunk, &mut work.scratch, &mut |new| {
            found.push(new);
            if found.len() >= limit {
                drop_repeated(chunk, found);
                limit = FOUND_MAX.max(2 * found.len());
            }
        });
        found.sort_unstable();
        if self.every_line.is_empty() {
            self.scan_found_lines(chunk, work, hits);
        } else {
            self.scan_all_lines(chunk, work, hits);
        }
    }

    fn scan_found_lines(&self, chunk: &[u8], work: &mut Work, hits: &mut dyn FnMut(Hit)) {
        let mut next = 0;
        while let Some(first) = work.found.get(next) {
            let (line, feed) = line_around(chunk, first.at);
            let end = next + work.found[next..].partition_point(|found| found.at < feed);
            self.scan_line(chunk, line, next..end, work, hits);
            next = end;
        }
    }

    fn scan_all_lines(&self, chunk: &[u8], work: &mut Work, hits: &mut dyn FnMut(Hit)) {
        let mut next = 0;
        for line in (Lines { block: chunk, at: 0 }) {
            next += work.found[next..].partition_point(|found| found.at < line.start);
            let end = next + work.found[next..].partition_point(|found| found.at < line.end);
            self.scan_line(chunk, line, next..end, work, hits);
            next = end;
        }
    }

    /// Tries on one line every pattern that the prefilter found there.
    fn scan_line(
        &self,
        chunk: &[u8],
        line: Range<usize>,
        found: Range<usize>,
        work: &mut Work,
        hits: &mut dyn FnMut(Hit),
    ) {
        let text = &chunk[line.clone()];
        work.found[found.clone()].iter_mut().for_each(|found| found.at -= line.start);
        self.suspect(text, found, work);
        work.tried.sort_unstable();
        work.tried.dedup();
        for &pattern in &work.tried {
            if let Some(found) = self.patterns[pattern as usize].regex().find(text) {
                work.hits.push((pattern, found.start()));
            }
        }
        work.hits.sort_unstable();
        work.hits.dedup_by_key(|hit| hit.0);
        for &(pattern, at) in &work.hits {
            hits(Hit { pattern, line: line.clone(), at: line.start + at });
        }
    }

    /// Sorts what the prefilter found in a line into hits and patterns that must be tried.
    fn suspect(&self, line: &[u8], found: Range<usize>, work: &mut Work) {
        work.hits.clear();
        work.tried.clear();
        work.tried.extend(&self.every_line);
        // A needle says the same however often it occurs, and looking for the others costs the line.
        let found = &mut work.found[found];
        found.sort_unstable_by_key(|found| (found.needle, found.at));
        let mut last = None;
        for &Found { at, needle } in found.iter() {
            if last.replace(needle) == Some(needle) {
                continue;
            }
            for user in &self.users[needle as usize] {
                match self.patterns[user.pattern as usize].plain_bytes {
                    // A carriage return of the needle may stand in what the line does not include.
                    Some(bytes) if at + bytes > line.len() => {}
                    Some(_) => work.hits.push((user.pattern, at)),
                    None if user.others.iter().all(|word| memmem::find(line, word).is_some()) => {
                        work.tried.push(user.pattern);
                    }
                    None => {}
                }
            }
        }
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scanner").field("patterns", &self.len()).finish_non_exhaustive()
    }
}

impl Entry {
    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| compile_checked(&self.pattern))
    }
}

/// What is kept from line to line so that nothing is allocated for each.
#[derive(Default)]
struct Work {
    scratch: Scratch,
    found: Vec<Found>,
    /// Patterns that must be tried on the line.
    tried: Vec<u32>,
    /// Patterns that occur in the line, and where.
    hits: Vec<(u32, usize)>,
}

#[derive(Default)]
struct Builder {
    entries: Vec<Entry>,
    needles: Vec<Needle>,
    ids: HashMap<Needle, u32>,
    users: Vec<Vec<User>>,
    every_line: Vec<u32>,
}

impl Builder {
    fn add(&mut self, pattern: u32, text: &Pattern, checked: Checked) {
        let branches = branches(text, &checked.hir);
        let weak = branches.iter().any(|branch| needle(branch).is_none());
        let plain_bytes = text.plain().map(<[u8]>::len).filter(|_| !weak);
        let regex = checked.regex.map_or_else(OnceLock::new, OnceLock::from);
        self.entries.push(Entry { pattern: text.clone(), plain_bytes, regex });
        if weak {
            self.every_line.push(pattern);
            return;
        }
        for branch in &branches {
            let Some(needle) = needle(branch) else { continue };
            let others = others(branch, &needle);
            let id = self.id(needle);
            self.users[id].push(User { pattern, others });
        }
    }

    fn id(&mut self, needle: Needle) -> usize {
        let new = self.needles.len() as u32;
        let id = *self.ids.entry(needle.clone()).or_insert(new);
        if id == new {
            self.needles.push(needle);
            self.users.push(Vec::new());
        }
        id as usize
    }
}

/// What the prefilter looks for on behalf of a branch; `None` when it has nothing that is rare.
fn needle(branch: &Branch) -> Option<Needle> {
    let literal = branch.literals.first()?;
    let nocase = literal.nocase;
    let text = literal.text();
    let words = text.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty());
    let bytes = words.collect::<Vec<_>>().join(&b' ');
    if literal.words.len() > 1 && bytes.len() >= RUNS_BYTES_MIN {
        return Some(Needle { bytes, nocase, blanks: true });
    }
    let bytes = literal.longest_word().to_vec();
    (bytes.len() >= NEEDLE_BYTES_MIN).then_some(Needle { bytes, nocase, blanks: false })
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The other words that a branch demands, the longest few. They keep a common needle from running
/// an expression on every line that has it.
fn others(branch: &Branch, needle: &Needle) -> Vec<Vec<u8>> {
    let exact = branch.literals.iter().filter(|literal| !literal.nocase);
    let words = exact.flat_map(|literal| &literal.words);
    let mut words: Vec<Vec<u8>> =
        words.filter(|word| word.len() >= NEEDLE_BYTES_MIN && **word != needle.bytes).cloned().collect();
    words.sort_by_key(|word| Reverse(word.len()));
    words.dedup();
    words.truncate(OTHERS_MAX);
    words
}
