//! What a terminal sends, and what must come out.

use super::*;

fn paste(bytes: &[u8]) -> (Option<Typed>, Paste) {
    let mut paste = Paste::default();
    let mut typed = None;
    for byte in bytes.chunks(3) {
        typed = typed.or_else(|| paste.take(byte, b"KB-END"));
    }
    (typed, paste)
}

fn text(text: &str) -> Typed {
    Typed::Text(text.as_bytes().to_vec())
}

#[test]
fn ends_after_the_line_with_the_mark() {
    assert_eq!(paste(b"a\rb\rKB-END 0\r").0, Some(text("a\nb\nKB-END 0\n")));
    assert_eq!(paste(b"a\rKB-END").0, None);
}

#[test]
fn a_marked_paste_ends_with_its_mark_also_without_a_line_end() {
    assert_eq!(paste(b"\x1b[200~a\r\nKB-END 0\x1b[201~").0, Some(text("a\nKB-END 0")));
    assert_eq!(paste(b"\x1b[200~a\rKB-END\rmore\x1b[201~").0, Some(text("a\nKB-END\nmore")));
}

#[test]
fn keys_mean_something_only_outside_of_a_marked_paste() {
    assert_eq!(paste(b"abc\x03").0, Some(Typed::Interrupted));
    assert_eq!(paste(b"\x04").0, Some(Typed::End));
    assert_eq!(paste(b"ab\x7fc\x04").0, Some(text("ac")));
    assert_eq!(paste(b"\x1b[200~a\x03\x04\x7fKB-END\x1b[201~").0, Some(text("a\x03\x04\x7fKB-END")));
}

#[test]
fn several_marked_pastes_are_one() {
    assert_eq!(paste(b"\x1b[200~a\r\x1b[201~\x1b[200~KB-END\r\x1b[201~").0, Some(text("a\nKB-END\n")));
}

#[test]
fn a_flood_is_cut() {
    let (typed, paste) = paste(&vec![b'x'; BYTES_MAX + 100]);
    assert_eq!((typed, paste.text().len()), (None, BYTES_MAX));
}
