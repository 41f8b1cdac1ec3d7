//! What is searched for: literal text or a regular expression, and its limits.
//!
//! Knows how a pattern is read; knows nothing of how it is found.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use crate::cost;

/// The longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 4 << 10;

/// The deepest nesting of groups in a regular expression.
pub const NESTING_MAX: u32 = 64;

/// The largest compiled regular expression, in bytes.
pub const REGEX_BYTES_MAX: usize = 1 << 20;

/// Something to be found in a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// What it looks like.
    pub text: PatternText,
    /// Letter case is ignored: that of ASCII letters, with `unicode` that of all letters.
    pub nocase: bool,
    /// `\w`, `\d`, `\s`, `\b` and `.` of a regular expression mean Unicode characters. Otherwise they
    /// mean ASCII and single bytes, which is several times faster. `(?u)` and `(?-u)` in the
    /// expression change it from there on.
    pub unicode: bool,
}

/// The two kinds of patterns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatternText {
    /// These bytes. Text with a line feed in it occurs in no line.
    Literal(Vec<u8>),
    /// An expression of the `regex` crate. It sees one line: `^` and `$` are the line's ends.
    Regex(String),
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It is longer than [`PATTERN_BYTES_MAX`].
    #[error("the pattern has {bytes} bytes, more than {PATTERN_BYTES_MAX}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is no regular expression, or nests deeper than [`NESTING_MAX`].
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// The bytes of the expression that it is about.
        at: Range<usize>,
    },
    /// Compiled, it needs more than [`REGEX_BYTES_MAX`].
    #[error("the regular expression is too large when compiled (more than {} KiB)", REGEX_BYTES_MAX >> 10)]
    TooLarge,
}

impl Pattern {
    /// These bytes, letter case counts.
    pub fn literal(text: impl Into<Vec<u8>>) -> Self {
        Self { text: PatternText::Literal(text.into()), nocase: false, unicode: false }
    }

    /// This expression with ASCII classes, letter case counts.
    pub fn regex(text: impl Into<String>) -> Self {
        Self { text: PatternText::Regex(text.into()), nocase: false, unicode: false }
    }

    /// The same pattern without regard to letter case.
    #[must_use]
    pub fn nocase(mut self) -> Self {
        self.nocase = true;
        self
    }

    /// The same pattern with Unicode classes.
    #[must_use]
    pub fn unicode(mut self) -> Self {
        self.unicode = true;
        self
    }

    /// Checks all limits. [`Scanner::new`](crate::Scanner::new) accepts exactly the patterns that
    /// pass.
    pub fn check(&self) -> Result<(), PatternError> {
        Checked::new(self).map(|_| ())
    }

    /// The number of bytes as written.
    fn len(&self) -> usize {
        match &self.text {
            PatternText::Literal(bytes) => bytes.len(),
            PatternText::Regex(text) => text.len(),
        }
    }

    /// The bytes that occur as they are, when no expression is needed to find them.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        match &self.text {
            PatternText::Literal(bytes) if !(self.nocase && self.unicode) => Some(bytes),
            _ => None,
        }
    }

    /// The pattern as an expression.
    pub(crate) fn expression(&self) -> Cow<'_, str> {
        match &self.text {
            PatternText::Regex(text) => Cow::Borrowed(text),
            PatternText::Literal(bytes) => Cow::Owned(escape(bytes)),
        }
    }

    /// The pattern as `regex_syntax` reads it, for those who write it in another language. Its limits are
    /// not checked.
    pub fn hir(&self) -> Result<Hir, PatternError> {
        ParserBuilder::new()
            .utf8(false)
            .unicode(self.unicode)
            .case_insensitive(self.nocase)
            .nest_limit(NESTING_MAX)
            .build()
            .parse(&self.expression())
            .map_err(|error| syntax_error(&error))
    }

    /// Compiles the pattern, to at most so many bytes.
    fn compile(&self, bytes_max: usize) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.expression())
            .unicode(self.unicode)
            .case_insensitive(self.nocase)
            .nest_limit(NESTING_MAX)
            .size_limit(bytes_max)
            .build()
    }
}

/// A pattern that passed every check, so that compiling it later cannot fail.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) hir: Hir,
    /// Compiled already, because only that could tell whether it is small enough.
    pub(crate) regex: Option<Regex>,
}

impl Checked {
    pub(crate) fn new(pattern: &Pattern) -> Result<Self, PatternError> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(PatternError::TooLong { bytes: pattern.len() });
        }
        let hir = pattern.hir()?;
        if cost::is_small(&hir) {
            return Ok(Self { hir, regex: None });
        }
        let regex = pattern.compile(REGEX_BYTES_MAX).map_err(|_| PatternError::TooLarge)?;
        Ok(Self { hir, regex: Some(regex) })
    }
}

/// Compiles a pattern that passed [`Checked::new`]. `None` only for one that did not: out of a forged
/// file.
pub(crate) fn compile_checked(pattern: &Pattern) -> Option<Regex> {
    // More room than any pattern that was judged without compiling it can need.
    pattern.compile(8 * REGEX_BYTES_MAX).ok()
}

/// An expression that matches exactly these bytes.
fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&regex_syntax::escape(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "(?-u:\\x{byte:02X})");
        }
    }
    out
}

fn syntax_error(error: &regex_syntax::Error) -> PatternError {
    let (message, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), *error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
        _ => return PatternError::Syntax { message: error.to_string(), at: 0..0 },
    };
    PatternError::Syntax { message, at: span.start.offset..span.end.offset }
}
