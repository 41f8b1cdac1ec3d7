//! Is the right page among the first three for one line of a log that no signature knows?
//!
//! A rule is a page without its patterns and its logs; the question is the first line of its log that
//! its patterns found. Other texts, cut to the size of a page, stand beside it. What kb suggests, how
//! its index ranks, and how tantivy does with its own tokenizer are told side by side.

#![expect(clippy::disallowed_methods, reason = "a bench reads the folders it is given")]

use std::collections::BTreeSet;
use std::path::Path;

use kb::runbook::KnowledgeBase;
use kb::triage::library::Library;
use kb_text::Mode;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TEXT};
use tantivy::{Searcher, TantivyDocument, Term};

use super::Rule;

/// Other texts are cut to about this size.
const PIECE_BYTES: usize = 2300;
/// So many pages there are at most.
const PAGES_MAX: usize = 10_000;
/// Terms of a question that the tuned baseline keeps, the rarest.
const TERMS: usize = 32;

/// The pages that a line leads to, the best first.
type Ask<'a> = Box<dyn Fn(&[u8]) -> Vec<String> + 'a>;

/// A rule that is looked for, and with what.
struct Question {
    id: String,
    line: Vec<u8>,
}

pub(super) fn run(rules: &[&Rule], texts: &[&Path]) {
    let questions = questions(rules);
    let mut pages: Vec<(String, String)> =
        rules.iter().map(|rule| (rule.imported.id.to_string(), bare(&rule.imported.page))).collect();
    let room = PAGES_MAX.saturating_sub(pages.len());
    pages.extend(texts.iter().flat_map(|folder| pieces(folder)).take(room).enumerate().map(
        |(number, text)| {
            let title = text.lines().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or("text");
            (format!("text-{number:05}"), format!("# {}\n\n{text}\n", title.trim().trim_start_matches('#')))
        },
    ));
    let base = super::knowledge(&pages);
    println!("{} questions, {} pages", questions.len(), base.runbooks.len());
    let library = Library::new(&base);
    let index = kb::triage::library::index(base.runbooks.iter());
    let baseline = Baseline::build(&base).expect("an index in memory");
    let of = |doc: u32| base.runbooks[doc as usize].id.to_string();
    let ways: [(&str, Ask<'_>); 4] = [
        (
            "kb: suggested",
            Box::new(|line| {
                library.suggest(&[line], 10).into_iter().map(|found| found.runbook.to_string()).collect()
            }),
        ),
        (
            "kb: ranked",
            Box::new(|line| {
                let query = index.query(&String::from_utf8_lossy(line), Mode::Log).expect("no syntax");
                index.ask(&query, 10).expect("in memory").into_iter().map(|scored| of(scored.doc)).collect()
            }),
        ),
        ("default tokenizer, tuned", Box::new(|line| baseline.ask(line, true).into_iter().map(of).collect())),
        ("default tokenizer", Box::new(|line| baseline.ask(line, false).into_iter().map(of).collect())),
    ];
    println!("{:26} {:>5} {:>5} {:>5} {:>7}", "", "R@1", "R@3", "MRR", "nothing");
    for (name, ask) in ways {
        let mut ranks = Vec::new();
        let mut nothing = 0;
        for question in &questions {
            let found = ask(&question.line);
            nothing += usize::from(found.is_empty());
            let rank = found.iter().position(|id| *id == question.id);
            if std::env::args().any(|argument| argument == "--misses") && rank.is_none_or(|rank| rank > 2) {
                let line = String::from_utf8_lossy(&question.line);
                println!(
                    "    {} {rank:?} {line:.160}\n        {:?}",
                    question.id,
                    &found[..found.len().min(3)]
                );
            }
            ranks.push(rank);
        }
        let count = ranks.len().max(1) as f64;
        let within = |most: usize| ranks.iter().flatten().filter(|rank| **rank < most).count() as f64 / count;
        let reciprocal: f64 = ranks.iter().flatten().map(|rank| 1.0 / (*rank as f64 + 1.0)).sum();
        println!("{name:26} {:>5.2} {:>5.2} {:>5.2} {nothing:>7}", within(1), within(3), reciprocal / count);
    }
}

/// The first line of each rule's log that its own patterns found.
fn questions(rules: &[&Rule]) -> Vec<Question> {
    let mut questions = Vec::new();
    for rule in rules {
        let Some(log) = &rule.log else { continue };
        let base = super::base(&[*rule]);
        let found = super::found(&base, &super::signatures(&base), log.clone(), &kb::proof::options());
        let instances = found.results.iter().flat_map(|result| &result.instances);
        if let Some(evidence) = instances.flat_map(|instance| &instance.evidence).min_by_key(|line| line.line)
        {
            questions.push(Question { id: rule.imported.id.to_string(), line: evidence.text.raw().to_vec() });
        }
    }
    questions
}

/// The page without what the rule's patterns and logs say.
fn bare(page: &str) -> String {
    let mut kept = String::new();
    let mut drop = false;
    for line in page.lines() {
        if line.starts_with("## ") {
            drop = line == "## Symptoms" || line == "## Logs that came with the rule";
        }
        if !drop && !line.starts_with("- **Not said here**") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The texts below a folder in pieces.
fn pieces(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if ["md", "txt", "rst"].contains(&ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut pieces = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let mut rest = text.as_ref();
        while !rest.trim().is_empty() {
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE_BYTES.min(rest.len())));
            pieces.push(piece.to_owned());
            rest = after;
        }
    }
    pieces
}

/// tantivy with the tokenizer it comes with.
struct Baseline {
    searcher: Searcher,
    index: tantivy::Index,
    fields: [(Field, f32); 3],
}

impl Baseline {
    fn build(base: &KnowledgeBase) -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        let fields = [("title", 2.0), ("facts", 1.5), ("prose", 1.0)]
            .map(|(name, boost)| (schema.add_text_field(name, TEXT), boost));
        let index = tantivy::Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 64 << 20)?;
        for runbook in &base.runbooks {
            let facts: Vec<&str> = runbook.facts.iter().map(|fact| fact.text.as_str()).collect();
            let prose: String = runbook.source.text.lines().skip(1).fold(String::new(), |all, line| {
                if line.starts_with("- **") { all } else { all + line + "\n" }
            });
            let mut document = TantivyDocument::default();
            for ((field, _), text) in fields.iter().zip([runbook.title.as_str(), &facts.join("\n"), &prose]) {
                document.add_text(*field, text);
            }
            writer.add_document(document)?;
        }
        writer.commit()?;
        let searcher = index.reader()?.searcher();
        Ok(Self { searcher, index, fields })
    }

    /// `tuned`: with our boosts and only the rarest terms.
    fn ask(&self, line: &[u8], tuned: bool) -> Vec<u32> {
        self.search(&String::from_utf8_lossy(line), tuned).expect("an index in memory")
    }

    fn search(&self, text: &str, tuned: bool) -> tantivy::Result<Vec<u32>> {
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
