//! All runbooks together: which file answers to which name.
//!
//! Knows origins and the order in which one file shadows another; opens nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::parse::near::distance;
use super::{Origin, Runbook, RunbookId, parse, slug};
use crate::diag::{Diagnostic, Located};
use crate::text::{SourceFile, Span, printable_path};

/// The runbooks that kb knows, one for each slug.
#[derive(Clone, Debug, Default)]
pub struct KnowledgeBase {
    /// Sorted by slug.
    pub runbooks: Vec<Runbook>,
    /// What was found wrong in them, in the order of origins, files and places in each.
    pub diagnostics: Vec<Located>,
    /// Files whose slug another file of a nearer origin has.
    pub shadowed: Vec<Shadowed>,
    /// Other names, in lower case.
    pub aliases: BTreeMap<String, RunbookId>,
}

/// A file that is not used, because a file of a nearer origin has the same slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The slug of both.
    pub id: RunbookId,
    /// The file that is not used.
    pub path: PathBuf,
    /// Where it came from.
    pub origin: Origin,
    /// The file that is used.
    pub by: PathBuf,
    /// Where that came from.
    pub by_origin: Origin,
}

/// How many names [`KnowledgeBase::nearest`] gives.
const NEAREST_MAX: usize = 5;

impl KnowledgeBase {
    /// Parses all files and settles which answers to which slug. The same file given twice counts
    /// once.
    pub fn from_sources(sources: Vec<(Arc<SourceFile>, Origin)>) -> Self {
        let mut by_origin: BTreeMap<Origin, Vec<Arc<SourceFile>>> = BTreeMap::new();
        for (source, origin) in sources {
            by_origin.entry(origin).or_default().push(source);
        }
        let mut base = Self::default();
        let mut by_id: BTreeMap<RunbookId, Runbook> = BTreeMap::new();
        for (origin, mut sources) in by_origin {
            sources.sort_by(|left, right| left.path.cmp(&right.path));
            sources.dedup_by(|left, right| left.path == right.path);
            for runbook in base.one_origin(&sources, origin) {
                match by_id.get(&runbook.id) {
                    Some(nearer) => base.shadowed.push(shadowed(&runbook, nearer)),
                    None => {
                        by_id.insert(runbook.id.clone(), runbook);
                    }
                }
            }
        }
        base.runbooks = by_id.into_values().collect();
        base.name_aliases();
        base
    }

    /// The runbooks of one origin, each with a slug of its own.
    fn one_origin(&mut self, sources: &[Arc<SourceFile>], origin: Origin) -> Vec<Runbook> {
        let mut runbooks: Vec<Runbook> = Vec::with_capacity(sources.len());
        for source in sources {
            let parsed = parse(source, origin);
            self.diagnostics.extend(parsed.diagnostics.into_iter().map(|found| found.at(source)));
            runbooks.push(parsed.value);
        }
        // A file of ours keeps its name before a page that only happens to be called so.
        runbooks.sort_by_key(|runbook| !runbook.has_marks());
        let mut taken: BTreeMap<RunbookId, usize> = BTreeMap::new();
        for at in 0..runbooks.len() {
            let id = runbooks[at].id.clone();
            let Some(&first) = taken.get(&id) else {
                taken.insert(id, at);
                continue;
            };
            if runbooks[at].has_marks() {
                self.duplicate(&mut runbooks, first, at);
            }
            let free = slug::candidates(&runbooks[at].source).find(|id| !taken.contains_key(id));
            let free = free.expect("numbers do not run out");
            taken.insert(free.clone(), at);
            runbooks[at].id = free;
        }
        runbooks
    }

    /// Two runbooks of one slug: nobody can say which one `kb run` would mean, so neither runs.
    fn duplicate(&mut self, runbooks: &mut [Runbook], first: usize, second: usize) {
        for (this, other) in [(first, second), (second, first)] {
            let (path, id) = (printable_path(&runbooks[other].source.path), &runbooks[this].id);
            let message = format!("two files have the slug `{id}`; the other one is `{path}`");
            let found = Diagnostic::error("slug-twice", Span::default(), message)
                .hint("Rename one of them; until then nothing in either of them runs.");
            self.diagnostics.push(found.at(&runbooks[this].source));
        }
        for at in [first, second] {
            runbooks[at].strip();
        }
    }

    fn name_aliases(&mut self) {
        let mut aliases: BTreeMap<String, RunbookId> = BTreeMap::new();
        for runbook in &self.runbooks {
            for alias in written_aliases(runbook) {
                let slug = RunbookId::new(&alias).filter(|id| self.position(id).is_some());
                let other = slug.as_ref().or_else(|| aliases.get(&alias));
                if let Some(other) = other.filter(|other| **other != runbook.id) {
                    let message = format!("the alias `{alias}` belongs to `{other}`");
                    self.diagnostics.push(alias_taken(runbook, message));
                } else {
                    aliases.insert(alias, runbook.id.clone());
                }
            }
        }
        // The name of a file is an offer, not a claim: where two have it, the first one answers.
        for runbook in &self.runbooks {
            let stem = runbook.source.stem().to_lowercase();
            if RunbookId::new(&stem).is_none_or(|id| self.position(&id).is_none()) {
                aliases.entry(stem).or_insert_with(|| runbook.id.clone());
            }
        }
        self.aliases = aliases;
    }

    fn position(&self, id: &RunbookId) -> Option<usize> {
        self.runbooks.binary_search_by(|runbook| runbook.id.cmp(id)).ok()
    }

    /// The runbook with this slug, or with this slug as an alias.
    pub fn get(&self, id: &RunbookId) -> Option<&Runbook> {
        self.find(id.as_str())
    }

    /// The runbook that a person means: by its slug, by an alias or by the name of its file, whatever
    /// the case.
    pub fn find(&self, name: &str) -> Option<&Runbook> {
        let name = name.to_lowercase();
        let by_slug = RunbookId::new(&name).and_then(|id| self.position(&id));
        let at = by_slug.or_else(|| self.position(self.aliases.get(&name)?))?;
        self.runbooks.get(at)
    }

    /// Slugs that were probably meant, the likeliest first: those that are spelled nearly so, and
    /// those that hold all words of the name.
    pub fn nearest(&self, wrong: &str) -> Vec<&RunbookId> {
        let wrong = wrong.to_lowercase();
        let own = self.runbooks.iter().map(|runbook| (runbook.id.as_str(), &runbook.id));
        let names = own.chain(self.aliases.iter().map(|(alias, id)| (alias.as_str(), id)));
        let mut near: Vec<(usize, &RunbookId)> =
            names.filter_map(|(name, id)| Some((unlikeness(&wrong, name)?, id))).collect();
        near.sort();
        let mut ids: Vec<&RunbookId> = Vec::new();
        for (_, id) in near {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids.truncate(NEAREST_MAX);
        ids
    }
}

/// How far a name is from what was typed; `None`: it was not meant.
fn unlikeness(wrong: &str, name: &str) -> Option<usize> {
    let letters = wrong.chars().count();
    if letters == 0 {
        return None;
    }
    let edits = distance(wrong, name);
    if edits <= (letters / 3).clamp(1, 4) {
        return Some(edits);
    }
    let words = wrong.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= 3);
    let count = words.clone().count();
    let all = count > 0 && words.clone().all(|word| name.contains(word));
    // A shorter name with all the words is likelier than a longer one.
    all.then(|| 10 + name.len().saturating_sub(wrong.len()))
}

fn shadowed(runbook: &Runbook, nearer: &Runbook) -> Shadowed {
    Shadowed {
        id: runbook.id.clone(),
        path: runbook.source.path.clone(),
        origin: runbook.origin,
        by: nearer.source.path.clone(),
        by_origin: nearer.origin,
    }
}

fn alias_taken(runbook: &Runbook, message: String) -> Located {
    let fact = runbook.facts.iter().find(|fact| fact.key.eq_ignore_ascii_case("aliases"));
    let span = fact.map_or(Span::default(), |fact| fact.span);
    Diagnostic::warning("alias-taken", span, message).at(&runbook.source)
}

/// The fact `Aliases`, between commas, in lower case.
/// The other names that a runbook claims.
pub fn written_aliases(runbook: &Runbook) -> Vec<String> {
    let listed = runbook.fact("aliases").unwrap_or("").split(',');
    let names = listed.map(|alias| alias.trim().to_lowercase());
    names.filter(|alias| !alias.is_empty() && *alias != runbook.id.as_str()).collect()
}

#[cfg(test)]
mod tests;
