//! A runbook's Markdown as text for a terminal or a pipe.
//!
//! [`tree`] reads the Markdown, [`inline`] wraps runs of text, [`table`] fits tables to the width,
//! [`marks`] says in words what renderers hide: the marks of a block. Nothing of the page is left
//! out. Knows what a page looks like; not what its blocks do, nor where it is shown.

mod inline;
pub(crate) mod marks;
mod table;
mod tree;

use std::io;

use crate::render::style::{Out, Piece, columns};
use crate::text::printable;

use self::inline::Line;
use self::tree::{Block, Item};

/// Text wider than this is hard to read, however wide the terminal is.
const TEXT_COLUMNS_MAX: usize = 100;

/// Text is never squeezed below this.
const TEXT_COLUMNS_MIN: usize = 20;

/// How far the text of a block stands from the text around it, and its marks.
const CODE_INDENT: usize = 4;
const MARKS_INDENT: usize = 2;

/// Writes a page of Markdown, laid out for the width of `out`.
pub fn write(out: &mut Out<'_>, markdown: &str) -> io::Result<()> {
    let mut page =
        Page { plain: out.screen().paint == crate::render::style::Paint::Plain, out, prefix: Vec::new() };
    page.blocks(&tree::read(markdown), false)
}

/// What stands in front of every line of a block: bars of quotes, indents of lists.
struct Prefix {
    /// In front of the first line, until it is written.
    first: Option<Piece>,
    /// In front of the others; as wide as the first.
    rest: Piece,
}

struct Page<'a, 'w> {
    out: &'a mut Out<'w>,
    /// There is no bold, so headings are underlined with characters.
    plain: bool,
    prefix: Vec<Prefix>,
}

impl Page<'_, '_> {
    fn blocks(&mut self, blocks: &[Block], tight: bool) -> io::Result<()> {
        for (at, block) in blocks.iter().enumerate() {
            if at > 0 && !(tight && !is_apart(block) && !is_apart(&blocks[at - 1])) {
                self.line(&[])?;
            }
            self.block(block)?;
        }
        Ok(())
    }

    fn block(&mut self, block: &Block) -> io::Result<()> {
        match block {
            Block::Heading { level, text } => self.heading(*level, text),
            Block::Paragraph(text) => self.paragraph(text),
            Block::Code { info, text } => self.code(info, text),
            Block::Quote(blocks) => {
                let bar = Piece::new("dim", self.out.screen().symbol("│ ", "> "));
                self.within(bar.clone(), bar, blocks, false)
            }
            Block::List { start, items, tight } => self.list(*start, items, *tight),
            Block::Table { aligns, head, rows } => {
                let lines = table::lay_out(aligns, head, rows, self.width(), self.out.screen());
                lines.iter().try_for_each(|line| self.line(line))
            }
            Block::Rule => {
                let line = self.out.screen().symbol("─", "-").repeat(self.text_width());
                self.line(&[Piece::new("rule line", line)])
            }
            Block::Raw(text) => text.lines().try_for_each(|line| self.line(&[Piece::new("dim", line)])),
            Block::Note { name, blocks } => {
                let first = format!("[{}] ", printable(name));
                let rest = Piece::new("", " ".repeat(columns(&first)));
                self.within(Piece::new("dim", first), rest, blocks, false)
            }
        }
    }

    fn heading(&mut self, level: u8, text: &[Piece]) -> io::Result<()> {
        let (label, below) = match level {
            1 => ("heading 1", self.out.screen().symbol("═", "=")),
            2 => ("heading 2", self.out.screen().symbol("─", "-")),
            _ => ("heading 3", self.out.screen().symbol("┄", ".")),
        };
        let text: Vec<Piece> = text.iter().map(|piece| Piece::new(label, piece.text.as_str())).collect();
        let lines = inline::wrap(&text, self.text_width());
        lines.iter().try_for_each(|line| self.line(line))?;
        if self.plain {
            let widest = lines.iter().map(|line| inline::width(line)).max().unwrap_or(0);
            self.line(&[Piece::new("rule line", below.repeat(widest))])?;
        }
        Ok(())
    }

    fn paragraph(&mut self, text: &[Piece]) -> io::Result<()> {
        inline::wrap(text, self.text_width()).iter().try_for_each(|line| self.line(line))
    }

    /// The text of a block is never wrapped: it is there to be copied.
    fn code(&mut self, info: &str, text: &str) -> io::Result<()> {
        if let Some(words) = marks::in_words(info) {
            let indent = " ".repeat(MARKS_INDENT);
            for mut line in inline::wrap(&words, self.text_width().saturating_sub(MARKS_INDENT)) {
                line.insert(0, Piece::new("", indent.as_str()));
                self.line(&line)?;
            }
        }
        let indent = " ".repeat(CODE_INDENT);
        for line in text.lines() {
            match line {
                "" => self.line(&[])?,
                _ => self.line(&[Piece::new("", indent.as_str()), Piece::new("code block", line)])?,
            }
        }
        Ok(())
    }

    fn list(&mut self, start: Option<u64>, items: &[Item], tight: bool) -> io::Result<()> {
        let widest = start.map_or(0, |start| (start + items.len() as u64).to_string().len());
        for (at, item) in items.iter().enumerate() {
            if at > 0 && !tight {
                self.line(&[])?;
            }
            let mut marker = match start {
                Some(start) => format!("{:>widest$}. ", start + at as u64),
                None => self.out.screen().symbol("• ", "- ").to_owned(),
            };
            match item.task {
                Some(true) => marker.push_str("[x] "),
                Some(false) => marker.push_str("[ ] "),
                None => {}
            }
            let rest = Piece::new("", " ".repeat(columns(&marker)));
            self.within(Piece::new("bullet", marker), rest, &item.blocks, tight)?;
        }
        Ok(())
    }

    /// Blocks behind a prefix; also an empty item shows its marker.
    fn within(&mut self, first: Piece, rest: Piece, blocks: &[Block], tight: bool) -> io::Result<()> {
        self.prefix.push(Prefix { first: Some(first), rest });
        self.blocks(blocks, tight)?;
        if self.prefix.last().is_some_and(|prefix| prefix.first.is_some()) {
            self.line(&[])?;
        }
        self.prefix.pop();
        Ok(())
    }

    /// One line behind all prefixes, without blanks at its end.
    fn line(&mut self, line: &[Piece]) -> io::Result<()> {
        let prefixes = self.prefix.iter_mut();
        let mut pieces: Line =
            prefixes.map(|prefix| prefix.first.take().unwrap_or_else(|| prefix.rest.clone())).collect();
        pieces.extend_from_slice(line);
        while let Some(last) = pieces.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            pieces.pop();
        }
        self.out.pieces(&pieces)?;
        self.out.newline()
    }

    fn width(&self) -> usize {
        let taken: usize = self.prefix.iter().map(|prefix| columns(&prefix.rest.text)).sum();
        self.out.width().saturating_sub(taken).max(TEXT_COLUMNS_MIN)
    }

    fn text_width(&self) -> usize {
        self.width().min(TEXT_COLUMNS_MAX)
    }
}

/// Blocks that need air around them, also in a tight list.
fn is_apart(block: &Block) -> bool {
    matches!(block, Block::Code { .. } | Block::Table { .. } | Block::Quote(_) | Block::Heading { .. })
}

#[cfg(test)]
mod tests;
