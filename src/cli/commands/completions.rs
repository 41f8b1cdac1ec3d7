//! `kb completions`: from the one definition of the commands.

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::args::{Arguments, Completions};
use crate::cli::context::Context;
use crate::cli::error::CommandError;

/// Prints the completions for a shell.
pub fn run(context: &Context, args: &Completions) -> Result<ExitCode, CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "kb", &mut text);
    context.ui.records(|out| out.write_all(&text))?;
    Ok(ExitCode::SUCCESS)
}
