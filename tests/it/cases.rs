//! Case files: Markdown in which a heading is a case and its fenced blocks are what goes in and
//! what must come out.
//!
//! [`check`] is all that a runner needs: it hands over each case, compares what the runner gives
//! back with the `expect` blocks, and with `KB_UPDATE=1` writes the new ones into the file.

#![expect(clippy::disallowed_methods, reason = "a test reads its switch and writes its case files")]

use std::fmt;
use std::ops::Range;
use std::path::Path;

use similar::{ChangeTag, TextDiff};

/// What a runner returns.
pub(crate) type Result = datatest_stable::Result<()>;

/// Why a test failed, shown as it is written.
pub(crate) struct Failure(pub(crate) String);

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// Everything after the fence (`sh check x`).
    pub(crate) info: String,
    /// The lines between the fences, each with its line end.
    pub(crate) text: String,
    /// Where `text` stands in the file.
    pub(crate) span: Range<usize>,
}

impl Block {
    /// The first word after the fence.
    pub(crate) fn kind(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or("")
    }

    /// The value of `key=value` after the fence.
    pub(crate) fn key(&self, key: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

/// A heading and the blocks below it.
#[derive(Debug)]
pub(crate) struct Case {
    /// The heading, without its `#`.
    pub(crate) title: String,
    /// The blocks in the order written.
    pub(crate) blocks: Vec<Block>,
}

impl Case {
    /// The text of the first block of a kind.
    pub(crate) fn block(&self, kind: &str) -> Option<&str> {
        self.blocks.iter().find(|block| block.kind() == kind).map(|block| block.text.as_str())
    }

    /// All blocks of a kind.
    pub(crate) fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind() == kind)
    }
}

/// Runs every case of a file. `run` gives the text for each `expect` block of the case, in order.
pub(crate) fn check(path: &Path, text: &str, mut run: impl FnMut(&Case) -> Vec<String>) -> Result {
    check_blocks(path, text, |case| {
        let texts = run(case);
        let blocks: Vec<&Block> = case.blocks("expect").collect();
        assert_eq!(blocks.len(), texts.len(), "{}: one `expect` block for each result", case.title);
        blocks.into_iter().map(|block| block.span.clone()).zip(texts).collect()
    })
}

/// Runs every case of a file. `run` gives new text for the blocks it names by their span; a block
/// that was right is given back as it is.
pub(crate) fn check_blocks(
    path: &Path,
    text: &str,
    mut run: impl FnMut(&Case) -> Vec<(Range<usize>, String)>,
) -> Result {
    let cases = read(text);
    assert!(!cases.is_empty(), "{}: no heading with a block below it", path.display());
    let mut updated = String::new();
    let mut done = 0;
    let mut wrong = String::new();
    for case in &cases {
        for (span, mut actual) in run(case) {
            if !actual.is_empty() && !actual.ends_with('\n') {
                actual.push('\n');
            }
            let opening = text[..span.start].lines().next_back().and_then(opens);
            let fence = opening.map_or_else(String::new, |(fence, _)| fence);
            if actual.lines().any(|line| closes(line, &fence)) {
                let line = text[..span.start].lines().count();
                let place = format!("{}:{line}: {}", path.display(), case.title);
                return Err(
                    Failure(format!("{place}: the output holds its fence; write a longer one")).into()
                );
            }
            if text[span.clone()] != actual {
                let line = text[..span.start].lines().count() + 1;
                wrong.push_str(&format!("\n{}:{line}: {}\n", path.display(), case.title));
                wrong.push_str(&difference(&text[span.clone()], &actual));
            }
            updated.push_str(&text[done..span.start]);
            updated.push_str(&actual);
            done = span.end;
        }
    }
    updated.push_str(&text[done..]);
    if wrong.is_empty() {
        return Ok(());
    }
    if std::env::var_os("KB_UPDATE").is_some() {
        return Ok(std::fs::write(path, updated)?);
    }
    Err(Failure(format!("{wrong}\n(KB_UPDATE=1 cargo test writes what came out; read the diff like code)"))
        .into())
}

/// The cases of a file.
pub(crate) fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<(String, String, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if let Some((fence, info, from)) = &open {
            if closes(line, fence) {
                let block = Block { info: info.clone(), text: text[*from..start].into(), span: *from..start };
                if let Some(case) = cases.last_mut() {
                    case.blocks.push(block);
                }
                open = None;
            }
        } else if let Some((fence, info)) = opens(line) {
            open = Some((fence, info, at));
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().to_owned();
            cases.push(Case { title, blocks: Vec::new() });
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    cases.retain(|case| !case.blocks.is_empty());
    cases
}

fn opens(line: &str) -> Option<(String, String)> {
    let first = line.chars().next().filter(|first| "`~".contains(*first))?;
    let length = line.chars().take_while(|c| *c == first).count();
    (length >= 3).then(|| (line[..length].to_owned(), line[length..].trim().to_owned()))
}

fn closes(line: &str, fence: &str) -> bool {
    let line = line.trim_end();
    line.starts_with(fence) && line.chars().all(|c| fence.starts_with(c))
}

/// Lines that are gone with `-`, lines that came with `+`.
pub(crate) fn difference(expected: &str, actual: &str) -> String {
    let diff = TextDiff::from_lines(expected, actual);
    diff.iter_all_changes()
        .map(|change| match change.tag() {
            ChangeTag::Delete => format!("-{change}"),
            ChangeTag::Insert => format!("+{change}"),
            ChangeTag::Equal => format!(" {change}"),
        })
        .collect()
}
