//! Pages that keep their promises and pages that break one each, and all that are built in.

use std::sync::Arc;

use super::*;
use crate::runbook::Origin;
use crate::text::SourceFile;

/// A page that keeps its promises.
const GOOD: &str = "\
# The frobnicator is stuck

## Symptoms

```text symptom
frobnicator <unit> stuck at <_>
```

```text sample
Nov  1 10:00:00 host app: frobnicator left stuck at 12
```

- `unit` is `left`

```text sample not
Nov  1 10:00:00 host app: frobnicator moves
```

## Parameters

| Name | Default | Must match | What it is |
| --- | --- | --- | --- |
| `unit` | from the log | `[a-z]+` | Which one |

## Check: does it move?

```sh check moves
echo state stuck
```

- **sick** if output has `state stuck`
- **healthy** if output has `state moving`
- otherwise **unknown**

```text output moves sick
state stuck
```

```text output moves healthy
state moving
```
";

fn base(pages: &[(&str, &str)]) -> KnowledgeBase {
    let sources = pages
        .iter()
        .map(|(slug, text)| (Arc::new(SourceFile::new(format!("{slug}.md"), *text)), Origin::Named));
    KnowledgeBase::from_sources(sources.collect())
}

fn failures(cases: &[Case]) -> Vec<String> {
    let failed = cases.iter().filter_map(|case| Some((case, case.outcome.as_ref().err()?)));
    failed.map(|(case, why)| format!("{}:{} {}: {why}", case.runbook, case.line, case.name)).collect()
}

#[track_caller]
fn fails_with(base: &KnowledgeBase, noise: &[u8], wanted: &[&str]) {
    let failed = failures(&prove(base, None, noise));
    assert_eq!(failed.len(), wanted.len(), "{failed:#?}");
    for (line, wanted) in failed.iter().zip(wanted) {
        assert!(line.contains(wanted), "`{wanted}` is not in `{line}`");
    }
}

#[test]
fn a_page_that_keeps_its_promises_passes() {
    let cases = prove(&base(&[("stuck", GOOD)]), None, b"");
    assert_eq!(failures(&cases), [""; 0]);
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let wanted = [
        "the page has no error",
        "sample 1 is a match and ranked first",
        "sample 1 gives `unit` the value `left`",
        "sample 2 is nothing of this runbook",
        "no match on samples of other runbooks",
        "no match on healthy logs",
        "output 1 of check `moves` is sick",
        "output 2 of check `moves` is healthy",
    ];
    assert_eq!(names, wanted);
    assert_eq!(cases[1].line, 9);
}

#[test]
fn a_sample_that_is_not_seen_fails() {
    let page = GOOD.replace("host app: frobnicator left stuck at 12", "host app: frobnicator left is stuck");
    fails_with(&base(&[("stuck", &page)]), b"", &["nothing was seen in it", "nothing was captured for it"]);
}

#[test]
fn a_sample_promised_possible_that_is_a_match_fails() {
    let page = GOOD.replace("text sample\n", "text sample possible\n");
    fails_with(&base(&[("stuck", &page)]), b"", &["sample 1 is possible: a match, by `frobnicator <unit>"]);
}

#[test]
fn a_look_alike_that_matches_fails() {
    let page = GOOD.replace("app: frobnicator moves", "app: frobnicator right stuck at 3");
    fails_with(&base(&[("stuck", &page)]), b"", &["sample 2 is nothing of this runbook: a match"]);
}

#[test]
fn a_wrong_value_fails_and_says_what_was_captured() {
    let page = GOOD.replace("- `unit` is `left`", "- `unit` is `right`");
    fails_with(&base(&[("stuck", &page)]), b"", &["captured was left"]);
}

#[test]
fn an_output_judged_otherwise_fails_with_the_reason() {
    let page = GOOD.replace("healthy\nstate moving\n", "healthy\nstate stuck\n");
    fails_with(
        &base(&[("stuck", &page)]),
        b"",
        &["output 2 of check `moves` is healthy: its rules say sick"],
    );
}

#[test]
fn a_match_on_another_page_s_sample_fails_where_it_fires() {
    let greedy = GOOD.replace("frobnicator <unit> stuck at <_>", "frobnicator <unit> stuck");
    fails_with(
        &base(&[("a-greedy", &greedy), ("stuck", GOOD)]),
        b"",
        &[
            "a-greedy:9 sample 1 is a match and ranked first: `stuck` is ranked before it",
            "a-greedy:5 no match on samples of other runbooks: sample of `stuck` at line 9: a match",
            "stuck:5 no match on samples of other runbooks: sample of `a-greedy` at line 9: a match",
        ],
    );
}

#[test]
fn a_match_on_noise_fails_and_a_possible_is_counted() {
    let noise = b"Nov  1 10:00:00 host app: frobnicator right stuck at 3\n";
    fails_with(&base(&[("stuck", GOOD)]), noise, &["no match on healthy logs: a match"]);
    let low = GOOD
        .replace("text symptom", "text symptom weight=low")
        .replace("text sample\n", "text sample possible\n");
    let cases = prove(&base(&[("stuck", &low)]), None, noise);
    assert_eq!(failures(&cases), [""; 0]);
    let noted = cases.iter().find(|case| case.name == "no match on healthy logs").expect("a case");
    assert_eq!(noted.note.as_deref(), Some("1 possible on healthy logs"));
}

#[test]
fn an_error_of_the_page_fails_although_what_it_disabled_cannot() {
    let page = GOOD.replace("text sample\n", "text sample shiny\n");
    let failed = failures(&prove(&base(&[("stuck", &page)]), None, b""));
    assert!(failed[0].contains("the page has no error"), "{failed:?}");
}

#[test]
fn only_the_wanted_pages_are_proved_but_all_take_part() {
    let greedy = GOOD.replace("frobnicator <unit> stuck at <_>", "frobnicator <unit> stuck");
    let both = base(&[("a-greedy", &greedy), ("stuck", GOOD)]);
    let only = [RunbookId::new("a-greedy").expect("a legal name")];
    let cases = prove(&both, Some(&only), b"");
    assert!(cases.iter().all(|case| case.runbook == only[0]));
    assert!(failures(&cases).iter().any(|line| line.contains("sample of `stuck`")));
}

#[test]
fn every_built_in_page_keeps_its_promises() {
    let sources = crate::disk::built_in().into_iter().map(|source| (Arc::new(source), Origin::BuiltIn));
    let built_in = KnowledgeBase::from_sources(sources.collect());
    let cases = prove(&built_in, None, &noise(NOISE_SEED, NOISE_BYTES));
    assert!(cases.len() > built_in.runbooks.len() * 5, "only {} cases", cases.len());
    assert_eq!(failures(&cases), [""; 0], "{} of {} cases fail", failures(&cases).len(), cases.len());
}

#[test]
fn ordinary_log_lines_are_not_taken_for_secrets() {
    let noise = super::noise::noise(11, 1 << 20);
    let scrubber = crate::run::secrets::Scrubber::default();
    let lines: Vec<&[u8]> = noise.split(|&byte| byte == b'\n').collect();
    assert!(lines.len() >= 5000, "{}", lines.len());
    let cut = lines.iter().filter(|line| scrubber.all(line) != **line).count();
    assert!(cut * 1000 < lines.len(), "{cut} of {}", lines.len());
}
