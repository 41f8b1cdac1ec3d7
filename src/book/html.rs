//! HTML that cannot run: text, attributes and targets made safe in one place.
//!
//! Knows what a browser does with a byte. Everything of a page goes through [`text`] or [`attribute`];
//! tags are written by kb only. The result is one line without a brace of a template, so that it is one
//! block of raw HTML for any Markdown reader, and no preprocessor finds a directive in it.

use crate::text::printable;

/// Text of a page, escaped; line feeds stay what they are for a browser.
pub(super) fn text(text: &str) -> String {
    attribute(&printable(text))
}

/// Text for an attribute or an element that is safe to show already.
fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '{' => out.push_str("&#123;"),
            '\n' => out.push_str("&#10;"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

/// Where a link of a page may lead: a place on it, a page of the book, or a web or mail address that is
/// written out. Anything else (`javascript:`, `data:`, `//host`, a file that is no page) leads nowhere.
pub(super) fn target(written: &str, page_of: &dyn Fn(&str) -> Option<String>) -> Option<Target> {
    if written.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    if let Some(id) = written.strip_prefix('#') {
        return Some(Target::Page(format!("#{}", place(id))));
    }
    let lower = written.to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") || lower.starts_with("mailto:") {
        return Some(Target::Outside(written.to_owned()));
    }
    page_of(written).map(Target::Page)
}

/// A legal target.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// In the book.
    Page(String),
    /// Outside of it.
    Outside(String),
}

impl Target {
    /// The start tag of a link to it.
    pub(super) fn open(&self) -> String {
        match self {
            Self::Page(url) => format!("<a href=\"{}\">", text(url)),
            Self::Outside(url) => {
                format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">", text(url))
            }
        }
    }
}

/// Names that scripts of the book look up in the page or in its window: an element of this name would
/// be found in their place.
const TAKEN: &[&str] = &["search", "ace", "theme", "html", "sidebar", "socket", "toc", "hljs", "kb"];

/// The id that a link means: of a block (`check.echo`), else of a heading.
pub(super) fn place(written: &str) -> String {
    let block = written.split_once('.').filter(|(kind, id)| {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        matches!(*kind, "check" | "fix" | "rollback") && id.chars().all(legal)
    });
    block.map_or_else(|| anchor(written), |_| written.to_owned())
}

/// The id of a place, from any text: what a code forge makes of a heading.
pub(super) fn anchor(heading: &str) -> String {
    let mut id = String::new();
    for c in heading.trim().chars() {
        match c {
            c if c.is_alphanumeric() || c == '-' || c == '_' => id.extend(c.to_lowercase()),
            c if c.is_whitespace() => id.push('-'),
            _ => {}
        }
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| id.starts_with(prefix));
    let taken = TAKEN.contains(&id.as_str())
        || starts(&["mdbook", "fa-", "kb-", "playground", "path_to_", "default_"]);
    if id.is_empty() || taken || !starts_well(&id) { format!("at-{id}") } else { id }
}

fn starts_well(id: &str) -> bool {
    id.starts_with(|first: char| first.is_alphanumeric())
}

/// A word that may be a CSS class behind `language-`.
pub(super) fn language(word: &str) -> Option<&str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_');
    (!word.is_empty() && word.len() <= 20 && word.chars().all(legal)).then_some(word)
}

#[cfg(test)]
mod tests;
