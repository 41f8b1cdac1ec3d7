//! The table that was counted is read as it was written.

use super::{DOCS, TABLE, frequency, per_mille};
use crate::tokens::{Mode, Tokens};

#[test]
fn every_line_of_the_table_is_found() {
    let lines: Vec<(&str, u64)> = TABLE
        .lines()
        .map(|line| {
            let (stem, share) = line.split_once(' ').unwrap();
            (stem, share.parse().unwrap())
        })
        .collect();
    assert!(lines.len() > 2000);
    assert!(lines.is_sorted_by(|one, other| one.0 < other.0));
    for (stem, share) in lines {
        assert_eq!(per_mille(stem), Some(share), "{stem}");
        assert!(share > 0 && share <= DOCS, "{stem}");
        let tokens = Tokens::of(stem, Mode::Prose);
        assert_eq!(tokens.len(), 1, "{stem}");
    }
    for stem in ["", " ", "!", "a ", "zzzz", "\u{10ffff}", "the 800"] {
        assert_eq!(per_mille(stem), None, "{stem:?}");
    }
}

#[test]
fn ordinary_words_are_frequent_and_identifiers_unknown() {
    assert!(frequency("the") > frequency("connect"));
    assert!(frequency("connect") > frequency("loopback"));
    assert_eq!(frequency("siocaifaddr"), 0);
}

#[test]
fn rare_words_say_more_than_common_ones() {
    assert!(super::bits("error: connection failed") < super::bits("nf_conntrack: table full"));
    assert!(super::bits("siocaifaddr") > 10.0);
    assert!(super::bits("ssl") < 5.0);
    assert!((super::bits("siocaifaddr siocaifaddr") - super::bits("siocaifaddr")).abs() < 0.001);
    assert!(super::bits("") == 0.0);
}
