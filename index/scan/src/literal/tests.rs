//! What is taken to be certain in a pattern.

use super::*;

/// The branches, each as its literals joined by `&`; a nocase literal is written in `~`.
fn ways(pattern: &Pattern) -> Vec<String> {
    let literal = |literal: &Literal| {
        let text = String::from_utf8_lossy(&literal.text()).into_owned();
        if literal.nocase { format!("~{text}~") } else { text }
    };
    let branches = required_literals(pattern).unwrap();
    branches.iter().map(|branch| branch.literals.iter().map(literal).collect::<Vec<_>>().join("&")).collect()
}

fn of(expression: &str) -> Vec<String> {
    ways(&Pattern::regex(expression))
}

#[test]
fn a_literal_is_its_own_literal() {
    assert_eq!(ways(&Pattern::literal("File exists")), ["File exists"]);
    assert_eq!(ways(&Pattern::literal("File").nocase()), ["~file~"]);
    assert_eq!(ways(&Pattern::literal("Grün").nocase().unicode()), ["~grÜn~", "~grün~"]);
}

#[test]
fn the_longest_text_of_a_concatenation_comes_first() {
    assert_eq!(of(r"ab\d+longest text.*mid"), ["longest text&mid&ab"]);
    assert_eq!(of(r"^(?P<who>\w+): (MASTER) -> \bBACKUP$"), [": MASTER -> BACKUP"]);
    assert_eq!(of(r"a\nb"), [""; 0], "no line holds a line feed");
}

#[test]
fn runs_of_blanks_hold_a_text_together() {
    assert_eq!(of(r"link[ \t]+state[ \t]+changed"), ["link state changed"]);
    let branches = required_literals(&Pattern::regex(r"link[ \t]+state")).unwrap();
    assert_eq!(branches[0].literals[0].words, [b"link".to_vec(), b"state".to_vec()]);
    assert_eq!(branches[0].literals[0].longest_word(), b"state");
    assert_eq!(of(r"link\s+state"), ["state&link"], "other white space is not a run of blanks");
}

#[test]
fn alternatives_become_branches() {
    assert_eq!(of(r"link (?:UP|DOWN)!"), ["link UP!", "link DOWN!"]);
    assert_eq!(of(r"carp|data.*loss"), ["carp", "data&loss"]);
    assert_eq!(of(r"colou?r"), ["color", "colour"]);
    assert_eq!(of(r"eth[01] up"), ["eth0 up", "eth1 up"]);
    assert_eq!(of(r"(?:error|warning|fatal).*out of memory"), ["out of memory"]);
}

#[test]
fn repeated_text_is_there_at_least_once() {
    assert_eq!(of(r"(?:ab)+c"), ["ab&c"]);
    assert_eq!(of(r"(?:ab){2}c"), ["ababc"]);
    assert_eq!(of(r"(?:ab){2,}c"), ["abab&c"]);
    assert_eq!(of(r"(?:ab)*c"), ["c"]);
    assert_eq!(of(r"x(?:ab){0}c"), ["xc"]);
    assert_eq!(of(r"a{4096}"), ["a"]);
}

#[test]
fn letter_case_is_ignored_where_the_pattern_ignores_it() {
    assert_eq!(of(r"(?i)Out Of Memory"), ["~out of memory~"]);
    assert_eq!(of(r"(?i:kernel): BUG"), ["~kernel: bug~"]);
    assert_eq!(of(r"[Ee]rror \d+ here"), ["~error ~& here"]);
}

#[test]
fn nothing_is_certain_where_nothing_is() {
    for expression in ["", ".*", r"\d+", "[^x]", "^$", "x*", "|a", "(?:abc)?", "abc|"] {
        assert!(of(expression).iter().any(String::is_empty), "{expression}: {:?}", of(expression));
    }
}

#[test]
fn many_alternatives_keep_those_that_help() {
    let many = format!("(?:{})", (10..99).map(|n| n.to_string()).collect::<Vec<_>>().join("|"));
    assert_eq!(of(&format!("{many}{many}: connection refused")), [": connection refused"]);
    assert_eq!(of(&format!("{many} s")).len(), 89, "each is better than what they share");
    assert_eq!(of(&"[ab]".repeat(1000)).len(), 2);
}

#[test]
fn hostile_patterns_are_taken_apart_quickly() {
    let nested = (0..30).fold("a".to_owned(), |inner, _| format!("(?:{inner}{{16}})"));
    for expression in [
        "[ab]?[cd]?".repeat(400),
        "(?:[ab][ab][ab][ab][ab][ab]|x)".repeat(130),
        format!("(?:{}x)", "[ab][ab][ab][ab][ab][ab]|".repeat(160)),
        "(?:a|b|c|d|e){60}".repeat(200),
    ] {
        assert!(required_literals(&Pattern::regex(&*expression)).is_ok(), "{expression}");
    }
    assert_eq!(required_literals(&Pattern::regex(nested)), Err(PatternError::TooLarge));
}

#[test]
fn ways_with_the_same_best_text_are_told_apart_by_another_strong_one() {
    assert_eq!(
        of(r"(?:ASA|FTD)[0-9]: Teardown of the connection \d+ (?:Conn-timeout|Idle Timeout|by peer)"),
        [": Teardown of the connection "],
        "one of them has nothing strong"
    );
    assert_eq!(
        of(r"(?:ASA|FTD)[0-9]: Teardown of the connection \d+ (?:Conn-timeout|Idle Timeout)"),
        [": Teardown of the connection & Conn-timeout", ": Teardown of the connection & Idle Timeout"]
    );
}
