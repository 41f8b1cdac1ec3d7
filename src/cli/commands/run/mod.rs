//! `kb run`: a runbook proved on a machine, and its fixes offered.
//!
//! Gathers what the run needs (values, hosts, the person) and shows what it says. What is decided, is
//! decided in `run`.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::cli::args::{Format, Run, Story};
use crate::cli::commands::trust::pins;
use crate::cli::context::{Context, Named};
use crate::cli::error::{CommandError, Kind};
use crate::cli::ui::person::Person;
use crate::cli::ui::waiting::{Announced, Waiting};
use crate::render::{human, json, markdown};
use crate::report::RunReport;
use crate::run::clock::SystemClock;
use crate::run::engine::{self, Hands, Job, RunError};
use crate::run::trust::{self, NotTrusted};
use crate::run::{Watch, rehearsal};
use crate::runbook::{BlockId, Origin, Runbook};
use crate::target::{Helper, InterruptFlag};
use crate::text::printable;

mod config;
mod earlier;
pub mod given;
pub mod hosts;

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
    let Interrupts { interrupt, hurry } = interrupts()?;
    let waiting = context.ui.waiting();
    let terminal = context.ui.terminal(Arc::clone(&interrupt));
    let person = Person::new(terminal, Arc::clone(&interrupt), waiting.clone());
    let history = earlier::history(context, args, runbook);
    let earlier = earlier::settle(context, args, runbook, &again(args, &named), history.as_ref(), &person)?;
    let mut given = given::gather(context, args, &named)?;
    let mut told = hosts::told(context, &args.on, runbook)?;
    if let Some(past) = earlier.continues {
        earlier::take_values(&mut given, past)?;
        told = hosts::as_before(told, &past.hosts(), &context.ui);
    }
    let job = Job {
        runbook: trusted,
        given,
        dry_run: args.dry_run,
        even_if_unknown: args.even_if_unknown,
        yes: consents(args, runbook)?,
        require_confined: args.require_confined,
        allow_declared: hosts::named(runbook, &args.allow_declared)?,
        zone: context.environment.zone.clone(),
        state: context.environment.journal.clone(),
        who: context.environment.who.clone(),
        earlier,
    };
    if args.format == Format::Human {
        context.ui.answer(|out| human::plan(out, runbook))?;
    }
    let targets = if let Some(story) = args.replay {
        rehearsal::targets(runbook, start(story))
    } else {
        let helper = Helper { hurry, ..helper(context, args.require_confined)? };
        hosts::bind(context, &told, runbook, &person, &helper, &interrupt)?
    };
    let shown = Shown { format: args.format, replayed: args.replay.is_some() };
    let mut approver = person;
    let report = watched(context, shown, runbook, waiting, |watch| {
        let hands = Hands { targets, approver: &mut approver, watch, clock: &SystemClock, interrupt };
        engine::run(&job, hands)
    })
    .map_err(|error| refused(runbook, error))?;
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

/// What Ctrl-C and the end of the terminal tell everything that waits.
pub struct Interrupts {
    /// Set by the first: everything that runs is ended, with time to clean up after itself.
    pub interrupt: InterruptFlag,
    /// Set by the second: at once.
    pub hurry: InterruptFlag,
}

/// Listens for Ctrl-C and the end of the terminal, from now on and for good.
pub fn interrupts() -> Result<Interrupts, CommandError> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let (interrupt, hurry) = (InterruptFlag::default(), InterruptFlag::default());
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&interrupt))?;
    }
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let second = Arc::clone(&hurry);
    std::thread::spawn(move || {
        let mut heard = false;
        for _ in signals.forever() {
            second.store(heard, Ordering::SeqCst);
            heard = true;
        }
    });
    Ok(Interrupts { interrupt, hurry })
}

/// How a run is shown while it goes on.
#[derive(Clone, Copy)]
pub struct Shown {
    /// To whom.
    pub format: Format,
    /// Nothing really happens.
    pub replayed: bool,
}

/// Shows what happens while `work` goes on.
pub fn watched<T>(
    context: &Context,
    shown: Shown,
    runbook: &Runbook,
    waiting: Waiting,
    work: impl FnOnce(&mut dyn Watch) -> T,
) -> T {
    let mut stdout = io::stdout().lock();
    let mut silent = io::sink();
    let screen = context.ui.answer_screen();
    let (mut for_people, mut for_programs);
    let watch: &mut dyn Watch = match shown.format {
        Format::Human => {
            for_people = human::RunWatch::new(&mut stdout, screen, runbook, shown.replayed);
            &mut for_people
        }
        Format::Markdown => {
            for_people = human::RunWatch::new(&mut silent, screen, runbook, shown.replayed);
            &mut for_people
        }
        Format::Json => {
            for_programs = json::RunWatch::new(&mut stdout, &runbook.id);
            &mut for_programs
        }
    };
    work(&mut Announced { watch, waiting })
}

/// Why a run did not start, and what to type next.
pub fn refused(runbook: &Runbook, error: RunError) -> CommandError {
    let id = &runbook.id;
    let kind = match error.exit_status() {
        75 => Kind::Locked,
        77 => Kind::NotTrusted,
        _ => Kind::Usage,
    };
    let hints = match &error {
        RunError::ValuesMissing(names) => names
            .iter()
            .map(|name| match runbook.parameter(name) {
                Some(parameter) if parameter.secret => format!("`--secret-file {name}=PATH` gives it."),
                _ => format!("`kb run {id} --set {name}=VALUE` gives it."),
            })
            .collect(),
        RunError::Locked { .. } => vec!["Wait until it has ended, then run it again.".into()],
        RunError::Overtaken => vec!["`kb history` shows what has become of it.".into()],
        RunError::OtherHost { host, .. } => {
            vec![format!("`--on {host}=[user@]host[:port]` says where the right one is; or undo it there.")]
        }
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
