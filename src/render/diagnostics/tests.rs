//! What a diagnostic looks like.

use std::sync::Arc;

use super::*;
use crate::diag::Diagnostic;
use crate::render::style::Screen;
use crate::text::SourceFile;

fn shown(text: &str, start: usize, end: usize) -> String {
    let source = Arc::new(SourceFile::new("a b.md", text));
    let found = Diagnostic::error("unknown-word", (start..end).into(), "unknown word `colour`")
        .hint("Did you mean `count`?")
        .at(&source);
    let mut bytes = Vec::new();
    let screen = Screen { ascii: true, ..Screen::plain(80) };
    human(&mut Out::new(&mut bytes, screen), &[found]).expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn place_line_caret_and_hint() {
    let text = shown("# A\n\n```text symptom colour\n", 21, 27);
    assert_eq!(
        text,
        "error[unknown-word]: unknown word `colour`\n \
         --> a b.md:3:17\n  \
         |\n\
         3 | ```text symptom colour\n  \
         |                 ^^^^^^\n  \
         |\n  \
         = help: Did you mean `count`?\n\n"
    );
}

#[test]
fn a_strangers_line_is_escaped_and_the_caret_still_fits() {
    let text = shown("a\u{1b}[2Jb \u{202e}colour\n", 10, 16);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(text.contains("a\\x1b[2Jb \\u{202e}colour"), "{text}");
    assert!(text.contains("                 ^^^^^^"), "{text}");
}

#[test]
fn odd_places_do_not_panic() {
    for (text, start, end) in
        [("", 0, 0), ("a", 1, 1), ("a\n", 2, 2), ("a\nb\nc", 0, 5), ("é", 1, 2), ("x", 7, 9)]
    {
        assert!(shown(text, start, end).starts_with("error"), "{text:?} {start} {end}");
    }
}

#[test]
fn sarif_shows_what_a_terminal_acts_on() {
    let source = Arc::new(SourceFile::new("a.md", "# A\n"));
    let message = "one\ntwo \u{9b}31m \u{202e}é\u{7f}";
    let found = Diagnostic::warning("r", (0..1).into(), message).at(&source);
    let mut bytes = Vec::new();
    sarif(&mut bytes, &[found]).expect("a vector takes everything");
    let text = std::str::from_utf8(&bytes).expect("text");
    assert!(text.contains(r#""text": "one\ntwo \u009b31m \u202eé\u007f""#), "{text}");
    let document: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(document["runs"][0]["results"][0]["message"]["text"], message);
}

#[test]
fn sarif_names_rule_place_and_file() {
    let source = Arc::new(SourceFile::new("a b.md", "# A\nxé\n"));
    let found = Diagnostic::warning("r", (5..7).into(), "m").at(&source);
    let mut bytes = Vec::new();
    sarif(&mut bytes, &[found]).expect("a vector takes everything");
    let document: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "r");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.md");
    assert_eq!(place["region"]["startLine"], 2);
    assert_eq!(place["region"]["startColumn"], 2);
    assert_eq!(place["region"]["endColumn"], 3);
}
