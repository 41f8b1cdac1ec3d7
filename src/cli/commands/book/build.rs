//! `kb book build`: the book as files.

use std::process::ExitCode;

use crate::book::site::About;
use crate::cli::args::BookBuild;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::disk::{self, DiskError};
use crate::render::human::plural;
use crate::text::printable_path;

/// Writes the book.
pub(super) fn run(context: &Context, args: &BookBuild) -> Result<ExitCode, CommandError> {
    let base = context.base()?;
    let items = super::contents(context, base);
    let files = super::files(&items, &About::new(&args.title, base, false), base)?;
    disk::replace_tree(&args.dest_dir, super::MARK, &files).map_err(|error| match &error {
        DiskError::NotReplaced { path, .. } => {
            let path = printable_path(path);
            CommandError::usage(format!("`{path}` is not empty and holds no older book"))
                .hint("Name a folder that is new, empty, or an older book of kb's: `--dest-dir DIR`.")
        }
        _ => CommandError::usage(error),
    })?;
    let index = args.dest_dir.join("index.html");
    let runbooks = plural(base.runbooks.len() as u64, "runbook");
    context.ui.answer(|out| out.line("", &format!("{} ({runbooks})", printable_path(&index))))?;
    if args.open {
        context.ui.open(&index);
    }
    Ok(FoundExit::Good.into())
}
