//! The model of a runbook: one Markdown file about one problem, as plain data.
//!
//! Knows Markdown and the six kinds of marked blocks; knows nothing of logs, hosts or terminals.
//! [`parse`] never fails: what is wrong becomes a diagnostic and disables its block and what
//! depends on it. [`lint`] judges a whole [`KnowledgeBase`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;

use crate::text::{SourceFile, Span};

/// The name of a runbook: the stem of its file, `[a-z0-9-]+`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunbookId(Arc<str>);

/// The name of a check, fix or rollback; unique in its file, `[a-z][a-z0-9-]*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(Arc<str>);

/// The name of a host as the runbook calls it (`guest`, `esxi`, `here`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// The name of a parameter and of the environment variable that carries it: `[a-z][a-z0-9_]*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParamName(Arc<str>);

macro_rules! name {
    ($type:ident, $pattern:literal, $legal:expr) => {
        impl $type {
            #[doc = concat!("The name, if it has the form `", $pattern, "`.")]
            pub fn new(name: &str) -> Option<Self> {
                let legal: fn(&str) -> bool = $legal;
                legal(name).then(|| Self(name.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, formatter)
            }
        }
    };
}

name!(RunbookId, "[a-z0-9-]+", |name| !name.is_empty() && name.bytes().all(is_word));
name!(BlockId, "[a-z][a-z0-9-]*", |name| starts_with_letter(name) && name.bytes().all(is_word));
name!(HostName, "[a-z][a-z0-9-]*", |name| starts_with_letter(name) && name.bytes().all(is_word));
name!(ParamName, "[a-z][a-z0-9_]*, not *_proxy", |name| starts_with_letter(name)
    && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    && !name.ends_with("_proxy"));

impl HostName {
    /// The host of a runbook without the fact `Where`: this machine.
    pub fn here() -> Self {
        Self("here".into())
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn starts_with_letter(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Where a runbook came from. Decides what may run (see `run::trust`) and which of two files with
/// one slug is used: the first in this order wins, the other is reported as shadowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file named on the command line.
    Named,
    /// `--kb DIR` or `$KB_DIR`.
    Given,
    /// `runbooks/` or a `kb.toml` in this folder or above.
    Project,
    /// `$XDG_CONFIG_HOME/kb/runbooks`.
    User,
    /// `/etc/kb/runbooks`.
    System,
    /// Part of the binary.
    BuiltIn,
}

/// A runbook. Parts that an error disabled are absent from the lists below, so nothing that is
/// listed here is known to be wrong.
#[derive(Clone, Debug)]
pub struct Runbook {
    /// Its slug.
    pub id: RunbookId,
    /// The H1, or the slug where there is none.
    pub title: String,
    /// The file.
    pub source: Arc<SourceFile>,
    /// Where the file came from.
    pub origin: Origin,
    /// The first bullet list under the H1.
    pub facts: Vec<Fact>,
    /// The hosts of the fact `Where`; [`HostName::here`] alone when there is none.
    pub hosts: Vec<Host>,
    /// The table under the heading "Parameters".
    pub parameters: Vec<Parameter>,
    /// Signatures.
    pub symptoms: Vec<Symptom>,
    /// Log text that tests the signatures.
    pub samples: Vec<Sample>,
    /// Read-only diagnostics.
    pub checks: Vec<Check>,
    /// Changes, in page order.
    pub fixes: Vec<Fix>,
    /// What undoes them.
    pub rollbacks: Vec<Rollback>,
    /// Every heading with the text below it, in page order.
    pub sections: Vec<Section>,
    /// False when an error makes the whole file unrunnable. It stays readable and searchable.
    pub runnable: bool,
}

/// One fact: a bullet that begins with a bold key.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The key as written, without the colon (`Applies to`).
    pub key: String,
    /// The rest as plain text, code spans without their backticks.
    pub text: String,
    /// The whole bullet.
    pub span: Span,
}

/// A host that the runbook names.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name in the runbook.
    pub name: HostName,
    /// What the runbook says it is ("is the FreeBSD machine"); empty for `here`.
    pub description: String,
    /// The system that the description names, as `uname -s` prints it in lower case (`freebsd`,
    /// `linux`, `vmkernel`); `None` when it names none that kb knows.
    pub system: Option<String>,
}

/// How bad the problem is, or how dangerous a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Cannot interrupt a service; undone in one step.
    Low,
    /// May interrupt a service for moments, or widens what others may do.
    Medium,
    /// Interrupts a service, or cannot be undone in one step.
    High,
}

/// One row of the table "Parameters".
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: ParamName,
    /// Where its value comes from, in the order tried; empty for `asked`.
    pub sources: Vec<ValueSource>,
    /// A `secret` comes from a prompt or a file, is masked and never recorded.
    pub secret: bool,
    /// The pattern as written, and compiled so that it must match the whole value.
    pub pattern: (String, Regex),
    /// What it is, as plain text.
    pub description: String,
    /// Its row.
    pub span: Span,
}

/// Where the value of a parameter may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// Captured by a signature.
    Log,
    /// A named group in the rules of a check.
    Check(BlockId),
    /// Written in the table.
    Literal(String),
}

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

/// The language of a block that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `/bin/sh`.
    Sh,
    /// `bash`.
    Bash,
    /// Lines for a Cisco device; `<name>` is replaced by a value.
    Cisco,
}

/// What a check may reach besides reading files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Allow {
    /// Unix sockets.
    pub unix: bool,
    /// TCP.
    pub net: bool,
    /// A private temporary folder.
    pub tmp: bool,
}

/// What every block that runs has in common.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its language.
    pub language: Language,
    /// The bytes that run: exactly those of the page.
    pub text: String,
    /// The host it runs on.
    pub host: HostName,
    /// Needs root.
    pub root: bool,
    /// Its time limit.
    pub timeout: Duration,
}

/// A read-only diagnostic.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub id: BlockId,
    /// What runs.
    pub script: Script,
    /// First match wins; empty: the output is only shown.
    pub rules: Vec<Rule>,
    /// Recorded outputs.
    pub outputs: Vec<RecordedOutput>,
    /// `os=`: `uname -s` in lower case; empty: any.
    pub os: Vec<String>,
    /// `needs=`: programs that must exist.
    pub needs: Vec<String>,
    /// `allow=`.
    pub allow: Allow,
    /// `recent=`: how far back "the symptom is seen" looks before any fix; 10 min when not said.
    pub recent: Duration,
    /// `retry=`: how often it is tried again after a fix until it is healthy.
    pub retry: u32,
    /// `every=`: the pause between tries.
    pub every: Duration,
    /// When it runs.
    pub when: When,
    /// The heading it stands under: an index into [`Runbook::sections`].
    pub section: usize,
    /// The block.
    pub span: Span,
}

/// When a check runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// At the start, and again after a fix for it.
    Start,
    /// Ahead of the consent for this fix, and again straight before it.
    Before(BlockId),
    /// After this fix only.
    After(BlockId),
}

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

/// An output that a check's rules must judge so.
#[derive(Clone, Debug)]
pub struct RecordedOutput {
    /// The verdict it must get.
    pub verdict: RuleVerdict,
    /// The exit status; 0 when not said.
    pub exit: i32,
    /// Copied from a machine, or from a document.
    pub from_machine: bool,
    /// The text.
    pub text: String,
    /// The block.
    pub span: Span,
}

/// A change.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Its name.
    pub id: BlockId,
    /// What runs; `None` for a `manual` fix, which is shown and done by the person.
    pub script: Option<Script>,
    /// The text of the block as written, also for a `manual` fix.
    pub text: String,
    /// The host it is about.
    pub host: HostName,
    /// All of these checks must be sick; empty: any sick check.
    pub cures: Vec<BlockId>,
    /// What undoes it.
    pub rollback: Option<BlockId>,
    /// How dangerous it is.
    pub risk: Risk,
    /// The machine must be restarted for it.
    pub reboot: bool,
    /// The host to which the connection is lost while it runs.
    pub cuts: Option<HostName>,
    /// What a person does, in page order: `false` before the block, `true` after it.
    pub tasks: Vec<(bool, String)>,
    /// The heading it stands under: an index into [`Runbook::sections`].
    pub section: usize,
    /// The block.
    pub span: Span,
}

/// What undoes a fix.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// Its name.
    pub id: BlockId,
    /// What runs.
    pub script: Script,
    /// The block.
    pub span: Span,
}

/// A heading and what stands below it, up to the next heading.
#[derive(Clone, Debug)]
pub struct Section {
    /// 1 to 6; 0 for text before the first heading.
    pub level: u8,
    /// The heading as plain text.
    pub title: String,
    /// What it is for, by its words.
    pub role: SectionRole,
    /// From the heading to the next one.
    pub span: Span,
}

/// What a section is for when browsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SectionRole {
    /// Symptoms, Meaning.
    Symptoms,
    /// Diagnosis, Check.
    Check,
    /// Fix, Mitigation, Resolution.
    Fix,
    /// Undo, Rollback.
    Undo,
    /// Parameters.
    Parameters,
    /// Sources.
    Sources,
    /// Anything else.
    Other,
}

impl Runbook {
    /// The text of the first fact with this key (letter case is ignored).
    pub fn fact(&self, key: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.key.eq_ignore_ascii_case(key)).map(|fact| fact.text.as_str())
    }

    /// The check with this name.
    pub fn check(&self, id: &BlockId) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == *id)
    }

    /// The fix with this name.
    pub fn fix(&self, id: &BlockId) -> Option<&Fix> {
        self.fixes.iter().find(|fix| fix.id == *id)
    }

    /// The rollback with this name.
    pub fn rollback(&self, id: &BlockId) -> Option<&Rollback> {
        self.rollbacks.iter().find(|rollback| rollback.id == *id)
    }

    /// The parameter with this name.
    pub fn parameter(&self, name: &ParamName) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == *name)
    }

    /// True when any block of it may run.
    pub fn has_blocks(&self) -> bool {
        self.runnable && !(self.checks.is_empty() && self.fixes.is_empty())
    }
}
