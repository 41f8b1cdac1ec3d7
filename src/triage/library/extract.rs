//! A runbook as plain text: what is searched, and what a passage is cut from.
//!
//! Knows Markdown and which blocks are log text; knows nothing of scores.

use std::sync::Arc;

use kb_text::Doc;
use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::Passage;
use crate::runbook::{Runbook, markdown};

/// The text of one runbook, by what it says.
#[derive(Debug, Default)]
pub(super) struct Extract {
    title: String,
    facts: String,
    symptoms: String,
    commands: String,
    prose: String,
    pub(super) chunks: Vec<Chunk>,
    /// Log lines that the author says are something else.
    pub(super) foreign: Vec<String>,
}

/// A paragraph, list item, table row or block, as one line each.
#[derive(Debug)]
pub(super) struct Chunk {
    section: Option<Arc<str>>,
    pub(super) text: String,
    /// A line of a sample: it may be context that healthy machines print too.
    pub(super) sample: bool,
    /// It is shown anyway, as the section of what stands below it.
    pub(super) heading: bool,
}

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Heading,
    Prose,
    Symptom,
    Sample,
    Command,
    /// A look-alike: log text of other problems, which must not lead here.
    Foreign,
    /// What a check prints when all is well: found on every machine.
    Other,
}

impl Chunk {
    pub(super) fn cut(&self, found: &kb_text::Passage) -> Passage {
        let start = found.range.start;
        Passage {
            text: self.text[found.range.clone()].to_owned(),
            highlights: found.highlights.iter().map(|range| range.start - start..range.end - start).collect(),
            section: self.section.as_deref().map(str::to_owned),
        }
    }
}

impl Extract {
    pub(super) fn of(runbook: &Runbook) -> Self {
        let mut extract = Self { title: format!("{} {}", runbook.title, runbook.id), ..Self::default() };
        for fact in &runbook.facts {
            extract.facts.push_str(&fact.text);
            extract.facts.push('\n');
        }
        extract.with(&runbook.source.text)
    }

    /// The same with what stands in a text.
    pub(super) fn with(self, text: &str) -> Self {
        let mut reader = Reader { extract: self, section: None, role: Role::Prose, line: String::new() };
        for event in markdown::events(&text[markdown::body_start(text)..]) {
            reader.event(event);
        }
        reader.flush();
        reader.extract
    }

    pub(super) fn doc(&self) -> Doc<'_> {
        Doc {
            title: &self.title,
            facts: &self.facts,
            symptoms: &self.symptoms,
            commands: &self.commands,
            prose: &self.prose,
        }
    }
}

/// Collects text until the block it is in ends.
struct Reader {
    extract: Extract,
    section: Option<Arc<str>>,
    role: Role,
    line: String,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { .. }) => self.begin(Role::Heading),
            Event::Start(Tag::CodeBlock(kind)) => self.begin(role_of(&kind)),
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableRow | Tag::TableHead) => self.flush(),
            Event::End(
                TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow,
            ) => {
                self.flush();
                self.role = Role::Prose;
            }
            Event::End(TagEnd::TableCell) => self.line.push_str("  "),
            Event::Text(text)
                if matches!(self.role, Role::Symptom | Role::Sample | Role::Command | Role::Foreign) =>
            {
                self.block(&text);
            }
            Event::Text(text) | Event::Code(text) => self.line.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::FootnoteReference(_) | Event::InlineHtml(_) => {
                self.line.push(' ');
            }
            _ => {}
        }
    }

    fn begin(&mut self, role: Role) {
        self.flush();
        self.role = role;
    }

    /// Each line of a block is a chunk of its own.
    fn block(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            self.line.push_str(line.trim_end());
            if line.ends_with('\n') {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() || self.role == Role::Other {
            return;
        }
        if self.role == Role::Foreign {
            return self.extract.foreign.push(line);
        }
        let field = match self.role {
            Role::Symptom | Role::Sample => &mut self.extract.symptoms,
            Role::Command => &mut self.extract.commands,
            Role::Heading | Role::Prose | Role::Foreign | Role::Other => &mut self.extract.prose,
        };
        field.push_str(&line);
        field.push('\n');
        if self.role == Role::Heading {
            self.section = Some(line.as_str().into());
        }
        self.extract.chunks.push(Chunk {
            section: self.section.clone(),
            text: line,
            sample: self.role == Role::Sample,
            heading: self.role == Role::Heading,
        });
    }
}

/// Log text by its mark; every other block is something to type, or what it prints.
fn role_of(kind: &CodeBlockKind<'_>) -> Role {
    let CodeBlockKind::Fenced(info) = kind else { return Role::Command };
    let mut words = info.split_whitespace().skip(1);
    match (words.next(), words.next(), words.next()) {
        (Some("sample"), Some("not"), _) => Role::Foreign,
        (Some("symptom"), ..) => Role::Symptom,
        (Some("sample"), ..) => Role::Sample,
        (Some("output"), _, verdict) if verdict != Some("sick") => Role::Other,
        _ => Role::Command,
    }
}
