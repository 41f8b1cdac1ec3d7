//! Go's patterns as lines of ours.

use regex::bytes::Regex;

use super::{parts, pattern, text};
use crate::runbook::{Pattern, pattern::read_line};

fn lines(go: &str) -> Vec<String> {
    pattern(go).expect("a pattern")
}

#[test]
fn what_is_literal_is_written_literally() {
    for (go, ours) in [
        ("Mnesia is overloaded", "Mnesia is overloaded"),
        (".*Plugin failed.*has no signature.*", "Plugin failed...has no signature"),
        (r"\[error\].+no live", r"/\[error\].+no live/"),
        (r"a\.b\.c\.d: x", "a.b.c.d: x"),
        (r"ends\. .*here", r"ends. ...here"),
        (r"ends\..*here", r"/ends\..*here/"),
        ("<6> x", r"\<6> x"),
        ("/var/log", r"\/var/log"),
    ] {
        assert_eq!(lines(go), [ours], "{go}");
    }
}

#[test]
fn alternatives_become_lines_with_their_flags() {
    assert_eq!(lines("one thing|two (a|b) things"), ["one thing", "/two (a|b) things/"]);
    assert_eq!(lines("(one thing|two things)"), ["one thing", "two things"]);
    assert_eq!(lines("(?i)(?:one thing|two things)"), ["/(?i)one thing/", "/(?i)two things/"]);
    assert_eq!(lines("(?i)one thing|two things"), ["/(?i)one thing/", "/(?i)two things/"]);
}

#[test]
fn go_is_laxer_about_what_stands_unescaped() {
    for (go, line) in [
        (r#"Response: {"errors":\[{"status"#, r#"Response: {"errors":[{"status"#),
        (r"[[]warn[]] x{2}yz", "[warn] xxyz"),
        (r"\Qa.b*c\E\d", "a.b*c7"),
        (r"(?P<name>\w+) is <gone\>", "it is <gone>"),
        ("it[’']s gone", "it’s gone"),
        (r"a\/b\-c", "a/b-c"),
        (r"caf\x{e9} \p{Greek}+ end", "café αβγ end"),
        (r"c\101f\x65 is \0137x", "cAfe is \u{b}7x"),
    ] {
        let ours = lines(go);
        let read = read_line(&ours[0], false).expect("a line").expect("a signature");
        let found = match read.pattern {
            Pattern::Regex(pattern) => Regex::new(&pattern).expect("a pattern").is_match(line.as_bytes()),
            Pattern::Pieces(_) => ours[0].replace("\\<", "<") == line,
        };
        assert!(found, "{go}: {ours:?} on {line}");
    }
    for go in ["", ".*", "(unclosed", "a{2,1}"] {
        assert!(pattern(go).is_err(), "{go}");
    }
}

#[test]
fn a_text_is_found_as_it_stands() {
    for (value, ours) in [
        ("plain", Some("plain")),
        ("a ... b", Some(r"a \... b")),
        (" led by a blank", Some("/ led by a blank/")),
        ("! not", Some(r"\! not")),
        ("two\nlines", None),
        ("", None),
    ] {
        assert_eq!(text(value).as_deref(), ours, "{value:?}");
    }
}

#[test]
fn the_parts_of_a_pattern_can_stand_on_lines_of_their_own() {
    assert_eq!(parts("first.*second(.+)third"), Some(vec!["first".into(), "second".into(), "third".into()]));
    assert_eq!(parts("one piece"), None);
}
