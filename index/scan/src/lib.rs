//! Many patterns over blocks of bytes: every pattern that occurs in every line.
//!
//! A [`Scanner`] is built once from [`Pattern`]s, literal text or regular expressions. It takes
//! blocks of bytes that need not be text, and reports a [`Hit`] for every pattern and line exactly
//! where trying every pattern on every line would: overlapping and nested patterns included, any
//! line length, any bytes. What it reports does not depend on how it searches.
//!
//! ```
//! use kb_scan::{Pattern, Scanner};
//!
//! let scanner = Scanner::new(&[
//!     Pattern::literal("more frequent advertisement received"),
//!     Pattern::regex(r"carp: (?P<vhid>\d+)@(?P<interface>\w+): MASTER -> BACKUP"),
//!     Pattern::literal("no such line"),
//! ])?;
//!
//! let log = b"up\nkernel: carp: 1@em0: MASTER -> BACKUP (more frequent advertisement received)\n";
//! let mut hits = Vec::new();
//! scanner.scan(log, &mut |hit| hits.push(hit));
//!
//! assert_eq!(hits.iter().map(|hit| hit.pattern).collect::<Vec<_>>(), [0, 1]);
//! let line = &log[hits[1].line.clone()];
//! let found = scanner.locate(1, line).expect("it was a hit");
//! assert_eq!(found.groups[1].0, "interface");
//! assert_eq!(&line[found.groups[1].1.clone()], b"em0");
//! # Ok::<(), kb_scan::BuildError>(())
//! ```
//!
//! How it works: every pattern is taken apart into the text that a line must hold
//! ([`required_literals`]); the longest of it, one for each way the pattern can match, is a *needle*.
//! Blocks are searched for all needles at once by looking at a few bytes every few places, so most of
//! a block is hardly read. Where a needle stands, the bounds of the line are worked out, and only
//! there the pattern's own expression runs, compiled when it is first needed. A run of blanks in a
//! pattern, written `[ \t]+`, does not cut a needle in two. A pattern that demands no text at all must
//! be tried on every line, which costs many times more.
//!
//! [`Scanner::to_bytes`] gives the tables as they are searched, for sets so large that building them
//! at every start would be felt.
//!
//! Limits: a pattern has at most [`PATTERN_BYTES_MAX`] bytes, nests at most [`NESTING_MAX`] deep and
//! takes at most [`REGEX_BYTES_MAX`] when compiled. Scanning keeps a few MiB, whatever the input.
//!
//! On processors with AVX-512 (and its byte permutations) text is looked at 64 bytes at a time. The only
//! `unsafe` is calling what is compiled for such a processor after asking whether this is one, and
//! turning bytes into a register and back; the feature `safe` builds without it and without the speed,
//! and the same tests hold both against the same oracle.
#![cfg_attr(feature = "safe", forbid(unsafe_code))]

mod build;
mod cost;
mod file;
mod filter;
mod flat;
mod lines;
mod literal;
mod pattern;
mod scanner;
mod store;
mod texts;
mod users;

pub use file::{FileError, checksum};
pub use literal::{Branch, Literal, required_literals};
pub use pattern::{NESTING_MAX, PATTERN_BYTES_MAX, Pattern, PatternError, PatternText, REGEX_BYTES_MAX};
pub use scanner::{BuildError, Counts, Hit, Located, Piece, Scanner, Work};

#[cfg(test)]
extern crate self as kb_scan;
#[cfg(test)]
mod tests;
