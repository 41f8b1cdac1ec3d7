//! `kb list`: every runbook that kb finds, as a table.

use std::process::ExitCode;

use crate::cli::args::{List, PlainFormat};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::render::{human, json};

/// Lists the runbooks.
pub fn run(context: &Context, args: &List) -> Result<ExitCode, CommandError> {
    let base = context.base()?;
    match args.format {
        PlainFormat::Human => {
            context.ui.answer(|out| human::list(out, base, !context.ui.answers_to_terminal()))?;
        }
        PlainFormat::Json => context.ui.records(|out| json::list(out, base))?,
    }
    Ok(if base.runbooks.is_empty() { FoundExit::Bad } else { FoundExit::Good }.into())
}
