//! `kb show`: a runbook as a page.

use std::process::ExitCode;

use crate::cli::args::Show;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::render::page;
use crate::runbook::Origin;
use crate::text::printable_path;

/// Shows a runbook, through the pager on a terminal.
pub fn run(context: &Context, args: &Show) -> Result<ExitCode, CommandError> {
    let named = context.named(&args.runbook)?;
    let runbook = named.runbook();
    if args.raw {
        context.ui.records(|out| out.write_all(runbook.source.text.as_bytes()))?;
        return Ok(FoundExit::Good.into());
    }
    if runbook.origin != Origin::BuiltIn {
        for shadowed in named.base.shadowed.iter().filter(|shadowed| shadowed.id == runbook.id) {
            let (used, other) = (printable_path(&shadowed.by), printable_path(&shadowed.path));
            context.ui.note(&format!("This is `{used}`; `{other}` has the same name and is not used."));
        }
    }
    context.ui.page(|out| page::write(out, &runbook.source.text))?;
    Ok(FoundExit::Good.into())
}
