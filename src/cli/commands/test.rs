//! `kb test`: every runbook proved by its own samples and recorded outputs.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::args::{Test, TestFormat};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::proof;
use crate::render::{human, json, junit};
use crate::runbook::{KnowledgeBase, Runbook, RunbookId};
use crate::text::SourceFile;

/// Tests the named runbooks, or all.
pub fn run(context: &Context, args: &Test) -> Result<ExitCode, CommandError> {
    let (base, only) = select(context, &args.runbooks)?;
    let noise = proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES);
    let cases = proof::prove(&base, only.as_deref(), &noise);
    match args.format {
        TestFormat::Human => context.ui.answer(|out| human::cases(out, &cases))?,
        TestFormat::Json => context.ui.records(|out| json::cases(out, &cases))?,
        TestFormat::Junit => context.ui.records(|out| junit::cases(out, &cases))?,
    }
    let failed = cases.iter().any(|case| case.outcome.is_err());
    if cases.is_empty() && args.format == TestFormat::Human {
        context.ui.warning("There was nothing to test: no sample and no recorded output.");
    }
    Ok(if failed || cases.is_empty() { FoundExit::Bad } else { FoundExit::Good }.into())
}

/// All runbooks, and which of them are asked for; files stand beside the others, so that their
/// samples are tried against every other runbook too.
fn select<'a>(
    context: &'a Context,
    names: &[OsString],
) -> Result<(Cow<'a, KnowledgeBase>, Option<Vec<RunbookId>>), CommandError> {
    if names.is_empty() {
        return Ok((Cow::Borrowed(context.base()?), None));
    }
    let is_file = |name: &&OsString| crate::cli::context::as_file(name).is_some();
    let (files, slugs): (Vec<_>, Vec<_>) = names.iter().partition(is_file);
    let sources: Vec<Arc<SourceFile>> =
        files.iter().map(|path| context.read_named(Path::new(path))).collect::<Result<_, _>>()?;
    let base = if sources.is_empty() {
        Cow::Borrowed(context.base()?)
    } else {
        Cow::Owned(context.with(sources.clone())?)
    };
    let mut only = Vec::new();
    for slug in slugs {
        only.push(context.find(&base, slug)?);
    }
    let from_file = |runbook: &&Runbook| sources.iter().any(|file| Arc::ptr_eq(file, &runbook.source));
    only.extend(base.runbooks.iter().filter(from_file).map(|runbook| runbook.id.clone()));
    Ok((base, Some(only)))
}
