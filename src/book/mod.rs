//! The book: the knowledge base as pages, from the base alone.
//!
//! [`contents`] makes every page as HTML that cannot run, and its words for the search; [`site`] hands
//! them to mdBook's renderer and gives the files of the book back. Knows runbooks and the manual that is
//! part of the program; opens nothing but the private folder that mdBook's renderer needs.

use std::collections::BTreeMap;

use crate::diag::Located;
use crate::runbook::{KnowledgeBase, RunbookId};

mod badges;
mod finding;
mod html;
mod intro;
mod javascript;
pub mod manual;
pub mod match_page;
mod page;
mod search;
pub mod site;
pub mod table;
mod theme;
mod writer;

use writer::Passage;

/// What the book is made from.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The runbooks.
    pub base: &'a KnowledgeBase,
    /// What is wrong with them.
    pub findings: &'a [Located],
    /// When files were last changed, where that is known.
    pub changed: &'a BTreeMap<RunbookId, Changed>,
    /// The reference of the commands, Markdown.
    pub commands: &'a str,
}

/// When a file was last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// How that is known.
    pub how: Known,
}

/// Who says when a file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its last commit.
    Git,
    /// The file system.
    File,
}

impl Known {
    fn words(self) -> &'static str {
        match self {
            Self::Git => "committed",
            Self::File => "changed",
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its title, plain text.
    pub title: String,
    /// Its file as Markdown: `runbooks/x.md`.
    pub path: String,
    /// Its content: one line of HTML.
    pub content: String,
    passages: Vec<Passage>,
}

impl Chapter {
    fn new(title: String, path: String, html: &str, passages: Vec<Passage>) -> Self {
        Self { title, path, content: format!("<div class=\"kb-page\">{html}</div>"), passages }
    }
}

/// A line of the table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The title of a part.
    Part(String),
    /// A page.
    Page(Chapter),
    /// Pages under a name that is no page itself.
    Group(String, Vec<Chapter>),
}

/// Runbooks from this many on are grouped by system, so that the table of contents stays short.
const GROUPED_FROM: usize = 12;

/// Every page, in the order of the table of contents.
pub fn contents(inputs: &Inputs<'_>) -> Vec<Item> {
    let pages = Pages { base: inputs.base, manual: manual::paths() };
    let mut by_file: BTreeMap<&std::path::Path, Vec<&Located>> = BTreeMap::new();
    for found in inputs.findings {
        by_file.entry(&found.source.path).or_default().push(found);
    }
    let mut items = vec![Item::Page(intro::chapter(inputs)), Item::Part("Find".into())];
    items.push(Item::Page(match_page::chapter()));
    items.extend(finding::chapters(inputs).into_iter().map(Item::Page));
    items.push(Item::Part("Runbooks".into()));
    let mut groups: BTreeMap<&str, Vec<Chapter>> = BTreeMap::new();
    for runbook in &inputs.base.runbooks {
        let findings = by_file.get(runbook.source.path.as_path()).map_or(&[][..], Vec::as_slice);
        let system = badges::systems(runbook)[0];
        groups.entry(system).or_default().push(page::chapter(runbook, &pages, findings));
    }
    if inputs.base.runbooks.len() < GROUPED_FROM {
        items.extend(groups.into_values().flatten().map(Item::Page));
    } else {
        items.extend(groups.into_iter().map(|(system, pages)| Item::Group(system.into(), pages)));
    }
    items.extend(manual::items(&pages, inputs.commands));
    items
}

/// The pages of some items, in order.
pub fn chapters(items: &[Item]) -> impl Iterator<Item = &Chapter> {
    items.iter().flat_map(|item| match item {
        Item::Part(_) => &[][..],
        Item::Page(chapter) => std::slice::from_ref(chapter),
        Item::Group(_, chapters) => chapters.as_slice(),
    })
}

/// A file as a page names it: with the folder it is in. Where that is on the machine that made the book is
/// nobody's business.
fn file_name(path: &std::path::Path) -> String {
    let parts: Vec<_> = path.components().collect();
    let last: std::path::PathBuf = parts[parts.len().saturating_sub(2)..].iter().collect();
    crate::text::printable_path(&last)
}

/// Which pages there are.
struct Pages<'a> {
    base: &'a KnowledgeBase,
    /// Pages of the manual, as Markdown files.
    manual: Vec<&'static str>,
}

impl Pages<'_> {
    /// The file of a runbook.
    fn path(id: &RunbookId) -> String {
        format!("runbooks/{id}.md")
    }

    /// The page of a runbook, from the root of the book.
    fn url(id: &RunbookId) -> String {
        format!("runbooks/{id}.html")
    }

    /// The page that a code span names, from a page so many folders deep.
    fn of_slug(&self, code: &str, depth: usize) -> Option<String> {
        let id = RunbookId::new(code)?;
        let known = self.base.runbooks.binary_search_by(|runbook| runbook.id.cmp(&id)).is_ok();
        known.then(|| format!("{}{}", "../".repeat(depth), Self::url(&id)))
    }

    /// The page that a relative link means: a file is known by its name, wherever it is said to be.
    fn of_link(&self, link: &str, depth: usize) -> Option<String> {
        let (file, place) = link.split_once('#').map_or((link, None), |(file, place)| (file, Some(place)));
        let stem = file.strip_suffix(".md").or_else(|| file.strip_suffix(".html"))?;
        let name = stem.rsplit('/').next()?;
        let place = place.map(|place| format!("#{}", html::place(place))).unwrap_or_default();
        let up = "../".repeat(depth);
        if let Some(runbook) = self.base.find(name) {
            return Some(format!("{up}{}{place}", Self::url(&runbook.id)));
        }
        let path = self.manual.iter().find(|path| {
            let stem = path.trim_end_matches(".md");
            stem == name || stem.rsplit('/').next() == Some(name)
        })?;
        Some(format!("{up}{}.html{place}", path.trim_end_matches(".md")))
    }
}

#[cfg(test)]
mod tests;
