//! The arguments of the commands that run something, and of `kb trust`, which says what may run.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{Format, PlainFormat};
use crate::cli::exit;

/// `kb run`
#[derive(Debug, Args)]
#[command(after_help = exit::RUN_HELP)]
pub struct Run {
    /// A runbook, a number of the last match, or a file; nothing: the first of the last match
    #[arg(value_name = "SLUG|N|FILE")]
    pub runbook: Option<OsString>,
    /// Run the checks, show every fix as it would be, change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Where a host of the runbook is: `HOST=[user@]host[:port]` by ssh, `HOST=here` or `HOST=by-hand`
    #[arg(long = "on", value_name = "HOST=WHERE")]
    pub on: Vec<String>,
    /// Give a parameter its value
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<OsString>,
    /// Give a secret parameter the first line of a file
    #[arg(long, value_name = "NAME=PATH")]
    pub secret_file: Vec<OsString>,
    /// Take the values from this log
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from_log: Option<PathBuf>,
    /// Consent to this fix without being asked; can be given for each fix, never for all
    #[arg(long, value_name = "FIX")]
    pub yes: Vec<String>,
    /// Let the checks of this host run without being asked, where only their author says that they
    /// are read-only (ssh, devices); can be given for each host, never for all
    #[arg(long, value_name = "HOST")]
    pub allow_declared: Vec<String>,
    /// Answer from the outputs recorded in the runbook; nothing runs
    #[arg(long, value_name = "sick|healthy", hide_possible_values = true)]
    pub replay: Option<Story>,
    /// Offer fixes also where a check could not tell
    #[arg(long)]
    pub even_if_unknown: bool,
    /// Run no check that the kernel cannot hold to reading completely
    #[arg(long)]
    pub require_confined: bool,
    /// What is to become of a run that was cut off.
    #[command(flatten)]
    pub cut_off: CutOff,
    /// How to write the result
    #[arg(
        long,
        value_name = "human|json|markdown",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: Format,
}

/// What is to become of a run that was cut off.
#[derive(Clone, Copy, Debug, Args)]
pub struct CutOff {
    /// Go on with the run that was cut off: its checks run again first, with its values
    #[arg(long = "continue", conflicts_with_all = ["anew", "dry_run", "replay"])]
    pub resume: bool,
    /// Begin a new run and leave one that was cut off as it is
    #[arg(long, conflicts_with_all = ["dry_run", "replay"])]
    pub anew: bool,
}

/// Which recorded outputs a replay begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Story {
    /// The problem is there; after an approved fix it is gone
    Sick,
    /// The problem is not there
    Healthy,
}

/// `kb trust`
#[derive(Debug, Args)]
#[command(after_help = exit::TRUST_HELP)]
pub struct Trust {
    /// Runbook files, or folders of them
    #[arg(required_unless_present = "list", value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Say yes to everything that is shown, for scripts
    #[arg(long)]
    pub yes: bool,
    /// List what is trusted
    #[arg(long, conflicts_with_all = ["paths", "yes", "remove"])]
    pub list: bool,
    /// Take trust back
    #[arg(long, conflicts_with = "yes")]
    pub remove: bool,
}

/// `kb undo`
#[derive(Debug, Args)]
#[command(after_help = exit::UNDO_HELP)]
pub struct Undo {
    /// The number of a run, or a file that `kb history N --format json` has written
    #[arg(value_name = "N|FILE", value_hint = ValueHint::FilePath)]
    pub run: OsString,
    /// Run the checks, show every rollback as it would run, change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Where a host of that run is; else it is where it was
    #[arg(long = "on", value_name = "HOST=WHERE")]
    pub on: Vec<String>,
    /// Give a parameter the value that the run did not record
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<OsString>,
    /// Give a secret parameter the first line of a file: secrets are not recorded
    #[arg(long, value_name = "NAME=PATH")]
    pub secret_file: Vec<OsString>,
    /// Consent to this rollback without being asked; can be given for each, never for all
    #[arg(long, value_name = "ROLLBACK")]
    pub yes: Vec<String>,
    /// Let the checks of this host run without being asked, where only their author says that they
    /// are read-only (ssh, devices); can be given for each host, never for all
    #[arg(long, value_name = "HOST")]
    pub allow_declared: Vec<String>,
    /// How to write the result
    #[arg(
        long,
        value_name = "human|json",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: PlainFormat,
}
