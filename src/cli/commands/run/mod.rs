//! `kb run`: a runbook proved on a machine, and its fixes offered.
//!
//! Gathers what the run needs (values, hosts, the person) and shows what it says. What is decided, is
//! decided in `run`.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::cli::args::{Format, Run, Story};
use crate::cli::commands::trust::pins;
use crate::cli::context::{Context, Named};
use crate::cli::error::{CommandError, Kind};
use crate::cli::ui::person::Person;
use crate::cli::ui::waiting::{Announced, Waiting};
use crate::render::{human, json, markdown};
use crate::report::RunReport;
use crate::run::clock::SystemClock;
use crate::run::engine::{self, Hands, Job, RunError, Targets};
use crate::run::trust::{self, NotTrusted};
use crate::run::{Watch, rehearsal};
use crate::runbook::{BlockId, Origin, Runbook};
use crate::target::InterruptFlag;
use crate::text::printable;

mod config;
mod given;
mod hosts;

pub use hosts::helper;

/// Runs a runbook.
pub fn run(context: &Context, args: &Run) -> Result<ExitCode, CommandError> {
    let named = match &args.runbook {
        Some(name) => context.named(name)?,
        None => context.first_of_last_match()?,
    };
    let runbook = named.runbook();
    refuse_unrunnable(context, runbook)?;
    let pins = pins(context);
    let trusted = trust::admit(runbook, &pins).map_err(|refused| may_not_run(&named, refused))?;
    let interrupt = interrupt_flag()?;
    let waiting = context.ui.waiting();
    let terminal = context.ui.terminal(Arc::clone(&interrupt));
    let person = Person::new(terminal, Arc::clone(&interrupt), waiting.clone());
    let job = Job {
        runbook: trusted,
        given: given::gather(context, args, &named)?,
        dry_run: args.dry_run,
        even_if_unknown: args.even_if_unknown,
        yes: consents(args, runbook)?,
        zone: context.environment.zone.clone(),
        state: context.environment.journal.clone(),
        who: context.environment.who.clone(),
    };
    let told = hosts::told(context, args, runbook)?;
    if args.format == Format::Human {
        context.ui.answer(|out| human::plan(out, runbook))?;
    }
    let targets = match args.replay {
        Some(story) => rehearsal::targets(runbook, start(story)),
        None => hosts::bind(context, &told, runbook, &person, &interrupt)?,
    };
    let report = watch(context, args, &job, targets, person, waiting)?;
    match finish(context, args, &named, &report) {
        // Without a reader the status still tells what was found and done.
        Err(error) if error.kind == Kind::BrokenPipe => {}
        finished => finished?,
    }
    Ok(ExitCode::from(report.outcome.exit_status()))
}

/// What to type after `kb run` or `kb show` to mean this runbook again.
fn again(args: &Run, named: &Named<'_>) -> String {
    match &args.runbook {
        Some(path) if named.runbook().origin == Origin::Named => printable(&path.to_string_lossy()),
        _ => named.id.to_string(),
    }
}

fn may_not_run(named: &Named<'_>, refused: NotTrusted) -> CommandError {
    let error = not_trusted(refused);
    if named.remembered.is_none() {
        return error;
    }
    error.hint("Then this number runs it, with the values of the log.")
}

/// A runbook that may not run, exit status 77.
pub fn not_trusted(refused: NotTrusted) -> CommandError {
    CommandError { kind: Kind::NotTrusted, hints: refused.hints.clone(), error: refused.into() }
}

fn start(story: Story) -> rehearsal::Start {
    match story {
        Story::Sick => rehearsal::Start::Sick,
        Story::Healthy => rehearsal::Start::Healthy,
    }
}

/// A runbook with an error, or with nothing to run, is readable; that is said before anything else.
fn refuse_unrunnable(context: &Context, runbook: &Runbook) -> Result<(), CommandError> {
    if runbook.has_blocks() {
        return Ok(());
    }
    let id = &runbook.id;
    if !runbook.runnable {
        let path = crate::text::printable_path(&context.environment.short(&runbook.source.path));
        return Err(CommandError::usage(format!(
            "`{id}` has an error that keeps everything in it from running"
        ))
        .hint(format!("`kb lint {path}` shows it."))
        .hint(format!("`kb show {id}` reads the page.")));
    }
    Err(CommandError::usage(format!("`{id}` has no block that kb could run"))
        .hint(format!("`kb show {id}` reads the page.")))
}

/// The fixes that `--yes` names. There is no yes to everything.
fn consents(args: &Run, runbook: &Runbook) -> Result<BTreeSet<BlockId>, CommandError> {
    let fixes = runbook.fixes.iter().map(|fix| &fix.id);
    let known: Vec<&BlockId> = fixes.chain(runbook.rollbacks.iter().map(|rollback| &rollback.id)).collect();
    let find = |name: &String| {
        let found = known.iter().find(|id| id.as_str() == name).map(|id| (*id).clone());
        found.ok_or_else(|| {
            let names: Vec<String> = known.iter().map(|id| format!("`{id}`")).collect();
            let name = printable(name);
            let error = CommandError::usage(format!("`{}` has no fix `{name}`", runbook.id));
            if names.is_empty() { error } else { error.hint(format!("It has {}.", names.join(", "))) }
        })
    };
    args.yes.iter().map(find).collect()
}

/// Ctrl-C and the end of the terminal are told to everything that waits; nothing is left running.
pub fn interrupt_flag() -> Result<InterruptFlag, CommandError> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}

fn watch(
    context: &Context,
    args: &Run,
    job: &Job<'_>,
    targets: Targets<'_>,
    mut person: Person,
    waiting: Waiting,
) -> Result<RunReport, CommandError> {
    let mut stdout = io::stdout().lock();
    let mut silent = io::sink();
    let screen = context.ui.answer_screen();
    let (runbook, replayed) = (job.runbook.runbook(), args.replay.is_some());
    let (mut for_people, mut for_programs);
    let watch: &mut dyn Watch = match args.format {
        Format::Human => {
            for_people = human::RunWatch::new(&mut stdout, screen, runbook, replayed);
            &mut for_people
        }
        Format::Markdown => {
            for_people = human::RunWatch::new(&mut silent, screen, runbook, replayed);
            &mut for_people
        }
        Format::Json => {
            for_programs = json::RunWatch::new(&mut stdout, &runbook.id);
            &mut for_programs
        }
    };
    let interrupt = person.interrupt_flag();
    let mut watch = Announced { watch, waiting };
    let hands = Hands { targets, approver: &mut person, watch: &mut watch, clock: &SystemClock, interrupt };
    engine::run(job, hands).map_err(|error| refused(runbook, error))
}

/// Why a run did not start, and what to type next.
fn refused(runbook: &Runbook, error: RunError) -> CommandError {
    let id = &runbook.id;
    let kind = if error.exit_status() == 75 { Kind::Locked } else { Kind::Usage };
    let hints = match &error {
        RunError::ValuesMissing(names) => names
            .iter()
            .map(|name| match runbook.parameter(name) {
                Some(parameter) if parameter.secret => format!("`--secret-file {name}=PATH` gives it."),
                _ => format!("`kb run {id} --set {name}=VALUE` gives it."),
            })
            .collect(),
        RunError::Locked { .. } => vec!["Wait until it has ended, then run it again.".into()],
        RunError::Unbound(host) => {
            vec![format!("`--on {host}=here`, `=by-hand` or `=[user@]host[:port]` binds it.")]
        }
        _ => Vec::new(),
    };
    CommandError { kind, error: error.into(), hints }
}

fn finish(context: &Context, args: &Run, named: &Named<'_>, report: &RunReport) -> Result<(), CommandError> {
    match args.format {
        Format::Human => {
            let name = again(args, named);
            context.ui.answer(|out| human::outcome(out, report, &name, args.replay.is_some()))
        }
        Format::Json => context.ui.records(|out| json::outcome(out, report)),
        Format::Markdown => context.ui.records(|out| markdown::report(out, named.runbook(), report)),
    }?;
    Ok(io::stdout().flush()?)
}
