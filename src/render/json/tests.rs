//! What programs may rely on.

use super::*;

#[test]
fn base64_as_in_the_standard() {
    let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
    for (bytes, text) in pairs {
        assert_eq!(base64::encode(bytes.as_bytes()), text);
    }
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    assert_eq!(lossless(&Untrusted::new("é")), ("é".into(), None));
    assert_eq!(lossless(&Untrusted::new(b"a\xff")), ("a\u{fffd}".into(), Some("Yf8=".into())));
}

#[test]
fn the_shipped_schema_is_current() {
    let shipped = include_str!("../../../docs/schema/records.json");
    assert!(shipped == schema(), "run `kb schema > docs/schema/records.json`");
}

#[test]
fn every_record_has_version_and_type_first() {
    let mut text = Vec::new();
    let note = run::NoteRecord::new("x", "y");
    write(&mut text, Record::Note(note)).expect("a vector takes everything");
    assert!(text.starts_with(b"{\"kb\":1,\"type\":\"note\","), "{}", String::from_utf8_lossy(&text));
    assert!(text.ends_with(b"}\n"));
}

#[test]
fn what_a_terminal_acts_on_is_escaped_and_the_same_text() {
    let said = "a\u{1b}[31m\u{9b}31m\u{7f}\0 \u{202e}b\u{feff}\u{e0041} \"\\é😀";
    let mut text = Vec::new();
    write(&mut text, Record::Note(run::NoteRecord::new("x", said))).expect("a vector takes everything");
    let written = String::from_utf8(text).expect("JSON is UTF-8");
    assert!(!written.trim_end().contains(|c: char| c.is_control() || is_deceptive(c)), "{written:?}");
    let value: serde_json::Value = serde_json::from_str(&written).expect("it is JSON");
    assert!(value.as_object().expect("a record is an object").values().any(|value| value == said));
}
