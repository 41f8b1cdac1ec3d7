//! What a library answers when it is asked strangely. What it finds is in `tests/cases/library`.

use std::sync::Arc;

use super::{Library, paragraphs};
use crate::runbook::{KnowledgeBase, Origin};
use crate::text::SourceFile;

fn base(pages: &[(&str, &str)]) -> KnowledgeBase {
    let sources =
        pages.iter().map(|(id, text)| (Arc::new(SourceFile::new(format!("{id}.md"), *text)), Origin::Named));
    KnowledgeBase::from_sources(sources.collect())
}

const LOOP: (&str, &str) = (
    "loop",
    "# A node hears its own advertisement\n\nSet Net.ReversePathFwdCheckPromisc to 1 with esxcli, \
     and switch promiscuous mode of the vSwitch off and on.\n",
);

#[test]
fn an_empty_library_finds_nothing() {
    let base = base(&[]);
    let empty = Library::new(&base);
    assert_eq!(empty.search("anything", 5), []);
    assert_eq!(empty.suggest(&[b"promiscuous mode of the vSwitch"], 5), []);
}

#[test]
fn a_library_of_one_page_can_suggest_it() {
    let base = base(&[LOOP]);
    let single = Library::new(&base);
    let line: &[u8] = b"esxcli: cannot set Net.ReversePathFwdCheckPromisc, promiscuous mode";
    let found = single.suggest(&[line], 5);
    assert_eq!(found.len(), 1);
    assert!(found[0].words.contains(&"Net.ReversePathFwdCheckPromisc".to_owned()), "{found:?}");
    assert_eq!(single.suggest(&[line], 0), []);
    assert_eq!(single.suggest(&[b"the mode is set to off"], 5), []);
}

#[test]
fn a_line_said_often_says_little_more() {
    let base = base(&[LOOP]);
    let single = Library::new(&base);
    let line: &[u8] = b"esxcli: cannot set Net.ReversePathFwdCheckPromisc, promiscuous mode";
    let once = single.suggest(&[line], 1)[0].score;
    let often = single.suggest(&[line; 100], 1)[0].score;
    assert!(often >= once && often <= 2.0 * once, "{once} {often}");
}

#[test]
fn no_bytes_are_too_strange() {
    let base = base(&[LOOP]);
    let single = Library::new(&base);
    let long = b"vSwitch promiscuous ".repeat(50_000);
    for line in [&b"\xff\xfe promiscuous \0"[..], b"", b"\r", b"\x1b[31m", &long] {
        let _ = single.suggest(&[line], 5);
        let _ = single.search(&String::from_utf8_lossy(line), 5);
    }
}

#[test]
fn wrapped_prose_is_put_together_again() {
    let lines: [&[u8]; 6] = [b"one two", b"three", b"", b"alone", b"", b"Nov 12 11:25:51 fw kernel: x"];
    assert_eq!(paragraphs(&lines), ["one two three"]);
}
