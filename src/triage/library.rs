//! Search by words: which runbook do these words, or these lines of a log, speak of?
//!
//! The second step of triage and the whole of `kb search`. Looks into the pages that its index
//! names. A search always answers with what is nearest; a suggestion answers only
//! when the words say enough, because a wrong guess costs a person more than "kb knows nothing".

mod evidence;
mod extract;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use kb_text::{Bag, Doc, Index, IndexError, Mode};

use super::{Shelf, Slots, Written};
use crate::runbook::{Runbook, RunbookId};
use crate::triage::shape::{Shapes, is_stamped};

use self::extract::{Chunk, Extract};

/// Why an index that is built cannot fail: it reads no file, and no query has a syntax that could be
/// wrong.
const IN_MEMORY: &str = "an index in memory has nothing that could fail";

/// A passage is at most about so long.
const PASSAGE_BYTES: usize = 220;

/// A heading is shown only when it says clearly more than what stands below it.
const HEADING: f32 = 0.8;

/// What says less than this part of the best shares a common word with the question and no more.
const NEAR: f32 = 0.3;

/// Only so many runbooks are weighed for one line.
const CANDIDATES_MAX: usize = 12;

/// A paragraph of prose is not longer, and a paste has not more of them.
const PARAGRAPH_LINES_MAX: usize = 12;
const PARAGRAPHS_MAX: usize = 50;

/// Words shown with a suggestion.
const WORDS_SHOWN: usize = 8;

/// The searchable text of all runbooks.
#[derive(Debug)]
pub struct Library<'s> {
    shelf: &'s dyn Shelf,
    index: Index,
    pages: Slots<Page>,
}

#[derive(Debug)]
struct Page {
    id: RunbookId,
    title: String,
    chunks: Vec<Chunk>,
    foreign: Vec<String>,
    bags: OnceLock<Bags>,
}

/// The words of each place of a page; made when a suggestion first needs them.
#[derive(Debug)]
struct Bags {
    places: Vec<Bag>,
    foreign: Vec<Bag>,
}

/// A runbook that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Which.
    pub runbook: RunbookId,
    /// Its title.
    pub title: String,
    /// Comparable within one search only.
    pub score: f32,
    /// The place that says most; empty when only title or facts hold the words.
    pub passage: Passage,
}

/// A stretch of a runbook with the words that were found in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passage {
    /// One line of plain text. It is a stranger's, as the runbook may be.
    pub text: String,
    /// The words found, as bytes of `text`; in order, not overlapping.
    pub highlights: Vec<Range<usize>>,
    /// The heading it stands under.
    pub section: Option<String>,
}

/// A runbook that lines of a log seem to speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggested {
    /// Which.
    pub runbook: RunbookId,
    /// Its title.
    pub title: String,
    /// How much the words say, in units of one rare word; comparable between inputs.
    pub score: f32,
    /// The words of the lines that were found in it, the rarest first.
    pub words: Vec<String>,
}

/// The full text of runbooks, also of those in which nothing may run.
pub fn index<'r>(runbooks: impl Iterator<Item = &'r Runbook>) -> Index {
    let extracts: Vec<Extract> = runbooks.map(Extract::of).collect();
    let docs: Vec<Doc<'_>> = extracts.iter().map(Extract::doc).collect();
    Index::build(&docs).expect(IN_MEMORY)
}

/// Bytes of an [`Index`] in which the runbooks with these numbers, in ascending order, are others.
pub fn amend(bytes: &[u8], runbooks: &[(u32, &Runbook)]) -> Option<Vec<u8>> {
    let extracts: Vec<(u32, Extract)> =
        runbooks.iter().map(|(number, runbook)| (*number, Extract::of(runbook))).collect();
    let docs: Vec<(u32, Doc<'_>)> =
        extracts.iter().map(|(number, extract)| (*number, extract.doc())).collect();
    Index::amend(bytes, &docs).expect(IN_MEMORY)
}

impl<'s> Library<'s> {
    /// All runbooks of a shelf.
    pub fn new(shelf: &'s dyn Shelf) -> Self {
        Self { shelf, index: shelf.words(), pages: Slots::new(shelf.count()) }
    }

    /// A page, made when it is first needed.
    fn page(&self, number: u32) -> Option<&Page> {
        let number = number as usize;
        self.pages.get_or_make(number, || Page::of(self.shelf.written(number)))
    }

    /// What the index said; `None` when it could not be read, which the shelf is told.
    fn told<T>(&self, said: Result<T, IndexError>) -> Option<T> {
        said.inspect_err(|error| self.shelf.words_failed(error)).ok()
    }

    /// The best `limit` runbooks for words that a person typed, best first. Any text is a query.
    /// What is far below the best is left out.
    /// A word that no runbook holds is searched in its nearest spelling.
    pub fn search(&self, words: &str, limit: usize) -> Vec<Found> {
        let Some(query) = self.told(self.index.query(words, Mode::Prose)) else { return Vec::new() };
        let Some(scored) = self.told(self.index.ask(&query, limit)) else { return Vec::new() };
        let best = scored.first().map_or(0.0, |scored| scored.score);
        let near = scored.into_iter().filter(|scored| scored.score >= best * NEAR);
        let found = near.filter_map(|scored| {
            let page = self.page(scored.doc)?;
            let passage = page.passage(&query);
            let (runbook, title) = (page.id.clone(), page.title.clone());
            Some(Found { runbook, title, score: scored.score, passage })
        });
        found.collect()
    }

    /// The runbooks that these lines speak of, best first; none when the words do not say enough.
    pub fn suggest(&self, lines: &[&[u8]], limit: usize) -> Vec<Suggested> {
        let mut shapes = Shapes::default();
        for line in lines {
            shapes.add(line);
        }
        let mut found: BTreeMap<u32, evidence::Sum> = BTreeMap::new();
        let messages = shapes.iter().map(|shape| String::from_utf8_lossy(&shape.message).into_owned());
        for message in messages.chain(paragraphs(lines)) {
            for (doc, evidence) in self.weigh(&message) {
                found.entry(doc).or_default().add(evidence);
            }
        }
        let mut suggested: Vec<Suggested> = found
            .into_iter()
            .filter_map(|(doc, sum)| {
                let (score, words) = sum.finish(WORDS_SHOWN);
                let page = self.page(doc)?;
                let (runbook, title) = (page.id.clone(), page.title.clone());
                Some(Suggested { runbook, title, score, words })
            })
            .collect();
        suggested.sort_by(|a, b| b.score.total_cmp(&a.score));
        suggested.truncate(limit);
        suggested
    }

    /// What one line says for each runbook that it says enough for.
    fn weigh(&self, message: &str) -> Vec<(u32, evidence::Evidence)> {
        let Some(query) = self.told(self.index.query(message, Mode::Log)) else { return Vec::new() };
        let Some(weighing) = evidence::Weighing::new(&query, self.pages.count()) else { return Vec::new() };
        let Some(scored) = self.told(self.index.ask(&query, CANDIDATES_MAX)) else { return Vec::new() };
        let shared: Vec<_> = scored.iter().map(|scored| weighing.everywhere(&scored.found)).collect();
        let sums: Vec<f32> = shared.iter().map(|shared| shared.sum).collect();
        let mut weighed = Vec::new();
        for (at, (scored, shared)) in scored.iter().zip(shared).enumerate() {
            let others = sums[..at].iter().chain(&sums[at + 1..]);
            let next = others.copied().fold(0.0, f32::max);
            if !weighing.may_speak(&shared, next) {
                continue;
            }
            let Some(bags) = self.page(scored.doc).map(Page::bags) else { continue };
            let places = evidence::Places { all: &bags.places, foreign: &bags.foreign };
            let evidence = weighing.weigh(shared, next, &places);
            weighed.extend(evidence.map(|evidence| (scored.doc, evidence)));
        }
        weighed
    }
}

/// Runs of lines without time stamps, each as one text: prose that was wrapped on its way here.
fn paragraphs(lines: &[&[u8]]) -> Vec<String> {
    let is_prose = |line: &&[u8]| !line.trim_ascii().is_empty() && !is_stamped(line);
    let runs = lines.chunk_by(|a, b| is_prose(a) && is_prose(b)).filter(|run| run.len() > 1);
    let pieces = runs.flat_map(|run| run.chunks(PARAGRAPH_LINES_MAX)).take(PARAGRAPHS_MAX);
    pieces.map(|run| String::from_utf8_lossy(&run.join(&b' ')).into_owned()).collect()
}

impl Page {
    fn of(written: Written) -> Self {
        let Written { id, title, text } = written;
        let extract = Extract::default().with(&text);
        Self { id, title, chunks: extract.chunks, foreign: extract.foreign, bags: OnceLock::new() }
    }

    fn bags(&self) -> &Bags {
        self.bags.get_or_init(|| {
            let places = self.chunks.iter().filter(|chunk| !chunk.sample);
            Bags {
                places: std::iter::once(Bag::of(&self.title))
                    .chain(places.map(|chunk| Bag::of(&chunk.text)))
                    .collect(),
                foreign: self.foreign.iter().map(|line| Bag::of(line)).collect(),
            }
        })
    }

    /// The first of the chunks that say most.
    fn passage(&self, query: &kb_text::Query) -> Passage {
        let mut best: Option<(f32, Passage)> = None;
        for chunk in &self.chunks {
            let Some(found) = query.passage(&chunk.text, PASSAGE_BYTES) else { continue };
            let weight = if chunk.heading { found.weight * HEADING } else { found.weight };
            if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                best = Some((weight, chunk.cut(&found)));
            }
        }
        best.map(|(_, passage)| passage).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
