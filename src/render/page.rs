//! A runbook's Markdown as text for a terminal or a pipe.

use std::io;

use crate::render::style::Out;

/// Writes a page of Markdown, laid out for the width of `out`.
pub fn write(out: &mut Out<'_>, markdown: &str) -> io::Result<()> {
    out.text(markdown)?;
    if markdown.ends_with('\n') { Ok(()) } else { out.newline() }
}
