//! Markdown in, tags that kb knows out.

use super::*;

struct Bare;

impl Extra for Bare {
    fn page_of(&self, link: &str) -> Option<String> {
        (link == "other.md").then(|| "other.html".into())
    }
}

fn html(source: &str) -> String {
    write(source, &mut Bare).html
}

#[test]
fn raw_html_is_text() {
    assert_eq!(
        html("a <b onclick=x>c</b>"),
        "<p>a <code class=\"kb-raw\">&lt;b onclick=x&gt;</code>c<code class=\"kb-raw\">&lt;/b&gt;</code></p>"
    );
    assert_eq!(
        html("<script>\nalert(1)\n</script>\n"),
        "<pre><code class=\"nohighlight\">&lt;script&gt;&#10;alert(1)&#10;&lt;/script&gt;&#10;</code></pre>"
    );
}

#[test]
fn options_keep_their_hyphens_and_quotes_stay_straight() {
    assert_eq!(html("ifconfig --help \"x\"..."), "<p>ifconfig --help &quot;x&quot;...</p>");
}

#[test]
fn a_link_that_leads_nowhere_is_shown_with_what_it_says() {
    assert_eq!(html("[x](javascript:alert(1))"), "<p>x <code>javascript:alert(1)</code></p>");
    assert_eq!(html("[x](other.md)"), "<p><a href=\"other.html\">x</a></p>");
    assert_eq!(
        html("![alt](https://evil.example/x.png)"),
        "<p><span class=\"kb-image\">image: alt <code>https://evil.example/x.png</code></span></p>"
    );
}

#[test]
fn front_matter_is_folded_away() {
    let made = html("---\ntitle: x\n---\n# Title\n");
    assert!(made.starts_with("<details class=\"kb-front\">"), "{made}");
    assert!(!made.contains("<hr>"), "{made}");
}

#[test]
fn a_page_is_one_line_and_holds_no_directive() {
    let made =
        html("# A\n\n```sh\na\n\nb {{#include /etc/passwd}}\n```\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n");
    assert!(!made.contains('\n') && !made.contains("{{"), "{made}");
}

#[test]
fn the_class_of_a_block_is_its_language_only() {
    assert!(html("```sh\nx\n```").contains("<code class=\"language-sh\">"));
    assert!(html("```sh\" onload=x mdbook-runnable\nx\n```").contains("<code class=\"nohighlight\">"));
}

#[test]
fn headings_that_are_alike_have_places_of_their_own() {
    let written = write("# T\n\ntop\n\n## Undo\n\na\n\n## Undo\n\nb `code`\n", &mut Bare);
    let ids: Vec<&str> = written.passages.iter().map(|passage| passage.id.as_str()).collect();
    assert_eq!(ids, ["", "t", "undo", "undo-1"]);
    assert_eq!(written.passages[3].body.trim(), "b code");
    assert_eq!(written.title.as_deref(), Some("T"));
}

#[test]
fn notes_tasks_and_quotes() {
    assert_eq!(
        html("a[^x]\n\n[^x]: b\n"),
        "<p>a<sup><a href=\"#note.1\">1</a></sup></p><div class=\"kb-note\" id=\"note.1\"><sup>1</sup><p>b</p></div>"
    );
    assert!(html("- [ ] a\n- [x] b\n").contains("aria-label=\"to do\">☐</span> a</li>"));
    assert!(html("> [!WARNING]\n> a\n").contains("<strong>Warning</strong>"));
}

#[test]
fn lines_of_a_hex_dump_are_shown_and_not_searched() {
    let dump = "0x0000:  4500 0054 0000 4000 4001 f969 0a00 0001  E..T..@.@..i....";
    let written = write(&format!("```text\n12:00 IP a > b: ICMP\n{dump}\nCode 49 4f 05\n```\n"), &mut Bare);
    assert!(written.html.contains("4001 f969"), "{}", written.html);
    assert_eq!(written.passages[0].body.trim(), "12:00 IP a > b: ICMP\nCode 49 4f 05");
}
