//! What must hold for positions and for text from outside.

use super::*;
use proptest::prelude::*;

#[test]
fn positions_count_characters() {
    let file = SourceFile::new("a.md", "äb\nc\n");
    assert_eq!(file.line_column(2), (1, 2));
    assert_eq!(file.line_column(4), (2, 1));
    assert_eq!(file.line(1), "äb");
    assert_eq!(file.line(9), "");
}

#[test]
fn text_that_is_not_utf8_says_where() {
    let file = SourceFile::from_bytes("a.md", b"ok\xff".to_vec());
    assert_eq!(file.broken_at, Some(2));
}

#[test]
fn known_attacks_become_visible() {
    let shown = |bytes: &[u8]| Untrusted::new(bytes).for_terminal();
    assert_eq!(shown(b"\x1b]52;c;AA\x07"), "\\x1b]52;c;AA\\x07");
    assert_eq!(shown("\u{202e}a\u{200b}".as_bytes()), "\\u{202e}a\\u{200b}");
    assert_eq!(shown(b"\xffz\n"), "\\xffz\\n");
    assert_eq!(shown("\u{9b}2J".as_bytes()), "\\x9b2J");
    assert_eq!(Untrusted::new(*b"a\r\nb\rc").lines_for_terminal(), "a\nb\\rc");
}

proptest! {
    #[test]
    fn no_control_byte_survives(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let shown = Untrusted::new(bytes).lines_for_terminal();
        prop_assert!(shown.chars().all(|c| c == '\n' || c == '\t' || !(c.is_control() || is_deceptive(c))));
    }
}
