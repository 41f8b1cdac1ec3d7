//! The index of mdBook's search, over words that a log is made of.
//!
//! mdBook splits text at blanks and hyphens only, so `/Net/ReversePathFwdCheckPromisc` or
//! `nf_conntrack: table full` are found by nobody who types a part of it. Here text is split at whatever
//! is no letter or digit, and `kb.js` splits a query in the same way. Knows the shape of the file that
//! mdBook's own script reads, and packs what is large in it, which `kb.js` unpacks.

use std::collections::BTreeMap;

use elasticlunr::IndexBuilder;
use serde_json::{Map, Value, json};

use super::Chapter;
use super::html::text;

/// Longer words are noise: keys, hashes, base64.
const WORD_BYTES_MAX: usize = 80;

/// The text of `searchindex.js`.
pub(super) fn script<'a>(chapters: impl Iterator<Item = &'a Chapter>) -> String {
    let mut index = IndexBuilder::new()
        .add_field_with_tokenizer("title", Box::new(words))
        .add_field_with_tokenizer("body", Box::new(words))
        .add_field_with_tokenizer("breadcrumbs", Box::new(words))
        .build();
    let mut urls: Vec<String> = Vec::new();
    for chapter in chapters {
        let page = format!("{}.html", chapter.path.trim_end_matches(".md"));
        for passage in &chapter.passages {
            let body = passage.body.split_whitespace().collect::<Vec<_>>().join(" ");
            if passage.title.is_empty() && body.is_empty() {
                continue;
            }
            // mdBook's script puts this one into the page as HTML.
            let trail = if passage.title.is_empty() || passage.title == chapter.title {
                text(&chapter.title)
            } else {
                format!("{} » {}", text(&chapter.title), text(&passage.title))
            };
            index.add_doc(&urls.len().to_string(), [passage.title.as_str(), &body, &trail]);
            urls.push(if passage.id.is_empty() { page.clone() } else { format!("{page}#{}", passage.id) });
        }
    }
    let mut index = json!(index);
    for field in index["index"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        let mut words = BTreeMap::new();
        pack(&field["root"], &mut String::new(), &mut words);
        *field = json!({ "packed": words });
    }
    let file = json!({
        "results_options": { "limit_results": 30, "teaser_word_count": 30 },
        "search_options": {
            "bool": "AND",
            "expand": true,
            "fields": { "title": { "boost": 2 }, "body": { "boost": 1 }, "breadcrumbs": { "boost": 1 } },
        },
        "doc_urls": urls,
        "index": index,
    });
    // A string that JSON.parse reads is loaded faster than the same object as a script.
    let quoted = file.to_string().replace('\\', "\\\\").replace('\'', "\\'");
    format!("window.search = Object.assign(window.search, JSON.parse('{quoted}'));")
}

/// Takes the postings of each word out of the tree that elasticlunr makes of them, an object for each,
/// into one short text: `5 1*3 2` is passage 5 once, 6 three times, 8 once. `kb.js` makes the tree again.
fn pack(node: &Value, word: &mut String, words: &mut BTreeMap<String, String>) {
    let Some(fields) = node.as_object() else { return };
    for (key, below) in fields {
        match key.as_str() {
            "df" => {}
            "docs" => {
                let packed = postings(below);
                if !packed.is_empty() {
                    words.insert(word.clone(), packed);
                }
            }
            letter => {
                word.push_str(letter);
                pack(below, word, words);
                word.truncate(word.len() - letter.len());
            }
        }
    }
}

fn postings(docs: &Value) -> String {
    let number = |(passage, posting): (&String, &Value)| {
        // It is kept as its square root.
        let root = posting["tf"].as_f64()?;
        Some((passage.parse().ok()?, (root * root).round() as u64))
    };
    let mut all: Vec<(u64, u64)> = docs.as_object().into_iter().flatten().filter_map(number).collect();
    all.sort_unstable();
    let mut before = 0;
    let steps = all.into_iter().map(|(passage, times)| {
        let step = passage - std::mem::replace(&mut before, passage);
        if times == 1 { step.to_string() } else { format!("{step}*{times}") }
    });
    steps.collect::<Vec<_>>().join(" ")
}

/// Runs of letters and digits, in lower case.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() <= WORD_BYTES_MAX)
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests;
