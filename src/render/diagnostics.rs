//! Diagnostics of runbooks: for people with the source line and a caret, for code hosts as SARIF.
//!
//! A runbook may be a stranger's: the line, the path and the message are escaped before the renderer
//! of snippets sees them.

use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::json;

use super::human::plural;
use super::json;
use super::style::{Out, Paint, look, wrap};
use crate::diag::{Located, Severity};
use crate::text::{Span, printable, printable_path};

/// Diagnostics one below the other.
pub fn human(out: &mut Out<'_>, found: &[Located]) -> io::Result<()> {
    let renderer = renderer(out);
    for located in found {
        let text = one(&renderer, located, out.width());
        out.already_escaped(&text)?;
        out.text("\n\n")?;
    }
    Ok(())
}

/// `3 errors, 1 warning in 2 files`; `None` when there is nothing.
pub fn summary(found: &[Located]) -> Option<String> {
    let count =
        |severity| found.iter().filter(|located| located.diagnostic.severity == severity).count() as u64;
    let mut files: Vec<_> = found.iter().map(|located| &located.source.path).collect();
    files.sort();
    files.dedup();
    let kinds = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let counts: Vec<String> = kinds
        .iter()
        .map(|(severity, word)| (count(*severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(count, word))
        .collect();
    (!counts.is_empty()).then(|| format!("{} in {}", counts.join(", "), plural(files.len() as u64, "file")))
}

fn renderer(out: &Out<'_>) -> Renderer {
    let screen = out.screen();
    let renderer = if screen.paint == Paint::Ansi {
        Renderer::styled().error(look("error")).warning(look("warning")).note(look("note")).help(look("hint"))
    } else {
        Renderer::plain()
    };
    let decor = if screen.ascii { DecorStyle::Ascii } else { DecorStyle::Unicode };
    renderer.term_width(screen.width).decor_style(decor)
}

fn one(renderer: &Renderer, located: &Located, width: usize) -> String {
    let (source, found) = (&located.source, &located.diagnostic);
    let (number, _) = source.line_column(found.span.start);
    let line = source.line(number);
    let (line, caret) = escaped(line, in_line(located, number));
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let snippet = Snippet::source(line)
        .line_start(number)
        .path(printable_path(&source.path))
        .annotation(AnnotationKind::Primary.span(caret));
    let title = level.primary_title(printable(&found.message)).id(found.rule);
    // The line number, its rule and `help: ` stand before each line of a hint.
    let room = width.saturating_sub(number.to_string().len() + 9);
    let hints = found.hints.iter().map(|hint| Level::HELP.message(wrap(hint, room).join("\n")));
    renderer.render(&[title.element(snippet).elements(hints)])
}

/// The bytes of the diagnostic's first line that it is about. A block of many lines is pointed at by
/// its first.
fn in_line(located: &Located, number: usize) -> std::ops::Range<usize> {
    let span = located.diagnostic.span;
    let line = located.source.line(number);
    let before = located.source.slice(Span { start: 0, end: span.start });
    let start = (before.len() - before.rfind('\n').map_or(0, |at| at + 1)).min(line.len());
    let length = (span.end.saturating_sub(span.start)) as usize;
    let end = line.floor_char_boundary((start + length).min(line.len()));
    start..end.max(start)
}

/// A line without control characters, and where the range now stands.
fn escaped(line: &str, range: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    let before = printable(&line[..range.start]);
    let within = printable(&line[range.clone()]);
    let caret = before.len()..before.len() + within.len();
    (before + &within + &printable(&line[range.end..]), caret)
}

/// SARIF 2.1.0: one run, one result for each diagnostic.
pub fn sarif(out: &mut dyn Write, found: &[Located]) -> io::Result<()> {
    let mut rules: Vec<&str> = found.iter().map(|located| located.diagnostic.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<_> = found.iter().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kb",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| json!({ "id": rule })).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    json::document(out, &document)
}

fn result(located: &Located) -> serde_json::Value {
    let (source, found) = (&located.source, &located.diagnostic);
    let (line, column) = source.line_column(found.span.start);
    let (end_line, end_column) = source.line_column(found.span.end);
    let text = std::iter::once(&found.message).chain(&found.hints).cloned().collect::<Vec<_>>().join("\n");
    json!({
        "ruleId": found.rule,
        "level": match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&source.path.to_string_lossy()) },
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        }}],
    })
}

/// A path as a URI reference (RFC 3986): what is not allowed in one is percent-encoded.
fn uri(path: &str) -> String {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| if allowed(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests;
