//! `kb man`: the manual page, from the one definition of the commands.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::args::Arguments;
use crate::cli::context::Context;
use crate::cli::error::CommandError;

/// Prints the manual page: kb itself, then each command.
pub fn run(context: &Context) -> Result<ExitCode, CommandError> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let man = clap_mangen::Man::new(sub.clone());
        writeln!(page, ".SH \"KB {}\"", sub.get_name().to_uppercase())?;
        man.render_description_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_options_section(&mut page)?;
        man.render_extra_section(&mut page)?;
    }
    context.ui.records(|out| out.write_all(&page))?;
    Ok(ExitCode::SUCCESS)
}
