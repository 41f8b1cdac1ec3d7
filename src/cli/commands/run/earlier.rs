//! What is to become of a run of the same runbook that was cut off: it goes on, or it is left and a new
//! run begins. Nobody is asked without a terminal; then nothing is changed until somebody has said it.

use crate::cli::args::Run;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Kind};
use crate::cli::ui::person::Person;
use crate::cli::ui::question::{Answered, Choice};
use crate::render::human;
use crate::run::engine::Earlier;
use crate::run::journal;
use crate::run::journal::history::{self, History};
use crate::run::journal::past::PastRun;
use crate::run::trust;
use crate::run::values::Given;
use crate::runbook::{ParamName, Runbook};

/// What a person wants of a run that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Continue,
    Anew,
    Quit,
}

/// The journal, where this run may go by it: not in a dry run or a rehearsal, which change nothing, and
/// not while another run holds the lock.
pub(super) fn history(context: &Context, args: &Run, runbook: &Runbook) -> Option<History> {
    let state = context.environment.journal.as_deref()?;
    if args.replay.is_some() || matches!(journal::holder(state, runbook.id.as_str()), Ok(Some(_))) {
        return None;
    }
    match history::read(state) {
        Ok(history) => Some(history),
        Err(error) => {
            let why = crate::cli::error::causes(&error).join(": ");
            context.ui.warning(&format!("The journal cannot be read: {why}."));
            None
        }
    }
}

/// Says what is known of runs that were cut off, and asks what is to become of the newest.
pub(super) fn settle<'a>(
    context: &Context,
    args: &Run,
    runbook: &Runbook,
    name: &str,
    history: Option<&'a History>,
    person: &Person,
) -> Result<Earlier<'a>, CommandError> {
    let open = history.map_or_else(Vec::new, |history| history.open(runbook.id.as_str()));
    let Some(&last) = open.last() else {
        if args.cut_off.resume {
            return Err(CommandError::usage(format!("no run of `{}` was cut off", runbook.id))
                .hint(format!("`kb run {name}` begins one.")));
        }
        return Ok(Earlier::default());
    };
    for run in &open {
        context.ui.talk(|out| human::cut_off(out, run));
    }
    let same_page = last.blake3() == trust::hash(&runbook.source);
    let wish = match (args.cut_off.resume, args.cut_off.anew) {
        (true, _) => Wish::Continue,
        (_, true) => Wish::Anew,
        _ if args.dry_run => return Ok(Earlier::default()),
        _ => return ask(context, runbook, name, &open, same_page, person),
    };
    decide(wish, runbook, &open, same_page)
}

fn decide<'a>(
    wish: Wish,
    runbook: &Runbook,
    open: &[&'a PastRun],
    same_page: bool,
) -> Result<Earlier<'a>, CommandError> {
    let told = |runs: &[&PastRun]| runs.iter().map(|run| run.id.clone()).collect();
    match (wish, open) {
        (Wish::Continue, [older @ .., last]) if same_page => {
            Ok(Earlier { continues: Some(last), told: told(older), held_back: None })
        }
        (Wish::Continue, [.., last]) => Err(CommandError::usage(format!(
            "`{}` has changed since run {}, which cannot go on with another page",
            runbook.id, last.number
        ))
        .hint(format!("`kb undo {0}` puts back what it changed; `kb history {0}` shows it.", last.number))
        .hint("`--anew` leaves it as it is and begins a new run.")),
        (Wish::Anew, open) => Ok(Earlier { told: told(open), ..Earlier::default() }),
        (Wish::Quit, _) | (_, []) => Err(CommandError::new(Kind::Interrupted, "interrupted")),
    }
}

fn ask<'a>(
    context: &Context,
    runbook: &Runbook,
    name: &str,
    open: &[&'a PastRun],
    same_page: bool,
    person: &Person,
) -> Result<Earlier<'a>, CommandError> {
    const CHOICES: &[Choice<Wish>] = &[
        Choice {
            key: 'c',
            name: "continue it: its checks run again first, with its values",
            answer: Wish::Continue,
        },
        Choice { key: 'a', name: "begin anew and leave it as it is", answer: Wish::Anew },
        Choice { key: 'q', name: "quit", answer: Wish::Quit },
    ];
    let unsettled: Vec<usize> =
        open.iter().filter(|run| !run.unsettled().is_empty()).map(|run| run.number).collect();
    // A page that has changed cannot take up a run of its old text.
    let choices = if same_page { CHOICES } else { &CHOICES[1..] };
    let question = if same_page { "Continue that run, or begin anew?" } else { "Begin anew?" };
    match person.choose(question, choices) {
        Some(Answered::With(wish)) => decide(wish, runbook, open, same_page),
        Some(Answered::Interrupted) => decide(Wish::Quit, runbook, open, same_page),
        None => Ok(match unsettled.last() {
            Some(number) => {
                context.ui.hint(&format!(
                    "`kb run {name} --continue` goes on with it, `kb undo {number}` puts back what it changed, \
                     `kb run {name} --anew` leaves it as it is."
                ));
                let held_back = format!(
                    "run {number} was cut off in a change, and nobody has said what is to become of it; \
                     `--continue` or `--anew` says it"
                );
                Earlier { held_back: Some(held_back), ..Earlier::default() }
            }
            None => Earlier { told: open.iter().map(|run| run.id.clone()).collect(), ..Earlier::default() },
        }),
    }
}

/// The values of a run that goes on; one that is given now must be the same.
pub(super) fn take_values(given: &mut Given, past: &PastRun) -> Result<(), CommandError> {
    let changed = past.changes();
    for setting in changed.iter().flat_map(|change| change.values).chain(past.values()) {
        let (Some(name), Some(bytes)) = (ParamName::new(&setting.name), setting.bytes()) else { continue };
        if name.as_str().starts_with("kb_") || given.recorded.iter().any(|(known, _)| *known == name) {
            continue;
        }
        if given.set.iter().any(|(known, value)| *known == name && *value != bytes) {
            return Err(CommandError::usage(format!("run {} had another value for `{name}`", past.number))
                .hint("A run goes on with its own values; `--anew` begins a new one."));
        }
        given.set.retain(|(known, _)| *known != name);
        given.recorded.push((name, bytes));
    }
    Ok(())
}
