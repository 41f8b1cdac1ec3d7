//! `kb new`: the beginning of a runbook, with signatures proposed from pasted lines.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::New;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Failed};
use crate::cli::exit::FoundExit;
use crate::cli::sources;
use crate::disk;
use crate::runbook::RunbookId;
use crate::text::{printable, printable_path};

mod kinds;
mod page;
mod propose;

/// A runbook is written from an excerpt, not from a whole log.
const LOG_BYTES_MAX: u64 = 256 << 10;

/// Writes the page.
pub fn run(context: &Context, args: &New) -> Result<ExitCode, CommandError> {
    let id = RunbookId::new(&args.slug).ok_or_else(|| wrong_slug(&args.slug))?;
    let log = args.from_log.as_ref().map(|path| read_log(context, path)).transpose()?;
    let proposal = log.as_deref().map(propose::propose).unwrap_or_default();
    let text = page::page(&id, &proposal);
    if args.stdout {
        context.ui.records(|out| out.write_all(text.as_bytes()))?;
        return Ok(FoundExit::Good.into());
    }
    let path = place(context, args)?;
    if let Some(known) = context.base()?.get(&id) {
        let file = printable_path(&context.environment.short(&known.source.path));
        context.ui.warning(&format!("There is a runbook `{id}` already: `{file}`."));
    }
    disk::create_runbook(&path, &text).map_err(|error| {
        CommandError::usage(error).hint("kb never writes over a runbook. Choose another name.")
    })?;
    let shown = printable_path(&context.environment.short(&path));
    context.ui.answer(|out| {
        out.label("path", &shown)?;
        out.newline()
    })?;
    for note in &proposal.notes {
        context.ui.notice(note);
    }
    context
        .ui
        .hint(&format!("Fill in the places marked `TO FILL`, then `kb lint {shown}` and `kb test {shown}`."));
    Ok(FoundExit::Good.into())
}

/// A slug that is nearly right is put right in the hint.
fn wrong_slug(slug: &str) -> CommandError {
    let words: Vec<String> = slug
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let error = CommandError::usage(format!("`{}` is no name for a runbook", printable(slug)))
        .hint("A name holds small letters, digits and `-`, and says what is broken.");
    if words.is_empty() { error } else { error.hint(format!("For example: `kb new {}`.", words.join("-"))) }
}

fn read_log(context: &Context, path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        if io::stdin().is_terminal() {
            context.ui.say_plainly("Paste the lines, then Ctrl-D.");
        }
        io::stdin().take(LOG_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        let (logs, errors) = disk::open_logs(&[path.to_owned()]);
        if let Some(error) = errors.into_iter().find(|error| logs.is_empty() || !error.is_notice()) {
            return Err(CommandError::usage(error));
        }
        let log = logs
            .into_iter()
            .next()
            .ok_or_else(|| CommandError::usage(format!("there is no log in `{}`", printable_path(path))))?;
        log.take(LOG_BYTES_MAX + 1).read_to_end(&mut bytes)
    };
    read.map_err(|error| {
        CommandError::usage(Failed::new(format!("read `{}`", printable_path(path)), error))
    })?;
    if bytes.len() as u64 > LOG_BYTES_MAX {
        return Err(CommandError::usage(format!("`{}` is longer than an excerpt", printable_path(path)))
            .hint("Give the lines that show the problem, not the whole log: `tail -n 20 FILE | kb new --from-log - SLUG`."));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(CommandError::usage("there are no lines to propose signatures from"));
    }
    Ok(bytes)
}

fn place(context: &Context, args: &New) -> Result<PathBuf, CommandError> {
    let folder = args.to.clone().or_else(|| sources::home_of_new(&context.environment));
    let folder = folder.ok_or_else(|| {
        CommandError::usage("there is no folder to write to, since `HOME` is not set")
            .hint("`--to DIR` names one; `--stdout` prints the page.")
    })?;
    Ok(folder.join(format!("{}.md", args.slug)))
}
