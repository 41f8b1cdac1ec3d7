//! The one definition of the command line: help, completions and the man page come from here.
//!
//! Knows names and shapes of arguments; what they mean is in `commands`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::exit;

mod authoring;
mod formats;
mod running;

pub use authoring::{Import, ImportCre, ImportWhat, Lint, New, Test};
pub use formats::{DoctorFormat, Format, LintFormat, PlainFormat, TestFormat};
pub use running::{CutOff, Run, Story, Trust, Undo};

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
    /// Put back what a past run changed, by the rollbacks that it recorded
    Undo(Undo),
    /// Find runbooks by words
    Search(Search),
    /// List the runbooks
    List(List),
    /// Show a runbook as a page
    Show(Show),
    /// Write the beginning of a new runbook
    New(New),
    /// Make runbooks of other people's rules
    Import(Import),
    /// Find mistakes in runbooks
    Lint(Lint),
    /// Prove runbooks by their own samples and recorded outputs
    Test(Test),
    /// Make a book of the runbooks, or serve it while you write
    #[cfg(feature = "book")]
    #[command(subcommand)]
    Book(Book),
    /// Make a book of the runbooks (this kb was built without it)
    #[cfg(not(feature = "book"))]
    #[command(alias = "mdbook")]
    Book(NoBook),
    /// What a stock `mdbook` calls as its preprocessor
    #[cfg(feature = "book")]
    #[command(hide = true)]
    Mdbook(Preprocess),
    /// Bring the index of large sets of runbooks up to date, which `kb match` keeps by itself
    Index,
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
    /// Print the JSON schema of the records that `--format json` writes
    #[command(hide = true)]
    Schema,
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
    /// Scan on so many threads; default: one for each processor
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// `kb doctor`
#[derive(Debug, Args)]
#[command(after_help = exit::DOCTOR_HELP)]
pub struct Doctor {
    /// Run no check that the kernel cannot hold to reading completely
    #[arg(long)]
    pub require_confined: bool,
    /// Stop after this time (`50s`, `2m`); what is not finished is unknown. With `nagios`: 50s
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<String>,
    /// How to write the result; `nagios` is for a monitoring server, exit statuses too
    #[arg(
        long,
        value_name = "human|json|nagios",
        hide_possible_values = true,
        default_value = "human",
        hide_default_value = true
    )]
    pub format: DoctorFormat,
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

/// `kb completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `kb book` of a kb without it: whatever is asked has one answer.
#[cfg(not(feature = "book"))]
#[derive(Debug, Args)]
pub struct NoBook {
    /// What would be its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub words: Vec<String>,
}

/// `kb book`
#[cfg(feature = "book")]
#[derive(Debug, Subcommand)]
pub enum Book {
    /// Write the book as files that any web server serves, or a browser opens
    Build(BookBuild),
    /// Serve the book on this machine; a page that you change is shown anew
    Serve(BookServe),
    /// Take a book from a stock `mdbook` on standard input and give kb's back
    #[command(after_help = exit::PREPROCESS_HELP)]
    Preprocess(Preprocess),
}

/// `kb book build`
#[cfg(feature = "book")]
#[derive(Debug, Args)]
#[command(after_help = exit::BOOK_BUILD_HELP)]
pub struct BookBuild {
    /// Where to write it; an older book there is replaced
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = "book-html")]
    pub dest_dir: PathBuf,
    /// The title of the book
    #[arg(long, value_name = "TITLE", default_value = "Runbooks")]
    pub title: String,
    /// Open it in the browser
    #[arg(short, long)]
    pub open: bool,
}

/// `kb book serve`
#[cfg(feature = "book")]
#[derive(Debug, Args)]
#[command(after_help = exit::BOOK_SERVE_HELP)]
pub struct BookServe {
    /// The port; 0: any that is free
    #[arg(short, long, value_name = "PORT", default_value_t = 3000)]
    pub port: u16,
    /// The address to listen on; anything but this machine's own shows the book, and the matching of
    /// logs, to others
    #[arg(short = 'n', long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub hostname: String,
    /// The title of the book
    #[arg(long, value_name = "TITLE", default_value = "Runbooks")]
    pub title: String,
    /// Open it in the browser
    #[arg(short, long)]
    pub open: bool,
}

/// `kb book preprocess`
#[cfg(feature = "book")]
#[derive(Debug, Args)]
pub struct Preprocess {
    /// `supports RENDERER` asks whether kb can make pages for it
    #[arg(value_name = "supports RENDERER", num_args = 0..=2)]
    pub question: Vec<String>,
}
