//! The one definition of the command line: help, completions and the man page come from here.
//!
//! Knows names and shapes of arguments; what they mean is in `commands`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::exit;

/// Log lines in, runbooks out; a runbook in, proof and the fix out.
///
/// kb knows problems as runbooks: one Markdown file each, which a person reads and a machine checks.
/// Paste a log to learn which known problem it shows, run the runbook to prove it on this machine,
/// and apply the fix with your consent.
#[derive(Debug, Parser)]
#[command(name = "kb", version, max_term_width = 100, after_help = TOUR, after_long_help = exit::HELP)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const GLOBAL: &str = "For every command";

const TOUR: &str = "\
Examples:
  kb match /var/log/messages   Which known problems does this log show?
  kb match                     The same for lines you paste
  kb run 1                     Check the first of them on this machine, offer its fix
  kb search nfs mount          Find a runbook by words

Exit statuses are listed in `kb --help`.";

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// When to use colour; `debug` shows the labels of `styles.toml` in its place
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "auto|always|never|debug", hide_possible_values = true, default_value = "auto", hide_default_value = true)]
    pub color: ColorWhen,
    /// Use the runbooks of this folder too, before all others
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "DIR", value_hint = ValueHint::DirPath, env = "KB_DIR", hide_env_values = true)]
    pub kb: Option<PathBuf>,
    /// No hints, no progress: the answer, warnings and errors only
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere with `CLICOLOR_FORCE`
    Auto,
    /// Always
    Always,
    /// Never
    Never,
    /// Labels in place of colours
    Debug,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the runbooks that log lines point to
    Match(Match),
    /// Check a runbook's problem on this machine and offer its fix
    Run(Run),
    /// Run the checks of every trusted runbook that applies to this machine
    Doctor(Doctor),
    /// Say that exactly this text of a runbook may run
    Trust(Trust),
    /// List past runs, or show one
    History(History),
    /// Find runbooks by words
    Search(Search),
    /// List the runbooks
    List(List),
    /// Show a runbook as a page
    Show(Show),
    /// Write the beginning of a new runbook
    New(New),
    /// Find mistakes in runbooks
    Lint(Lint),
    /// Prove runbooks by their own samples and recorded outputs
    Test(Test),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
    /// Print the JSON schema of the records that `--format json` writes
    #[command(hide = true)]
    Schema,
}

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

/// The least sure tier that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TierFloor {
    /// Only identified problems
    Match,
    /// Also what was seen incompletely
    Possible,
    /// Also runbooks whose words are alike
    Suggestion,
}

/// When lines that no signature explains are searched in the full text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SuggestWhen {
    /// For 200 lines or fewer
    Auto,
    /// For any input
    Always,
    /// Never
    Never,
}

/// `kb match`
#[derive(Debug, Args)]
#[command(after_help = exit::MATCH_HELP)]
pub struct Match {
    /// Logs, compressed or not, or folders of them; `-` or nothing: standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// How to write the result
    #[arg(
        long,
        value_name = "human|json|markdown",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: Format,
    /// Show at most so many runbooks; 0: all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Show nothing less sure than this; the exit status follows it
    #[arg(
        long,
        value_name = "match|possible|suggestion",
        hide_possible_values = true,
        default_value = "suggestion",
        hide_default_value = true
    )]
    pub tier: TierFloor,
    /// Show how each score came about, and every instance
    #[arg(long)]
    pub explain: bool,
    /// Only records from this time on: `03:00`, `1h`, `2013-11-12`, `yesterday`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Only records before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// The zone of time stamps that name none (`Europe/Rome`, `UTC`, `+02:00`); default: this machine's
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub tz: Option<String>,
    /// Search lines that no signature explains in the full text; `auto`: for 200 lines or fewer
    #[arg(
        long,
        value_name = "auto|always|never",
        hide_possible_values = true,
        hide_default_value = true,
        num_args = 0..=1,
        require_equals = true,
        default_value = "auto",
        default_missing_value = "always"
    )]
    pub suggest: SuggestWhen,
}

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
    /// Where a host of the runbook is: `HOST=here` or `HOST=by-hand`
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
    /// Answer from the outputs recorded in the runbook; nothing runs
    #[arg(long, value_name = "sick|healthy", hide_possible_values = true)]
    pub replay: Option<Story>,
    /// Offer fixes also where a check could not tell
    #[arg(long)]
    pub even_if_unknown: bool,
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

/// Which recorded outputs a replay begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Story {
    /// The problem is there; after an approved fix it is gone
    Sick,
    /// The problem is not there
    Healthy,
}

/// `kb doctor`
#[derive(Debug, Args)]
#[command(after_help = exit::DOCTOR_HELP)]
pub struct Doctor {
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

/// `kb history`
#[derive(Debug, Args)]
#[command(after_help = exit::FOUND_HELP)]
pub struct History {
    /// The number of a run; nothing: a list, the newest first
    #[arg(value_name = "N")]
    pub run: Option<usize>,
    /// How to write the result; Markdown is for a ticket
    #[arg(
        long,
        value_name = "human|json|markdown",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: Format,
}

/// `kb search`
#[derive(Debug, Args)]
#[command(after_help = exit::SEARCH_HELP)]
pub struct Search {
    /// Words, an error code, a part of a message
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
    /// Show at most so many runbooks
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
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

/// `kb list`
#[derive(Debug, Args)]
#[command(after_help = exit::FOUND_HELP)]
pub struct List {
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

/// `kb show`
#[derive(Debug, Args)]
#[command(after_help = exit::FOUND_HELP)]
pub struct Show {
    /// A runbook, a number of the last match, or a file
    #[arg(value_name = "SLUG|N|FILE")]
    pub runbook: OsString,
    /// The file as it is, byte for byte
    #[arg(long)]
    pub raw: bool,
}

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

/// `kb completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}
