//! `kb undo`: puts back what a past run changed, by the rollbacks that it recorded; then its checks say
//! what is true now.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::run::{Interrupts, Shown, hosts, interrupts, not_trusted, refused, watched};
use crate::cli::args::{PlainFormat, Undo};
use crate::cli::commands::history;
use crate::cli::commands::run::given;
use crate::cli::commands::trust::pins;
use crate::cli::context::{Context, as_file};
use crate::cli::error::{CommandError, Kind};
use crate::cli::exit::UndoExit;
use crate::cli::ui::person::Person;
use crate::disk;
use crate::render::{human, json};
use crate::run::clock::SystemClock;
use crate::run::engine::{self, Earlier, Hands, Job};
use crate::run::journal::exported;
use crate::run::journal::history::History;
use crate::run::journal::past::PastRun;
use crate::run::trust;
use crate::run::undo::{self, NothingToUndo, Past, Record};
use crate::run::values::Given;
use crate::runbook::{BlockId, ParamName, Runbook};
use crate::target::Helper;
use crate::text::{SourceFile, printable, printable_path};

/// The past run that a person named.
struct Named {
    run: PastRun,
    /// The file, when it was exported.
    file: Option<Arc<SourceFile>>,
    /// For a person.
    origin: String,
}

/// Undoes a past run.
pub fn run(context: &Context, args: &Undo) -> Result<ExitCode, CommandError> {
    let history = history::read(context)?;
    let named = find(context, &history, args)?;
    let page = page(context, &named)?;
    let record = match what(&history, &named, page.as_ref()) {
        Ok(record) => record,
        Err(NothingToUndo::Incomplete(why)) => {
            return Err(CommandError::usage(format!("{} cannot be undone: {why}", named.origin)));
        }
        Err(nothing) => {
            context.ui.answer(|out| human::nothing_to_undo(out, &named.run, &nothing.to_string()))?;
            return Ok(UndoExit::Nothing.into());
        }
    };
    let trusted = trust::admit_record(&record).map_err(not_trusted)?;
    let Interrupts { interrupt, hurry } = interrupts()?;
    let waiting = context.ui.waiting();
    let person =
        Person::new(context.ui.terminal(Arc::clone(&interrupt)), Arc::clone(&interrupt), waiting.clone());
    let runbook = &record.runbook;
    let job = Job {
        runbook: trusted,
        given: Given {
            set: set(args, &record)?,
            secrets: given::secrets(runbook, &args.secret_file)?,
            recorded: record.values.clone(),
            tag_key: if args.dry_run { None } else { given::tag_key(context) },
            ..Given::default()
        },
        dry_run: args.dry_run,
        even_if_unknown: false,
        yes: consents(args, &record)?,
        require_confined: false,
        allow_declared: hosts::named(runbook, &args.allow_declared)?,
        zone: context.environment.zone.clone(),
        state: context.environment.journal.clone(),
        who: context.environment.who.clone(),
        earlier: Earlier::default(),
    };
    let mut told = hosts::told(context, &args.on, runbook)?;
    if named.file.is_none() {
        told = hosts::as_before(told, &record.hosts, &context.ui);
    }
    if args.format == PlainFormat::Human {
        context.ui.answer(|out| human::undo_plan(out, &record))?;
    }
    let targets = hosts::bind(
        context,
        &told,
        runbook,
        &person,
        &Helper { hurry, ..hosts::helper(context, false)? },
        &interrupt,
    )?;
    let shown = Shown { format: args.format.into(), replayed: false };
    let mut approver = person;
    let report = watched(context, shown, runbook, waiting, |watch| {
        let hands = Hands { targets, approver: &mut approver, watch, clock: &SystemClock, interrupt };
        engine::undo(&job, &record, hands)
    })
    .map_err(|error| refused(runbook, error))?;
    let told = match args.format {
        PlainFormat::Human => context.ui.answer(|out| human::undo_outcome(out, &report, &args.again())),
        PlainFormat::Json => context.ui.records(|out| json::undo_outcome(out, &report)),
    };
    match told {
        // Without a reader the status still tells what was done.
        Err(error) if error.kind == Kind::BrokenPipe => {}
        told => told?,
    }
    Ok(ExitCode::from(report.outcome.exit_status()))
}

fn shown_path(context: &Context, path: &Path) -> String {
    printable_path(&context.environment.short(path))
}

impl Undo {
    /// What to type after `kb undo` to mean this run again.
    fn again(&self) -> String {
        printable(&self.run.to_string_lossy())
    }
}

/// A number of the journal, or a file that `kb history` has written.
fn find(context: &Context, history: &History, args: &Undo) -> Result<Named, CommandError> {
    let text = args.run.to_string_lossy();
    if let Ok(number) = text.parse() {
        let run = history::find(history, number)?.clone();
        let origin = format!("run {number} of the journal");
        return Ok(Named { run, file: None, origin });
    }
    let path = Path::new(&args.run);
    if as_file(&args.run).is_none() && !path.exists() {
        return Err(CommandError::usage(format!(
            "`{}` is neither the number of a run nor a file",
            printable(&text)
        ))
        .hint("`kb history` lists the runs with their numbers."));
    }
    let file = Arc::new(disk::read_export(path).map_err(CommandError::usage)?);
    let run = exported::parse(file.text.as_bytes()).map_err(|error| {
        CommandError::usage(format!("`{}` is no run that can be undone: {error}", shown_path(context, path)))
            .hint("`kb history N --format json > run.json` writes one.")
    })?;
    let origin = format!("`{}`, run {} there", shown_path(context, path), run.number);
    Ok(Named { run, file: Some(file), origin })
}

fn what(history: &History, named: &Named, page: Option<&Runbook>) -> Result<Record, NothingToUndo> {
    let run = &named.run;
    // The numbers of another machine say nothing here.
    let later = if named.file.is_some() { Vec::new() } else { history.changed_since(run) };
    let file = named.file.clone();
    undo::record(&Past { run, file, origin: &named.origin, undoing: history.undoing(run), later }, page)
}

/// The page as it is now, where it may run: for its checks.
fn page(context: &Context, named: &Named) -> Result<Option<Runbook>, CommandError> {
    let run = &named.run;
    let path = run.path().filter(|_| named.file.is_none()).map(Path::new).filter(|path| path.exists());
    let found = match (context.base()?.find(run.runbook()), path) {
        (Some(known), _) if trust::hash(&known.source) == run.blake3() => Some(known.clone()),
        (_, Some(path)) => Some(context.file(path)?.runbook().clone()),
        (known, None) => known.cloned(),
    };
    let id = printable(run.runbook());
    let Some(page) = found.filter(|page| page.id.as_str() == run.runbook()) else {
        context
            .ui
            .note(&format!("There is no runbook `{id}` here, so no check says what is true afterwards."));
        return Ok(None);
    };
    if let Err(refused) = trust::admit(&page, &pins(context)) {
        context.ui.note(&format!("Its checks do not run: {}.", refused.reason));
        return Ok(None);
    }
    if trust::hash(&page.source) != run.blake3() {
        context.ui.note(&format!(
            "`{id}` has changed since that run: its rollback is as it was then, its checks as they are now."
        ));
    }
    Ok(Some(page))
}

/// What `--set` adds to the values of that run; those it had are not changed.
fn set(args: &Undo, record: &Record) -> Result<Vec<(ParamName, Vec<u8>)>, CommandError> {
    let set = given::set(&record.runbook, &args.set)?;
    let had = |name: &ParamName, value: &[u8]| {
        record.values.iter().any(|(known, then)| known == name && then != value)
    };
    match set.iter().find(|(name, value)| had(name, value)) {
        Some((name, _)) => Err(CommandError::usage(format!("that run had another value for `{name}`"))
            .hint("It is undone with its own values; `--set` gives those that it did not have.")),
        None => Ok(set),
    }
}

/// The rollbacks that `--yes` names. There is no yes to everything.
fn consents(args: &Undo, record: &Record) -> Result<BTreeSet<BlockId>, CommandError> {
    let find = |name: &String| {
        let known = record.steps.iter().map(|step| &step.rollback);
        let found = known.clone().find(|id| id.as_str() == name);
        found.cloned().ok_or_else(|| {
            let names: Vec<String> = known.map(|id| format!("`{id}`")).collect();
            CommandError::usage(format!("that run recorded no rollback `{}`", printable(name)))
                .hint(format!("It has {}.", names.join(", ")))
        })
    };
    args.yes.iter().map(find).collect()
}
