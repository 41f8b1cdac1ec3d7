//! `kb book preprocess`, and `kb mdbook` for `book.toml`: what a stock `mdbook` calls.
//!
//! It hands over its own configuration and chapters on standard input; the chapters of kb take their place.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use crate::book::site;
use crate::cli::args::Preprocess;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Failed};
use crate::cli::exit::FoundExit;

/// Answers `supports RENDERER`, or reads a book and writes kb's.
pub fn run(context: &Context, args: &Preprocess) -> Result<ExitCode, CommandError> {
    match args.question.as_slice() {
        [] => {}
        [supports, renderer] if supports == "supports" => {
            let exit = if renderer == "html" { FoundExit::Good } else { FoundExit::Bad };
            return Ok(exit.into());
        }
        _ => {
            return Err(CommandError::usage("the only question is `supports RENDERER`")
                .hint("Without one, a book is read from standard input, as `mdbook` hands it over."));
        }
    }
    if io::stdin().is_terminal() {
        return Err(CommandError::usage("`mdbook` calls this; it reads a book from standard input")
            .hint("`kb book build` makes the book without `mdbook`."));
    }
    mdbook_preprocessor::parse_input(io::stdin().lock()).map_err(|error| {
        let text = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
        CommandError::usage(Failed::new("read the book of `mdbook`", io::Error::other(text)))
    })?;
    let book = site::book(&super::contents(context, context.base()?));
    context.ui.records(|out| Ok(serde_json::to_writer(out, &book)?))?;
    Ok(FoundExit::Good.into())
}
