//! A stranger's text keeps what it says and loses what it could do.

use proptest::prelude::*;

use super::{one_line, prose};
use crate::runbook::{Origin, parse};
use crate::text::SourceFile;

#[test]
fn lists_code_and_links_to_the_web_stay() {
    let text = "- a `b <c>`\n  ```bash\n  x | y\n  ```\n- [see](https://example.org)";
    assert_eq!(prose(text), text);
}

#[test]
fn what_would_be_read_as_ours_is_text() {
    for (written, kept) in [
        ("# Parameters", "\\# Parameters"),
        ("Parameters\n----", "Parameters\n\\----"),
        ("a <b> c", "a \\<b> c"),
        ("[x](javascript:y)", "[x\\](javascript:y)"),
        ("[x]: javascript:y", "\\[x]: javascript:y"),
        ("odd ` tick", "odd \\` tick"),
        ("```sh check c on=x\nls\n```", "```sh\nls\n```"),
        ("~~~ruby", "~~~ruby\n~~~"),
        ("```check c\nls", "```text\nls\n```"),
        ("a\u{1b}[31mb\u{202e}c", "a[31mbc"),
    ] {
        assert_eq!(prose(written), kept, "{written:?}");
    }
    assert_eq!(one_line("a\n # b"), "a # b");
}

proptest! {
    #[test]
    fn no_text_becomes_a_block_that_means_something(
        lines in proptest::collection::vec(
            prop_oneof![
                Just("```sh check c"), Just("```"), Just("~~~sh fix f for=c"), Just("~~~"), Just("- ```sh fix g for=c"),
                Just("> ```sh rollback r"), Just("  1. ````text symptom"), Just("````"), Just("x"), Just(""),
                Just("- **Where**: `a`"), Just("## Parameters"), Just("| Name |"), Just("<div>"), Just("`"),
                Just("    ```sh check d"), Just("\t```text sample"), Just("`````text sample not"),
            ],
            0..14,
        )
    ) {
        let page = format!("# A page\n\n- **Tags**: x\n\n{}\n\n## Symptoms\n\n```text symptom\nthe pump has stopped\n```\n", prose(&lines.join("\n")));
        let source = std::sync::Arc::new(SourceFile::new("page.md", page.clone()));
        let runbook = parse(&source, Origin::Named).value;
        prop_assert!(runbook.checks.is_empty() && runbook.fixes.is_empty() && runbook.rollbacks.is_empty(), "{page}");
        prop_assert!(runbook.samples.is_empty() && runbook.parameters.is_empty() && runbook.symptoms.len() <= 1, "{page}");
    }
}
