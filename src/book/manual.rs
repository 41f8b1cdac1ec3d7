//! The manual: the hand-written chapters that are part of the program, and the reference of the commands.
//!
//! Knows which chapters come first; any other file under `book/src` follows by itself.

use super::writer::{self, Extra};
use super::{Chapter, Item, Pages, html};

/// Path below `book/src` and text of each chapter; `build.rs` lists them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/manual.rs"));

/// The order of the first chapters. The reference of the commands is made, the others are files.
const ORDER: &[&str] = &["tutorial.md", "format.md", COMMANDS, "safety.md", "matching.md", "hosts.md"];

/// The page of the commands.
pub(super) const COMMANDS: &str = "commands.md";

/// The folder of the lab's stories.
const LAB: &str = "lab/";

/// Paths of the chapters.
pub(super) fn paths() -> Vec<&'static str> {
    FILES.iter().map(|(path, _)| *path).chain([COMMANDS]).collect()
}

/// The manual and the lab's stories.
pub(super) fn items(pages: &Pages<'_>, commands: &str) -> Vec<Item> {
    let mut chapters: Vec<(&str, &str)> = FILES.to_vec();
    chapters.push((COMMANDS, commands));
    let place = |path: &str| ORDER.iter().position(|first| *first == path).unwrap_or(ORDER.len());
    // An introduction comes before the stories that it introduces.
    chapters.sort_by_key(|(path, _)| (place(path), !path.ends_with("README.md"), *path));
    let (lab, manual): (Vec<_>, Vec<_>) = chapters.into_iter().partition(|(path, _)| path.starts_with(LAB));
    let mut items = vec![Item::Part("The manual".into())];
    items.extend(manual.iter().map(|(path, text)| Item::Page(chapter(path, text, pages))));
    if !lab.is_empty() {
        items.push(Item::Part("Stories of the lab".into()));
        items.extend(lab.iter().map(|(path, text)| Item::Page(chapter(path, text, pages))));
    }
    items
}

fn chapter(path: &str, text: &str, pages: &Pages<'_>) -> Chapter {
    let mut extra = ManualExtra { pages, depth: path.matches('/').count() };
    let mut written = writer::write(text, &mut extra);
    let title = written.title.unwrap_or_else(|| path.trim_end_matches(".md").to_owned());
    if !text.trim_start().starts_with("# ") {
        written.html.insert_str(0, &format!("<h1>{}</h1>", html::text(&title)));
    }
    Chapter::new(title, path.into(), &written.html, written.passages)
}

struct ManualExtra<'a> {
    pages: &'a Pages<'a>,
    depth: usize,
}

impl Extra for ManualExtra<'_> {
    fn page_of(&self, link: &str) -> Option<String> {
        self.pages.of_link(link, self.depth)
    }

    fn page_named(&self, code: &str) -> Option<String> {
        self.pages.of_slug(code, self.depth)
    }
}
