//! The model of a verdict rule: what it says, and when it holds.
//!
//! Plain data, checked when it was read; `run::verdict` applies it to an output.

use regex::bytes::Regex;

use crate::text::Span;

/// One bullet of a check: a verdict and when it holds.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it says.
    pub verdict: RuleVerdict,
    /// All must hold; empty for `otherwise`.
    pub conditions: Vec<Condition>,
    /// Shown with the verdict.
    pub remark: Option<String>,
    /// The bullet as plain text, backticks kept.
    pub text: String,
    /// The bullet.
    pub span: Span,
}

/// The verdicts that a rule may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleVerdict {
    /// The problem is here.
    Sick,
    /// It is not.
    Healthy,
    /// Could not tell.
    Unknown,
    /// The problem cannot be on this system.
    DoesNotApply,
    /// In a `before=` check: the fix must not run.
    Refuse,
}

/// One condition of a rule.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `exit is N`, `exit is not N`.
    Exit {
        /// The status.
        status: i32,
        /// `is not`.
        negated: bool,
    },
    /// `output has`, `output lacks`.
    Has {
        /// The text, taken literally.
        text: String,
        /// `lacks`.
        negated: bool,
    },
    /// `output matches`.
    Matches(OutputRegex),
    /// `output is empty`, `output is not empty` (blanks and line ends do not count).
    Empty {
        /// `is not empty`.
        negated: bool,
    },
    /// CODE `is …`: the one group of the regex, as a number or text.
    Group {
        /// The regex with one group.
        regex: OutputRegex,
        /// How it is compared.
        test: Comparison,
    },
    /// `lines matching` CODE `is …`.
    Lines {
        /// The regex, tried on each line.
        regex: OutputRegex,
        /// How the count is compared.
        test: Comparison,
    },
    /// `json` POINTER `is` VALUE.
    Json {
        /// A JSON pointer (RFC 6901).
        pointer: String,
        /// The value as text: a string, number, `true`, `false` or `null`.
        value: String,
    },
    /// `the symptom is seen`, `the symptom is not seen`.
    Symptom {
        /// `is seen`.
        seen: bool,
    },
}

/// A regex over a whole output: multi-line, CRLF-aware, ASCII classes.
#[derive(Clone, Debug)]
pub struct OutputRegex {
    /// As written.
    pub text: String,
    /// Compiled. On a device `<name>` stands for a value, so there it is compiled at run time.
    pub regex: Option<Regex>,
}

/// How a value is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// `is N`, equal as decimals when both are, else as text.
    Is(String),
    /// `is not N`.
    IsNot(String),
    /// `is N or more`.
    AtLeast(f64),
    /// `is N or less`.
    AtMost(f64),
    /// `is above N`.
    Above(f64),
    /// `is below N`.
    Below(f64),
}
