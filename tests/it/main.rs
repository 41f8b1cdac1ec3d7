//! The one integration-test binary: every file under `tests/cases` is a test, and so is every
//! source file (`tidy`). A part adds a runner file beside this one and a line below.

#![expect(clippy::needless_pass_by_value, reason = "the harness hands over the text of each file")]

mod accounts;
#[cfg(feature = "book")]
mod axe;
#[cfg_attr(not(feature = "book"), path = "no_book.rs")]
mod book;
#[cfg(feature = "book")]
mod browser;
mod cases;
mod console;
mod device;
mod escapes;
mod held;
mod hosts;
#[cfg_attr(not(feature = "book"), path = "no_book.rs")]
mod in_page;
mod interrupts;
mod killed;
mod lab;
mod library;
mod linux;
mod matching;
mod misbehaving;
mod parse;
mod paste;
mod program;
mod run;
mod signature;
mod ssh;
mod sshd;
mod story;
mod target;
mod terminal;
mod tidy;

datatest_stable::harness! {
    { test = tidy::source_file, root = "src", pattern = r"\.rs$" },
    { test = tidy::source_file, root = "index", pattern = r"\.rs$" },
    { test = tidy::source_file, root = "tests/it", pattern = r"\.rs$" },
    { test = tidy::case_file, root = "tests/cases", pattern = r"" },
    { test = tidy::runbook_file, root = "runbooks", pattern = r"" },
    { test = parse::file, root = "tests/cases/parse", pattern = r"\.md$" },
    { test = parse::reference, root = "book/src", pattern = r"format\.md$" },
    { test = parse::lint, root = "tests/cases/lint", pattern = r"\.md$" },
    { test = matching::file, root = "tests/cases/match", pattern = r"\.md$" },
    { test = in_page::file, root = "tests/cases/match", pattern = r"\.md$" },
    { test = in_page::samples, root = "runbooks", pattern = r"\.md$" },
    { test = library::file, root = "tests/cases/library", pattern = r"\.md$" },
    { test = signature::file, root = "tests/cases/signature", pattern = r"\.md$" },
    { test = console::file, root = "tests/cases/cli", pattern = r"\.md$" },
    { test = console::file, root = ".", pattern = r"^(\./)?README\.md$" },
    { test = book::file, root = "tests/cases/book", pattern = r"\.md$" },
    { test = console::tutorial, root = "book/src", pattern = r"tutorial\.md$" },
    { test = terminal::file, root = "tests/cases/terminal", pattern = r"\.md$" },
    { test = linux::file, root = "tests/cases/linux", pattern = r"\.md$" },
    { test = killed::file, root = "tests/cases/killed", pattern = r"\.md$" },
    { test = target::every, root = "tests/cases/target", pattern = r"every.*\.md$" },
    { test = target::hostile, root = "tests/cases/target", pattern = r"hostile.*\.md$" },
    { test = misbehaving::to_the_end, root = "tests/cases/target", pattern = r"local-misbehaving\.md$" },
    { test = misbehaving::killed, root = "tests/cases/target", pattern = r"local-misbehaving\.md$" },
    { test = misbehaving::bounded, root = "tests/cases/target", pattern = r"program.*\.md$" },
    { test = target::on_this_machine, root = "tests/cases/target", pattern = r"local.*\.md$" },
    { test = ssh::every, root = "tests/cases/target", pattern = r"every.*\.md$" },
    { test = ssh::hostile, root = "tests/cases/target", pattern = r"hostile.*\.md$" },
    { test = ssh::only, root = "tests/cases/ssh", pattern = r"\.md$" },
    { test = escapes::file, root = "tests/cases/escapes", pattern = r"\.md$" },
    { test = interrupts::file, root = "tests/cases/interrupts", pattern = r"\.md$" },
    { test = held::file, root = "tests/cases/held", pattern = r"\.md$" },
    { test = device::file, root = "tests/cases/device", pattern = r"asa\.md$" },
    { test = device::every, root = "tests/cases/device", pattern = r"every.*\.md$" },
    { test = device::hostile, root = "tests/cases/target", pattern = r"hostile.*\.md$" },
    { test = hosts::file, root = "tests/cases/hosts", pattern = r"\.md$" },
    { test = run::file, root = "tests/cases/run", pattern = r"\.md$" },
    { test = lab::scenario, root = "tests/lab", pattern = r"scenario$" },
    { test = run::shipped, root = "runbooks", pattern = r"\.md$" },
}
