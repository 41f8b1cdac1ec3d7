//! Contexts, uses and commands of small scripts.

use super::*;

fn uses(text: &str) -> Vec<(&str, bool, bool)> {
    ShellText::new(text).uses().into_iter().map(|used| (used.name, used.bare, used.arithmetic)).collect()
}

#[test]
fn a_value_is_seen_where_the_shell_replaces_it() {
    assert_eq!(uses("a $x \"$y\" '$z' \\$q # $c\n"), [("x", true, false), ("y", false, false)]);
    assert_eq!(uses("echo \"$(f \"$x\" $y)\""), [("x", false, false), ("y", true, false)]);
    assert_eq!(uses("${x:-1} $X $1 ${#y} $xY"), [("x", true, false)]);
    assert_eq!(uses("echo $((x + $y)) $z"), [("y", false, true), ("z", true, false)]);
    assert_eq!(uses("cat <<E\n$x it's\nE\necho $y"), [("x", false, false), ("y", true, false)]);
    assert_eq!(uses("cat <<'E'\n$x\nE\necho $y"), [("y", true, false)]);
}

#[test]
fn words_of_code_are_told_from_words_in_quotes() {
    let text = "eval a; echo 'eval b' \"eval c\" # eval d\nx=$(eval e)";
    let words: Vec<_> = ShellText::new(text).code_words().filter(|(word, _)| *word == "eval").collect();
    assert_eq!(words, [("eval", 0..4), ("eval", 44..48)]);
}

#[test]
fn an_argument_ends_at_a_blank_outside_quotes() {
    let text = "sh -c \"a $x; b\" c";
    let shell = ShellText::new(text);
    assert_eq!(&text[shell.argument(5)], "\"a $x; b\"");
    assert!(shell.expands(6..15));
    assert!(!ShellText::new("sh -c 'a $x'").expands(6..12));
}

#[test]
fn commands_whose_failure_nobody_sees_are_counted() {
    let count = |text| ShellText::new(text).commands();
    assert_eq!(count("a \\\n  b\n"), 1);
    assert_eq!(count("a && b |\n c\n# d\n"), 1);
    assert_eq!(count("a; b\nc\n"), 3);
    assert_eq!(count("if a; then\n  b\nfi\n"), 1);
    assert_eq!(count("set -e\ncat <<E\nx; y\nE\n"), 1);
    assert_eq!(count("a || exit 1\nb\nc=$?\n[ $c = 0 ] || { echo d; exit 1; }\n"), 1);
    assert_eq!(count("a=$(b)\nc\n"), 2);
    assert_eq!(count("tell 'a;\nb'\n"), 1);
}

#[test]
fn names_that_the_script_sets_are_known() {
    let names = ShellText::new("x=1; for y in a; do read -r z w; done\nlocal v=2").assigned();
    assert_eq!(names, ["x", "y", "z", "w", "v"]);
}
