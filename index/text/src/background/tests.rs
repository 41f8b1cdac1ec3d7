//! The table that was counted is read as it was written.

use super::{DOCS, PER_MILLE, TABLE, frequency};
use crate::tokens::{Mode, Tokens};

#[test]
fn every_line_of_the_table_is_read() {
    let words = TABLE.lines().map(|line| line.split_ascii_whitespace().count() - 1).sum::<usize>();
    assert_eq!(PER_MILLE.len(), words);
    assert!(words > 2000);
    assert!(PER_MILLE.values().all(|&share| share > 0 && u64::from(share) <= DOCS));
}

#[test]
fn its_words_are_terms() {
    for term in TABLE.lines().flat_map(|line| line.split_ascii_whitespace().skip(1)) {
        let tokens = Tokens::of(term, Mode::Prose);
        assert_eq!(tokens.len(), 1, "{term}");
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
