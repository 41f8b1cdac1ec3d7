//! Where a word stands: the inverted index, built in memory, and the ranking of documents.
//!
//! Documents are known by their place in the slice that was indexed; their text is not kept. All
//! of tantivy is behind this file and `directory`.

use std::collections::HashMap;

use tantivy::collector::TopDocs;
use tantivy::directory::{OwnedBytes, RamDirectory};
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::query::{Bm25StatisticsProvider, BooleanQuery, BoostQuery, Occur, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{DocSet, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::background;
use crate::directory::Flat;
use crate::query::Query;
use crate::stored;
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
        Ok(Self { docs: part.searcher.num_docs() as u32, parts: vec![part] })
    }

    /// The index as bytes for [`Index::from_bytes`]; `None` for one that came from there.
    ///
    /// # Errors
    /// Only when tantivy itself fails.
    pub fn to_bytes(&self) -> Result<Option<Vec<u8>>, IndexError> {
        let [Part { built: Some(built), .. }] = self.parts.as_slice() else { return Ok(None) };
        let base = Flat::of(built).map_err(IndexError::Build)?.to_bytes();
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
        let Some(stored) = stored::read(bytes) else { return Ok(None) };
        let (places, docs): (Vec<u32>, Vec<Doc<'_>>) = docs.iter().copied().unzip();
        let part = build(&docs).map_err(IndexError::Build)?;
        let built = part.built.as_ref().map(Flat::of).transpose().map_err(IndexError::Build)?;
        let amendment = built.map(|flat| flat.to_bytes()).unwrap_or_default();
        Ok(Some(stored::write(&bytes[stored.base], &amendment, &places)))
    }

    /// The places that were amended, in ascending order; `None` when these are not bytes of an index.
    pub fn amended(bytes: &[u8]) -> Option<Vec<u32>> {
        stored::read(bytes).map(|stored| stored.places)
    }

    /// The index whose [`Index::to_bytes`] gave these bytes. They are not searched for damage: that
    /// is for who stored them. Damage that shows is an error.
    ///
    /// # Errors
    /// When they are no index, or one of another version.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, IndexError> {
        let stored = stored::read(&bytes).ok_or(IndexError::Damaged)?;
        let all = OwnedBytes::new(bytes);
        let base = Part::open(&all.slice(stored.base), None, stored.places.clone())?;
        let docs = base.searcher.num_docs() as u32;
        let (count, last) = (stored.places.len() as u64, stored.places.last().copied());
        let mut parts = vec![base];
        if let Some(last) = last {
            let amendment = Part::open(&all.slice(stored.amendment), Some(stored.places), Vec::new())?;
            if amendment.searcher.num_docs() != count || last >= docs {
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
        let statistics = Statistics::new(self, query);
        let mut scored = Vec::new();
        for part in &self.parts {
            scored.extend(part.rank(query, limit, &statistics)?);
        }
        if self.parts.len() > 1 {
            scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.doc.cmp(&b.doc)));
            scored.truncate(limit);
        }
        Ok(scored)
    }
}

impl Part {
    fn open(bytes: &OwnedBytes, places: Option<Vec<u32>>, replaced: Vec<u32>) -> Result<Self, IndexError> {
        let flat = Flat::from_bytes(bytes).ok_or(IndexError::Damaged)?;
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

    fn rank(&self, query: &Query, limit: usize, statistics: &Statistics<'_>) -> tantivy::Result<Vec<Scored>> {
        let mut clauses: Vec<(Occur, Box<dyn tantivy::query::Query>)> = Vec::new();
        for word in query.words() {
            for (&field, weighted) in self.fields.iter().zip(&FIELDS) {
                let boost = match query.mode() {
                    Mode::Prose => weighted.typed,
                    Mode::Log => weighted.logged,
                };
                let term = Term::from_field_text(field, word.term());
                let query = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                clauses.push((Occur::Should, Box::new(BoostQuery::new(query, boost * word.trust()))));
            }
        }
        let top = TopDocs::with_limit(limit + self.replaced.len()).order_by_score();
        let mut ranked =
            self.searcher.search_with_statistics_provider(&BooleanQuery::new(clauses), &top, statistics)?;
        ranked.retain(|(_, address)| self.replaced.binary_search(&address.doc_id).is_err());
        ranked.truncate(limit);
        let mut found = self.words_in(query, ranked.iter().map(|(_, address)| address.doc_id))?;
        let place = |doc: u32| self.places.as_ref().map_or(doc, |places| places[doc as usize]);
        let scored = ranked.into_iter().map(|(score, address)| Scored {
            doc: place(address.doc_id),
            score,
            found: found.remove(&address.doc_id).unwrap_or_default(),
        });
        Ok(scored.collect())
    }

    /// For each of these documents the words of the query that it holds.
    fn words_in(
        &self,
        query: &Query,
        docs: impl Iterator<Item = u32>,
    ) -> tantivy::Result<HashMap<u32, Vec<usize>>> {
        let mut wanted: Vec<u32> = docs.collect();
        wanted.sort_unstable();
        let mut found: HashMap<u32, Vec<usize>> = wanted.iter().map(|&doc| (doc, Vec::new())).collect();
        if wanted.is_empty() {
            return Ok(found);
        }
        let segment = self.searcher.segment_reader(0);
        for (place, word) in query.words().iter().enumerate() {
            for &field in &self.fields {
                let term = Term::from_field_text(field, word.term());
                let postings =
                    segment.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)?;
                let Some(mut postings) = postings else { continue };
                for &doc in &wanted {
                    if postings.doc() < doc {
                        postings.seek(doc);
                    }
                    let words = found.entry(doc).or_default();
                    if postings.doc() == doc && words.last() != Some(&place) {
                        words.push(place);
                    }
                }
            }
        }
        Ok(found)
    }
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

/// How rare words are, for the ranking: the documents themselves, and beside them a background of
/// ordinary technical text. Twenty documents alone cannot tell that `connection` says little.
struct Statistics<'a> {
    index: &'a Index,
    frequencies: HashMap<&'a str, u64>,
}

impl<'a> Statistics<'a> {
    fn new(index: &'a Index, query: &'a Query) -> Self {
        let frequencies = query.words().iter().map(|word| (word.term(), word.frequency())).collect();
        Self { index, frequencies }
    }
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let (mut tokens, mut docs) = (0, 0);
        for part in &self.index.parts {
            // Every part has the same fields, numbered alike.
            tokens += Bm25StatisticsProvider::total_num_tokens(&part.searcher, field)?;
            docs += part.searcher.num_docs();
        }
        // Scaled with the documents, so that their mean length stays what it is.
        let (docs, all) = (docs.max(1), u64::from(self.index.docs) + background::DOCS);
        Ok((u128::from(tokens) * u128::from(all) / u128::from(docs)) as u64)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(u64::from(self.index.docs) + background::DOCS)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let text = std::str::from_utf8(term.serialized_value_bytes()).unwrap_or_default();
        Ok(self.frequencies.get(text).copied().unwrap_or_default())
    }
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
