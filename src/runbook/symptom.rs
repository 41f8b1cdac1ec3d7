//! The model of what is looked for in a log: symptom blocks, their signatures, and samples.
//!
//! Plain data. `pattern` reads a signature; the module `signature` finds it in text.

use std::time::Duration;

use super::ParamName;
use crate::text::Span;

/// A block of signatures.
#[derive(Clone, Debug)]
pub struct Symptom {
    /// How its steps combine.
    pub mode: SymptomMode,
    /// How much it says.
    pub weight: Weight,
    /// From first to last hit; `None`: no limit.
    pub within: Option<Duration>,
    /// Letter case is ignored.
    pub nocase: bool,
    /// Evidence may come from several hosts.
    pub anyhost: bool,
    /// The author accepts signatures that lint finds too broad.
    pub broad: bool,
    /// In the order written. In [`SymptomMode::Any`] each step identifies on its own.
    pub steps: Vec<Step>,
    /// The block.
    pub span: Span,
}

/// How the steps of a symptom block combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymptomMode {
    /// Each line identifies on its own.
    Any,
    /// Every line, in any order.
    All,
    /// Every line, in the order written.
    Sequence,
    /// Hits of any line, so many times for each distinct set of captured values.
    Count(u32),
}

/// How much a symptom block says about the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Adds to score and captures only.
    Support,
    /// Complete, it is *possible*.
    Low,
    /// Complete, it is a *match*.
    Normal,
    /// Complete, it is a *match* that ranks before others.
    High,
}

/// One line of a symptom block with its `| ` alternatives.
#[derive(Clone, Debug)]
pub struct Step {
    /// Any of these is a hit of the step; never empty.
    pub alternatives: Vec<Signature>,
    /// `{5} `: at least so many hits; 1 when not said.
    pub at_least: u32,
    /// `! `: must not occur.
    pub negated: bool,
}

/// One pattern for one log line.
#[derive(Clone, Debug)]
pub struct Signature {
    /// As written, ends trimmed, prefixes (`! `, `| `, `{5} `) cut.
    pub text: String,
    /// What it means.
    pub pattern: Pattern,
    /// Where it stands, prefixes left out.
    pub span: Span,
}

/// A parsed signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Literal text with captures; runs of blanks in it match any run of blanks and tabs.
    Pieces(Vec<Piece>),
    /// The text between the slashes, checked to compile.
    Regex(String),
}

/// A part of a literal signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These characters.
    Text(String),
    /// `<name>`, `<name:text>`, `<_>`.
    Capture {
        /// `None` for `<_>`.
        name: Option<ParamName>,
        /// May hold blanks.
        blanks: bool,
    },
    /// `...`: any text, also none.
    Gap,
}

/// Real log text that tests the signatures.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What must come out.
    pub expect: SampleExpect,
    /// The text.
    pub text: String,
    /// Values that must be captured: the bullets after it.
    pub values: Vec<(ParamName, String, Span)>,
    /// The block.
    pub span: Span,
}

/// What a sample must come out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SampleExpect {
    /// A *match*, and first.
    Match,
    /// Exactly *possible*.
    Possible,
    /// No tier.
    Not,
}
