//! The arguments of the commands for authors: `kb new`, `lint`, `test` and `import`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{LintFormat, TestFormat};
use crate::cli::exit;

/// `kb new`
#[derive(Debug, Args)]
#[command(after_help = exit::NEW_HELP)]
pub struct New {
    /// The name of the problem: small letters, digits and `-`; also the name of the file
    #[arg(value_name = "SLUG")]
    pub slug: String,
    /// Propose signatures, parameters and a sample from these lines; `-`: standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from_log: Option<PathBuf>,
    /// Write it to standard output instead of a file
    #[arg(long)]
    pub stdout: bool,
    /// The folder to write it to; default: the project's `runbooks`, else your own
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: Option<PathBuf>,
}

/// `kb lint`
#[derive(Debug, Args)]
#[command(after_help = exit::FOUND_HELP)]
pub struct Lint {
    /// Runbook files or folders; nothing: every runbook that kb finds
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Show what each signature costs: the text it is found by, and how many lines of each MiB of
    /// healthy logs hold it
    #[arg(long)]
    pub costs: bool,
    /// How to write the result
    #[arg(
        long,
        value_name = "human|json|sarif",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: LintFormat,
}

/// `kb test`
#[derive(Debug, Args)]
#[command(after_help = exit::FOUND_HELP)]
pub struct Test {
    /// Runbooks by name or file; nothing: every runbook that kb finds
    #[arg(value_name = "SLUG|FILE")]
    pub runbooks: Vec<OsString>,
    /// How to write the result
    #[arg(
        long,
        value_name = "human|json|junit",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: TestFormat,
}

/// `kb import`
#[derive(Debug, Args)]
pub struct Import {
    /// What they are
    #[command(subcommand)]
    pub what: ImportWhat,
}

/// Whose rules are imported.
#[derive(Debug, Subcommand)]
pub enum ImportWhat {
    /// Common Reliability Enumerations: YAML files with their test logs
    #[command(after_help = exit::IMPORT_HELP)]
    Cre(ImportCre),
}

/// `kb import cre`
#[derive(Debug, Args)]
pub struct ImportCre {
    /// Files of rules, or folders of them
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// The folder to write the pages to
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub into: PathBuf,
    /// Write over pages that are there
    #[arg(long)]
    pub force: bool,
}
