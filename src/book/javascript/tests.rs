//! Expressions of the regex crate and what becomes of them.

use super::*;

fn written(regex: &str) -> Expression {
    let hir = kb_scan::Pattern::regex(regex).hir().expect("a pattern");
    expression(&hir)
}

#[test]
fn bytes_stand_for_characters() {
    for (regex, source) in [
        ("carp0: a b", "carp0: a b"),
        (r"a\.b/c", r"a\.b\/c"),
        ("é", r"\xc3\xa9"),
        (r"[a-f]+\d*?", "[a-f]+[0-9]*?"),
        (r"x(?:y|z{2,3})", "x(?:y|z{2,3})"),
        (r"^x$", "^x$"),
        (r"\bx", r"\bx"),
        (r"[^\]\-]x", r"[\x00-,\.-\\\^-\xff]x"),
    ] {
        let found = written(regex);
        assert_eq!((found.source.as_str(), found.differs.len()), (source, 0), "{regex}");
    }
}

#[test]
fn groups_are_numbered_by_their_names() {
    let found = written("(?P<one>a)(b)(?P<two>c)");
    assert_eq!(found.groups, ["one", "two"]);
    assert_eq!(found.source, "(a)(?:b)(c)");
}

#[test]
fn what_javascript_says_otherwise_is_named() {
    for regex in [r"(?:a|b*)*c", r"(?:(?P<x>a)|b)+", r"(?u:\bx)"] {
        assert!(!written(regex).differs.is_empty(), "{regex}");
    }
}
