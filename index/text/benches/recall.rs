//! How often the right page is among the first three for one pasted log line.
//!
//! `cargo bench -p kb-text --bench recall -- RULES [TEXTS...]`
//!
//! RULES is a folder of Common Reliability Enumerations (a YAML file with title, description,
//! cause, impact, mitigation and tags, and beside it a `test.log`). A rule is a document *without*
//! its patterns; the query is a line of its log. TEXTS are folders whose Markdown and plain text
//! is cut into distractors. Printed are recall at 1 and 3 and the mean reciprocal rank: ours;
//! tantivy's default tokenizer with our boosts and our number of terms; and tantivy as it comes
//! (no boosts, all terms). `--misses` prints the queries whose page was not first.

#![expect(clippy::disallowed_methods, reason = "a bench reads the folders it is given")]
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use kb_text::{Doc, Index, Mode};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TEXT};
use tantivy::{Index as Tantivy, Searcher, TantivyDocument, Term};

/// Distractors are cut to about this size, which is that of a page.
const CHUNK_BYTES: usize = 2300;

/// Distractors that are used at most.
const DISTRACTORS_MAX: usize = 10_000;

/// Terms of a query that the baseline keeps, the rarest.
const TERMS: usize = 32;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Default)]
struct Page {
    title: String,
    tags: String,
    prose: String,
    /// The first line of the log, the first that the rule's own pattern names, and the whole log.
    queries: Option<[String; 3]>,
}

fn main() -> Result<()> {
    let mut folders = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let Some(rules) = folders.next() else {
        println!("usage: cargo bench -p kb-text --bench recall -- RULES [TEXTS...]");
        return Ok(());
    };
    let mut pages = read_rules(Path::new(&rules))?;
    let rules = pages.len();
    let folders: Vec<String> = folders.collect();
    pages.extend(read_distractors(&folders)?);
    println!("{rules} rules, {} documents", pages.len());

    let docs: Vec<Doc<'_>> = pages
        .iter()
        .map(|page| Doc { title: &page.title, facts: &page.tags, prose: &page.prose, ..Doc::default() })
        .collect();
    let start = Instant::now();
    let index = Index::build(&docs)?;
    println!("built in {:?}", start.elapsed());
    let baseline = Baseline::build(&pages)?;
    for (at, name) in ["first line", "first line that the rule names", "whole log"].iter().enumerate() {
        println!("\n{name}");
        let mut ranks = Vec::new();
        let start = Instant::now();
        for (place, page) in pages.iter().enumerate() {
            let Some(queries) = &page.queries else { continue };
            let query = index.query(&queries[at], Mode::Log)?;
            let found: Vec<u32> = index.ask(&query, 10)?.into_iter().map(|scored| scored.doc).collect();
            ranks.push(rank(&found, place));
            if std::env::args().any(|argument| argument == "--misses") && ranks.last() != Some(&Some(0)) {
                let others: Vec<&str> =
                    found.iter().take(3).map(|&doc| pages[doc as usize].title.as_str()).collect();
                println!(
                    "  {:?} {} <- {:.150}\n     {others:?}",
                    ranks.last(),
                    page.title,
                    queries[at].replace('\n', " ")
                );
            }
        }
        let took = start.elapsed() / ranks.len().max(1) as u32;
        println!("  ours                      {}  {took:?} a query", figures(&ranks));
        for (name, tuned) in [("default tokenizer", true), ("tantivy as it comes", false)] {
            let mut ranks = Vec::new();
            for (place, page) in pages.iter().enumerate() {
                let Some(queries) = &page.queries else { continue };
                ranks.push(rank(&baseline.search(&queries[at], tuned)?, place));
            }
            println!("  {name:<25} {}", figures(&ranks));
        }
    }
    Ok(())
}

fn rank(found: &[u32], place: usize) -> Option<usize> {
    found.iter().position(|&doc| doc as usize == place)
}

fn figures(ranks: &[Option<usize>]) -> String {
    let share = |most: usize| {
        ranks.iter().flatten().filter(|&&rank| rank < most).count() as f64 / ranks.len().max(1) as f64
    };
    let reciprocal: f64 = ranks.iter().flatten().map(|&rank| 1.0 / (rank as f64 + 1.0)).sum();
    format!("R@1 {:.2}  R@3 {:.2}  MRR {:.2}", share(1), share(3), reciprocal / ranks.len().max(1) as f64)
}

fn read_rules(folder: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for file in files(folder, &["yaml", "yml"])? {
        let log = file.with_file_name("test.log");
        let (Ok(rule), Ok(log)) = (std::fs::read(&file), std::fs::read(log)) else { continue };
        let rule = String::from_utf8_lossy(&rule).into_owned();
        let log = String::from_utf8_lossy(&log).into_owned();
        let prose: Vec<String> =
            ["description", "cause", "impact", "mitigation"].iter().map(|key| value(&rule, key)).collect();
        let patterns: Vec<String> = [values(&rule, "- regex"), values(&rule, "- value")].concat();
        let lines = || log.lines().filter(|line| !line.trim().is_empty());
        let first = lines().next().unwrap_or_default();
        let named = lines().find(|line| patterns.iter().any(|pattern| names(line, pattern))).unwrap_or(first);
        pages.push(Page {
            title: value(&rule, "title"),
            tags: value(&rule, "tags"),
            prose: prose.join("\n"),
            queries: Some([first.to_owned(), named.to_owned(), log.clone()]),
        });
    }
    Ok(pages)
}

/// Near enough to running the pattern: its longest run of plain text stands in the line.
fn names(line: &str, pattern: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || " _-:/,'".contains(c);
    let longest = pattern.split(|c| !plain(c)).max_by_key(|run| run.len()).unwrap_or_default().trim();
    longest.len() > 3 && line.contains(longest)
}

/// The value of a key of a rule: the rest of its line, or the lines that are indented below it.
fn value(rule: &str, key: &str) -> String {
    values(rule, key).into_iter().next().unwrap_or_default()
}

fn values(rule: &str, key: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = rule.lines().collect();
    let mut values = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix(key).and_then(|rest| rest.strip_prefix(':')) else {
            continue;
        };
        let mut text = rest.trim().trim_matches(['|', '>', '"', '\'', '-', '+']).to_owned();
        for below in &lines[at + 1..] {
            let list = below.trim_start().starts_with("- ") && indent(below) == indent(line);
            if !below.trim().is_empty() && indent(below) <= indent(line) && !list {
                break;
            }
            text.push('\n');
            text.push_str(below.trim());
        }
        values.push(text);
    }
    values
}

fn read_distractors(folders: &[String]) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for folder in folders {
        for file in files(Path::new(folder), &["md", "txt", "rst"])? {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut rest = text.as_str();
            while !rest.trim().is_empty() && pages.len() < DISTRACTORS_MAX {
                let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK_BYTES));
                let title = chunk.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                pages.push(Page { title: title.to_owned(), prose: chunk.to_owned(), ..Page::default() });
                rest = after;
            }
        }
    }
    Ok(pages)
}

/// All files below a folder with one of these endings, in order.
fn files(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// tantivy as it comes: its default tokenizer, our boosts.
struct Baseline {
    searcher: Searcher,
    index: Tantivy,
    fields: [(Field, f32); 3],
}

impl Baseline {
    fn build(pages: &[Page]) -> Result<Self> {
        let mut schema = Schema::builder();
        let fields = [("title", 2.0), ("tags", 1.5), ("prose", 1.0)]
            .map(|(name, boost)| (schema.add_text_field(name, TEXT), boost));
        let index = Tantivy::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 64 << 20)?;
        for page in pages {
            let mut document = TantivyDocument::default();
            for ((field, _), text) in fields.iter().zip([&page.title, &page.tags, &page.prose]) {
                document.add_text(*field, text);
            }
            writer.add_document(document)?;
        }
        writer.commit()?;
        let searcher = index.reader()?.searcher();
        Ok(Self { searcher, index, fields })
    }

    fn search(&self, text: &str, tuned: bool) -> Result<Vec<u32>> {
        let mut words = BTreeSet::new();
        let mut tokenizer = self.index.tokenizer_for_field(self.fields[0].0)?;
        tokenizer.token_stream(text).process(&mut |token| {
            words.insert(token.text.clone());
        });
        let mut rare = Vec::new();
        for word in words {
            let mut most = 0;
            for (field, _) in self.fields {
                most = most.max(self.searcher.doc_freq(&Term::from_field_text(field, &word))?);
            }
            if most > 0 {
                rare.push((most, word));
            }
        }
        rare.sort();
        rare.truncate(if tuned { TERMS } else { usize::MAX });
        let mut clauses: Vec<(Occur, Box<dyn tantivy::query::Query>)> = Vec::new();
        for (_, word) in &rare {
            for (field, boost) in self.fields {
                let query = TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs);
                let boost = if tuned { boost } else { 1.0 };
                clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(query), boost))));
            }
        }
        let top = TopDocs::with_limit(10).order_by_score();
        let found = self.searcher.search(&BooleanQuery::new(clauses), &top)?;
        Ok(found.into_iter().map(|(_, address)| address.doc_id).collect())
    }
}
