//! The scanner: patterns in, built once; blocks of bytes in, hits out.

use std::fmt;
use std::ops::Range;

use crate::build::Builder;
use crate::file::{Reader, Writer};
use crate::filter::{Filter, Found, Scratch};
use crate::flat::Numbers;
use crate::lines::{Lines, chunk_end, drop_repeated, line_around};
use crate::pattern::{Checked, Pattern, PatternError};
use crate::store::Store;
use crate::users::Users;

/// Beyond so many, occurrences that say nothing new about their line are dropped.
const FOUND_MAX: usize = 64 << 10;

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

/// A pattern of a scanner that is made out of another one.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'p> {
    /// The one with this number there.
    Kept(u32),
    /// Another one.
    New(&'p Pattern),
}

/// Many patterns that are searched at once.
pub struct Scanner {
    patterns: Store,
    filter: Filter,
    users: Users,
    /// Patterns that are tried on every line, in ascending order.
    every_line: Numbers,
}

impl Scanner {
    /// Builds a scanner. No expression is compiled before a line calls for it.
    pub fn new(patterns: &[Pattern]) -> Result<Self, BuildError> {
        Self::built(patterns.iter().map(Piece::New), None)
    }

    /// A scanner of patterns of this one and of new ones, numbered in this order. It does and says what
    /// [`Scanner::new`] would with all of them; those of this one are not taken apart again, which is
    /// most of what building takes.
    ///
    /// # Panics
    /// When a kept number is not below [`Scanner::len`].
    pub fn rebuilt<'p>(&self, pieces: impl Iterator<Item = Piece<'p>>) -> Result<Self, BuildError> {
        Self::built(pieces, Some(self))
    }

    fn built<'p>(pieces: impl Iterator<Item = Piece<'p>>, old: Option<&Self>) -> Result<Self, BuildError> {
        let mut builder = Builder::default();
        let known = old.map(|old| (old, old.branches()));
        for piece in pieces {
            let number = builder.patterns.len();
            let added = match (piece, &known) {
                (Piece::Kept(kept), Some((old, branches))) => {
                    if old.every_line.iter().any(|pattern| pattern == kept) {
                        builder.every_line.push(number as u32);
                    }
                    let needles = branches[kept as usize].iter();
                    let branches =
                        needles.map(|&(needle, user)| (old.filter.needle(needle), old.users.get(user)));
                    builder.add_known(&old.patterns, kept as usize, branches.collect())
                }
                (Piece::Kept(_), None) => None,
                (Piece::New(pattern), _) => {
                    let checked = Checked::new(pattern)
                        .map_err(|error| BuildError::Pattern { pattern: number as u32, error })?;
                    builder.add(pattern, checked)
                }
            };
            added.ok_or(BuildError::TooMany { patterns: number + 1 })?;
        }
        let too_many = || BuildError::TooMany { patterns: builder.patterns.len() };
        let filter = Filter::new(&builder.needles).ok_or_else(too_many)?;
        let users = Users::new(&builder.users).ok_or_else(too_many)?;
        let mut every_line = Numbers::default();
        builder.every_line.iter().for_each(|&pattern| every_line.push(pattern));
        Ok(Self { patterns: builder.patterns, filter, users, every_line })
    }

    /// For each pattern the needles of its branches and the users that speak for them.
    fn branches(&self) -> Vec<Vec<(u32, usize)>> {
        let mut branches = vec![Vec::new(); self.len()];
        for needle in 0..self.filter.needles() as u32 {
            for (user, pattern) in self.users.of(needle) {
                branches[pattern as usize].push((needle, user));
            }
        }
        branches
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        self.patterns.write(writer);
        self.filter.write(writer);
        self.users.write(writer);
        writer.numbers(&self.every_line);
    }

    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let patterns = Store::read(reader)?;
        let filter = Filter::read(reader)?;
        let users = Users::read(reader, filter.needles(), patterns.len())?;
        let every_line = reader.numbers()?;
        let fits = every_line.iter().all(|pattern| (pattern as usize) < patterns.len());
        (fits && every_line.iter().is_sorted()).then_some(Self { patterns, filter, users, every_line })
    }

    /// The number of patterns.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// True without any pattern.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The patterns it was built from.
    pub fn patterns(&self) -> impl ExactSizeIterator<Item = Pattern> {
        (0..self.len()).map(|index| self.patterns.pattern(index))
    }

    /// Calls `hits` for every pattern that occurs in a line of the block, once for each pattern and
    /// line, ordered by line, then by pattern.
    ///
    /// The block is taken as whole lines: it begins at the start of a line, and what stands after
    /// its last line feed is a line too. Cut a stream after a line feed.
    ///
    /// Gives the number of line feeds, which are counted on the way.
    pub fn scan(&self, block: &[u8], hits: &mut dyn FnMut(Hit)) -> u64 {
        self.scan_with(&mut Work::default(), block, hits)
    }

    /// The same with memory that was used before: who scans many blocks keeps it, so that nothing is
    /// allocated for each.
    pub fn scan_with(&self, work: &mut Work, block: &[u8], hits: &mut dyn FnMut(Hit)) -> u64 {
        self.scan_noting(work, block, &mut |_| {}, hits)
    }

    /// The same, and calls `noted` with a place of every line, in ascending order and perhaps several times
    /// for one, where text occurs that a pattern demands. A line that is not noted has no hit, nor has any
    /// part of it; where [`Scanner::tries_every_line`], that is not said.
    pub fn scan_noting(
        &self,
        work: &mut Work,
        block: &[u8],
        noted: &mut dyn FnMut(usize),
        hits: &mut dyn FnMut(Hit),
    ) -> u64 {
        let (mut start, mut feeds) = (0, 0);
        while start < block.len() {
            let end = chunk_end(block, start);
            feeds += self.find_in_chunk(&block[start..end], work);
            work.found.iter().for_each(|found| noted(start + found.at));
            self.judge_chunk(&block[start..end], work, &mut |hit| {
                hits(Hit {
                    pattern: hit.pattern,
                    line: hit.line.start + start..hit.line.end + start,
                    at: hit.at + start,
                });
            });
            start = end;
        }
        feeds
    }

    /// True when some pattern demands no text, and so is tried on every line.
    pub fn tries_every_line(&self) -> bool {
        self.every_line.len() > 0
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

    /// The number of expressions that were compiled so far: none at the start, then those that a line
    /// called for.
    pub fn compiled(&self) -> usize {
        self.patterns.compiled()
    }

    /// The leftmost match of a pattern in a line, with its named groups.
    pub fn locate(&self, pattern: u32, line: &[u8]) -> Option<Located<'_>> {
        let index = Some(pattern as usize).filter(|&index| index < self.len())?;
        let regex = self.patterns.regex(index)?;
        let captures = regex.captures(line)?;
        let named = regex.capture_names().enumerate().filter_map(|(index, name)| Some((index, name?)));
        Some(Located {
            span: captures.get(0)?.range(),
            groups: named.filter_map(|(index, name)| Some((name, captures.get(index)?.range()))).collect(),
        })
    }

    /// Finds all needles of a chunk, sorted by their places; gives the number of line feeds.
    fn find_in_chunk(&self, chunk: &[u8], work: &mut Work) -> u64 {
        work.found.clear();
        let found = &mut work.found;
        let mut limit = FOUND_MAX;
        let feeds = self.filter.search(chunk, &mut work.scratch, &mut |new| {
            found.push(new);
            if found.len() >= limit {
                drop_repeated(chunk, found);
                limit = FOUND_MAX.max(2 * found.len());
            }
        });
        found.sort_unstable();
        work.counts.occurrences += work.found.len() as u64;
        feeds
    }

    fn judge_chunk(&self, chunk: &[u8], work: &mut Work, hits: &mut dyn FnMut(Hit)) {
        if self.tries_every_line() {
            self.scan_all_lines(chunk, work, hits);
        } else {
            self.scan_found_lines(chunk, work, hits);
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
        work.counts.tries += work.tried.len() as u64;
        for &pattern in &work.tried {
            let regex = self.patterns.regex(pattern as usize);
            if let Some(found) = regex.and_then(|regex| regex.find(text)) {
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
        work.tried.extend(self.every_line.iter());
        // A needle says the same however often it occurs, and looking for the others costs the line.
        let found = &mut work.found[found];
        found.sort_unstable_by_key(|found| (found.needle, found.at));
        let mut last = None;
        for &Found { at, needle } in found.iter() {
            if last.replace(needle) == Some(needle) {
                continue;
            }
            for (user, pattern) in self.users.of(needle) {
                match self.patterns.plain_bytes(pattern as usize) {
                    // A carriage return of the needle may stand in what the line does not include.
                    Some(bytes) if at + bytes > line.len() => {}
                    Some(_) => work.hits.push((pattern, at)),
                    None if self.users.suits(user, line) => work.tried.push(pattern),
                    None => {}
                }
            }
        }
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Scanner")
            .field("patterns", &self.len())
            .field("needles", &self.filter.needles())
            .field("passes", &self.filter.passes())
            .field("tried on every line", &self.every_line.len())
            .field("compiled", &self.patterns.compiled())
            .finish_non_exhaustive()
    }
}

/// Memory that a scan uses. It says nothing about what was scanned before.
#[derive(Debug, Default)]
pub struct Work {
    scratch: Scratch,
    found: Vec<Found>,
    /// Patterns that must be tried on the line.
    tried: Vec<u32>,
    /// Patterns that occur in the line, and where.
    hits: Vec<(u32, usize)>,
    counts: Counts,
}

/// What scanning took, in numbers that do not depend on the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Occurrences of text that some pattern demands.
    pub occurrences: u64,
    /// Expressions run on a line.
    pub tries: u64,
}

impl Work {
    /// What the scans with this memory took together.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How much memory it takes, to see that it does not grow.
    #[cfg(test)]
    pub(crate) fn room(&self) -> usize {
        self.scratch.room() + self.found.capacity() + self.tried.capacity() + self.hits.capacity()
    }
}
