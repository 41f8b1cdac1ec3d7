//! The one place where a pattern of a runbook is compiled: always linear, always with limits.
//!
//! Knows the flavours that the format has; knows nothing of where a pattern stands.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

const PATTERN_BYTES_MAX: usize = 4096;
const PROGRAM_BYTES_MAX: usize = 1 << 20;
const NEST_MAX: u32 = 64;

/// What a pattern is for. In all of them `\d`, `\w`, `\s`, `\b` are ASCII unless it says `(?u)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// A signature: somewhere in one line; with or without regard to letter case.
    Signature {
        /// Letter case is ignored.
        nocase: bool,
    },
    /// A condition: over a whole output, `^` and `$` at line ends, CR LF too.
    Output,
    /// "Must match" of a parameter: the whole value.
    Value,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternProblem {
    /// Lower case, no full stop.
    pub message: String,
    /// The bytes of the pattern it is about.
    pub at: Range<usize>,
}

/// Compiles a pattern.
pub fn compile(pattern: &str, flavour: Flavour) -> Result<Regex, PatternProblem> {
    let whole = 0..pattern.len();
    if pattern.len() > PATTERN_BYTES_MAX {
        let message = format!("the pattern is longer than {PATTERN_BYTES_MAX} bytes");
        return Err(PatternProblem { message, at: whole });
    }
    parse(pattern, flavour)?;
    let (wrapped, nocase) = match flavour {
        // The pattern stands alone too, so `a)|(b` cannot reach outside the group.
        Flavour::Value => (format!(r"\A(?:{pattern})\z"), false),
        Flavour::Signature { nocase } => (pattern.to_owned(), nocase),
        Flavour::Output => (pattern.to_owned(), false),
    };
    let output = flavour == Flavour::Output;
    RegexBuilder::new(&wrapped)
        .unicode(false)
        .case_insensitive(nocase)
        .multi_line(output)
        .crlf(output)
        .nest_limit(NEST_MAX)
        .size_limit(PROGRAM_BYTES_MAX)
        .dfa_size_limit(PROGRAM_BYTES_MAX)
        .build()
        .map_err(|error| problem_of(&error, whole))
}

/// The longest text that is in every line the pattern matches, in characters.
pub fn required_literal(pattern: &str, nocase: bool) -> usize {
    parse(pattern, Flavour::Signature { nocase }).map_or(0, |hir| Literal::of(&hir).longest)
}

/// How many characters a matching line must hold as they are written, in all.
pub fn literal_total(pattern: &str) -> usize {
    parse(pattern, Flavour::Signature { nocase: false }).map_or(0, |hir| least(&hir))
}

fn least(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().count(),
        HirKind::Class(class) if class_size(class) <= 2 => 1,
        HirKind::Class(_) | HirKind::Look(_) | HirKind::Empty => 0,
        HirKind::Capture(capture) => least(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(least).sum(),
        HirKind::Alternation(parts) => parts.iter().map(least).min().unwrap_or(0),
        HirKind::Repetition(repetition) => repetition.min as usize * least(&repetition.sub),
    }
}

fn parse(pattern: &str, flavour: Flavour) -> Result<Hir, PatternProblem> {
    let output = flavour == Flavour::Output;
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .case_insensitive(flavour == Flavour::Signature { nocase: true })
        .multi_line(output)
        .crlf(output)
        .nest_limit(NEST_MAX)
        .build()
        .parse(pattern)
        .map_err(|error| {
            let (message, span) = match &error {
                regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span())),
                regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span())),
                _ => (error.to_string(), None),
            };
            let at = span.map_or(0..pattern.len(), |span| span.start.offset..span.end.offset);
            PatternProblem { message, at }
        })
}

fn problem_of(error: &regex::Error, at: Range<usize>) -> PatternProblem {
    let message = match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large once compiled".to_owned(),
        other => other.to_string().lines().last().unwrap_or_default().trim().to_owned(),
    };
    PatternProblem { message, at }
}

/// How much literal text a part of a pattern asks for.
#[derive(Clone, Copy, Default)]
struct Literal {
    /// The longest run anywhere in it.
    longest: usize,
    /// The whole part is one run of this length, so it joins its neighbours.
    exact: Option<usize>,
}

impl Literal {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            // `^`, `\b`: no text, and text goes on across them.
            HirKind::Empty | HirKind::Look(_) => Self { longest: 0, exact: Some(0) },
            HirKind::Literal(literal) => {
                let count = String::from_utf8_lossy(&literal.0).chars().count();
                Self { longest: count, exact: Some(count) }
            }
            // A letter in both cases, or one of two characters, is as good as one character.
            HirKind::Class(class) if class_size(class) <= 2 => Self { longest: 1, exact: Some(1) },
            HirKind::Class(_) => Self::default(),
            HirKind::Repetition(repetition) if repetition.min == 0 => Self::default(),
            HirKind::Repetition(repetition) => {
                let inner = Self::of(&repetition.sub);
                let fixed = repetition.max == Some(repetition.min);
                let exact = inner.exact.filter(|_| fixed).map(|count| count * repetition.min as usize);
                Self { longest: inner.longest.max(exact.unwrap_or(0)), exact }
            }
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => Self::in_a_row(parts),
            HirKind::Alternation(branches) => {
                let longest = branches.iter().map(|branch| Self::of(branch).longest).min().unwrap_or(0);
                Self { longest, exact: None }
            }
        }
    }

    fn in_a_row(parts: &[Hir]) -> Self {
        let (mut longest, mut run, mut all) = (0, 0, true);
        for part in parts.iter().map(Self::of) {
            longest = longest.max(part.longest);
            if let Some(count) = part.exact {
                run += count;
                longest = longest.max(run);
            } else {
                run = 0;
                all = false;
            }
        }
        Self { longest, exact: all.then_some(run) }
    }
}

fn class_size(class: &regex_syntax::hir::Class) -> usize {
    match class {
        regex_syntax::hir::Class::Unicode(class) => {
            class.ranges().iter().map(|range| range.end() as usize - range.start() as usize + 1).sum()
        }
        regex_syntax::hir::Class::Bytes(class) => {
            class.ranges().iter().map(|range| usize::from(range.end() - range.start()) + 1).sum()
        }
    }
}
