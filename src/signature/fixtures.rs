//! Runbooks for tests, made of signature lines.

use std::sync::Arc;

use crate::runbook::{
    KnowledgeBase, Origin, ParamName, Pattern, Piece, Runbook, Signature, Step, Symptom, SymptomMode, Weight,
    parse,
};
use crate::text::{SourceFile, Span};

/// A block of weight normal whose lines are alternatives. `! ` at the start of a line negates it,
/// `| ` makes it an alternative to the line above.
pub(super) fn block(lines: &[&str]) -> Symptom {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let (negated, line) = line.strip_prefix("! ").map_or((false, *line), |rest| (true, rest));
        let (other, line) = line.strip_prefix("| ").map_or((false, line), |rest| (true, rest));
        let span = Span { start: number as u32, end: number as u32 + 1 };
        let new = Signature { text: line.to_owned(), pattern: signature(line), span };
        match steps.last_mut() {
            Some(step) if other => step.alternatives.push(new),
            _ => steps.push(Step { alternatives: vec![new], at_least: 1, negated }),
        }
    }
    Symptom {
        mode: SymptomMode::Any,
        weight: Weight::Normal,
        within: None,
        nocase: false,
        anyhost: false,
        broad: false,
        steps,
        span: Span::default(),
    }
}

/// A runbook of a user with these blocks.
pub(super) fn runbook(slug: &str, symptoms: Vec<Symptom>) -> Runbook {
    let source = Arc::new(SourceFile::new(format!("{slug}.md"), format!("# {slug}\n\nText of the page.\n")));
    Runbook { symptoms, ..parse(&source, Origin::User).value }
}

/// A knowledge base of these runbooks.
pub(super) fn base(runbooks: Vec<Runbook>) -> KnowledgeBase {
    KnowledgeBase { runbooks, ..KnowledgeBase::default() }
}

/// Reads the notation of a signature, without its escapes; `runbook` reads the whole of it.
pub(super) fn signature(text: &str) -> Pattern {
    if let Some(expression) = text.strip_prefix('/').and_then(|text| text.strip_suffix('/')) {
        return Pattern::Regex(expression.to_owned());
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let capture = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).and_then(capture);
        if let Some((piece, after)) = capture {
            pieces.push(piece);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("...") {
            pieces.push(Piece::Gap);
            rest = after;
        } else {
            let (first, after) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
            match pieces.last_mut() {
                Some(Piece::Text(text)) => text.push_str(first),
                _ => pieces.push(Piece::Text(first.to_owned())),
            }
            rest = after;
        }
    }
    Pattern::Pieces(pieces)
}

fn capture<'t>((inside, after): (&str, &'t str)) -> Option<(Piece, &'t str)> {
    let (name, blanks) = inside.strip_suffix(":text").map_or((inside, false), |name| (name, true));
    let name = if name == "_" { None } else { Some(ParamName::new(name)?) };
    Some((Piece::Capture { name, blanks }, after))
}
