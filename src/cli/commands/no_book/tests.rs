//! What somebody is told who asks for the book of a kb without it.

use clap::Parser as _;

use super::*;
use crate::cli::args::{Arguments, Command};

#[test]
fn whatever_is_asked_of_the_book_has_one_answer() {
    for line in
        ["kb book", "kb book build -d out --open", "kb book serve --port 0", "kb mdbook supports html"]
    {
        let parsed =
            Arguments::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        let Command::Book(args) = parsed.command else { panic!("{line} is another command") };
        let error = run(&args);
        assert!(error.causes()[0].starts_with("this kb was built without its book"), "{error:?}");
        assert!(error.hints[0].contains("cargo install"), "{error:?}");
    }
}
