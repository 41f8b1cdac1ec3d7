//! The outline of a page: its top-level blocks with their places in the file.
//!
//! The one user of the Markdown parser. Knows Markdown, nothing of marks: what a fence, a list or
//! a table means is decided by the readers beside this file.

use std::iter::Peekable;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, OffsetIter, Tag, TagEnd};

use crate::runbook::markdown;
use crate::text::Span;

/// The top-level blocks of a page, in order.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) blocks: Vec<Block>,
    /// Fences inside lists and quotes, where marks do not count.
    pub(super) nested_fences: Vec<Fence>,
    /// Raw HTML, of blocks and inside paragraphs.
    pub(super) html: Vec<Span>,
    /// All code blocks, fenced or indented, at any depth.
    pub(super) code: Vec<Span>,
}

/// One top-level block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum BlockKind {
    Heading { level: u8, text: Vec<Inline> },
    Fence(Fence),
    Bullets(Vec<Item>),
    Numbered(Vec<Item>),
    Table { head: Row, rows: Vec<Row> },
    Other,
}

/// A fenced code block.
#[derive(Clone, Debug)]
pub(super) struct Fence {
    /// Everything after the fence characters, ends trimmed.
    pub(super) info: Span,
    /// The length of the opening fence, and its character.
    pub(super) ticks: (usize, u8),
    /// The opening line, without its line end.
    pub(super) open: Span,
    /// Lines of text, without their line ends; blanks that the fence is indented by are cut.
    pub(super) lines: Vec<Span>,
    /// A closing line was found.
    pub(super) closed: bool,
}

/// An item of a list.
#[derive(Debug)]
pub(super) struct Item {
    /// A box that can be ticked, and whether it is.
    pub(super) task: Option<bool>,
    /// Its first paragraph.
    pub(super) text: Vec<Inline>,
    pub(super) span: Span,
    /// It holds more than one paragraph of text.
    pub(super) more: bool,
}

/// A row of a table.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Vec<Inline>>,
    pub(super) span: Span,
}

/// A run of text in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inline {
    pub(super) text: String,
    pub(super) style: Style,
    /// For code: with its backticks.
    pub(super) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Code,
}

/// The text of a run of inlines, code without its backticks.
pub(super) fn plain(inlines: &[Inline]) -> String {
    let text: String = inlines.iter().map(|inline| inline.text.as_str()).collect();
    text.trim().to_owned()
}

/// The bytes that a run of inlines covers.
pub(super) fn cover(inlines: &[Inline]) -> Option<Span> {
    Some(Span { start: inlines.first()?.span.start, end: inlines.last()?.span.end })
}

impl Outline {
    /// Reads a page from `start` on (the end of its front matter).
    pub(super) fn read(text: &str, start: usize) -> Self {
        let events = markdown::events(&text[start..]).into_offset_iter().peekable();
        let mut reader = Reader { text, start, events, outline: Self::default() };
        reader.read();
        reader.outline
    }
}

struct Reader<'a> {
    text: &'a str,
    start: usize,
    events: Peekable<OffsetIter<'a>>,
    outline: Outline,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        let (event, range) = self.events.next()?;
        let span = Span::from(range.start + self.start..range.end + self.start);
        self.note(&event, span);
        Some((event, span))
    }

    /// What counts at any depth.
    fn note(&mut self, event: &Event<'_>, span: Span) {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => self.outline.html.push(span),
            Event::Start(Tag::CodeBlock(_)) => self.outline.code.push(span),
            _ => {}
        }
    }

    fn read(&mut self) {
        while let Some((event, span)) = self.next() {
            let kind = match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    BlockKind::Heading { level: level as u8, text: self.inlines() }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                    self.skip();
                    BlockKind::Fence(fence(self.text, span, false))
                }
                Event::Start(Tag::List(None)) => BlockKind::Bullets(self.items()),
                Event::Start(Tag::List(Some(_))) => BlockKind::Numbered(self.items()),
                Event::Start(Tag::Table(_)) => self.table(),
                Event::Start(_) => {
                    self.skip();
                    BlockKind::Other
                }
                _ => BlockKind::Other,
            };
            self.outline.blocks.push(Block { kind, span });
        }
    }

    /// Goes to the end of the tag that has just begun.
    fn skip(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            let Some((event, span)) = self.next() else { return };
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                    self.nested_fence(span);
                    depth += 1;
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
    }

    fn nested_fence(&mut self, span: Span) {
        let fence = fence(self.text, span, true);
        self.outline.nested_fences.push(fence);
    }

    /// The runs of text up to the end of the tag that has just begun.
    fn inlines(&mut self) -> Vec<Inline> {
        let mut out = Vec::new();
        let mut depth = 1;
        let mut bold = 0_u32;
        while depth > 0 {
            let Some((event, span)) = self.next() else { break };
            match event {
                Event::Start(tag) => {
                    depth += 1;
                    bold += u32::from(tag == Tag::Strong);
                }
                Event::End(tag) => {
                    depth -= 1;
                    bold -= u32::from(tag == TagEnd::Strong);
                }
                event => out.extend(inline(&event, bold > 0, span)),
            }
        }
        out
    }

    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next() {
            match event {
                Event::Start(Tag::Item) => {
                    let item = self.item(span);
                    items.push(item);
                }
                _ => break,
            }
        }
        items
    }

    /// An item holds its text directly when the list is tight, else in paragraphs.
    fn item(&mut self, span: Span) -> Item {
        let mut item = Item { task: None, text: Vec::new(), span, more: false };
        let mut bold = 0_u32;
        let mut first_ended = false;
        loop {
            let Some((event, span)) = self.next() else { return item };
            match event {
                Event::End(TagEnd::Item) => return item,
                Event::TaskListMarker(ticked) => item.task = Some(ticked),
                Event::Start(Tag::Strong) => bold += 1,
                Event::End(TagEnd::Strong) => bold -= 1,
                Event::Start(Tag::Paragraph) => {
                    if first_ended {
                        item.more = true;
                        self.skip();
                    }
                }
                Event::End(TagEnd::Paragraph) => first_ended = true,
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                    self.nested_fence(span);
                    item.more = true;
                    self.skip();
                }
                Event::Start(tag) if is_inline(&tag) => {}
                Event::Start(_) => {
                    item.more = true;
                    first_ended = true;
                    self.skip();
                }
                Event::End(_) => {}
                event => {
                    if !first_ended {
                        item.text.extend(inline(&event, bold > 0, span));
                    }
                }
            }
        }
    }

    fn table(&mut self) -> BlockKind {
        let mut head = Row::default();
        let mut rows = Vec::new();
        while let Some((event, span)) = self.next() {
            match event {
                Event::Start(Tag::TableHead) => head = Row { cells: self.cells(), span },
                Event::Start(Tag::TableRow) => {
                    let cells = self.cells();
                    rows.push(Row { cells, span });
                }
                _ => break,
            }
        }
        BlockKind::Table { head, rows }
    }

    fn cells(&mut self) -> Vec<Vec<Inline>> {
        let mut cells = Vec::new();
        while let Some((Event::Start(Tag::TableCell), _)) = self.next() {
            cells.push(self.inlines());
        }
        cells
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}

fn inline(event: &Event<'_>, bold: bool, span: Span) -> Option<Inline> {
    let plain = if bold { Style::Bold } else { Style::Plain };
    let (text, style) = match event {
        Event::Text(text) | Event::InlineHtml(text) => (text.to_string(), plain),
        Event::Code(text) => (text.to_string(), Style::Code),
        Event::SoftBreak | Event::HardBreak => (" ".to_owned(), plain),
        _ => return None,
    };
    Some(Inline { text, style, span })
}

/// Takes a fence apart by its raw lines, so that each byte of its text has a place in the file.
fn fence(text: &str, span: Span, nested: bool) -> Fence {
    let range = span.start as usize..span.end as usize;
    let mut lines = raw_lines(text, range).into_iter();
    let open = lines.next().unwrap_or(span.start as usize..span.start as usize);
    let opener = &text[open.clone()];
    let indent = column(text, open.start);
    let mark = opener.bytes().next().unwrap_or(b'`');
    let count = opener.bytes().take_while(|byte| *byte == mark).count();
    let rest = &opener[count..];
    let info = rest.trim();
    let info_start = open.start + count + (rest.len() - rest.trim_start().len());
    let mut lines: Vec<Range<usize>> = lines.collect();
    let closed = lines.last().is_some_and(|line| closes(&text[line.clone()], mark, count, nested));
    if closed {
        lines.pop();
    }
    let cut = |line: Range<usize>| {
        let blanks = text[line.clone()].bytes().take(indent).take_while(|byte| *byte == b' ').count();
        Span::from(line.start + blanks..line.end)
    };
    Fence {
        info: Span::from(info_start..info_start + info.len()),
        ticks: (count, mark),
        open: Span::from(open),
        lines: lines.into_iter().map(cut).collect(),
        closed,
    }
}

/// How many bytes of its line stand before an offset.
fn column(text: &str, offset: usize) -> usize {
    offset - text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// The lines of a range without their ends; the first starts where the range does.
fn raw_lines(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut at = range.start;
    text[range]
        .split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            start..start + line.trim_end_matches(['\n', '\r']).len()
        })
        .collect()
}

/// True for a line that ends a fence; what stands before it inside a list or a quote is skipped.
fn closes(line: &str, mark: u8, count: usize, nested: bool) -> bool {
    let bare = line.trim_start_matches(if nested { &[' ', '\t', '>'][..] } else { &[' '] });
    let indent = line.len() - bare.len();
    let bare = bare.trim_end();
    (nested || indent < 4) && bare.len() >= count && bare.bytes().all(|byte| byte == mark)
}
