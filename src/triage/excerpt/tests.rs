//! Cutting lines around what matched.

use super::*;

#[test]
fn the_match_is_shown_and_named_wherever_it_lies() {
    for lead in [0, 1, 150, 161, 300, 479, 480, 5000] {
        for tail in [0, 1, 300, 480, 5000] {
            let line = format!("{}NEEDLE{}", "é".repeat(lead), "ü".repeat(tail)).into_bytes();
            let (text, matched) = excerpt(&line, lead * 2..lead * 2 + 6, &mut None);
            assert_eq!(&text[matched], b"NEEDLE", "{lead} {tail}");
            assert!(std::str::from_utf8(&text).is_ok(), "{lead} {tail}: cut in a character");
            assert!(text.len() <= TEXT_BYTES_MAX + 2 * CUT.len());
            assert_eq!(line.len() > TEXT_BYTES_MAX, *text != *line, "{lead} {tail}");
        }
    }
}

#[test]
fn a_match_longer_than_the_excerpt_begins_in_it() {
    let line = b"x".repeat(3000);
    let (text, matched) = excerpt(&line, 100..2900, &mut None);
    assert!(matched.start < matched.end && matched.end <= text.len());
    let binary = vec![0x80; 3000];
    let (text, matched) = excerpt(&binary, 1000..1010, &mut None);
    assert_eq!(&text[matched], &[0x80; 10]);
}

#[test]
fn short_lines_are_kept_once() {
    let mut whole = None;
    let (one, _) = excerpt(b"a line", 0..1, &mut whole);
    let (other, _) = excerpt(b"a line", 2..3, &mut whole);
    assert!(Arc::ptr_eq(&one, &other));
}
