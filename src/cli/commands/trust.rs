//! `kb trust`: says that exactly these bytes may run, or takes that back.
//!
//! A text is trusted as it is now: one that was trusted before and is different shows its
//! difference and is asked about again.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::args::Trust;
use crate::cli::commands::run::{Interrupts, interrupts, not_trusted};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Kind};
use crate::cli::exit::TrustExit;
use crate::cli::sources;
use crate::cli::ui::person::Person;
use crate::cli::ui::question::{Answered, Choice};
use crate::disk;
use crate::render::human::{self, plural};
use crate::run::trust::pins::{Known, PinError, Pins};
use crate::run::trust::refuse_foreign;
use crate::runbook::{Origin, Runbook, parse};
use crate::text::{SourceFile, printable_path};

/// What is said to one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Yes,
    No,
    Quit,
}

/// Lists, takes back, or asks for trust.
pub fn run(context: &Context, args: &Trust) -> Result<ExitCode, CommandError> {
    let state = context.environment.trust.as_deref();
    let mut pins = match Pins::read(state) {
        Ok(pins) => pins,
        Err(error @ PinError::Damaged { .. }) => {
            context.ui.warning(&format!("{}.", capital(&error.to_string())));
            Pins::anew(state)
        }
        Err(error) => return Err(CommandError::usage(error)),
    };
    if args.list {
        context.ui.answer(|out| human::pins(out, pins.list()))?;
        return Ok(TrustExit::Good.into());
    }
    if args.remove {
        return take_back(context, &mut pins, &args.paths);
    }
    let runbooks = read(context, &args.paths)?;
    ask_for_all(context, args, &mut pins, &runbooks)
}

fn take_back(context: &Context, pins: &mut Pins, paths: &[PathBuf]) -> Result<ExitCode, CommandError> {
    let mut count = 0;
    for path in paths {
        let shown = printable_path(path);
        let real = disk::real_path(path);
        let real = real.ok_or_else(|| CommandError::usage(format!("there is no folder of `{shown}`")))?;
        let gone = pins.remove(&real).map_err(CommandError::usage)?;
        if gone.is_empty() {
            context.ui.warning(&format!("Nothing was trusted at `{shown}`."));
        }
        count += gone.len() as u64;
    }
    context.ui.answer(|out| {
        out.line("outcome good", &format!("Trust was taken back from {}.", plural(count, "runbook")))
    })?;
    Ok(if count > 0 { TrustExit::Good } else { TrustExit::Bad }.into())
}

/// The runbooks of the named files, and those of the named folders that have anything to run.
fn read(context: &Context, paths: &[PathBuf]) -> Result<Vec<Runbook>, CommandError> {
    let mut runbooks = Vec::new();
    for path in paths {
        if !path.is_dir() {
            let runbook = page(&context.read_named(path)?);
            if !runbook.has_blocks() {
                let path = printable_path(path);
                return Err(CommandError::usage(format!(
                    "nothing in `{path}` can run, so nothing is trusted"
                ))
                .hint(format!("`kb lint {path}` says whether something is wrong with it.")));
            }
            runbooks.push(runbook);
            continue;
        }
        let (sources, errors) = disk::read_runbooks(path);
        context.warn(&errors.iter().map(sources::sentence).collect::<Vec<_>>());
        let before = runbooks.len();
        runbooks
            .extend(sources.into_iter().map(|source| page(&Arc::new(source))).filter(Runbook::has_blocks));
        if runbooks.len() == before {
            let path = printable_path(path);
            return Err(CommandError::usage(format!("nothing in the folder `{path}` can run")));
        }
    }
    Ok(runbooks)
}

fn page(source: &Arc<SourceFile>) -> Runbook {
    parse(source, Origin::Given).value
}

fn ask_for_all(
    context: &Context,
    args: &Trust,
    pins: &mut Pins,
    runbooks: &[Runbook],
) -> Result<ExitCode, CommandError> {
    let Interrupts { interrupt, .. } = interrupts()?;
    let terminal = context.ui.terminal(Arc::clone(&interrupt));
    let person = Person::new(terminal, interrupt, context.ui.waiting());
    let (mut trusted, mut left) = (0, 0);
    for runbook in runbooks {
        if pins.knows(&runbook.source) == Known::Same {
            trusted += 1;
            context.ui.note(&format!("`{}` is trusted already.", shown(runbook)));
            continue;
        }
        refuse_foreign(runbook).map_err(not_trusted)?;
        context
            .ui
            .answer(|out| human::to_trust(out, runbook, pins.trusted_text(&runbook.source).as_deref()))?;
        match if args.yes { Word::Yes } else { ask(&person, runbook)? } {
            Word::Yes => {
                pins.add(&runbook.source, context.environment.now).map_err(CommandError::usage)?;
                trusted += 1;
            }
            Word::No => left += 1,
            Word::Quit => {
                left += 1;
                break;
            }
        }
    }
    let label = if left == 0 { "outcome good" } else { "outcome open" };
    context.ui.answer(|out| {
        out.newline()?;
        out.line(label, &summary(trusted, left))
    })?;
    Ok(if left == 0 { TrustExit::Good } else { TrustExit::Declined }.into())
}

fn summary(trusted: u64, left: u64) -> String {
    let done = format!("Trusted: {}, exactly as it is now.", plural(trusted, "runbook"));
    match (trusted, left) {
        (_, 0) => done,
        (0, _) => "Nothing is trusted that was not before.".into(),
        _ => format!("{done} Not trusted: {left}."),
    }
}

fn ask(person: &Person, runbook: &Runbook) -> Result<Word, CommandError> {
    const CHOICES: &[Choice<Word>] = &[
        Choice { key: 'y', name: "yes, exactly this text may run", answer: Word::Yes },
        Choice { key: 'N', name: "no", answer: Word::No },
        Choice { key: 'q', name: "quit", answer: Word::Quit },
    ];
    person.show(|out| out.line("", ""));
    match person.choose("Do you trust it, so that it may run?", CHOICES) {
        Some(Answered::With(word)) => Ok(word),
        Some(Answered::Interrupted) => Err(CommandError::new(Kind::Interrupted, "interrupted")),
        None => Err(CommandError::usage("there is no terminal to ask on, so nothing more is trusted")
            .hint(format!("`kb trust --yes {}` says yes to what was shown.", shown(runbook)))),
    }
}

fn shown(runbook: &Runbook) -> String {
    printable_path(&runbook.source.path)
}

/// What is trusted, for a command that runs something. A list that cannot be used trusts nothing,
/// and that is said.
pub fn pins(context: &Context) -> Pins {
    Pins::read(context.environment.trust.as_deref()).unwrap_or_else(|error| {
        let causes = crate::cli::error::causes(&error).join(": ");
        context.ui.warning(&format!("{}; nothing counts as trusted by `kb trust`.", capital(&causes)));
        Pins::none()
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
