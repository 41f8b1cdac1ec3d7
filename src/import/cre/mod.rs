//! Common Reliability Enumerations: rules in YAML become runbooks.
//!
//! A rule is taken at its word first and tried on the log that came with it; what that log does not
//! bear out is given up step by step, and said. A page that would hold anything but the symptoms and
//! samples written here is not made.

mod expression;
mod jq;
mod model;
mod negate;
mod page;
mod strictness;
mod symptoms;
mod trial;
mod weak;

use std::sync::Arc;

use model::Entry;
use symptoms::Block;
use trial::Trial;

use super::prose::plain;
use crate::runbook::RunbookId;
use crate::text::SourceFile;

/// Something of a rule that its page does not say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The construct, by the name the rule gives it.
    pub construct: &'static str,
    /// What holds instead.
    pub how: String,
}

/// What is lost, as sentences: those that say the same of several constructs are one.
pub fn sentences(lost: &[Lost]) -> Vec<String> {
    let mut by_how: Vec<(&str, Vec<&str>)> = Vec::new();
    for Lost { construct, how } in lost {
        match by_how.iter_mut().find(|(known, _)| known == how) {
            Some((_, constructs)) => constructs.push(construct),
            None => by_how.push((how, vec![construct])),
        }
    }
    by_how.into_iter().map(|(how, constructs)| format!("{}: {how}", constructs.join(" and "))).collect()
}

/// What lies beside a file of rules.
#[derive(Clone, Debug, Default)]
pub struct Companions {
    /// A log on which the rule must fire.
    pub hit_log: Option<Vec<u8>>,
    /// A log on which it must not.
    pub miss_log: Option<Vec<u8>>,
    /// The licence of the rules.
    pub licence: Option<String>,
}

/// A rule as a runbook.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The slug.
    pub id: RunbookId,
    /// The name of the rule.
    pub name: String,
    /// The page.
    pub page: String,
    /// What the page does not say.
    pub lost: Vec<Lost>,
    /// The page has signatures.
    pub searchable: bool,
    /// What is not as it should be on the logs that came with the rule, as sentences.
    pub failed: Vec<String>,
}

/// Why a file or a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// Lower case, no full stop.
    pub message: String,
    /// The line and column, from 1.
    pub at: Option<(u64, u64)>,
}

/// Makes runbooks of rules. `noise` is a sample of healthy logs.
#[derive(Debug)]
pub struct Importer<'a> {
    noise: &'a [u8],
}

/// Of a file of rules so much is read; what its anchors repeat counts too.
const EVENTS_MAX: usize = 200_000;

impl<'a> Importer<'a> {
    /// An importer that holds signatures against this sample of healthy logs.
    pub fn new(noise: &'a [u8]) -> Self {
        Self { noise }
    }

    /// The rules of a file; none when it is YAML about something else.
    ///
    /// # Errors
    /// When the file is no YAML, or its rules do not have the form of the schema.
    pub fn import(
        &self,
        source: &SourceFile,
        companions: &Companions,
    ) -> Result<Vec<Result<Imported, RuleError>>, RuleError> {
        let file = read(&source.text)?;
        let name =
            source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(file.rules.iter().map(|entry| self.rule(entry, &file, &name, companions)).collect())
    }

    fn rule(
        &self,
        entry: &Entry,
        file: &model::File,
        name: &str,
        companions: &Companions,
    ) -> Result<Imported, RuleError> {
        let wrong = |message: String| RuleError { message, at: None };
        let id = RunbookId::new(&entry.cre.id.to_ascii_lowercase()).filter(|id| {
            id.as_str().len() <= 80 && id.as_str().starts_with(|c: char| c.is_ascii_lowercase())
        });
        let id = id.ok_or_else(|| {
            let shown: String = plain(&entry.cre.id).chars().take(40).collect();
            let shown = match shown.trim() {
                "" => "a rule has no id".to_owned(),
                shown => format!("`{}` is no id of a rule", shown.replace('\n', " ")),
            };
            wrong(format!("{shown}, which is for instance `CRE-2025-0001`"))
        })?;
        let (blocks, reading) = symptoms::blocks(&entry.rule, &file.terms);
        let alone = file.rules.len() == 1;
        let trial = Trial { noise: self.noise, entry, id: &id, file: name, companions, alone };
        let found = trial.best(&blocks, reading.lost)?;
        let lost = found.lost;
        Ok(Imported {
            name: plain(&entry.cre.id),
            searchable: !found.blocks.is_empty(),
            page: found.page,
            failed: found.failed,
            id,
            lost,
        })
    }
}

fn read(text: &str) -> Result<model::File, RuleError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_events: EVENTS_MAX, max_aliases: 200, max_anchors: 200 },
    };
    let documents = serde_saphyr::from_multiple_with_options::<model::File>(text, options);
    let documents = documents.map_err(|error| {
        let at = error.location().map(|location| (location.line(), location.column()));
        let text = error.without_snippet().to_string();
        let text = text.lines().next().unwrap_or_default();
        let message = plain(text.split(" at line ").next().unwrap_or_default().trim());
        RuleError { message, at }
    })?;
    // One after the other, they are one list.
    let mut file = model::File::default();
    for document in documents {
        file.rules.extend(document.rules);
        file.terms.extend(document.terms);
    }
    Ok(file)
}

/// The page as a file.
fn source(id: &RunbookId, page: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new(format!("{id}.md"), page.to_owned()))
}

/// Blocks of which kb would not search for some say that they are broad.
fn broadened(blocks: &[Block], which: &[usize]) -> Vec<Block> {
    let broad = |(index, block): (usize, &Block)| Block {
        broad: block.broad || which.contains(&index),
        ..block.clone()
    };
    blocks.iter().enumerate().map(broad).collect()
}

#[cfg(test)]
mod tests;
