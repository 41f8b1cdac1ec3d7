//! The table under the heading "Parameters": `Name | Default | Must match | What it is`.

use super::outline::{Block, BlockKind, Inline, Row, Style, cover, plain};
use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::runbook::regexes::{self, Flavour};
use crate::runbook::{BlockId, ParamName, Parameter, ValueSource};
use crate::text::{SourceFile, Span};

/// A row of the table, legal or not: blocks may depend on its name either way.
#[derive(Debug)]
pub(super) struct ParamDraft {
    /// The first cell as text.
    pub(super) name: String,
    /// `None` when an error disables it.
    pub(super) parameter: Option<Parameter>,
    pub(super) span: Span,
}

const COLUMNS: [&str; 4] = ["name", "default", "must match", "what it is"];

/// Names that kb gives values of its own.
const RESERVED: &[&str] = &["kb_since", "kb_run"];

/// Reads the first table under a heading "Parameters".
pub(super) fn read(source: &SourceFile, blocks: &[Block], sink: &mut Sink) -> Vec<ParamDraft> {
    let Some((head, rows)) = table(blocks) else { return Vec::new() };
    let Some(columns) = sink.ok(columns(head)) else {
        let name_of = |row: &Row| row.cells.first().map(|cell| plain(cell)).unwrap_or_default();
        return rows
            .iter()
            .map(|row| ParamDraft { name: name_of(row), parameter: None, span: row.span })
            .collect();
    };
    let mut drafts: Vec<ParamDraft> = Vec::new();
    for row in rows {
        let mut draft = draft(source, row, columns, head.cells.len(), sink);
        if drafts.iter().any(|other| other.name == draft.name) {
            let message = format!("the parameter `{}` has two rows", draft.name);
            sink.push(Diagnostic::error("parameter-twice", row.span, message));
            draft.parameter = None;
            for other in drafts.iter_mut().filter(|other| other.name == draft.name) {
                other.parameter = None;
            }
        }
        drafts.push(draft);
    }
    drafts
}

fn table(blocks: &[Block]) -> Option<(&Row, &[Row])> {
    let mut inside = false;
    for block in blocks {
        match &block.kind {
            BlockKind::Heading { text, .. } => inside = plain(text).eq_ignore_ascii_case("parameters"),
            BlockKind::Table { head, rows } if inside => return Some((head, rows)),
            _ => {}
        }
    }
    None
}

/// Which cell is which.
fn columns(head: &Row) -> Result<[usize; 4], Diagnostic> {
    let titles: Vec<String> = head.cells.iter().map(|cell| plain(cell).to_lowercase()).collect();
    let mut places = [0; 4];
    for (place, wanted) in places.iter_mut().zip(COLUMNS) {
        let Some(found) = titles.iter().position(|title| title == wanted) else {
            let message = format!("the table of parameters has no column \"{wanted}\"");
            return Err(Diagnostic::error("parameter-head", head.span, message)
                .hint("Its head is `| Name | Default | Must match | What it is |`."));
        };
        *place = found;
    }
    Ok(places)
}

fn draft(source: &SourceFile, row: &Row, columns: [usize; 4], width: usize, sink: &mut Sink) -> ParamDraft {
    let empty: &[Inline] = &[];
    let [name, default, pattern, what] =
        columns.map(|column| row.cells.get(column).map_or(empty, |cell| cell.as_slice()));
    let text = plain(name);
    let before = sink.errors();
    // Markdown drops such cells without a word, and with them half of a pattern.
    if separators(source.slice(row.span)) > width {
        let message = "this row has more cells than the head of the table";
        sink.push(
            Diagnostic::error("parameter-cells", row.span, message)
                .hint("Write `\\|` for a `|` inside a cell, in code too."),
        );
    }
    let legal = sink.ok(legal_name(&text, cover(name).unwrap_or(row.span)));
    let default = sink.ok(read_default(default, row.span));
    let pattern = sink.ok(read_pattern(pattern, row.span));
    let (Some(name), Some((sources, secret)), Some(pattern)) = (legal, default, pattern) else {
        return ParamDraft { name: text, parameter: None, span: row.span };
    };
    let parameter = Parameter { name, sources, secret, pattern, description: plain(what), span: row.span };
    literal_fits(&parameter, sink);
    let parameter = (sink.errors() == before).then_some(parameter);
    ParamDraft { name: text, parameter, span: row.span }
}

/// Cells of a raw row: the `|` that are not escaped, those at its ends left out.
fn separators(row: &str) -> usize {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut cells = 1;
    let mut escaped = false;
    for c in row.chars() {
        cells += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    let closed = row.ends_with('|') && !row.ends_with("\\|");
    cells - usize::from(closed)
}

fn legal_name(text: &str, span: Span) -> Result<ParamName, Diagnostic> {
    if RESERVED.contains(&text) {
        let message = format!("`{text}` is a name that kb itself gives a value");
        return Err(Diagnostic::error("parameter-name", span, message));
    }
    ParamName::new(text).ok_or_else(|| {
        Diagnostic::error("parameter-name", span, format!("`{text}` is no legal name of a parameter"))
            .hint("A name has lower-case letters, digits and `_`, begins with a letter and does not end in `_proxy`.")
    })
}

/// `from the log`, `from CHECK`, either with `, else` and a literal; `asked`, `secret`, a literal.
fn read_default(cell: &[Inline], row: Span) -> Result<(Vec<ValueSource>, bool), Diagnostic> {
    let span = cover(cell).unwrap_or(row);
    let wrong = || {
        Diagnostic::error("parameter-default", span, format!("`{}` is no default", plain(cell))).hint(
            "Write `from the log`, `from CHECK`, `asked` or `secret` as plain words, or a value as \
             code; after the first two `, else` and a value may follow.",
        )
    };
    let parts: Vec<&Inline> = cell.iter().filter(|part| !part.text.trim().is_empty()).collect();
    if let [literal] = parts.as_slice()
        && literal.style == Style::Code
    {
        return Ok((vec![ValueSource::Literal(literal.text.clone())], false));
    }
    let text = plain(cell);
    match text.as_str() {
        "asked" => return Ok((Vec::new(), false)),
        "secret" => return Ok((Vec::new(), true)),
        _ => {}
    }
    let (first, literal) = split_else(&parts).ok_or_else(wrong)?;
    let first = match first.strip_prefix("from ").map(str::trim).ok_or_else(wrong)? {
        "the log" => ValueSource::Log,
        check => ValueSource::Check(BlockId::new(check).ok_or_else(wrong)?),
    };
    Ok((std::iter::once(first).chain(literal.map(ValueSource::Literal)).collect(), false))
}

/// The words before `, else`, and the code after it.
fn split_else(parts: &[&Inline]) -> Option<(String, Option<String>)> {
    let text = |parts: &[&Inline]| parts.iter().map(|part| part.text.as_str()).collect::<String>();
    match parts {
        [before @ .., literal]
            if literal.style == Style::Code && text(before).trim_end().ends_with("else") =>
        {
            let before = text(before);
            let first = before.trim_end().strip_suffix("else")?.trim_end().strip_suffix(',')?;
            Some((first.trim().to_owned(), Some(literal.text.clone())))
        }
        parts => Some((text(parts).trim().to_owned(), None)),
    }
}

fn read_pattern(cell: &[Inline], row: Span) -> Result<(String, regex::bytes::Regex), Diagnostic> {
    let parts: Vec<&Inline> = cell.iter().filter(|part| !part.text.trim().is_empty()).collect();
    let [pattern] = parts.as_slice() else {
        let message = "\"Must match\" holds one regular expression as code";
        return Err(Diagnostic::error("parameter-pattern", cover(cell).unwrap_or(row), message)
            .hint("Write for instance `` `[a-z0-9]+` ``; `` `.+` `` takes anything."));
    };
    if pattern.style != Style::Code {
        let message = "\"Must match\" is not written as code";
        return Err(Diagnostic::error("parameter-pattern", pattern.span, message)
            .hint(format!("Write `` `{}` ``.", pattern.text.trim())));
    }
    match regexes::compile(&pattern.text, Flavour::Value) {
        Ok(regex) => Ok((pattern.text.clone(), regex)),
        Err(problem) => {
            let message = format!("not a regular expression: {}", problem.message);
            Err(Diagnostic::error("parameter-pattern", pattern.span, message))
        }
    }
}

fn literal_fits(parameter: &Parameter, sink: &mut Sink) {
    for source in &parameter.sources {
        let ValueSource::Literal(literal) = source else { continue };
        if !parameter.pattern.1.is_match(literal.as_bytes()) {
            let message = format!("the default `{literal}` does not match `{}`", parameter.pattern.0);
            sink.push(Diagnostic::error("parameter-default", parameter.span, message));
        }
    }
}
