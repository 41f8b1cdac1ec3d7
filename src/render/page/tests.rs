//! What pages look like: in a pipe, on a narrow screen, with labels.

use super::write;
use crate::render::style::{Out, Paint, Screen};

fn shown(markdown: &str, screen: Screen) -> String {
    let mut bytes = Vec::new();
    write(&mut Out::new(&mut bytes, screen), markdown).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn plain(markdown: &str) -> String {
    shown(markdown, Screen::plain(60))
}

#[test]
fn headings_and_paragraphs_fit_the_width() {
    let page = "# A title with `code`\n\nText that is longer than one line of this page, with **strong** \
        words.\nA soft break, and a hard one\\\nhere.\n## Next\n### Below\n";
    assert_eq!(
        plain(page),
        "A title with `code`\n\
         ═══════════════════\n\
         \n\
         Text that is longer than one line of this page, with strong\n\
         words. A soft break, and a hard one\n\
         here.\n\
         \n\
         Next\n\
         ────\n\
         \n\
         Below\n\
         ┄┄┄┄┄\n"
    );
}

#[test]
fn lists_hang_behind_their_markers() {
    let page = "- one\n  - nested item whose text is longer than a line of this narrow page is\n- [ ] do this\n\
        - [x] done\n\n9. nine\n10. ten\n\n    loose\n";
    assert_eq!(
        plain(page),
        "• one\n\
         \u{20} • nested item whose text is longer than a line of this\n\
         \u{20}   narrow page is\n\
         • [ ] do this\n\
         • [x] done\n\
         \n\
         \u{20}9. nine\n\
         \n\
         10. ten\n\
         \n\
         \u{20}   loose\n"
    );
}

#[test]
fn links_show_their_target_once() {
    let page = "[a page](https://example.org/a), <https://example.org>, [below](#fix), ![a chart](c.png), \
        [mail](mailto:x@example.org)\n";
    assert_eq!(
        plain(page),
        "a page <https://example.org/a>, https://example.org, below,\n\
         image: a chart <c.png>, mail <mailto:x@example.org>\n"
    );
}

#[test]
fn quotes_rules_notes_and_raw_html_are_all_shown() {
    let page = "> quoted\n>\n> > twice\n\n***\n\n<div hidden>\n\nsee[^1] <b>x</b>\n\n[^1]: The note.\n";
    assert_eq!(
        shown(page, Screen { paint: Paint::Plain, width: 24, ascii: true }),
        "> quoted\n\
         >\n\
         > > twice\n\
         \n\
         ------------------------\n\
         \n\
         <div hidden>\n\
         \n\
         see[1] <b>x</b>\n\
         \n\
         [1] The note.\n"
    );
}

#[test]
fn a_quote_that_warns_says_so() {
    assert_eq!(plain("> [!WARNING]\n> Mind the gap.\n"), "│ Warning\n│\n│ Mind the gap.\n");
}

#[test]
fn the_marks_of_a_block_are_said_in_words() {
    for (info, said) in [
        (
            "sh check routed on=router timeout=10s user=root allow=unix,net",
            "check routed: sh; on router; at most 10s; as root; may use unix, net",
        ),
        (
            "sh fix f for=a,b risk=high reboot cuts=fw",
            "fix f: sh; cures a, b; high risk; needs a restart; cuts the connection to fw",
        ),
        ("text output routed sick exit=1", "output routed sick: exit status 1"),
        ("text symptom sequence within=10s", "symptom: in this order; within 10s"),
        ("text sample not", "sample: must not match"),
        ("text sample", "sample"),
        ("sh check a bogus=1 odd", "check a: sh; bogus=1; odd"),
        ("sh check a needs=\"x y\" timeout=", "check a: sh; needs x y; timeout="),
        ("yaml linenos hl=1", "yaml linenos hl=1"),
    ] {
        let page = format!("```{info}\necho\n```\n");
        assert_eq!(shown(&page, Screen::plain(100)), format!("  {said}\n    echo\n"), "{info}");
    }
    assert_eq!(plain("```text\necho\n```\n"), "    echo\n");
    assert_eq!(plain("```\necho\n```\n"), "    echo\n");
}

#[test]
fn text_of_blocks_is_never_wrapped_nor_changed() {
    let text = format!("a\tb  c{}\n\n  x", " long".repeat(40));
    let page = format!("```sh\n{text}\n```\n");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(plain(&page), format!("    {}\n\n    {}\n", lines[0], lines[2]));
}

#[test]
fn tables_fit_the_width() {
    let page = "| Name | N | What it is |\n| --- | ---: | --- |\n| `a b` | 1 | short |\n\
        | c | 100 | a text that is longer than its column, so that it wraps |\n";
    assert_eq!(
        plain(page),
        "Name     N  What it is\n\
         ─────  ───  ────────────────────────────────────────────────\n\
         `a b`    1  short\n\
         \n\
         c      100  a text that is longer than its column, so that\n\
         \u{20}           it wraps\n"
    );
    assert_eq!(
        shown(page, Screen::plain(20)),
        "Name: `a b`\n\
         \u{20} N: 1\n\
         \u{20} What it is:\n\
         \u{20}   short\n\
         \n\
         Name: c\n\
         \u{20} N: 100\n\
         \u{20} What it is: a\n\
         \u{20}   text that is\n\
         \u{20}   longer than its\n\
         \u{20}   column, so that\n\
         \u{20}   it wraps\n"
    );
}

#[test]
fn nothing_deceptive_reaches_the_screen() {
    let page = "Red &#27;[31m and &#x202e;back.\n\n```sh check a\u{200b}\necho \u{1b}]0;x\u{7}\n```\n";
    assert_eq!(
        plain(page),
        "Red \\x1b[31m and \\u{202e}back.\n\
         \n\
         \u{20} check a\\u{200b}: sh\n\
         \u{20}   echo \\x1b]0;x\\x07\n"
    );
}

#[test]
fn front_matter_is_shown_as_it_is() {
    assert_eq!(plain("---\ntitle: x\n---\n# T\n"), "    ---\n    title: x\n    ---\n\nT\n═\n");
}

#[test]
fn wide_scripts_break_between_letters() {
    let page = "日本語のテキストは空白なしで書かれるので、どこでも改行できる\n";
    let shown = shown(page, Screen::plain(30));
    assert!(shown.lines().count() > 1 && shown.lines().all(|line| line.chars().count() <= 15), "{shown}");
    assert_eq!(shown.replace('\n', ""), page.trim_end());
}

#[test]
fn labels_say_what_text_is() {
    let page = "# T\n\n**sick** if `x y`\n\n```sh check a on=b\nls\n```\n";
    assert_eq!(
        shown(page, Screen { paint: Paint::Labels, width: 60, ascii: false }),
        "<<heading 1::T>>\n\
         \n\
         <<strong::sick>> if <<code::`x y`>>\n\
         \n\
         \u{20} <<mark::check a>><<mark key::: sh; on b>>\n\
         \u{20}   <<code block::ls>>\n"
    );
}

#[test]
fn deep_nesting_costs_neither_stack_nor_text() {
    let page = format!("{}deep\n\n{}item\n", "> ".repeat(3000), "- ".repeat(3000));
    let shown = plain(&page);
    assert!(shown.contains("deep") && shown.contains("item"));
}
