//! Blocks that run: what checks, fixes and rollbacks have in common.
//!
//! Language, host, user, time limit, and the text with what may not be in it.

use std::time::Duration;

use super::mark::{Kind, Mark, Word};
use super::near::nearest_word;
use super::outline::Fence;
use super::sink::Sink;
use super::values;
use crate::diag::Diagnostic;
use crate::runbook::{BlockId, Host, HostName, Language, ParamName, Script};
use crate::text::{SourceFile, is_deceptive};

const LANGUAGES: &[(&str, Language)] =
    &[("sh", Language::Sh), ("bash", Language::Bash), ("cisco", Language::Cisco)];

/// What the book gives a meaning as a CSS class, so that no ID may be called so.
pub(in crate::runbook) const BOOK_CLASSES: &[&str] = &[
    "active",
    "boring",
    "buttons",
    "chapter",
    "chapter-item",
    "clip-button",
    "content",
    "editable",
    "expanded",
    "footnote-definition",
    "footnote-reference",
    "fa",
    "header",
    "hidden",
    "hljs",
    "icon-button",
    "ignore",
    "js",
    "left-buttons",
    "light",
    "menu-bar",
    "menu-title",
    "mermaid",
    "mobile-nav-chapters",
    "nav-chapters",
    "nav-wrapper",
    "navy",
    "next",
    "no-js",
    "page",
    "page-wrapper",
    "part-title",
    "playground",
    "playpen",
    "previous",
    "result",
    "right-buttons",
    "rust",
    "section",
    "sidebar",
    "spacer",
    "table-wrapper",
    "theme",
    "theme-popup",
    "toggle",
    "tooltip",
    "tooltipped",
    "visible",
    "warning",
];

/// What a block says about how it runs.
pub(super) struct Common {
    pub(super) language: Option<Language>,
    pub(super) host: Option<HostName>,
    pub(super) root: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) text: String,
}

/// The language of a block, when it is one that runs.
pub(super) fn language(mark: &Mark) -> Option<Language> {
    LANGUAGES.iter().find(|(name, _)| *name == mark.language.text).map(|(_, language)| *language)
}

/// Reads what checks, fixes and rollbacks have in common.
pub(super) fn common(
    source: &SourceFile,
    fence: &Fence,
    mark: &Mark,
    hosts: &[Host],
    sink: &mut Sink,
) -> Common {
    let language = language(mark);
    if language.is_none() && mark.word("manual").is_none() {
        sink.push(unknown_language(mark));
    }
    let text = super::text_of(source, fence);
    sink.extend(characters(source, fence));
    if text.trim().is_empty() {
        sink.push(Diagnostic::error("block-empty", mark.span, "this block holds nothing"));
    }
    let root = values::choice(mark, "user", &[("root", true)], sink).unwrap_or(false);
    if root && language == Some(Language::Cisco) {
        let at = mark.key("user").map_or(mark.span, |user| user.span);
        let message = "a device has no `user=root`";
        sink.push(Diagnostic::error("info-value", at, message).hint("kb asks for the enable mode itself."));
    }
    Common {
        language,
        host: host(mark, hosts, sink),
        root,
        timeout: values::duration(mark, "timeout", sink),
        text,
    }
}

impl Common {
    /// What runs, when nothing of it is missing.
    pub(super) fn script(self, timeout: Duration) -> Option<Script> {
        Some(Script {
            language: self.language?,
            text: self.text,
            host: self.host?,
            root: self.root,
            timeout: self.timeout.unwrap_or(timeout),
        })
    }
}

fn unknown_language(mark: &Mark) -> Diagnostic {
    let message = format!("a block of `{}` cannot be run", mark.language.text);
    let found = Diagnostic::error("block-language", mark.language.span, message);
    let found = match mark.language.text.as_str() {
        "shell" | "console" | "zsh" | "ksh" => found.hint("Write `sh` for /bin/sh, or `bash`."),
        _ => found.hint("kb runs `sh`, `bash` and `cisco`."),
    };
    match mark.kind {
        Kind::Fix => found.hint("A fix that a person does says `manual`."),
        _ => found,
    }
}

/// `on=`, or the only host there is.
fn host(mark: &Mark, hosts: &[Host], sink: &mut Sink) -> Option<HostName> {
    if let Some(on) = mark.key("on") {
        return known_host(on, hosts, sink);
    }
    match hosts {
        [only] => Some(only.name.clone()),
        [] => None,
        several => {
            let names: Vec<String> = several.iter().map(|host| format!("`on={}`", host.name)).collect();
            let message = "several hosts, and this block does not say where it runs";
            sink.push(
                Diagnostic::error("host-missing", mark.span, message)
                    .hint(format!("Add {}.", names.join(" or "))),
            );
            None
        }
    }
}

/// A host that the fact `Where` names.
pub(super) fn known_host(word: &Word, hosts: &[Host], sink: &mut Sink) -> Option<HostName> {
    let found = hosts.iter().find(|host| host.name.as_str() == word.text);
    if found.is_none() {
        let message = format!("no host is called `{}`", word.text);
        let found = Diagnostic::error("host-unknown", word.span, message);
        sink.push(match nearest_word(&word.text, hosts.iter().map(|host| host.name.as_str())) {
            Some(near) => found.hint(format!("Did you mean `{near}`?")),
            None => found.hint(
                "Name it in the fact `Where`, for instance ``**Where**: `guest` is the FreeBSD machine``.",
            ),
        });
    }
    found.map(|host| host.name.clone())
}

/// The ID of a block, when it is a legal one.
pub(super) fn block_id(word: &Word, sink: &mut Sink) -> Option<BlockId> {
    let Some(id) = BlockId::new(&word.text) else {
        let message = format!("`{}` is no legal ID", word.text);
        sink.push(
            Diagnostic::error("id-form", word.span, message)
                .hint("An ID has lower-case letters, digits and `-`, and begins with a letter."),
        );
        return None;
    };
    let class = BOOK_CLASSES.contains(&word.text.as_str())
        || ["language-", "hljs-", "mdbook", "fa-"].iter().any(|prefix| word.text.starts_with(prefix));
    if class {
        let message = format!("`{id}` is a CSS class of the book");
        sink.push(
            Diagnostic::error("id-class", word.span, message)
                .hint("Each word after a fence becomes a class of the page; choose another ID."),
        );
        return None;
    }
    let reserved = super::mark::KINDS
        .iter()
        .any(|spec| spec.name == word.text || spec.words.contains(&word.text.as_str()))
        || super::rules::VERDICTS.iter().any(|(name, _)| *name == word.text);
    if reserved {
        let message = format!("`{id}` is a word of the format");
        sink.push(Diagnostic::error("id-reserved", word.span, message).hint("Choose another ID."));
        return None;
    }
    Some(id)
}

/// Characters that would run other than they look.
fn characters(source: &SourceFile, fence: &Fence) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for line in &fence.lines {
        for (at, c) in source.slice(*line).char_indices() {
            if (c.is_control() && c != '\t') || is_deceptive(c) {
                let span = line.part(at..at + c.len_utf8());
                let message = format!("the character U+{:04X} cannot be seen on the page", c as u32);
                found.push(
                    Diagnostic::error("block-character", span, message)
                        .hint("A block that runs holds only what a person can read."),
                );
            }
        }
    }
    found
}

/// The names `<name>` in a text for a device.
pub(super) fn placeholders(text: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    text.match_indices('<')
        .filter_map(|(at, _)| {
            let inner = &text[at + 1..];
            let name = &inner[..inner.find('>')?];
            ParamName::new(name).map(|_| (name, at..at + name.len() + 2))
        })
        .collect()
}

/// A regex with a harmless letter where each `<name>` stands; `None` when there is none.
pub(super) fn without_placeholders(text: &str) -> Option<String> {
    let places = placeholders(text);
    // `(?<name>…)` is a group, not a place for a value.
    let places: Vec<_> = places
        .into_iter()
        .filter(|(_, at)| !text[..at.start].ends_with("(?") && !text[..at.start].ends_with("(?P"))
        .collect();
    if places.is_empty() {
        return None;
    }
    let mut out = String::new();
    let mut done = 0;
    for (_, at) in places {
        out.push_str(&text[done..at.start]);
        out.push('x');
        done = at.end;
    }
    out.push_str(&text[done..]);
    Some(out)
}
