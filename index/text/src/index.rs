//! Where a word stands: the inverted index, built in memory, and the ranking of documents.
//!
//! Documents are known by their place in the slice that was indexed; their text is not kept. All
//! of tantivy is behind this file and `directory`.

use std::ops::Range;
use std::sync::Arc;

use tantivy::directory::RamDirectory;
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::background;
use crate::best::{Best, Sum};
use crate::directory::Flat;
use crate::query::Query;
use crate::source::{Bytes, Source};
use crate::stored::{self, Stored};
use crate::tokens::{Mode, Tokens};

/// The name under which tantivy knows our tokenizer.
const TOKENIZER: &str = "kb";

/// A field, and how much a word in it counts when a person typed the word, and when a log line
/// holds it: people name what titles name.
struct Weighted {
    name: &'static str,
    typed: f32,
    logged: f32,
}

const FIELDS: [Weighted; 5] = [
    Weighted { name: "title", typed: 3.0, logged: 2.0 },
    Weighted { name: "facts", typed: 1.5, logged: 1.5 },
    Weighted { name: "symptoms", typed: 1.2, logged: 1.2 },
    Weighted { name: "commands", typed: 0.8, logged: 0.8 },
    Weighted { name: "prose", typed: 1.0, logged: 1.0 },
];

/// Sizes the table of terms that the writer begins with; it grows when it must.
const WRITER_BYTES: usize = 16 << 20;

/// A document, as plain text without markup. Empty fields are fine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Doc<'a> {
    /// What it is about, in one line.
    pub title: &'a str,
    /// Tags, systems and versions it is about.
    pub facts: &'a str,
    /// What is seen when it applies: log text.
    pub symptoms: &'a str,
    /// What is typed.
    pub commands: &'a str,
    /// Everything else.
    pub prose: &'a str,
}

/// A document that a query found.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Its place in the slice that was indexed.
    pub doc: u32,
    /// BM25 over all fields with their boosts. Comparable within one query only.
    pub score: f32,
    /// Which words of the query it holds: indices into [`Query::words`], rarest first.
    pub found: Vec<usize>,
}

/// The index could not be built or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// tantivy gave up while documents were added.
    #[error("cannot build the full-text index")]
    Build(#[source] tantivy::TantivyError),
    /// tantivy gave up while it searched.
    #[error("cannot search the full-text index")]
    Search(#[source] tantivy::TantivyError),
    /// Bytes that are no index of this version.
    #[error("not a full-text index of this version")]
    Damaged,
}

/// Full text over a set of documents.
pub struct Index {
    parts: Vec<Part>,
    docs: u32,
}

/// Some of the documents, as they were indexed together.
struct Part {
    searcher: Searcher,
    fields: Vec<Field>,
    /// Set for one that was built here.
    built: Option<RamDirectory>,
    /// The place of each among all documents; `None` when that is its place here.
    places: Option<Vec<u32>>,
    /// Places that a later part speaks for, in ascending order.
    replaced: Vec<u32>,
}

impl Index {
    /// Indexes documents in memory.
    ///
    /// # Errors
    /// Only when tantivy itself fails; no text is refused.
    pub fn build(docs: &[Doc<'_>]) -> Result<Self, IndexError> {
        let part = build(docs).map_err(IndexError::Build)?;
        Ok(Self { docs: part.docs(), parts: vec![part] })
    }

    /// The index as bytes for [`Index::from_bytes`]; `None` for one that came from there.
    ///
    /// # Errors
    /// Only when tantivy itself fails.
    pub fn to_bytes(&self) -> Result<Option<Vec<u8>>, IndexError> {
        let [Part { built: Some(built), .. }] = self.parts.as_slice() else { return Ok(None) };
        let base = flat(built)?;
        Ok(Some(stored::write(&base, &[], &[])))
    }

    /// Bytes of [`Index::to_bytes`] with other documents in these places, in ascending order, of which
    /// earlier ones are forgotten. Takes time for those documents only, so a few of many are cheap; how
    /// rare words are is taken from the old documents, too, until all are indexed anew. `None` when
    /// these are not such bytes.
    ///
    /// # Errors
    /// Only when tantivy itself fails.
    pub fn amend(bytes: &[u8], docs: &[(u32, Doc<'_>)]) -> Result<Option<Vec<u8>>, IndexError> {
        let Some(stored) = stored::read(bytes.len(), |range| bytes.get(range).map(<[u8]>::to_vec)) else {
            return Ok(None);
        };
        let (places, docs): (Vec<u32>, Vec<Doc<'_>>) = docs.iter().copied().unzip();
        let part = build(&docs).map_err(IndexError::Build)?;
        let amendment = part.built.as_ref().map(flat).transpose()?.unwrap_or_default();
        Ok(Some(stored::write(&bytes[stored.base], &amendment, &places)))
    }

    /// The places that were amended, in ascending order; `None` when these are not bytes of an index.
    pub fn amended(bytes: &[u8]) -> Option<Vec<u32>> {
        let stored = stored::read(bytes.len(), |range| bytes.get(range).map(<[u8]>::to_vec));
        stored.map(|stored| stored.places)
    }

    /// The index whose [`Index::to_bytes`] gave these bytes. They are not searched for damage: that
    /// is for who stored them. Damage that shows is an error.
    ///
    /// # Errors
    /// When they are no index, or one of another version.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, IndexError> {
        Self::opened(Bytes::all(bytes))
    }

    /// The same of bytes of which only those are read that are needed.
    ///
    /// # Errors
    /// When they are no index, or one of another version, or cannot be read. What is read later and
    /// cannot be is an error of the question that needed it.
    pub fn open(source: Box<dyn Source>) -> Result<Self, IndexError> {
        Self::opened(Bytes::of(source))
    }

    fn opened(bytes: Bytes) -> Result<Self, IndexError> {
        let stored = stored::read(bytes.len(), |range| bytes.get(range).ok().map(|bytes| bytes.to_vec()));
        let Stored { base, amendment, places } = stored.ok_or(IndexError::Damaged)?;
        let bytes = Arc::new(bytes);
        let base = Part::open(&bytes, base, None, places.clone())?;
        let docs = base.docs();
        let (count, last) = (places.len(), places.last().copied());
        let mut parts = vec![base];
        if let Some(last) = last {
            let amendment = Part::open(&bytes, amendment, Some(places), Vec::new())?;
            if amendment.docs() as usize != count || last >= docs {
                return Err(IndexError::Damaged);
            }
            parts.push(amendment);
        }
        Ok(Self { parts, docs })
    }

    /// The `limit` best documents for words that a person typed. Any text is a query: quotes,
    /// colons and brackets mean nothing.
    ///
    /// # Errors
    /// Only when tantivy itself fails.
    ///
    /// ```
    /// let docs = [
    ///     kb_text::Doc { title: "CARP stays in backup", ..Default::default() },
    ///     kb_text::Doc { title: "The clock is wrong", ..Default::default() },
    /// ];
    /// let index = kb_text::Index::build(&docs)?;
    /// assert_eq!(index.search("\"clocks\" (wrong:", 3)?[0].doc, 1);
    /// # Ok::<(), kb_text::IndexError>(())
    /// ```
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Scored>, IndexError> {
        self.ask(&self.query(words, Mode::Prose)?, limit)
    }

    /// Prepares a query: which words are asked, and how rare each is.
    ///
    /// # Errors
    /// Only when tantivy itself fails.
    pub fn query(&self, text: &str, mode: Mode) -> Result<Query, IndexError> {
        Query::prepare(self, text, mode).map_err(IndexError::Search)
    }

    /// The `limit` best documents for a prepared query, best first; equal scores in the order in
    /// which they were indexed.
    ///
    /// # Errors
    /// Only when tantivy itself fails.
    pub fn ask(&self, query: &Query, limit: usize) -> Result<Vec<Scored>, IndexError> {
        self.rank(query, limit).map_err(IndexError::Search)
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.docs as usize
    }

    /// True when there is no document.
    pub fn is_empty(&self) -> bool {
        self.docs == 0
    }

    /// In how many documents a term stands, at least: the most of any one field.
    pub(crate) fn doc_frequency(&self, term: &str) -> tantivy::Result<u64> {
        let mut most = 0;
        for field in 0..FIELDS.len() {
            let mut sum = 0;
            for part in &self.parts {
                sum += part.searcher.doc_freq(&Term::from_field_text(part.fields[field], term))?;
            }
            most = most.max(sum);
        }
        Ok(most.min(u64::from(self.docs)))
    }

    /// Calls `visit` with every term of every field; a term of several fields comes several times.
    pub(crate) fn each_term(&self, visit: &mut dyn FnMut(&str)) -> tantivy::Result<()> {
        for part in &self.parts {
            for segment in part.searcher.segment_readers() {
                for &field in &part.fields {
                    let inverted = segment.inverted_index(field)?;
                    let mut terms = inverted.terms().stream()?;
                    while terms.advance() {
                        if let Ok(term) = std::str::from_utf8(terms.key()) {
                            visit(term);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn rank(&self, query: &Query, limit: usize) -> tantivy::Result<Vec<Scored>> {
        // The collector reserves room for as many as it is asked for.
        let limit = limit.min(self.len());
        if limit == 0 || query.words().is_empty() {
            return Ok(Vec::new());
        }
        let lengths = self.mean_lengths()?;
        let mut scored = Vec::new();
        for part in &self.parts {
            scored.extend(part.rank(query, limit, self.docs, &lengths)?);
        }
        if self.parts.len() > 1 {
            scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.doc.cmp(&b.doc)));
            scored.truncate(limit);
        }
        Ok(scored)
    }

    /// How many words each field of a document has.
    fn mean_lengths(&self) -> tantivy::Result<[f32; FIELDS.len()]> {
        let mut lengths = [0.0; FIELDS.len()];
        for (place, length) in lengths.iter_mut().enumerate() {
            let (mut words, mut docs) = (0, 0);
            for part in &self.parts {
                for segment in part.searcher.segment_readers() {
                    words += segment.inverted_index(part.fields[place])?.total_num_tokens();
                }
                docs += u64::from(part.docs());
            }
            *length = words as f32 / docs.max(1) as f32;
        }
        Ok(lengths)
    }
}

impl Part {
    fn open(
        bytes: &Arc<Bytes>,
        part: Range<usize>,
        places: Option<Vec<u32>>,
        replaced: Vec<u32>,
    ) -> Result<Self, IndexError> {
        let flat = Flat::open(bytes, part).ok_or(IndexError::Damaged)?;
        let index = tantivy::Index::open(flat).map_err(IndexError::Search)?;
        let schema = index.schema();
        let fields = FIELDS.iter().map(|field| schema.get_field(field.name));
        let fields = fields.collect::<tantivy::Result<_>>().map_err(IndexError::Search)?;
        let searcher = searcher(&index).map_err(IndexError::Search)?;
        if searcher.segment_readers().len() > 1 {
            return Err(IndexError::Damaged);
        }
        Ok(Self { searcher, fields, built: None, places, replaced })
    }

    fn docs(&self) -> u32 {
        self.searcher.num_docs() as u32
    }

    /// BM25 over the documents and beside them a background of ordinary technical text: twenty
    /// documents alone cannot tell that `connection` says little. Every document that holds a word is
    /// looked at: to leave out those that cannot be among the best costs more than it saves.
    fn rank(&self, query: &Query, limit: usize, docs: u32, lengths: &[f32]) -> tantivy::Result<Vec<Scored>> {
        let Some(segment) = self.searcher.segment_readers().first() else { return Ok(Vec::new()) };
        let all = u64::from(docs) + background::DOCS;
        let mut sums = vec![Sum::default(); segment.max_doc() as usize];
        for ((&field, weighted), &length) in self.fields.iter().zip(&FIELDS).zip(lengths) {
            let inverted = segment.inverted_index(field)?;
            let norms = segment.get_fieldnorms_reader(field)?;
            let boost = match query.mode() {
                Mode::Prose => weighted.typed,
                Mode::Log => weighted.logged,
            };
            for (place, word) in query.words().iter().enumerate() {
                let term = Term::from_field_text(field, word.term());
                let postings = inverted.read_block_postings(&term, IndexRecordOption::WithFreqs)?;
                let Some(mut postings) = postings else { continue };
                let weight = Bm25Weight::for_one_term_without_explain(word.frequency(), all, length)
                    .boost_by(boost * word.trust());
                while postings.block_len() > 0 {
                    for (&doc, &count) in postings.docs().iter().zip(postings.freqs()) {
                        let Some(sum) = sums.get_mut(doc as usize) else { continue };
                        sum.score += weight.score(norms.fieldnorm_id(doc), count);
                        sum.words |= 1 << place;
                    }
                    postings.advance();
                }
            }
        }
        let mut best = Best::new(limit);
        for (doc, sum) in (0..).zip(sums) {
            if sum.words != 0 && self.replaced.binary_search(&doc).is_err() {
                best.push(doc, sum);
            }
        }
        let place = |doc: u32| self.places.as_ref().map_or(doc, |places| places[doc as usize]);
        let scored = best.finish().into_iter().map(|(doc, sum)| Scored {
            doc: place(doc),
            score: sum.score,
            found: (0..query.words().len()).filter(|word| sum.words >> word & 1 == 1).collect(),
        });
        Ok(scored.collect())
    }
}

/// The bytes of what was built.
fn flat(built: &RamDirectory) -> Result<Vec<u8>, IndexError> {
    Flat::of(built)
        .and_then(|flat| flat.to_bytes().map_err(|error| tantivy::TantivyError::IoError(error.into())))
        .map_err(IndexError::Build)
}

impl std::fmt::Debug for Index {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Index").field("docs", &self.len()).finish_non_exhaustive()
    }
}

fn build(docs: &[Doc<'_>]) -> tantivy::Result<Part> {
    let mut schema = Schema::builder();
    let indexing =
        TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqs);
    let options = TextOptions::default().set_indexing_options(indexing);
    let fields: Vec<Field> =
        FIELDS.iter().map(|field| schema.add_text_field(field.name, options.clone())).collect();
    let tokenizers = TokenizerManager::new();
    tokenizers.register(TOKENIZER, TextAnalyzer::from(LogTokenizer));
    // One segment written by this thread: no merging, no waiting, document numbers in our order.
    let directory = RamDirectory::create();
    let mut writer: SingleSegmentIndexWriter = tantivy::Index::builder()
        .schema(schema.build())
        .tokenizers(tokenizers)
        .settings(tantivy::IndexSettings {
            docstore_compress_dedicated_thread: false,
            ..tantivy::IndexSettings::default()
        })
        .single_segment_index_writer(directory.clone(), WRITER_BYTES)?;
    for doc in docs {
        let mut document = TantivyDocument::default();
        for (&field, text) in fields.iter().zip([doc.title, doc.facts, doc.symptoms, doc.commands, doc.prose])
        {
            document.add_text(field, text);
        }
        writer.add_document(document)?;
    }
    let index = writer.finalize()?;
    let searcher = searcher(&index)?;
    Ok(Part { searcher, fields, built: Some(directory), places: None, replaced: Vec::new() })
}

fn searcher(index: &tantivy::Index) -> tantivy::Result<Searcher> {
    let reader: tantivy::IndexReader =
        index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok(reader.searcher())
}

/// [`Tokens`] in tantivy's clothes.
#[derive(Clone)]
struct LogTokenizer;

struct LogTokens {
    tokens: Tokens,
    next: usize,
    token: Token,
}

impl Tokenizer for LogTokenizer {
    type TokenStream<'a> = LogTokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LogTokens {
        LogTokens { tokens: Tokens::of(text, Mode::Prose), next: 0, token: Token::default() }
    }
}

impl TokenStream for LogTokens {
    fn advance(&mut self) -> bool {
        let Some(token) = self.tokens.get(self.next) else { return false };
        self.token.text.clear();
        self.token.text.push_str(token.term);
        self.token.offset_from = token.start;
        self.token.offset_to = token.end;
        self.token.position = self.next;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests;
