//! The ways in which a result can be written, by the command that writes it.

use clap::ValueEnum;

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON record a line
    Json,
    /// For a ticket or a chat
    Markdown,
}

/// How a result is written where there is nothing for tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlainFormat {
    /// For people
    Human,
    /// One JSON record a line
    Json,
}

/// How the health of a machine is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people
    Human,
    /// One JSON record a line
    Json,
    /// For a monitoring server
    Nagios,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For people: the line, a caret, a hint
    Human,
    /// One JSON record a line
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
}

/// How test results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people
    Human,
    /// One JSON record a line
    Json,
    /// JUnit XML, for CI
    Junit,
}

impl From<PlainFormat> for Format {
    fn from(format: PlainFormat) -> Self {
        match format {
            PlainFormat::Human => Self::Human,
            PlainFormat::Json => Self::Json,
        }
    }
}
