//! `kb history`: past runs from the journal, as a list, one by one, or for a ticket.

use std::process::ExitCode;

use crate::cli::args::{Format, History};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::render::{human, json, markdown};
use crate::run::journal::past::PastRun;
use crate::run::journal::{self, history};

/// Lists the runs, or shows one.
pub fn run(context: &Context, args: &History) -> Result<ExitCode, CommandError> {
    let history = read(context)?;
    let Some(number) = args.run else {
        return list(context, args, &history);
    };
    let run = find(&history, number)?;
    let going_on = run.outcome().is_none() && is_going_on(context, run.runbook());
    match args.format {
        Format::Human => context.ui.answer(|out| human::past_run(out, run, going_on))?,
        Format::Markdown => context.ui.records(|out| markdown::past_run(out, run))?,
        Format::Json => context.ui.records(|out| json::past_run(out, run))?,
    }
    Ok(FoundExit::Good.into())
}

fn list(context: &Context, args: &History, history: &history::History) -> Result<ExitCode, CommandError> {
    match args.format {
        Format::Human | Format::Markdown => context.ui.answer(|out| human::past_runs(out, history))?,
        Format::Json => {
            context.ui.records(|out| history.runs.iter().try_for_each(|run| json::past_run(out, run)))?;
        }
    }
    Ok(if history.runs.is_empty() { FoundExit::Bad } else { FoundExit::Good }.into())
}

/// The journal of this user; what is damaged in it is said.
pub fn read(context: &Context) -> Result<history::History, CommandError> {
    let Some(state) = &context.environment.journal else {
        return Err(CommandError::usage("there is no folder with a journal: `$HOME` is not set"));
    };
    let history = history::read(state).map_err(CommandError::usage)?;
    for damage in &history.damage {
        context.ui.warning(damage);
    }
    Ok(history)
}

/// The run with a number.
pub fn find(history: &history::History, number: usize) -> Result<&PastRun, CommandError> {
    history.run(number).ok_or_else(|| {
        CommandError::usage(format!("the journal has no run {number}"))
            .hint(format!("It has {}. `kb history` lists them.", history.runs.len()))
    })
}

fn is_going_on(context: &Context, runbook: &str) -> bool {
    let Some(state) = context.environment.journal.as_ref().filter(|_| !runbook.is_empty()) else {
        return false;
    };
    matches!(journal::holder(state, runbook), Ok(Some(_)))
}
