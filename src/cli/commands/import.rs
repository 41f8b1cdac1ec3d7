//! `kb import`: other people's rules as runbooks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::args::{Import, ImportCre, ImportWhat};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::ImportExit;
use crate::cli::sources;
use crate::disk::{self, RuleFile};
use crate::import::cre::{Companions, Imported, Importer, sentences};
use crate::proof;
use crate::render::human::plural;
use crate::text::{printable, printable_path};

/// Imports rules.
pub fn run(context: &Context, args: &Import) -> Result<ExitCode, CommandError> {
    match &args.what {
        ImportWhat::Cre(args) => cre(context, args),
    }
}

/// What was read.
#[derive(Default)]
struct Read {
    rules: Vec<Imported>,
    /// Why something is no rule, as sentences.
    wrong: Vec<String>,
}

fn cre(context: &Context, args: &ImportCre) -> Result<ExitCode, CommandError> {
    let (files, errors) = disk::read_rules(&args.paths);
    let mut read = read(&files);
    read.wrong.extend(errors.iter().filter(|error| !error.is_notice()).map(sources::sentence));
    // Each is something that was left out, so each is said.
    for wrong in &read.wrong {
        context.ui.warning(wrong);
    }
    if read.rules.is_empty() {
        return Err(CommandError::usage("there is no rule in what was named")
            .hint("A rule is a YAML file with a list `rules`, each of which has `cre` and `rule`."));
    }
    write(context, args, &read.rules)?;
    report(context, args, &read.rules)?;
    let partly = read.rules.iter().any(|rule| !rule.lost.is_empty() || !rule.failed.is_empty());
    Ok(match (read.wrong.is_empty(), partly) {
        (false, _) => ImportExit::Error,
        (true, true) => ImportExit::Partly,
        (true, false) => ImportExit::Good,
    }
    .into())
}

fn read(files: &[RuleFile]) -> Read {
    let noise = proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES);
    let importer = Importer::new(&noise);
    let mut read = Read::default();
    for file in files {
        let companions = Companions {
            hit_log: file.hit_log.clone(),
            miss_log: file.miss_log.clone(),
            licence: file.licence.as_deref().map(licence),
        };
        let path = printable_path(&file.source.path);
        match importer.import(&file.source, &companions) {
            Ok(rules) if rules.is_empty() && file.named => {
                read.wrong.push(format!("`{path}` holds no rules."));
            }
            Ok(rules) => {
                for rule in rules {
                    match rule {
                        Ok(rule) => take(rule, &path, &mut read),
                        Err(error) => read.wrong.push(format!("`{path}`: {}.", printable(&error.message))),
                    }
                }
            }
            Err(error) => {
                let at = error.at.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
                read.wrong.push(format!("`{path}{at}` cannot be read: {}.", printable(&error.message)));
            }
        }
    }
    read
}

fn take(rule: Imported, path: &str, read: &mut Read) {
    if read.rules.iter().any(|other| other.id == rule.id) {
        read.wrong.push(format!("`{path}`: there is a rule {} already; this one is left out.", rule.name));
    } else {
        read.rules.push(rule);
    }
}

/// What a licence calls itself.
fn licence(text: &str) -> String {
    let head = text.split_whitespace().take(60).collect::<Vec<_>>().join(" ");
    let known = [
        ("Apache License Version 2.0", "Apache-2.0"),
        ("MIT License", "MIT"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL"),
        ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"),
        ("GNU GENERAL PUBLIC LICENSE", "GPL"),
        ("BSD 3-Clause", "BSD-3-Clause"),
        ("BSD 2-Clause", "BSD-2-Clause"),
    ];
    let found = known.iter().find(|(words, _)| head.contains(words));
    found.map_or_else(|| "see the file LICENSE of the rules".to_owned(), |(_, name)| (*name).to_owned())
}

/// Writes all pages, or none when that would overwrite one.
fn write(context: &Context, args: &ImportCre, rules: &[Imported]) -> Result<(), CommandError> {
    let path = |rule: &Imported| args.into.join(format!("{}.md", rule.id));
    let there: Vec<PathBuf> = rules
        .iter()
        .filter(|rule| path(rule).symlink_metadata().is_ok())
        .filter(|rule| disk::read_runbook(&path(rule)).map_or(true, |known| *known.text != *rule.page))
        .map(path)
        .collect();
    if let (Some(first), false) = (there.first(), args.force) {
        let first = printable_path(&context.environment.short(first));
        let what = match there.len() {
            1 => format!("`{first}` is there already, and it is another text"),
            more => format!("`{first}` and {} more are there already, and they are other texts", more - 1),
        };
        return Err(CommandError::usage(what).hint("Nothing was written. `--force` writes over them."));
    }
    for rule in rules {
        disk::replace_runbook(&path(rule), &rule.page).map_err(CommandError::usage)?;
    }
    Ok(())
}

/// What became of them: each with what it lost, then the constructs, counted.
fn report(context: &Context, args: &ImportCre, rules: &[Imported]) -> Result<(), CommandError> {
    let mut constructs: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules {
        let mut of_rule: Vec<&str> = rule.lost.iter().map(|lost| lost.construct).collect();
        of_rule.sort_unstable();
        of_rule.dedup();
        for construct in of_rule {
            *constructs.entry(construct).or_default() += 1;
        }
    }
    let searchable = rules.iter().filter(|rule| rule.searchable).count();
    let into = printable_path(&context.environment.short(&args.into));
    context.ui.answer(|out| {
        for rule in rules.iter().filter(|rule| !rule.lost.is_empty() || !rule.failed.is_empty()) {
            out.label("runbook id", &rule.name)?;
            out.newline()?;
            for failed in &rule.failed {
                out.line("warning", &format!("  {failed}"))?;
            }
            for lost in sentences(&rule.lost) {
                out.line("", &format!("  {lost}"))?;
            }
        }
        let pages = match rules.len() - searchable {
            0 => String::new(),
            count => format!(", {count} of them without signatures"),
        };
        out.line("title", &format!("{} in `{into}`{pages}", plural(rules.len() as u64, "runbook")))?;
        if !constructs.is_empty() {
            let counted: Vec<String> =
                constructs.iter().map(|(name, count)| format!("{name} {count}")).collect();
            out.line("", &format!("Rules with what kb cannot say as they do: {}", counted.join(", ")))?;
        }
        Ok(())
    })?;
    context.ui.hint(&format!(
        "`kb test --kb {into}` proves them by their logs; `kb match --kb {into} FILE` uses them."
    ));
    Ok(())
}
