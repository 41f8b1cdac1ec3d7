//! What is dropped from a line, and what never is.

use super::*;

#[track_caller]
fn cleaned(line: &str, expected: &str) {
    let clean = clean(line.as_bytes());
    assert_eq!(String::from_utf8_lossy(&clean), expected, "{line:?}");
}

#[test]
fn plain_lines_stay_as_they_are() {
    for line in ["", "a line", "tab\tand \u{e9}\0\u{7f}", "a\rb", "[31mno escape"] {
        cleaned(line, line);
        assert!(matches!(clean(line.as_bytes()), Cow::Borrowed(_)));
    }
    assert_eq!(&*clean(b"\xff\xfe"), b"\xff\xfe");
}

#[test]
fn carriage_returns_at_the_end_are_dropped() {
    cleaned("line\r", "line");
    cleaned("line\r\r", "line");
    cleaned("\r", "");
    cleaned("line\r\x1b[0m\r", "line");
}

#[test]
fn colours_and_cursor_moves_are_dropped() {
    cleaned("\x1b[1;31merror\x1b[0m: no", "error: no");
    cleaned("\x1b[38:2::255:0:0mred\x1b[m", "red");
    cleaned("\x1b[?25l\x1b[2K\x1b[1Gline\x1b[ q", "line");
    cleaned("me\x1b[1mss\x1b[0mage", "message");
}

#[test]
fn titles_links_and_other_strings_are_dropped() {
    cleaned("\x1b]0;title\x07line", "line");
    cleaned("\x1b]8;;http://192.0.2.1/\x1b\\link\x1b]8;;\x1b\\ text", "link text");
    cleaned("\x1bPq#0\x1b\\\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\\x1bktitle\x1b\\line", "line");
}

#[test]
fn short_sequences_are_dropped() {
    cleaned("\x1b(B\x1b[mline\x1b=\x1b>\x1b7\x1b8\x1bM\x1b#8", "line");
}

#[test]
fn a_cut_or_broken_sequence_hides_no_text() {
    cleaned("line\x1b", "line");
    cleaned("line\x1b[", "line");
    cleaned("line\x1b[1;3", "line");
    cleaned("line\x1b(", "line");
    cleaned("\x1b]0;title without end", "0;title without end");
    cleaned("\x1b]0;one\x1b[1mtwo", "0;onetwo");
    cleaned("\x1b\x1b[31mred", "red");
    cleaned("\x1b[31\u{e9}", "\u{e9}");
    cleaned("\x1b\u{e9}", "\u{e9}");
    cleaned("\x1b\0a", "\0a");
}
