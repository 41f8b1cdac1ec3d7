//! The command line: arguments in, an exit status out.
//!
//! Alone knows the environment, the terminal and the clock, and hands them down as values. Each
//! command is a file of `commands`; what it shows is made by `render`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

pub mod args;
pub mod commands;
pub mod context;
pub mod env;
pub mod error;
pub mod exit;
pub mod memory;
pub mod shelves;
pub mod sources;
pub mod ui;
pub mod when;

use args::{Arguments, Command};
use context::Context;
use env::Environment;
use error::CommandError;
use ui::Ui;

/// Runs kb with the arguments of the process, the name of the program first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // The supervisor of a block must start fast and must not depend on anything a person types.
    if arguments.get(1).is_some_and(|first| first == "__exec") {
        return crate::target::helper::main(arguments.into_iter().skip(2));
    }
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let environment = Environment::read();
    let ui = Ui::new(&arguments.global, environment.terminal.clone());
    let context = Context::new(ui, environment, arguments.global.kb);
    match dispatch(&context, arguments.command) {
        Ok(code) => code,
        Err(error) => {
            context.ui.error(&error);
            error.kind.into()
        }
    }
}

fn dispatch(context: &Context, command: Command) -> Result<ExitCode, CommandError> {
    match command {
        Command::Match(args) => commands::match_logs::run(context, &args),
        Command::Undo(args) => commands::undo::run(context, &args),
        Command::Search(args) => commands::search::run(context, &args),
        Command::Index => commands::index::run(context),
        Command::Lint(args) => commands::lint::run(context, &args),
        Command::List(args) => commands::list::run(context, &args),
        #[cfg(feature = "book")]
        Command::Book(args) => commands::book::run(context, &args),
        #[cfg(not(feature = "book"))]
        Command::Book(args) => Err(commands::no_book::run(&args)),
        #[cfg(feature = "book")]
        Command::Mdbook(args) => commands::book::preprocess::run(context, &args),
        Command::Completions(args) => commands::completions::run(context, &args),
        Command::Man => commands::man::run(context),
        Command::Schema => {
            context.ui.records(|out| out.write_all(crate::render::json::schema().as_bytes()))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Run(args) => commands::run::run(context, &args),
        Command::Doctor(args) => commands::doctor::run(context, &args),
        Command::History(args) => commands::history::run(context, &args),
        Command::Trust(args) => commands::trust::run(context, &args),
        Command::Show(args) => commands::show::run(context, &args),
        Command::Test(args) => commands::test::run(context, &args),
        Command::New(args) => commands::new::run(context, &args),
        Command::Import(args) => commands::import::run(context, &args),
    }
}

/// Help goes to standard output with status 0, wrong usage to standard error with status 2; a
/// reader that went away changes neither.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // What was typed stands in it as it came.
        let text = crate::text::printable(&error.render().to_string());
        let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    } else {
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
