//! Text that nobody would write: nothing panics, every span lies in the file, nothing runs that the
//! page does not show.

use proptest::prelude::*;

use super::*;
use crate::runbook::lint;

/// Pieces of pages, so that random text is nearly legal more often than not.
const PIECES: &[&str] = &[
    "# T\n",
    "## Parameters\n",
    "\n",
    "\r\n",
    "\u{feff}",
    "- **Where**: `a` is FreeBSD; `b`",
    "- **Risk**: high\n",
    "```",
    "````",
    "~~~",
    "```sh check a\n",
    "```text symptom all within=3s\n",
    "```sh fix b for=a risk=low\n",
    "```text output a sick\n",
    "```text sample\n",
    "```cisco check c on=a\n",
    "```sh rollback r user=\"root\"\n",
    "- **sick** if output has `x`\n",
    "- **healthy** if `(\\d+)` is above 3: remark\n",
    "- otherwise **unknown**\n",
    "| Name | Default | Must match | What it is |\n| --- | --- | --- | --- |\n",
    "| x | from a, else `1` | `\\d+` | y |\n",
    "<x>",
    "<x:text>",
    "...",
    "! ",
    "| ",
    "{5} ",
    "/a(b)+/\n",
    "`",
    "``",
    "\\",
    "&amp;",
    "<b>",
    "<!--",
    "- [ ] task\n",
    "  ",
    "\t",
    "> ",
    "1. ",
    "---\n",
    "+++\n",
    "a: [b\n",
    "\0",
    "\u{202e}",
    "é",
    "𝄞",
    "$x",
    "$((",
    "\"",
    "'",
    "<<E\n",
    "eval ",
    "sh -c ",
    "{{ x }}",
    "`x` is `y`",
    ": ",
    "if ",
    "and ",
    "json `/a` is `b`",
];

fn page() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z ]{0,9}",
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A good page with some of its bytes cut, doubled or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (0.0..1.0_f64, 0..12_usize, proptest::sample::select(PIECES));
    proptest::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut text = PAGE.to_owned();
        for (place, cut, piece) in edits {
            let start = text.floor_char_boundary((place * text.len() as f64) as usize);
            let end = text.ceil_char_boundary((start + cut).min(text.len()));
            text.replace_range(start..end, piece);
        }
        text
    })
}

fn judge(text: &str) {
    let parsed = read(text);
    let runbook = &parsed.value;
    let inside = |span: crate::text::Span| {
        assert!(
            span.start <= span.end && span.end as usize <= text.len(),
            "{span:?} of {} in {text:?}",
            text.len()
        );
        let _ = runbook.source.slice(span);
        let _ = runbook.source.line_column(span.start);
    };
    for found in parsed.diagnostics.iter().chain(&lint(runbook)) {
        inside(found.span);
        assert!(!found.message.is_empty() && !found.message.ends_with('.'), "{}", found.message);
    }
    for signature in runbook.symptoms.iter().flat_map(|s| &s.steps).flat_map(|step| &step.alternatives) {
        inside(signature.span);
        assert_eq!(runbook.source.slice(signature.span), signature.text);
    }
    runbook.sections.iter().for_each(|section| inside(section.span));
    let scripts = runbook.checks.iter().map(|check| (&check.script, check.span));
    let fixes = runbook.fixes.iter().filter_map(|fix| Some((fix.script.as_ref()?, fix.span)));
    for (script, span) in scripts.chain(fixes) {
        inside(span);
        let shown = runbook.source.slice(span);
        // What runs stands on the page, line by line.
        assert!(script.text.lines().all(|line| shown.contains(line)), "{script:?} in {shown:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn random_pages_never_panic(text in page()) {
        judge(&text);
    }

    #[test]
    fn damaged_pages_never_panic(text in mutated()) {
        judge(&text);
    }

    #[test]
    fn signature_lines_never_panic(line in "(\\{[0-9]{0,7}\\} |! |\\| |/)?[<>_:./\\\\a-z{} \t|!é]{0,40}/?") {
        if let Some(Ok(read)) = crate::runbook::pattern::read_line(&line, false) {
            prop_assert!(read.text.end <= line.len());
            for (_, at) in &read.captures {
                prop_assert!(line.get(at.clone()).is_some());
            }
        }
    }
}
