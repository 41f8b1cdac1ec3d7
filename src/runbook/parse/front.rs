//! Front matter: YAML between `---` lines or TOML between `+++` lines, in files that other tools
//! wrote. It is read into facts; nothing in it says what runs.

use serde_json::Value;

use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::runbook::{Fact, markdown};
use crate::text::Span;

const BYTES_MAX: usize = 64 << 10;

/// What stands before the page.
#[derive(Debug, Default)]
pub(super) struct FrontMatter {
    /// Where the page begins.
    pub(super) end: usize,
    pub(super) title: Option<String>,
    pub(super) facts: Vec<Fact>,
}

/// Reads the front matter of a file, if it has one.
pub(super) fn read(text: &str, sink: &mut Sink) -> FrontMatter {
    let end = markdown::body_start(text);
    let mut front = FrontMatter { end, ..FrontMatter::default() };
    let mut lines = text[..end].trim_start_matches('\u{feff}').lines();
    let Some(fence) = lines.next() else { return front };
    let yaml = fence.starts_with('-');
    let lines: Vec<&str> = lines.collect();
    let inner = lines[..lines.len().saturating_sub(1)].join("\n");
    let span = Span::from(0..end);
    if inner.len() > BYTES_MAX {
        let message = format!("the front matter is longer than {BYTES_MAX} bytes and is not read");
        sink.push(Diagnostic::warning("front-matter", span, message));
        return front;
    }
    let read = if yaml { from_yaml(&inner) } else { from_toml(&inner) };
    match read {
        Ok(Value::Object(map)) => {
            front.title = map.get("title").and_then(text_of).filter(|title| !title.trim().is_empty());
            let others = map.iter().filter(|(key, _)| *key != "title");
            front.facts = others
                .filter_map(|(key, value)| {
                    let text = text_of(value).filter(|text| !text.is_empty())?;
                    Some(Fact { key: capitalised(key), text, span })
                })
                .collect();
        }
        Ok(Value::Null) => {}
        Ok(_) => sink.push(unreadable(span, "it holds no keys")),
        Err((message, line)) => sink.push(unreadable(line_span(text, line), &message)),
    }
    front
}

fn unreadable(span: Span, why: &str) -> Diagnostic {
    Diagnostic::warning("front-matter", span, format!("the front matter cannot be read: {why}"))
}

/// The place of a line of the front matter, counted from 0 behind its first line.
fn line_span(text: &str, line: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(line + 1).map(str::len).sum();
    let length = text[start.min(text.len())..].lines().next().map_or(0, str::len);
    Span::from(start..start + length)
}

/// The value, or what is wrong and in which line.
type Read = Result<Value, (String, usize)>;

fn from_toml(inner: &str) -> Read {
    toml::from_str(inner).map_err(|error| {
        let at = error.span().map_or(0, |span| inner[..span.start.min(inner.len())].matches('\n').count());
        (error.message().to_owned(), at)
    })
}

fn from_yaml(inner: &str) -> Read {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_events: 20_000, max_aliases: 50, max_anchors: 50 },
    };
    serde_saphyr::from_str_with_options(inner, options).map_err(|error| {
        let line = error.location().map_or(0, |location| (location.line() as usize).saturating_sub(1));
        let text = error.without_snippet().to_string();
        let text = text.lines().next().unwrap_or_default();
        (text.split(" at line ").next().unwrap_or_default().trim().to_owned(), line)
    })
}

/// A scalar, or a list of them.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<String>> = values.iter().map(text_of).collect();
            Some(texts?.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// `tags` as `Tags`, like the facts of a page.
fn capitalised(key: &str) -> String {
    let mut chars = key.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
