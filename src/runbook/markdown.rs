//! How Markdown is read: one dialect for the parser, the search and the page.
//!
//! Two readers with different options would see different blocks in one file, and then a person
//! would not read what the machine judges by.

use pulldown_cmark::{BlockQuoteKind, Options, Parser};

/// The dialect: what GitHub and mdBook both render.
pub const DIALECT: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_GFM);

/// The events of a text in our dialect. Front matter must be cut before (see [`body_start`]).
pub fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, DIALECT)
}

/// Where the page begins: behind YAML (`---`) or TOML (`+++`) front matter, else at 0.
pub fn body_start(text: &str) -> usize {
    let text_start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut at = text_start;
    let mut fence = "";
    for (number, line) in text[text_start..].split_inclusive('\n').enumerate() {
        at += line.len();
        let line = line.trim_end();
        match number {
            0 if line == "---" || line == "+++" => fence = line,
            0 => return text_start,
            _ if line == fence || (fence == "---" && line == "...") => return at,
            _ => {}
        }
    }
    text_start
}

/// What a quote of the form `> [!NOTE]` calls itself.
pub fn called(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}
