//! `kb index`: the index of large sets of runbooks, made before it is needed.

use std::process::ExitCode;

use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::cli::shelves::{self, How};
use crate::render::human::plural;
use crate::text::printable_path;

/// Brings the index up to date and says what is in it.
pub fn run(context: &Context) -> Result<ExitCode, CommandError> {
    let Some(made) = shelves::index(context)? else {
        context.ui.say_plainly("There is no folder for it: `HOME` is not set.");
        return Ok(FoundExit::Good.into());
    };
    context.say_of(&made.sayings);
    let runbooks = plural(made.runbooks as u64, "runbook");
    let path = printable_path(&context.environment.short(&made.path));
    let kib = made.bytes.div_ceil(1 << 10);
    let what = match made.how {
        How::Kept => "nothing has changed since",
        How::Renewed => "brought up to date",
        How::Made => "made anew",
    };
    let said = format!("{runbooks} indexed, {what}: {kib} KiB in {path}");
    context.ui.answer(|out| out.wrapped("ok", 0, &said))?;
    Ok(FoundExit::Good.into())
}
