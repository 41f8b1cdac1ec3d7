//! The blocks of a page as a tree, from the events of the Markdown parser.
//!
//! Knows Markdown only. Text in it is as the author wrote it, not escaped.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::render::style::Piece;
use crate::runbook::markdown;

/// Quotes and lists deeper than this are shown at this depth.
const DEPTH_MAX: usize = 24;

/// A block of a page.
#[derive(Debug, PartialEq)]
pub(super) enum Block {
    Heading {
        level: u8,
        text: Vec<Piece>,
    },
    Paragraph(Vec<Piece>),
    Code {
        info: String,
        text: String,
    },
    Quote(Vec<Block>),
    List {
        start: Option<u64>,
        items: Vec<Item>,
        tight: bool,
    },
    Table {
        aligns: Vec<Alignment>,
        head: Row,
        rows: Vec<Row>,
    },
    Rule,
    /// Raw HTML, as it is.
    Raw(String),
    /// The text of a footnote.
    Note {
        name: String,
        blocks: Vec<Block>,
    },
}

/// An item of a list.
#[derive(Debug, PartialEq)]
pub(super) struct Item {
    /// A box that can be ticked, and whether it is.
    pub(super) task: Option<bool>,
    pub(super) blocks: Vec<Block>,
}

/// The cells of a row of a table.
pub(super) type Row = Vec<Vec<Piece>>;

/// Reads a page; front matter becomes a block like any other.
pub(super) fn read(text: &str) -> Vec<Block> {
    let body = markdown::body_start(text);
    let mut reader = Reader { events: markdown::events(&text[body..]), depth: 0, task: None, loose: false };
    let mut blocks = Vec::new();
    let front = text[..body].trim_start_matches('\u{feff}').trim_end();
    if !front.is_empty() {
        blocks.push(Block::Code { info: String::new(), text: front.to_owned() });
    }
    blocks.append(&mut reader.blocks());
    blocks
}

struct Reader<'a> {
    events: Parser<'a>,
    depth: usize,
    /// The box of the item that is being read.
    task: Option<bool>,
    /// The list that is being read has paragraphs, so its author wants air between its items.
    loose: bool,
}

impl Reader<'_> {
    /// Blocks up to the end of the tag that has begun; text that stands in no paragraph (tight
    /// lists) becomes one.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut loose = Text::default();
        // Tags that were too deep to become blocks, and are open.
        let mut flat = 0_usize;
        while let Some(event) = self.events.next() {
            match event {
                Event::End(end) if ends_block(end) => {
                    if flat == 0 {
                        break;
                    }
                    flat -= 1;
                    loose.finish(&mut blocks);
                }
                Event::Start(tag) if begins_block(&tag) => {
                    loose.finish(&mut blocks);
                    if self.depth == DEPTH_MAX && is_container(&tag) {
                        flat += 1;
                    } else {
                        self.depth += 1;
                        let block = self.block(tag);
                        blocks.push(block);
                        self.depth -= 1;
                    }
                }
                Event::Rule => {
                    loose.finish(&mut blocks);
                    blocks.push(Block::Rule);
                }
                Event::TaskListMarker(ticked) => self.task = Some(ticked),
                event => loose.event(event),
            }
        }
        loose.finish(&mut blocks);
        blocks
    }

    fn block(&mut self, tag: Tag<'_>) -> Block {
        match tag {
            Tag::Heading { level, .. } => Block::Heading { level: level as u8, text: self.text() },
            Tag::Paragraph => {
                self.loose = true;
                Block::Paragraph(self.text())
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                Block::Code { info: info.to_string(), text: self.raw() }
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => Block::Code { info: String::new(), text: self.raw() },
            Tag::HtmlBlock => Block::Raw(self.raw()),
            Tag::BlockQuote(Some(kind)) => {
                let mut blocks = vec![Block::Paragraph(vec![Piece::new("strong", markdown::called(kind))])];
                blocks.append(&mut self.blocks());
                Block::Quote(blocks)
            }
            Tag::FootnoteDefinition(name) => Block::Note { name: name.to_string(), blocks: self.blocks() },
            Tag::List(start) => self.list(start),
            Tag::Table(aligns) => self.table(aligns),
            // A quote, and what our dialect does not have.
            _ => Block::Quote(self.blocks()),
        }
    }

    fn list(&mut self, start: Option<u64>) -> Block {
        let mut items = Vec::new();
        let outer_loose = std::mem::take(&mut self.loose);
        while let Some(Event::Start(_)) = self.events.next() {
            let outer = self.task.take();
            let blocks = self.blocks();
            items.push(Item { task: std::mem::replace(&mut self.task, outer), blocks });
        }
        let tight = !std::mem::replace(&mut self.loose, outer_loose);
        Block::List { start, items, tight }
    }

    fn table(&mut self, aligns: Vec<Alignment>) -> Block {
        let mut head = Row::new();
        let mut rows = Vec::new();
        while let Some(Event::Start(tag)) = self.events.next() {
            let mut row = Row::new();
            while let Some(Event::Start(_)) = self.events.next() {
                row.push(self.text());
            }
            match tag {
                Tag::TableHead => head = row,
                _ => rows.push(row),
            }
        }
        Block::Table { aligns, head, rows }
    }

    /// The text of a paragraph, heading or cell, up to its end.
    fn text(&mut self) -> Vec<Piece> {
        let mut text = Text::default();
        for event in self.events.by_ref() {
            match event {
                Event::End(end) if ends_block(end) => break,
                Event::TaskListMarker(ticked) => self.task = Some(ticked),
                event => text.event(event),
            }
        }
        text.pieces
    }

    /// Text as it is, up to the end of its block.
    fn raw(&mut self) -> String {
        let mut raw = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::End(_) => break,
                Event::Text(text) | Event::Html(text) => raw.push_str(&text),
                _ => {}
            }
        }
        raw
    }
}

/// A run of text with its styles.
#[derive(Default)]
struct Text {
    pieces: Vec<Piece>,
    strong: u32,
    emphasis: u32,
    /// Targets of the links that are open, each with where its text begins.
    links: Vec<(String, usize)>,
}

impl Text {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.push(self.label(), text.to_string()),
            Event::Code(code) => self.push("code", format!("`{code}`")),
            Event::SoftBreak => self.push(self.label(), " ".to_owned()),
            Event::HardBreak => self.push("", "\n".to_owned()),
            Event::InlineHtml(html) | Event::Html(html) => self.push("dim", html.to_string()),
            Event::FootnoteReference(name) => self.push("dim", format!("[{name}]")),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Strikethrough => self.push("", "~~".to_owned()),
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), self.pieces.len())),
            Tag::Image { dest_url, .. } => {
                self.push("dim", "image: ".to_owned());
                self.links.push((dest_url.to_string(), self.pieces.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strikethrough => self.push("", "~~".to_owned()),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    /// The target of a link is shown, unless it is the text itself or a place on this page.
    fn end_link(&mut self) {
        let Some((target, start)) = self.links.pop() else { return };
        let text: String =
            self.pieces[start.min(self.pieces.len())..].iter().map(|piece| piece.text.as_str()).collect();
        let same = target == text || target.strip_prefix("mailto:") == Some(text.as_str());
        if same || target.starts_with('#') || target.is_empty() {
            return;
        }
        self.push("", " ".to_owned());
        self.push("link", format!("<{target}>"));
    }

    fn label(&self) -> &'static str {
        match (self.strong, self.emphasis) {
            (1.., _) => "strong",
            (0, 1..) => "emphasis",
            (0, 0) => "",
        }
    }

    fn push(&mut self, label: &'static str, text: String) {
        self.pieces.push(Piece { label, text });
    }

    fn finish(&mut self, blocks: &mut Vec<Block>) {
        let pieces = std::mem::take(self).pieces;
        if pieces.iter().any(|piece| !piece.text.trim().is_empty()) {
            blocks.push(Block::Paragraph(pieces));
        }
    }
}

fn is_container(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::FootnoteDefinition(_))
}

fn begins_block(tag: &Tag<'_>) -> bool {
    ends_block(tag.to_end())
}

fn ends_block(end: TagEnd) -> bool {
    !matches!(
        end,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}
