//! What makes a whole file unrunnable: damage after which nobody can say where a block begins and
//! ends, or what a renderer would hide of it.

use super::mark;
use super::outline::{BlockKind, Fence, Outline};
use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::text::{SourceFile, Span};

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Damage {
    /// Nothing of the file may run.
    pub(super) unrunnable: bool,
    /// Fences cannot be trusted at all: marks are not even read.
    pub(super) fences: bool,
    /// The file has marks.
    pub(super) marked: bool,
}

/// Looks for damage. A file without marks has none: nothing in it could run.
pub(super) fn find(source: &SourceFile, outline: &Outline, sink: &mut Sink) -> Damage {
    let ticks = ticks_in_info(source, outline);
    let swallowed = swallowed(source, outline);
    let unclosed: Vec<&Fence> =
        fences(outline).chain(&outline.nested_fences).filter(|fence| !fence.closed).collect();
    let info = |fence: &Fence| mark::is_marked(source.slice(fence.info));
    let marked = fences(outline).any(info)
        || swallowed.iter().any(|(_, line)| marked_line(source.slice(*line)))
        || ticks.iter().any(|line| marked_line(source.slice(*line)));
    if let Some(at) = source.broken_at {
        let span = Span { start: at, end: at + '\u{fffd}'.len_utf8() as u32 };
        let message = "the file is not UTF-8 from here on";
        let found = if marked {
            Diagnostic::error("file-utf8", span, message).hint("Nothing in it runs until it is.")
        } else {
            Diagnostic::warning("file-utf8", span, message)
        };
        sink.push(found);
    }
    if !marked {
        return Damage::default();
    }
    let before = sink.errors();
    // Behind such a line every fence is read the wrong way round.
    let follows = ticks.first().map_or(u32::MAX, |first| first.start);
    for line in ticks {
        let message = "a backtick after the marks of a fence, so Markdown does not take it for a fence";
        sink.push(
            Diagnostic::error("fence-backtick", line, message)
                .hint("Fence the block with `~~~`, or write the line without backticks."),
        );
    }
    for fence in unclosed.into_iter().filter(|fence| fence.open.start < follows) {
        sink.push(
            Diagnostic::error("fence-unclosed", fence.open, "this fence is never closed")
                .hint(format!("Add a line \"{}\" where the block ends.", closing(fence))),
        );
    }
    for (fence, line) in swallowed.into_iter().filter(|(fence, _)| fence.open.start < follows) {
        let inner = source.slice(line).trim();
        let message = format!("this fence holds the line \"{inner}\", so it was probably never closed");
        sink.push(Diagnostic::error("fence-unclosed", fence.open, message).hint(format!(
            "Add a line \"{}\" before that line; a fence that shows another one is longer.",
            closing(fence)
        )));
    }
    let fences = sink.errors() > before;
    for html in merged(&outline.html) {
        let message = "raw HTML in a file with marks: a page could hide what runs";
        sink.push(Diagnostic::error("raw-html", html, message)
            .hint("Put it in backticks when it is text (`<name>`), else leave it out; nothing in this file runs until then."));
    }
    let unrunnable = sink.errors() > before || source.broken_at.is_some();
    Damage { unrunnable, fences, marked }
}

fn fences(outline: &Outline) -> impl Iterator<Item = &Fence> {
    outline.blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Fence(fence) => Some(fence),
        _ => None,
    })
}

fn closing(fence: &Fence) -> String {
    char::from(fence.ticks.1).to_string().repeat(fence.ticks.0)
}

/// Lines that look like a fence but for a backtick behind it, outside all code.
fn ticks_in_info(source: &SourceFile, outline: &Outline) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        let count = bare.bytes().take_while(|byte| *byte == b'`').count();
        let span = Span::from(start..start + line.len());
        // The code blocks stand in the order of the page, so the last one that begins before the line
        // is the only one that can hold it.
        let in_code = || {
            let before = outline.code.partition_point(|code| code.start <= span.start);
            outline.code[..before].last().is_some_and(|code| span.end <= code.end)
        };
        if indent < 4 && count >= 3 && bare[count..].contains('`') && !in_code() {
            found.push(span);
        }
    }
    found
}

fn marked_line(line: &str) -> bool {
    mark::is_marked(line.trim_start().trim_start_matches(['`', '~']))
}

/// Fences that hold a line which could have opened another one, with that line.
fn swallowed<'a>(source: &SourceFile, outline: &'a Outline) -> Vec<(&'a Fence, Span)> {
    let opens = |fence: &Fence, line: Span| {
        let text = source.slice(line);
        let bare = text.trim_start_matches(' ');
        let (count, character) = fence.ticks;
        let run = bare.bytes().take_while(|byte| *byte == character).count();
        text.len() - bare.len() < 4 && run >= count && !bare[run..].trim().is_empty()
    };
    fences(outline)
        .filter_map(|fence| {
            let line = fence.lines.iter().find(|line| opens(fence, **line))?;
            let either = marked_line(source.slice(*line)) || mark::is_marked(source.slice(fence.info));
            either.then_some((fence, *line))
        })
        .collect()
}

/// Neighbouring pieces of HTML as one.
fn merged(pieces: &[Span]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for piece in pieces {
        match out.last_mut() {
            Some(last) if piece.start <= last.end => last.end = last.end.max(piece.end),
            _ => out.push(*piece),
        }
    }
    out
}
