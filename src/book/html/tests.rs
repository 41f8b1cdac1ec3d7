//! Bytes that a browser would act on, and places that must not be reached.

use super::*;

fn nowhere(_: &str) -> Option<String> {
    None
}

#[test]
fn text_is_one_line_without_tags_or_directives() {
    let made = text("a <b> & \"c\" 'd'\n{{#include /etc/passwd}}");
    assert_eq!(made, "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;&#10;&#123;&#123;#include /etc/passwd}}");
}

#[test]
fn characters_that_deceive_are_written_out() {
    assert_eq!(text("a\u{202e}b\u{200b}"), "a\\u&#123;202e}b\\u&#123;200b}");
}

#[test]
fn only_plain_addresses_are_links() {
    let refused = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example/x",
        "blob:x",
        "\u{1}javascript:x",
        "view-source:x",
        "x.html",
        "../../etc/passwd",
        "",
    ];
    for written in refused {
        assert_eq!(target(written, &nowhere), None, "{written}");
    }
    for written in ["https://example.org/x", "HTTP://example.org", "mailto:a@example.org"] {
        assert_eq!(target(written, &nowhere), Some(Target::Outside(written.into())));
    }
}

#[test]
fn a_heading_cannot_take_the_name_of_a_part_of_the_book() {
    assert_eq!(anchor("Why it happens"), "why-it-happens");
    for heading in ["Search", "mdbook-content", "ace", "fa-eye", "", "-x", "playground_copyable"] {
        assert!(anchor(heading).starts_with("at-"), "{heading}");
    }
}
