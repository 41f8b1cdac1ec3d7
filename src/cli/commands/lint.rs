//! `kb lint`: mistakes in runbooks, each with its place.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::args::{Lint, LintFormat};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::FoundExit;
use crate::cli::sources;
use crate::diag::{Located, Severity};
use crate::disk;
use crate::proof;
use crate::render::human::{self, plural};
use crate::render::{diagnostics, json};
use crate::runbook::{self, KnowledgeBase, Origin};
use crate::signature;
use crate::text::{SourceFile, printable_path};

/// Lints the named files and folders, or everything that kb finds.
pub fn run(context: &Context, args: &Lint) -> Result<ExitCode, CommandError> {
    let named;
    let base = if args.paths.is_empty() {
        context.base()?
    } else {
        named = read(context, &args.paths)?;
        &named
    };
    let found = findings(base);
    match args.format {
        _ if args.costs => costs(context, base, &found, args.format)?,
        LintFormat::Human => diagnosed(context, base, &found)?,
        LintFormat::Json => context.ui.records(|out| json::diagnostics(out, &found))?,
        LintFormat::Sarif => context.ui.records(|out| diagnostics::sarif(out, &found))?,
    }
    let wrong = found.iter().any(|found| found.diagnostic.severity > Severity::Note);
    Ok(if wrong || !base.shadowed.is_empty() && !args.paths.is_empty() {
        FoundExit::Bad
    } else {
        FoundExit::Good
    }
    .into())
}

fn diagnosed(context: &Context, base: &KnowledgeBase, found: &[Located]) -> Result<(), CommandError> {
    context.ui.answer(|out| {
        diagnostics::human(out, found)?;
        match diagnostics::summary(found) {
            Some(summary) => out.line("title", &summary),
            None => {
                out.line("ok", &format!("{}: nothing wrong", plural(base.runbooks.len() as u64, "runbook")))
            }
        }
    })?;
    for shadowed in &base.shadowed {
        let (used, other) = (printable_path(&shadowed.by), printable_path(&shadowed.path));
        let name = &shadowed.id;
        context.ui.warning(&format!("`{used}` and `{other}` have one name, `{name}`; the first is used."));
    }
    Ok(())
}

/// What each signature costs, and which are refused; the exit status is that of all findings.
fn costs(
    context: &Context,
    base: &KnowledgeBase,
    found: &[Located],
    format: LintFormat,
) -> Result<(), CommandError> {
    let costs = signature::costs(base, &proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES));
    let is_error = |found: &&Located| found.diagnostic.severity == Severity::Error;
    let errors: Vec<Located> = found.iter().filter(is_error).cloned().collect();
    match format {
        LintFormat::Human => context.ui.answer(|out| {
            human::costs(out, base, &costs)?;
            if !errors.is_empty() {
                out.newline()?;
                out.line("title", "What has an error is not searched for, so it costs nothing:")?;
            }
            diagnostics::human(out, &errors)
        })?,
        LintFormat::Json => context.ui.records(|out| {
            json::costs(out, base, &costs)?;
            json::diagnostics(out, &errors)
        })?,
        LintFormat::Sarif => {
            return Err(CommandError::usage("`--costs` is no finding, so there is no SARIF of it")
                .hint("`--format json` writes one record for each signature."));
        }
    }
    let warnings = found.iter().filter(|found| found.diagnostic.severity == Severity::Warning).count();
    if warnings > 0 {
        context.ui.hint(&format!("`kb lint` shows {}.", plural(warnings as u64, "warning")));
    }
    Ok(())
}

/// Everything that parsing, the page and the signatures have to say, in the order of the files.
pub(super) fn findings(base: &KnowledgeBase) -> Vec<Located> {
    let mut found = base.diagnostics.clone();
    for runbook in &base.runbooks {
        found.extend(runbook::lint(runbook).into_iter().map(|diagnostic| diagnostic.at(&runbook.source)));
    }
    found.extend(signature::lint(base, &proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES)));
    found.sort_by(|a, b| (&a.source.path, a.diagnostic.span).cmp(&(&b.source.path, b.diagnostic.span)));
    found
}

/// The named files, and the files of the named folders. One that cannot be read stops the command:
/// "nothing wrong" must mean all of them.
fn read(context: &Context, paths: &[PathBuf]) -> Result<KnowledgeBase, CommandError> {
    let mut files: Vec<(Arc<SourceFile>, Origin)> = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push((context.read_named(path)?, Origin::Named));
            continue;
        }
        let (read, errors) = disk::read_runbooks(path);
        if let Some(error) = errors.into_iter().next() {
            return Err(CommandError::usage(sources::sentence(&error).trim_end_matches('.').to_owned()));
        }
        if read.is_empty() {
            let path = printable_path(path);
            return Err(CommandError::usage(format!("there is no Markdown file in `{path}`")));
        }
        files.extend(read.into_iter().map(|source| (Arc::new(source), Origin::Named)));
    }
    Ok(KnowledgeBase::from_sources(files))
}
