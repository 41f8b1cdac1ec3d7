//! Cases of searching by words: `words` blocks are typed, `log` blocks are pasted.
//!
//! `page` blocks with an `id=` are the runbooks; without any, the built-in ones are searched. Each
//! line of a `words` block is a search of its own; what comes out is the first runbook and, for
//! pages of the case, the passage with what is highlighted. What comes out of a `log` block are the
//! runbooks that are suggested for it; with `lines`, those of each line. `noise` asks how many
//! lines of the healthy sample have a suggestion.

use std::path::Path;
use std::sync::Arc;

use kb::runbook::{KnowledgeBase, Origin};
use kb::text::SourceFile;
use kb::triage::library::{Found, Library};
use kb::triage::shape::Shapes;

use crate::cases::{self, Block};

/// Runs a case file.
pub(crate) fn file(path: &Path, text: String) -> cases::Result {
    cases::check(path, &text, |case| {
        let pages: Vec<_> = case.blocks("page").map(page).collect();
        let own = !pages.is_empty();
        let base = KnowledgeBase::from_sources(if own { pages } else { built_in() });
        let library = Library::new(&base);
        let answers = case.blocks.iter().filter_map(|block| match block.kind() {
            "words" => Some(block.text.lines().map(|words| searched(&library, words, own)).collect()),
            "log" if block.info.contains("lines") => {
                Some(block.text.lines().map(|line| suggested(&library, line)).collect())
            }
            "log" => Some(suggested(&library, &block.text)),
            "noise" => Some(noise(&library)),
            _ => None,
        });
        answers.collect()
    })
}

fn page(block: &Block) -> (Arc<SourceFile>, Origin) {
    let id = block.key("id").unwrap_or("page");
    (Arc::new(SourceFile::new(format!("{id}.md"), block.text.as_str())), Origin::Named)
}

fn built_in() -> Vec<(Arc<SourceFile>, Origin)> {
    kb::disk::built_in().into_iter().map(|file| (Arc::new(file), Origin::BuiltIn)).collect()
}

fn searched(library: &Library<'_>, words: &str, own: bool) -> String {
    let found = library.search(words, 3);
    match found.first() {
        None => "nothing\n".to_owned(),
        Some(first) if !own => format!("{}\n", first.runbook),
        Some(_) => found.iter().map(shown).collect(),
    }
}

fn shown(found: &Found) -> String {
    let mut text = found.passage.text.clone();
    for range in found.passage.highlights.iter().rev() {
        text.insert(range.end, '»');
        text.insert(range.start, '«');
    }
    format!("{}  {}: {text}\n", found.runbook, found.passage.section.as_deref().unwrap_or("-"))
}

fn suggested(library: &Library<'_>, log: &str) -> String {
    let lines: Vec<&[u8]> = log.lines().map(str::as_bytes).collect();
    let found = library.suggest(&lines, 3);
    if found.is_empty() {
        return "nothing\n".to_owned();
    }
    found.iter().map(|found| format!("{}  ({})\n", found.runbook, found.words.join(", "))).collect()
}

/// How many of a hundred kinds of healthy lines lead somewhere, rounded up.
fn noise(library: &Library<'_>) -> String {
    let noise = kb::proof::noise(kb::proof::NOISE_SEED, kb::proof::NOISE_BYTES);
    let mut shapes = Shapes::default();
    for line in noise.split(|&byte| byte == b'\n') {
        shapes.add(line);
    }
    let all = shapes.iter().count();
    let led = shapes.iter().filter(|shape| !library.suggest(&[&shape.message], 1).is_empty()).count();
    format!("at most {} of 100 kinds of lines\n", (100 * led).div_ceil(all.max(1)))
}
