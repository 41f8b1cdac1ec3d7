//! What a search found: runbooks with the passage that says most.

use std::io;
use std::ops::Range;

use crate::render::style::{Out, Piece, wrap};
use crate::triage::library::{Found, Passage};

const INDENT: &str = "   ";

/// The report of `kb search`.
pub fn hits(out: &mut Out<'_>, found: &[Found]) -> io::Result<()> {
    for (at, hit) in found.iter().enumerate() {
        if at > 0 {
            out.newline()?;
        }
        out.label("rank", &format!("{:<3}", at + 1))?;
        out.line("runbook id", hit.runbook.as_str())?;
        out.wrapped("title", INDENT.len(), &hit.title)?;
        passage(out, hit)?;
    }
    Ok(())
}

fn passage(out: &mut Out<'_>, hit: &Found) -> io::Result<()> {
    let passage = &hit.passage;
    if passage.text == hit.title {
        return Ok(());
    }
    let elsewhere = |section: &&String| !passage.text.is_empty() && **section != hit.title;
    if let Some(section) = passage.section.as_ref().filter(elsewhere) {
        out.text(INDENT)?;
        out.line("dim", &format!("in {section}"))?;
    }
    for line in lines(passage, out.width().saturating_sub(INDENT.len())) {
        out.text(INDENT)?;
        out.pieces(&line)?;
        out.newline()?;
    }
    Ok(())
}

/// The passage wrapped, with its highlights as pieces.
fn lines(passage: &Passage, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = Vec::new();
    let mut from = 0;
    for line in wrap(&passage.text, width) {
        // Wrapping only drops blanks and line ends, so each line stands in the text as it is.
        let start = passage.text[from..].find(&line).map_or(from, |at| from + at);
        let end = (start + line.len()).min(passage.text.len());
        lines.push(pieces(&passage.text, start..end, &passage.highlights));
        from = end;
    }
    lines
}

fn pieces(text: &str, line: Range<usize>, highlights: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = line.start;
    for highlight in highlights {
        let (start, end) = (highlight.start.max(at), highlight.end.min(line.end));
        if start < end {
            pieces.push(Piece::new("", &text[at..start]));
            pieces.push(Piece::new("hit", &text[start..end]));
            at = end;
        }
    }
    pieces.push(Piece::new("", &text[at.min(line.end)..line.end]));
    pieces
}
