//! The model of a runbook: one Markdown file about one problem, as plain data.
//!
//! Knows Markdown and the six kinds of marked blocks; knows nothing of logs, hosts or terminals.
//! [`parse`] never fails: what is wrong becomes a diagnostic and disables its block and what
//! depends on it. [`lint`] asks for what a good runbook also has; it only warns.

mod base;
mod block;
mod lint;
pub mod markdown;
mod names;
mod parse;
pub mod pattern;
pub mod regexes;
mod rule;
mod shell;
mod slug;
mod symptom;

use std::sync::Arc;

use regex::bytes::Regex;

use crate::text::{SourceFile, Span};

pub use base::{KnowledgeBase, Shadowed, written_aliases};
pub use block::{Allow, Check, Fix, Language, RecordedOutput, Rollback, Script, When};
pub use lint::{TO_FILL, lint};
pub use names::{BlockId, HostName, ParamName, RunbookId};
pub use parse::{parse, parse_duration};
pub use rule::{Comparison, Condition, OutputRegex, Rule, RuleVerdict};
pub use symptom::{Pattern, Piece, Sample, SampleExpect, Signature, Step, Symptom, SymptomMode, Weight};

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
    /// `linux`, `vmkernel`), else its name; `None` when neither names one that kb knows.
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
    /// Takes away all that could run.
    pub fn strip(&mut self) {
        self.runnable = false;
        self.checks.clear();
        self.fixes.clear();
        self.rollbacks.clear();
    }

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

    /// True when the file holds marked blocks; false for a page of prose.
    pub fn has_marks(&self) -> bool {
        let lists = [
            self.symptoms.is_empty(),
            self.samples.is_empty(),
            self.checks.is_empty(),
            self.fixes.is_empty(),
            self.rollbacks.is_empty(),
        ];
        !self.runnable || lists.contains(&false)
    }

    /// True when any block of it may run.
    pub fn has_blocks(&self) -> bool {
        self.runnable && !(self.checks.is_empty() && self.fixes.is_empty())
    }
}
