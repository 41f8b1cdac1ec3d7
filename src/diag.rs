//! Diagnostics: what is wrong with a runbook, where, and what to do about it.
//!
//! Trouble in a runbook is a [`Diagnostic`]; trouble with the machine is an error; a sick or
//! unknown check is a result. They are never mixed.

use std::sync::Arc;

use crate::text::{SourceFile, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// Probably not what the author wanted; nothing is disabled.
    Warning,
    /// The part it points at is disabled, with all that depends on it.
    Error,
}

/// One finding in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that speaks: kebab-case, stable, named in the format reference.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Lower case, no full stop, objects in backticks.
    pub message: String,
    /// The bytes it is about.
    pub span: Span,
    /// What to type next, each a sentence.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error at a span.
    pub fn error(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { rule, severity: Severity::Error, message: message.into(), span, hints: Vec::new() }
    }

    /// A warning at a span.
    pub fn warning(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, span, message) }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Ties the finding to its file.
    pub fn at(self, source: &Arc<SourceFile>) -> Located {
        Located { source: Arc::clone(source), diagnostic: self }
    }
}

/// A finding with the file it is in.
#[derive(Clone, Debug)]
pub struct Located {
    /// The file.
    pub source: Arc<SourceFile>,
    /// The finding.
    pub diagnostic: Diagnostic,
}

/// A value together with what was found wrong while it was made.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// Always there; the parts that were wrong are disabled in it.
    pub value: T,
    /// In the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}
