//! `kb book`: the runbooks and the manual as a book.

use std::process::ExitCode;

use crate::book::site::{self, About, Files};
use crate::book::{self, Inputs, Item, match_page};
use crate::cli::args::Book;
use crate::cli::commands::lint;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::runbook::KnowledgeBase;

mod build;
mod changes;
pub mod preprocess;
mod reference;
mod serve;
mod server;

/// The file by which an older book is known.
const MARK: &str = "kb-book.txt";

/// Makes the book, or serves it.
pub fn run(context: &Context, command: &Book) -> Result<ExitCode, CommandError> {
    match command {
        Book::Build(args) => build::run(context, args),
        Book::Serve(args) => serve::run(context, args),
        Book::Preprocess(args) => preprocess::run(context, args),
    }
}

/// Every page of a knowledge base.
fn contents(context: &Context, base: &KnowledgeBase) -> Vec<Item> {
    let findings = lint::findings(base);
    let changed = changes::of(context, base);
    let commands = reference::markdown();
    book::contents(&Inputs { base, findings: &findings, changed: &changed, commands: &commands })
}

/// Every file of the book.
fn files(items: &[Item], about: &About, base: &KnowledgeBase) -> Result<Files, CommandError> {
    let mut files = site::files(items, about).map_err(CommandError::usage)?;
    let mark = format!("Made by kb {}; the next build replaces this folder.\n", env!("CARGO_PKG_VERSION"));
    files.insert(MARK.into(), mark.into_bytes());
    files.extend(match_page::files(base).map(|(path, text)| (path.into(), text.into_bytes())));
    Ok(files)
}
