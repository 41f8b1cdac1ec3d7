//! Markdown as HTML of a page, from the events of the one parser, and its words for the search.
//!
//! Knows Markdown and which tags a page may have; what stands in a marked block or in a list of rules is
//! said by an [`Extra`]. Raw HTML of a page is shown as text.

use std::collections::BTreeMap;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, Tag, TagEnd};

use super::html::{self, text};
use crate::runbook::markdown;
use crate::text::Span;

/// A part of a page, from a heading to the next, as the search finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Passage {
    /// The id of its heading; empty for the top of the page.
    pub(super) id: String,
    /// The heading.
    pub(super) title: String,
    /// Everything else.
    pub(super) body: String,
}

/// What a page knows beyond its Markdown.
pub(super) trait Extra {
    /// The page that a relative link means.
    fn page_of(&self, link: &str) -> Option<String>;
    /// The page that a code span is the name of.
    fn page_named(&self, _code: &str) -> Option<String> {
        None
    }
    /// What stands around a fenced block at this place: before it and after it.
    fn around(&self, _info: &str, _span: Span) -> Option<Around> {
        None
    }
    /// The class of a list item at this place.
    fn item_class(&self, _span: Span) -> Option<&'static str> {
        None
    }
    /// What follows the first heading.
    fn below_title(&mut self) -> Option<(String, String)> {
        None
    }
}

/// What stands around a block.
#[derive(Debug, Default)]
pub(super) struct Around {
    pub(super) before: String,
    pub(super) after: String,
    /// The search leaves its words out: what a machine once printed is no way to a page.
    pub(super) unsearched: bool,
}

/// A page as HTML, and its passages.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) html: String,
    pub(super) passages: Vec<Passage>,
    /// The text of the first heading of level 1.
    pub(super) title: Option<String>,
}

/// Writes the whole of a file.
pub(super) fn write(source: &str, extra: &mut dyn Extra) -> Written {
    let body = markdown::body_start(source);
    let mut writer = Writer {
        extra,
        out: String::new(),
        passages: vec![Passage::default()],
        ids: BTreeMap::new(),
        title: None,
        heading: None,
        links: Vec::new(),
        lists: Vec::new(),
        aligns: Vec::new(),
        cell: 0,
        head: false,
        depth: 0,
        notes: Vec::new(),
    };
    let front = source[..body].trim_start_matches('\u{feff}').trim();
    if !front.is_empty() {
        writer.front(front);
    }
    let mut events = markdown::events(&source[body..]).into_offset_iter();
    while let Some((event, range)) = events.next() {
        let span = Span::from(range.start + body..range.end + body);
        if let Event::Start(tag @ (Tag::CodeBlock(_) | Tag::HtmlBlock)) = event {
            let inside = events.by_ref().map(|(event, _)| event);
            let raw = raw(inside);
            writer.block(&tag, &raw, span);
        } else {
            writer.event(event, span);
        }
    }
    Written { html: writer.out, passages: writer.passages, title: writer.title }
}

/// The text up to the end of a block.
fn raw<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut raw = String::new();
    for event in events {
        match event {
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => break,
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => raw.push_str(&text),
            _ => {}
        }
    }
    raw
}

struct Writer<'a> {
    extra: &'a mut dyn Extra,
    out: String,
    passages: Vec<Passage>,
    /// How often each id was wanted.
    ids: BTreeMap<String, usize>,
    title: Option<String>,
    /// The heading that is being written: its level, where its HTML begins, its text.
    heading: Option<(u8, usize, String)>,
    /// For each open link whether it leads anywhere, and what is said behind it if not.
    links: Vec<(bool, String)>,
    /// For each open list whether it is numbered.
    lists: Vec<bool>,
    aligns: Vec<Alignment>,
    cell: usize,
    head: bool,
    /// Lists, quotes and notes that are open.
    depth: usize,
    notes: Vec<String>,
}

impl Writer<'_> {
    /// Front matter of other people's pages, folded away: mdBook would show it as text.
    fn front(&mut self, front: &str) {
        let shown = text(front);
        self.out.push_str(&format!(
            "<details class=\"kb-front\"><summary>Front matter of the file</summary><pre><code>{shown}</code></pre></details>"
        ));
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(end) => self.end(end),
            Event::Text(words) => self.words(&words),
            Event::Code(code) => self.code(&code),
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.out.push_str("<br>"),
            Event::InlineHtml(raw) | Event::Html(raw) => {
                self.note_words(&raw);
                self.out.push_str(&format!("<code class=\"kb-raw\">{}</code>", text(&raw)));
            }
            Event::Rule => self.out.push_str("<hr>"),
            Event::TaskListMarker(done) => {
                let (mark, said) = if done { ("☑", "done") } else { ("☐", "to do") };
                self.out.push_str(&format!(
                    "<span class=\"kb-task\" role=\"img\" aria-label=\"{said}\">{mark}</span> "
                ));
            }
            Event::FootnoteReference(name) => {
                let number = self.note_number(&name);
                self.out.push_str(&format!("<sup><a href=\"#note.{number}\">{number}</a></sup>"));
            }
            // What our dialect does not have.
            Event::InlineMath(raw) | Event::DisplayMath(raw) => self.words(&raw),
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Span) {
        match tag {
            Tag::Paragraph => self.out.push_str("<p>"),
            Tag::Heading { level, .. } => self.heading = Some((level as u8, self.out.len(), String::new())),
            Tag::BlockQuote(kind) => {
                self.depth += 1;
                self.out.push_str("<blockquote>");
                if let Some(kind) = kind {
                    self.out.push_str(&format!("<p><strong>{}</strong></p>", markdown::called(kind)));
                }
            }
            Tag::List(start) => {
                self.depth += 1;
                self.out.push_str(&match start {
                    Some(1) => "<ol>".to_owned(),
                    Some(start) => format!("<ol start=\"{start}\">"),
                    None => "<ul>".to_owned(),
                });
                self.lists.push(start.is_some());
            }
            Tag::Item => match self.extra.item_class(span) {
                Some(class) => self.out.push_str(&format!("<li class=\"{class}\">")),
                None => self.out.push_str("<li>"),
            },
            Tag::FootnoteDefinition(name) => {
                self.depth += 1;
                let number = self.note_number(&name);
                self.out
                    .push_str(&format!("<div class=\"kb-note\" id=\"note.{number}\"><sup>{number}</sup>"));
            }
            Tag::Table(aligns) => {
                self.aligns = aligns;
                self.out.push_str("<div class=\"table-wrapper\"><table>");
            }
            Tag::TableHead => {
                (self.head, self.cell) = (true, 0);
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.cell = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => {
                let name = if self.head { "th" } else { "td" };
                let class = match self.aligns.get(self.cell) {
                    Some(Alignment::Right) => " class=\"kb-right\"",
                    Some(Alignment::Center) => " class=\"kb-center\"",
                    _ => "",
                };
                self.out.push_str(&format!("<{name}{class}>"));
            }
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str("<del>"),
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.out.push_str("<span class=\"kb-image\">image: ");
                self.links.push((false, format!(" <code>{}</code></span>", text(&dest_url))));
            }
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Paragraph => self.out.push_str("</p>"),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::BlockQuote(_) => {
                self.depth -= 1;
                self.out.push_str("</blockquote>");
            }
            TagEnd::List(_) => {
                self.depth -= 1;
                let numbered = self.lists.pop() == Some(true);
                self.out.push_str(if numbered { "</ol>" } else { "</ul>" });
            }
            TagEnd::Item => self.out.push_str("</li>"),
            TagEnd::FootnoteDefinition => {
                self.depth -= 1;
                self.out.push_str("</div>");
            }
            TagEnd::Table => self.out.push_str("</tbody></table></div>"),
            TagEnd::TableHead => {
                self.head = false;
                self.out.push_str("</tr></thead><tbody>");
            }
            TagEnd::TableRow => self.out.push_str("</tr>"),
            TagEnd::TableCell => {
                self.cell += 1;
                self.out.push_str(if self.head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough => self.out.push_str("</del>"),
            TagEnd::Link | TagEnd::Image => {
                if let Some((open, behind)) = self.links.pop() {
                    self.out.push_str(if open { "</a>" } else { &behind });
                }
            }
            _ => {}
        }
        if !matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) {
            self.note_words(" ");
        }
    }

    fn link(&mut self, written: &CowStr<'_>) {
        let extra: &dyn Extra = self.extra;
        match html::target(written, &|link| extra.page_of(link)) {
            Some(target) => {
                self.out.push_str(&target.open());
                self.links.push((true, String::new()));
            }
            None => self.links.push((false, format!(" <code>{}</code>", text(written)))),
        }
    }

    fn code(&mut self, code: &str) {
        self.note_words(code);
        let shown = format!("<code>{}</code>", text(code));
        let in_link = self.links.iter().any(|(open, _)| *open);
        match self.extra.page_named(code).filter(|_| !in_link && self.heading.is_none()) {
            Some(url) => self.out.push_str(&format!("<a href=\"{}\">{shown}</a>", text(&url))),
            None => self.out.push_str(&shown),
        }
    }

    fn words(&mut self, words: &str) {
        self.note_words(words);
        self.out.push_str(&text(words));
    }

    fn note_words(&mut self, words: &str) {
        if let Some((_, _, title)) = &mut self.heading {
            title.push_str(words);
        } else if let Some(passage) = self.passages.last_mut() {
            passage.body.push_str(words);
        }
    }

    fn end_heading(&mut self) {
        let Some((level, start, title)) = self.heading.take() else { return };
        let title = title.trim().to_owned();
        let id = self.unique(html::anchor(&title));
        let inner = self.out.split_off(start);
        self.out.push_str(&format!(
            "<h{level} id=\"{0}\"><a class=\"header\" href=\"#{0}\">{inner}</a></h{level}>",
            text(&id)
        ));
        let first = level == 1 && self.title.is_none();
        self.passages.push(Passage { id, title: title.clone(), body: String::new() });
        if first {
            self.title = Some(title);
            if let Some((html, words)) = self.extra.below_title() {
                self.out.push_str(&html);
                self.note_words(&words);
            }
        }
    }

    fn unique(&mut self, id: String) -> String {
        let count = self.ids.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { id } else { format!("{id}-{}", *count - 1) }
    }

    fn note_number(&mut self, name: &str) -> usize {
        if let Some(at) = self.notes.iter().position(|known| known == name) {
            return at + 1;
        }
        self.notes.push(name.to_owned());
        self.notes.len()
    }

    /// A block of code, or of raw HTML, which is shown as what it is: text.
    fn block(&mut self, tag: &Tag<'_>, raw: &str, span: Span) {
        let info = match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => info.to_string(),
            _ => String::new(),
        };
        let around = (self.depth == 0).then(|| self.extra.around(&info, span)).flatten().unwrap_or_default();
        if !around.unsearched {
            raw.lines().filter(|line| !is_dump(line)).for_each(|line| {
                self.note_words(line);
                self.note_words("\n");
            });
        }
        self.note_words(" ");
        self.out.push_str(&around.before);
        self.out.push_str(&code_block(info.split_whitespace().next().unwrap_or(""), raw));
        self.out.push_str(&around.after);
    }
}

/// True for a line of a hex dump: most of its words are pairs of hexadecimal digits, or fours.
fn is_dump(line: &str) -> bool {
    let is_group =
        |word: &&str| matches!(word.len(), 2 | 4 | 8) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = line.split_whitespace();
    let (all, groups) = (words.clone().count(), words.filter(is_group).count());
    groups >= 8 && groups * 3 >= all * 2
}

/// Languages that mdBook's highlighter knows; it complains about any other.
const HIGHLIGHTED: &[&str] = &[
    "apache",
    "bash",
    "c",
    "cpp",
    "css",
    "diff",
    "go",
    "haskell",
    "html",
    "http",
    "ini",
    "java",
    "javascript",
    "js",
    "json",
    "lua",
    "makefile",
    "markdown",
    "md",
    "nginx",
    "nix",
    "perl",
    "php",
    "properties",
    "python",
    "py",
    "ruby",
    "rust",
    "sh",
    "shell",
    "sql",
    "swift",
    "toml",
    "typescript",
    "xml",
    "yaml",
    "yml",
    "zsh",
];

/// A block of code in a language.
pub(super) fn code_block(language: &str, code: &str) -> String {
    let shown = text(code);
    // A console session is highlighted by nobody, and its prompts are not copied.
    match html::language(language) {
        Some("console" | "shell-session") => {
            format!("<pre class=\"kb-console\"><code class=\"nohighlight\">{shown}</code></pre>")
        }
        Some(language) if HIGHLIGHTED.contains(&language) => {
            format!("<pre><code class=\"language-{language}\">{shown}</code></pre>")
        }
        _ => format!("<pre><code class=\"nohighlight\">{shown}</code></pre>"),
    }
}

#[cfg(test)]
mod tests;
