//! The files of the book, made by mdBook's own renderer: theme, table of contents, navigation, search.
//!
//! mdBook writes files and reads its theme from a folder. It gets a private one, which is read back and
//! removed; nothing else of the disk is touched by it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mdbook_core::book::{Book, BookItem, Chapter as MdChapter, SectionNumber};
use mdbook_core::config::{Config, HtmlConfig};
use mdbook_html::HtmlHandlebars;
use mdbook_html::theme::Theme;
use mdbook_renderer::{RenderContext, Renderer as _};

use super::{Chapter, Item, search, theme};
use crate::disk::{self, DiskError};
use crate::runbook::KnowledgeBase;

/// The files of a book by their path below its root.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Why a book could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// The private folder could not be made.
    #[error("cannot make a folder for temporary files")]
    Folder(#[source] std::io::Error),
    /// A file in it could not be written or read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// mdBook could not render.
    #[error("mdBook cannot render the book: {0}")]
    Render(String),
}

/// What is said of the whole book.
#[derive(Clone, Debug)]
pub struct About {
    /// Its title.
    pub title: String,
    /// The book is served while it is written: names of files stay what they are.
    pub live: bool,
    /// Other names of runbooks, as pages that lead to the one that has the name.
    pub redirects: BTreeMap<String, String>,
}

impl About {
    /// A title, and the aliases of the runbooks.
    pub fn new(title: &str, base: &KnowledgeBase, live: bool) -> Self {
        let legal = |name: &str| {
            let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
            !name.is_empty() && name.chars().all(legal)
        };
        let redirects = base
            .aliases
            .iter()
            .filter(|(alias, _)| legal(alias))
            .map(|(alias, id)| (format!("/runbooks/{alias}.html"), format!("{id}.html")))
            .collect();
        Self { title: title.to_owned(), live, redirects }
    }
}

/// Makes every file of the book.
pub fn files(items: &[Item], about: &About) -> Result<Files, SiteError> {
    let script = search::script(super::chapters(items));
    let version = if about.live { "live".to_owned() } else { short_hash(script.as_bytes()) };
    let search_index = format!("searchindex-{version}.js");
    let mut files = render(items, about, &search_index)?;
    files.retain(|path, _| !path.to_str().is_some_and(|path| path.starts_with("searchindex")));
    files.insert(search_index.into(), script.into_bytes());
    Ok(files)
}

/// Makes some pages again, as they are in the whole book that has files of these names. The table of
/// contents must be what it was.
pub fn pages(
    items: &[Item],
    about: &About,
    paths: &BTreeSet<String>,
    whole: &Names,
) -> Result<Files, SiteError> {
    let all: Vec<&Chapter> = super::chapters(items).collect();
    let wanted = |at: usize| all.get(at).is_some_and(|chapter| paths.contains(&chapter.path));
    // A page links to its neighbours, so they are rendered with it.
    let near = |at: usize| wanted(at) || wanted(at + 1) || at > 0 && wanted(at - 1);
    let some = (0..all.len()).filter(|at| near(*at)).map(|at| Item::Page(all[at].clone()));
    let some: Vec<Item> = some.collect();
    let made = render(&some, about, &whole.search_index)?;
    let own = Names::of(made.keys().filter_map(|path| path.to_str())).contents;
    let pages = made
        .into_iter()
        .filter(|(path, _)| path.to_str().is_some_and(|path| paths.contains(&path.replace(".html", ".md"))));
    let named = |html: Vec<u8>| String::from_utf8_lossy(&html).replace(&own, &whole.contents).into_bytes();
    Ok(pages.map(|(path, html)| (path, named(html))).collect())
}

/// Files of a book whose names say what is in them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The index of the search.
    pub search_index: String,
    /// The table of contents.
    pub contents: String,
}

impl Names {
    /// Finds them among the files of a book.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for name in names {
            if name.starts_with("searchindex-") {
                name.clone_into(&mut found.search_index);
            } else if name.starts_with("toc-") {
                name.clone_into(&mut found.contents);
            }
        }
        found
    }
}

/// Makes the pages of these items only, as they would be in the whole book whose index of the search has
/// this name.
fn render(items: &[Item], about: &About, search_index: &str) -> Result<Files, SiteError> {
    let folder = tempfile::tempdir().map_err(SiteError::Folder)?;
    let root = folder.path();
    let rendered = |error: mdbook_core::errors::Error| SiteError::Render(format!("{error:#}"));
    let config = config(about).map_err(SiteError::Render)?;
    Theme::copy_theme(&HtmlConfig::default(), &root.join("default")).map_err(rendered)?;
    let template = disk::read_text(&root.join("default/theme/index.hbs"))?;
    let nonce = nonce(items);
    let index = theme::index(&template, &nonce, search_index).map_err(SiteError::Render)?;
    let mut inputs = Files::new();
    inputs.insert("theme/index.hbs".into(), index.into_bytes());
    inputs.insert("theme/head.hbs".into(), theme::head(&nonce).into_bytes());
    inputs.insert("src/.keep".into(), Vec::new());
    for (name, content) in theme::assets() {
        inputs.insert(name.into(), (*content).into());
    }
    disk::write_tree(root, &inputs)?;
    let out = root.join("out");
    let context = RenderContext::new(root, book(items), config, &out);
    HtmlHandlebars::new().render(&context).map_err(rendered)?;
    let mut files = disk::read_tree(&out)?;
    files.remove(Path::new(".keep"));
    Ok(files)
}

/// A word that a page cannot contain, because it is made from all of them.
fn nonce(items: &[Item]) -> String {
    let mut hasher = blake3::Hasher::new();
    for chapter in super::chapters(items) {
        hasher.update(chapter.content.as_bytes());
    }
    hasher.finalize().to_hex()[..24].to_owned()
}

fn short_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..8].to_owned()
}

/// What mdBook is told. Preprocessors are not run at all, so nothing in a page is a directive.
fn config(about: &About) -> Result<Config, String> {
    let quoted = |list: Vec<String>| {
        let list: Vec<String> = list.iter().map(|name| format!("{name:?}")).collect();
        format!("[{}]", list.join(", "))
    };
    let mut redirects = toml::Table::new();
    for (from, to) in &about.redirects {
        redirects.insert(from.clone(), toml::Value::String(to.clone()));
    }
    let title = toml::Value::String(about.title.clone());
    let text = format!(
        "[book]\ntitle = {title}\nlanguage = \"en\"\nsrc = \"src\"\n\
         [output.html]\nno-section-label = true\nsmart-punctuation = false\nadditional-css = {}\n\
         additional-js = {}\ndefault-theme = \"light\"\npreferred-dark-theme = \"navy\"\ninput-404 = \"\"\n\
         [output.html.playground]\nrunnable = false\n\
         [output.html.print]\nenable = false\n\
         [output.html.fold]\nenable = true\nlevel = 0\n\
         [output.html.search.chapter]\n\"\" = {{ enable = false }}\n\
         [output.html.redirect]\n{redirects}",
        quoted(theme::loaded(".css")),
        quoted(theme::loaded(".js")),
    );
    text.parse().map_err(|error: mdbook_core::errors::Error| format!("{error:#}"))
}

/// The book as mdBook knows it.
pub fn book(items: &[Item]) -> Book {
    let mut book = Book::new();
    let mut number = 0;
    for item in items {
        book.items.push(match item {
            Item::Part(title) => BookItem::PartTitle(title.clone()),
            Item::Page(page) => {
                let mut chapter = chapter(page);
                // The first page stands before the parts.
                if number > 0 || page.path != "index.md" {
                    number += 1;
                    chapter.number = Some(SectionNumber::new(vec![number]));
                }
                BookItem::Chapter(chapter)
            }
            Item::Group(name, pages) => {
                number += 1;
                let mut group = MdChapter::new_draft(name, Vec::new());
                group.number = Some(SectionNumber::new(vec![number]));
                group.sub_items = (1..)
                    .zip(pages)
                    .map(|(at, page)| {
                        let mut chapter = chapter(page);
                        chapter.number = Some(SectionNumber::new(vec![number, at]));
                        chapter.parent_names = vec![name.clone()];
                        BookItem::Chapter(chapter)
                    })
                    .collect();
                BookItem::Chapter(group)
            }
        });
    }
    book
}

fn chapter(page: &Chapter) -> MdChapter {
    MdChapter::new(&page.title, page.content.clone(), &page.path, Vec::new())
}
