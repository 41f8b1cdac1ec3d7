//! Which stretch of a text is shown, and what is highlighted in it.

use crate::index::{Doc, Index};
use crate::query::Query;
use crate::tokens::Mode;

const TEXT: &str = "Nothing here. The host of the guest sends frames back. Much further on it says that \
    promiscuous mode is on, and that Net.ReversePathFwdCheckPromisc is off; the guest hears itself. \
    The end is far away and says nothing more.";

fn query(words: &str) -> Query {
    Index::build(&[Doc { prose: TEXT, ..Doc::default() }]).unwrap().query(words, Mode::Prose).unwrap()
}

fn shown(words: &str, bytes: usize) -> (String, Vec<String>) {
    let found = query(words).passage(TEXT, bytes).unwrap();
    let highlights = found.highlights.iter().map(|range| TEXT[range.clone()].to_owned()).collect();
    (TEXT[found.range].to_owned(), highlights)
}

#[test]
fn the_densest_stretch_is_shown() {
    let (text, highlights) = shown("guest promiscuous hears", 40);
    assert_eq!(highlights, ["guest", "hears"], "{text}");
    let (text, highlights) = shown("guest promiscuous hears", 140);
    assert_eq!(highlights, ["promiscuous", "guest", "hears"], "{text}");
    assert!(text.len() <= 140 && text.starts_with(char::is_alphabetic), "{text}");
}

#[test]
fn an_identifier_is_highlighted_as_one() {
    let (_, highlights) = shown("Net.ReversePathFwdCheckPromisc", 60);
    assert_eq!(highlights, ["Net.ReversePathFwdCheckPromisc"]);
    let (_, highlights) = shown("reverse", 60);
    assert_eq!(highlights, ["Reverse"]);
}

#[test]
fn a_text_without_the_words_has_no_passage() {
    assert_eq!(query("guest").passage("quite another text", 100), None);
    assert_eq!(query("guest").passage("", 100), None);
}

#[test]
fn passages_are_cut_between_characters() {
    let text = "äöü ".repeat(50) + "guest" + &" äöü".repeat(50);
    for bytes in 1..60 {
        let found = query("guest").passage(&text, bytes).unwrap();
        assert!(text[found.range].contains("guest"));
    }
}
