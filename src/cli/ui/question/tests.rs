//! What an answer means.

use super::*;

const CHOICES: &[Choice<u8>] = &[
    Choice { key: 'y', name: "yes", answer: 1 },
    Choice { key: 'N', name: "no", answer: 2 },
    Choice { key: 's', name: "skip", answer: 3 },
];

#[test]
fn a_key_or_a_name_in_any_case() {
    assert_eq!(understand(b"y", CHOICES), Some(1));
    assert_eq!(understand(b" YES \r", CHOICES), Some(1));
    assert_eq!(understand(b"skip", CHOICES), Some(3));
}

#[test]
fn an_empty_line_is_never_yes() {
    assert_eq!(understand(b"", CHOICES), Some(2));
    assert_eq!(understand(b"", &CHOICES[..1]), None);
}

#[test]
fn anything_else_is_asked_again() {
    assert_eq!(understand(b"yy", CHOICES), None);
    assert_eq!(understand(b"\xff", CHOICES), None);
}
