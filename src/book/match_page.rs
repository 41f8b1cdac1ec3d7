//! The page "Match a log": its text, its matcher in JavaScript, and the table that it searches with.
//!
//! The matcher is plain script, read as it stands in `book/theme/match`: one function, `kbEngine`, that
//! the page runs beside itself in a worker. What stands behind its calls (`prepare` and `triage`) can be
//! replaced by anything that takes and gives the same, such as kb itself as WebAssembly. The loader in
//! `kb.js` brings these files to the page that asks for them, and to no other.

use super::Chapter;
use super::table::table;
use crate::runbook::KnowledgeBase;

/// The files of the matcher, in the order they are put together.
const ENGINE: [&str; 11] = [
    include_str!("../../book/theme/match/bytes.js"),
    include_str!("../../book/theme/match/json.js"),
    include_str!("../../book/theme/match/scan.js"),
    include_str!("../../book/theme/match/wrapped.js"),
    include_str!("../../book/theme/match/hit.js"),
    include_str!("../../book/theme/match/time.js"),
    include_str!("../../book/theme/match/window.js"),
    include_str!("../../book/theme/match/rank.js"),
    include_str!("../../book/theme/match/triage.js"),
    include_str!("../../book/theme/match/journal.js"),
    include_str!("../../book/theme/match/input.js"),
];

const PAGE: &str = include_str!("../../book/theme/match/page.js");
const STYLE: &str = include_str!("../../book/theme/match/page.css");
const FORM: &str = include_str!("../../book/theme/match/form.html");

/// The matcher as one script. It defines `kbEngine()`, which gives `prepare(table)`,
/// `triage(prepared, inputs, options, progress)`, `readable(bytes)` to show what they found,
/// `unpack(bytes)` for what is dropped, and `work(scope)`, which does all that for a worker.
pub fn engine() -> String {
    let body = ENGINE.join("\n");
    format!(
        "function kbEngine() {{\n\"use strict\";\n{body}\n\
         return {{ prepare, triage, readable, unpack, work }};\n}}\n"
    )
}

/// The files of the page, by their path in the book.
pub fn files(base: &KnowledgeBase) -> [(&'static str, String); 3] {
    let table = serde_json::to_string(&table(base)).expect("the table holds names, texts and numbers");
    [
        ("match/page.css", STYLE.to_owned()),
        ("match/page.js", format!("{}\n{PAGE}", engine())),
        ("match/table.js", format!("self.kbTable = {table};\n")),
    ]
}

/// The page.
pub(super) fn chapter() -> Chapter {
    Chapter::new("Match a log".into(), "find/match.md".into(), &FORM.replace('\n', " "), Vec::new())
}
