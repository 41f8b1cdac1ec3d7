//! Numbers, cuts and times as a person reads them.

use std::time::Duration;

use super::*;

#[test]
fn a_cut_says_so_and_fits() {
    assert_eq!(cut("short", 10), "short");
    assert_eq!(cut("rather long", 6), "rathe…");
    assert_eq!(columns(&cut("漢字漢字漢字", 7)), 7);
    assert_eq!(cut("two\nlines", 20), "two lines");
}

#[test]
fn numbers_are_grouped() {
    assert_eq!(grouped(7), "7");
    assert_eq!(grouped(1234), "1,234");
    assert_eq!(grouped(1_234_567), "1,234,567");
    assert_eq!(plural(1, "line"), "1 line");
    assert_eq!(plural(0, "line"), "0 lines");
}

#[test]
fn spans_in_their_unit() {
    let seconds = |seconds| span(Duration::from_secs(seconds));
    assert_eq!(seconds(20), "20 s");
    assert_eq!(seconds(600), "10 min");
    assert_eq!(seconds(3 * 3600), "3 h");
    assert_eq!(seconds(12 * 86400), "12 d");
    assert_eq!(seconds(13 * 31_557_600), "13 years");
    assert_eq!(ago(20_000_000), "20 s ago");
    assert_eq!(ago(-3_600_000_000), "60 min ahead of this clock");
}
