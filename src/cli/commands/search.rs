//! `kb search`: runbooks by words.

use std::process::ExitCode;

use crate::cli::args::{Format, Search};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::render::{human, json, markdown};
use crate::triage::library::Library;

/// Searches the text of all runbooks.
pub fn run(context: &Context, args: &Search) -> Result<ExitCode, CommandError> {
    let words = args.words.join(" ");
    let base = context.base()?;
    let found = Library::new(base).search(&words, args.top.max(1));
    match args.format {
        Format::Human => context.ui.answer(|out| human::hits(out, &found))?,
        Format::Json => context.ui.records(|out| json::hits(out, &found))?,
        Format::Markdown => context.ui.records(|out| markdown::hits(out, &found))?,
    }
    if let Some(first) = found.first() {
        context.ui.hint(&format!("`kb show {}` reads the page.", first.runbook));
        return Ok(FoundExit::Good.into());
    }
    if args.format == Format::Human {
        context.ui.say_plainly("No runbook speaks of that.");
        context.ui.hint("Use fewer or other words; `kb list` shows all runbooks.");
    }
    Ok(FoundExit::Bad.into())
}
