//! Text from outside stays text.

use super::*;

#[test]
fn code_cannot_be_left() {
    assert_eq!(code("a"), "`a`");
    assert_eq!(code("a`b"), "``a`b``");
    assert_eq!(code("`a"), "`` `a ``");
    assert_eq!(code("a\n# b"), "`a # b`");
    assert_eq!(block("a\n```\n![x](y)"), "````text\na\n```\n![x](y)\n````");
}

#[test]
fn prose_is_only_text() {
    assert_eq!(prose("a [link](x) <b> `c[d]`"), "a \\[link\\](x) \\<b\\> `c[d]`");
}
