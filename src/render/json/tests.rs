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
