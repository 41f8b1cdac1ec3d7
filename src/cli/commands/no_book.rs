//! `kb book` in a build without the feature of that name.

use crate::cli::args::NoBook;
use crate::cli::error::CommandError;

/// Says what to do instead.
pub fn run(args: &NoBook) -> CommandError {
    let what = args.words.first().filter(|word| !word.starts_with('-'));
    let command = what.map_or_else(|| "kb book".to_owned(), |word| format!("kb book {word}"));
    CommandError::usage(format!("this kb was built without its book, so there is no `{command}`"))
        .hint("`cargo install --path .` in its sources builds it with the book (the feature `book`).")
        .hint("`kb show RUNBOOK` reads a page here, and `kb search WORDS` finds it.")
}

#[cfg(test)]
mod tests;
