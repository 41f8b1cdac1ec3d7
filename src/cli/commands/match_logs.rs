//! `kb match`: log lines in, runbooks out.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::{Format, Match, SuggestWhen, TierFloor};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::MatchExit;
use crate::cli::{env, memory, shelves, sources, when};
use crate::disk::{self, DiskError};
use crate::render::human::{self, Moment, View};
use crate::render::{json, markdown};
use crate::report::{Tier, Triage};
use crate::runbook::KnowledgeBase;
use crate::signature::SignatureSet;
use crate::text::printable_path;
use crate::triage::{self, Input, Options, Shelf, Suggest};

/// What is smaller in all is scanned by one thread.
const SMALL_BYTES: u64 = 512 << 10;

/// Matches logs, shows what they point to, and remembers it.
pub fn run(context: &Context, args: &Match) -> Result<ExitCode, CommandError> {
    let mut options = options(context, args)?;
    let (inputs, unread) = open(context, &args.files);
    context.warn(&unread);
    let floor = match args.tier {
        TierFloor::Match => Tier::Match,
        TierFloor::Possible => Tier::Possible,
        TierFloor::Suggestion => Tier::Suggestion,
    };
    if inputs.is_empty() {
        let what = if unread.is_empty() {
            "there is no log in what was named"
        } else {
            "none of the inputs could be read"
        };
        return Err(CommandError::usage(what).hint("`kb match` without a file reads what you paste."));
    }
    if options.threads == 0 {
        options.threads = threads_for(&inputs);
    }
    let (ready, mut triage) = find(context, &args.files, inputs, &options)?;
    let all = triage.results.len();
    triage.results.retain(|found| found.tier <= floor);
    let remembered = remember(context, &triage);
    let view = View {
        moment: &Moment { now: options.now, zone: options.zone.clone() },
        explain: args.explain,
        top: if args.top == 0 { usize::MAX } else { args.top },
        floor,
        hidden: all - triage.results.len(),
        unread: unread.len(),
    };
    match args.format {
        Format::Human => context.ui.answer(|out| human::triage(out, &triage, &view)),
        Format::Json => context.ui.records(|out| json::triage(out, &triage, view.top, &unread)),
        Format::Markdown => context.ui.records(|out| markdown::triage(out, &triage, &view)),
    }?;
    if args.format == Format::Human {
        next(context, ready.shelf(), &triage, remembered);
    }
    complain(context, &triage);
    ready.settle(context)?;
    let unfinished = !unread.is_empty() || triage.inputs.iter().any(|input| input.error.is_some());
    let hit = triage.results.iter().any(|found| found.tier != Tier::Suggestion);
    Ok(match (unfinished, hit) {
        (true, _) => MatchExit::Error,
        (false, true) => MatchExit::Hit,
        (false, false) => MatchExit::None,
    }
    .into())
}

/// Searches the inputs; once more where the index turned out to be damaged, if they can be read again.
fn find<'c>(
    context: &'c Context,
    files: &[PathBuf],
    inputs: Vec<Input>,
    options: &Options,
) -> Result<(shelves::Ready<'c>, Triage), CommandError> {
    let again = inputs.iter().all(|input| input.bytes.is_some());
    let ready = shelves::ready(context)?;
    if ready.disabled > 0 {
        warn_of_disabled(context, ready.disabled);
    }
    let triage = search(context, ready.shelf(), &ready.signatures, inputs, options);
    if !ready.is_damaged() {
        return Ok((ready, triage));
    }
    let ready = shelves::anew(context)?;
    if !again {
        return Err(CommandError::usage("the index of the runbooks was damaged")
            .hint("It was made anew; match again."));
    }
    let (inputs, _) = open(context, files);
    let triage = search(context, ready.shelf(), &ready.signatures, inputs, options);
    Ok((ready, triage))
}

/// Matches one log for the values in it, as `kb run --from-log` does.
pub fn of_file(context: &Context, base: &KnowledgeBase, path: &Path) -> Result<Triage, CommandError> {
    let (inputs, unread) = open(context, &[path.to_owned()]);
    if let Some(reason) = unread.into_iter().next() {
        return Err(CommandError::usage(reason));
    }
    let environment = &context.environment;
    let signatures = shelves::compile(base);
    let options = Options {
        now: environment.now,
        zone: environment.zone.clone(),
        since: None,
        until: None,
        suggest: Suggest::Never,
        threads: 1,
    };
    Ok(search(context, base, &signatures, inputs, &options))
}

fn options(context: &Context, args: &Match) -> Result<Options, CommandError> {
    const TIMES: &str = "Times are written `03:00`, `1h`, `yesterday`, `2013-11-12` or `2013-11-12 03:00`.";
    let now = context.environment.now;
    let zone = match &args.tz {
        None => context.environment.zone.clone(),
        Some(name) => when::zone(name).map_err(|error| {
            CommandError::usage(error).hint("Zones are written `Europe/Rome`, `UTC` or `+02:00`.")
        })?,
    };
    let time = |text: &Option<String>| {
        let parsed = text.as_ref().map(|text| when::parse(text, now, &zone)).transpose();
        parsed.map_err(|error| CommandError::usage(error).hint(TIMES))
    };
    let (since, until) = (time(&args.since)?, time(&args.until)?);
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(CommandError::usage("`--since` is not before `--until`").hint(TIMES));
    }
    let suggest = match args.suggest {
        SuggestWhen::Auto => Suggest::ForPastes,
        SuggestWhen::Always => Suggest::Always,
        SuggestWhen::Never => Suggest::Never,
    };
    let threads = args.threads.map_or(0, usize::from);
    Ok(Options { now, zone, since, until, suggest, threads })
}

/// A small input is done before another thread would have begun.
fn threads_for(inputs: &[Input]) -> usize {
    let total: Option<u64> = inputs.iter().map(|input| input.bytes).sum();
    if total.is_some_and(|bytes| bytes < SMALL_BYTES) { 1 } else { env::processors() }
}

/// The inputs, and why some of what was named is none: sentences.
fn open(context: &Context, files: &[PathBuf]) -> (Vec<Input>, Vec<String>) {
    let mut inputs = Vec::new();
    let mut unread = Vec::new();
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input } else { files };
    for file in &disk::in_order_of_time(files) {
        if file == Path::new("-") {
            inputs.push(standard(context));
            continue;
        }
        let (logs, errors) = disk::open_logs(std::slice::from_ref(file));
        let (notices, failures): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.is_notice());
        context.note(&left_out(&notices, !logs.is_empty()));
        unread.extend(failures.into_iter().map(sources::sentence));
        inputs.extend(logs.into_iter().map(|log| Input {
            name: log.path.clone(),
            bytes: log.bytes,
            modified: log.modified,
            reader: Box::new(log),
        }));
    }
    (inputs, unread)
}

/// What to say of what was left out of a folder. Files without text lie in every `/var/log`: they are
/// worth a word where nothing else does.
fn left_out(notices: &[&DiskError], logs: bool) -> Vec<String> {
    let (binary, others): (Vec<_>, Vec<_>) =
        notices.iter().partition(|notice| matches!(notice, DiskError::NotText { .. }));
    let binary = binary.into_iter().take(usize::from(!logs));
    binary.chain(others).map(sources::sentence).collect()
}

fn standard(context: &Context) -> Input {
    if io::stdin().is_terminal() {
        context.ui.say_plainly("Paste, then Ctrl-D.");
    }
    Input { name: PathBuf::from("-"), reader: Box::new(io::stdin()), bytes: None, modified: None }
}

fn search(
    context: &Context,
    shelf: &dyn Shelf,
    signatures: &SignatureSet,
    inputs: Vec<Input>,
    options: &Options,
) -> Triage {
    let total: Option<u64> = inputs.iter().map(|input| input.bytes).sum();
    // A bar would be drawn over what is being pasted.
    let pasted = inputs.iter().any(|input| input.name == Path::new("-")) && io::stdin().is_terminal();
    let progress = (!pasted).then(|| context.ui.progress(total));
    let mut tell = |bytes| progress.iter().for_each(|progress| progress.at(bytes));
    triage::triage(inputs, shelf, signatures, options, &mut tell)
}

fn warn_of_disabled(context: &Context, count: u64) {
    let blocks = human::plural(count, "symptom block");
    context.ui.warning(&format!("{blocks} cannot be searched for; `kb lint` says why."));
}

/// A match that cannot be remembered is still a match. Returns whether its numbers can be used.
fn remember(context: &Context, triage: &Triage) -> bool {
    if context.environment.state.is_none() {
        context.ui.warning("`HOME` is not set, so this match is not remembered for `kb run 1`.");
        return false;
    }
    let remembered = memory::remember(&context.environment, triage);
    if let Err(error) = &remembered {
        let causes = error.causes().join(": ");
        context.ui.warning(&format!("This match is not remembered for `kb run 1`: {causes}."));
    }
    remembered.is_ok()
}

/// What to type next: the first result, checked where that can be. Its number is good only for a
/// match that is remembered; another match may be, and it would be run.
fn next(context: &Context, shelf: &dyn Shelf, triage: &Triage, remembered: bool) {
    let Some(first) = triage.results.first() else {
        let hint = "`kb search WORDS` looks through the pages; `kb new --from-log FILE SLUG` begins one.";
        return context.ui.hint(hint);
    };
    let runs = shelf.number(&first.runbook).is_some_and(|number| shelf.runbook(number).has_blocks());
    let name = if remembered { "1".to_owned() } else { first.runbook.to_string() };
    let log = if remembered { "" } else { " --from-log FILE" };
    context.ui.hint(&if runs {
        format!("`kb run {name}{log}` checks whether it is so, and offers the fix.")
    } else {
        format!("`kb show {name}` reads its page.")
    });
}

/// Says what could not be read to its end, and what limits bit.
fn complain(context: &Context, triage: &Triage) {
    let broken: Vec<String> = triage
        .inputs
        .iter()
        .filter_map(|input| {
            let error = input.error.as_ref()?;
            let name = match input.name.as_path() {
                path if path == Path::new("-") => "Standard input".to_owned(),
                path => format!("`{}`", printable_path(path)),
            };
            Some(format!("{name} could not be read to its end: {error}."))
        })
        .collect();
    context.warn(&broken);
    for notice in &triage.notices {
        context.ui.notice(notice);
    }
}
