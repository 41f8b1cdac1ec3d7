//! What a file is called: its stem when that is a slug, else one made from its name or folder.
//!
//! Any tree of Markdown files must be readable, whatever its files are called.

use std::path::Path;

use super::RunbookId;
use crate::text::SourceFile;

/// Files that are called after their folder.
const FOLDER_PAGES: &[&str] = &["readme", "index", "_index"];

/// The slug of a file.
pub(super) fn of(source: &SourceFile) -> RunbookId {
    let stem = source.stem();
    if !FOLDER_PAGES.contains(&stem.to_lowercase().as_str()) {
        return RunbookId::new(stem).unwrap_or_else(|| made(stem));
    }
    let folder = folders(&source.path).next();
    made(folder.as_deref().unwrap_or(stem))
}

/// Slugs for a file whose own is taken: with one folder before it, with two, and so on, then with
/// a number. The first one that nobody has is taken.
pub(super) fn candidates(source: &SourceFile) -> impl Iterator<Item = RunbookId> {
    let own = of(source);
    let is_folder_page = FOLDER_PAGES.contains(&source.stem().to_lowercase().as_str());
    let folders: Vec<String> = folders(&source.path).skip(usize::from(is_folder_page)).collect();
    let named = (1..=folders.len()).map({
        let own = own.clone();
        move |count| {
            let above: Vec<&str> = folders[..count].iter().rev().map(String::as_str).collect();
            made(&format!("{}-{own}", above.join("-")))
        }
    });
    let numbered = (2_u32..).map(move |number| made(&format!("{own}-{number}")));
    named.chain(numbered)
}

/// Names of the folders above a file, the nearest first.
fn folders(path: &Path) -> impl Iterator<Item = String> {
    path.ancestors().skip(1).filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
}

/// A legal slug from any name: `KubeAPIDown` becomes `kube-api-down`.
fn made(name: &str) -> RunbookId {
    let chars: Vec<char> = name.chars().collect();
    let mut slug = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let starts_word = c.is_ascii_uppercase()
            && (before.is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit())
                || before.is_some_and(|before| before.is_ascii_uppercase())
                    && chars.get(at + 1).is_some_and(char::is_ascii_lowercase));
        if (starts_word || !c.is_ascii_alphanumeric()) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        }
    }
    let slug = slug.trim_end_matches('-');
    RunbookId::new(slug).or_else(|| RunbookId::new("page")).expect("`page` is a legal slug")
}
