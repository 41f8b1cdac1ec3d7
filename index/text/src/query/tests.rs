//! Which words are asked, and what they are worth.

use super::distance;
use crate::index::{Doc, Index};
use crate::tokens::Mode;

fn index(texts: &[&str]) -> Index {
    let docs: Vec<Doc<'_>> = texts.iter().map(|text| Doc { prose: text, ..Doc::default() }).collect();
    Index::build(&docs).unwrap()
}

#[test]
fn only_the_rarest_words_are_asked() {
    let many: Vec<String> =
        (0..200).map(|number| format!("word{}", ["a", "b"][number % 2].repeat(number / 2 + 1))).collect();
    let index = index(&[&many.join(" "), "the the"]);
    let query = index.query(&format!("the {}", many.join(" ")), Mode::Log).unwrap();
    assert_eq!(query.words().len(), 32);
    assert!(query.words().iter().all(|word| word.term() != "the"));
}

#[test]
fn ordinary_words_say_little_even_where_they_are_rare() {
    let index = index(&["connection", "SIOCAIFADDR", "x"]);
    let query = index.query("connection SIOCAIFADDR", Mode::Log).unwrap();
    let rarity: Vec<f32> = query.words().iter().map(super::Word::rarity).collect();
    assert_eq!(query.words()[0].surface(), "SIOCAIFADDR");
    assert!(rarity[0] > 4.0 && rarity[1] < 2.5, "{rarity:?}");
}

#[test]
fn words_of_nowhere_are_counted_but_not_asked() {
    let index = index(&["carp"]);
    let query = index.query("carp zebra 12345 node-7f9c", Mode::Log).unwrap();
    assert_eq!(query.words().len(), 1);
    assert!(query.unknown() > 4.0, "{}", query.unknown());
    assert!(query.words().iter().all(|word| !word.is_near()));
}

#[test]
fn a_near_word_is_asked_only_for_a_person() {
    let index = index(&["promiscuous mode"]);
    assert_eq!(index.query("promiscous", Mode::Log).unwrap().words(), []);
    let query = index.query("promiscous", Mode::Prose).unwrap();
    assert_eq!((query.words()[0].surface(), query.words()[0].is_near()), ("promiscous", true));
}

#[test]
fn slips_are_counted() {
    for (wrong, right, most, expected) in [
        ("carp", "crap", 1, Some(1)),
        ("cap", "carp", 1, Some(1)),
        ("carpp", "carp", 1, Some(1)),
        ("cerp", "carp", 1, Some(1)),
        ("carp", "carp", 1, Some(0)),
        ("kernel", "colonel", 1, None),
        ("advertisment", "advertisement", 2, Some(1)),
        ("promisc", "promiscu", 2, Some(1)),
        ("carp", "nfs", 0, None),
        ("größe", "grösse", 2, Some(2)),
    ] {
        assert_eq!(distance(wrong, right, most), expected, "{wrong} {right}");
    }
}

#[test]
fn the_parts_of_an_identifier_stand_inside_it() {
    let index = index(&["Net.ReversePathFwdCheckPromisc"]);
    let query = index.query("set Net.ReversePathFwdCheckPromisc", Mode::Log).unwrap();
    assert!(query.words().len() > 4);
    assert!(query.words().iter().all(|word| word.source().start >= 4 && word.source().end <= 34));
}
