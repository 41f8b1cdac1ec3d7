//! What a written page is in the model; its findings are cases under `tests/cases/parse`.

use std::time::Duration;

use super::*;
use crate::diag::Severity;
use crate::runbook::{
    BlockId, Comparison, Condition, HostName, Language, ParamName, Pattern, Piece, Risk, RuleVerdict,
    SampleExpect, SectionRole, SymptomMode, ValueSource, Weight, When,
};

mod hostile;

pub(super) fn read(text: &str) -> Parsed<Runbook> {
    parse(&Arc::new(SourceFile::new("case.md", text)), Origin::Named)
}

/// The runbook of a text without findings.
fn clean(text: &str) -> Runbook {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, []);
    parsed.value
}

fn id(name: &str) -> BlockId {
    BlockId::new(name).expect("a legal ID")
}

const PAGE: &str = r#"# The queue is full

Some prose.

- **Applies to**: `spoold` 2 and later
- **Where**: `guest` is the FreeBSD machine; `esxi` is its host
- **Risk**: medium: mail waits
- no fact

## Symptoms

```text symptom sequence within=1m weight=high nocase
queue <queue>   is full, waiting...
| queue <queue> is closed
! queue \<none>
{5} /dropped \d+ mails/
```

```text sample possible
queue mail is full
```

- `queue` is `mail`

## Parameters

| Name | Default | Must match | What it is |
| --- | --- | --- | --- |
| queue | from the log, else `mail` | `[a-z]+` | the queue |
| limit | from full | `\d+\|none` | its `limit` |
| key | secret | `.+` | the key |

## Is it full?

```sh check full on=guest timeout=5s user=root os=freebsd,linux needs=spoolctl allow=unix,tmp recent=2m retry=3 every=1s
spoolctl show "$queue"
```

- **sick** if output matches `^limit (?<limit>\d+)` and `used (\d+)%` is 95 or more: no room: `x`
- **healthy** if `used (\d+)%` is below 95
- otherwise **unknown**

```text output full sick exit=1 from=machine
limit 100
used 99%
```

```text output full healthy
used 3%
```

```sh check users before=raise on=guest
spoolctl users
```

## Raise its limit

- [ ] Tell everybody.

```sh fix raise for=full on=guest rollback=lower risk=medium reboot cuts=esxi
spoolctl set "$queue" limit=200
```

1. [x] Tell them again.

```sh rollback lower on=guest
spoolctl set "$queue" limit="$limit"
```

## Fix: by hand

```text fix hand manual risk=low on=esxi
press the button
```
"#;

#[test]
fn what_is_written_is_in_the_model() {
    let runbook = clean(PAGE);
    assert_eq!((runbook.id.as_str(), runbook.title.as_str()), ("case", "The queue is full"));
    assert_eq!(runbook.fact("applies to"), Some("spoold 2 and later"));
    assert_eq!(runbook.fact("Risk"), Some("medium: mail waits"));
    assert_eq!(runbook.facts.len(), 3);
    let hosts: Vec<_> =
        runbook.hosts.iter().map(|host| (host.name.as_str(), host.system.as_deref())).collect();
    assert_eq!(hosts, [("guest", Some("freebsd")), ("esxi", Some("vmkernel"))]);
    assert_eq!(runbook.hosts[0].description, "is the FreeBSD machine");
    let roles: Vec<_> = runbook.sections.iter().map(|section| section.role).collect();
    assert_eq!(
        roles[1..],
        [
            SectionRole::Symptoms,
            SectionRole::Parameters,
            SectionRole::Check,
            SectionRole::Fix,
            SectionRole::Fix
        ]
    );
    assert!(runbook.source.slice(runbook.sections[1].span).starts_with("## Symptoms"));
}

#[test]
fn symptoms_keep_their_words_and_places() {
    let runbook = clean(PAGE);
    let symptom = &runbook.symptoms[0];
    assert_eq!((symptom.mode, symptom.weight), (SymptomMode::Sequence, Weight::High));
    assert_eq!(symptom.within, Some(Duration::from_mins(1)));
    assert!(symptom.nocase && !symptom.broad && !symptom.anyhost);
    let shape: Vec<_> =
        symptom.steps.iter().map(|step| (step.alternatives.len(), step.negated, step.at_least)).collect();
    assert_eq!(shape, [(2, false, 1), (1, true, 1), (1, false, 5)]);
    let first = &symptom.steps[0].alternatives[0];
    assert_eq!(first.text, "queue <queue>   is full, waiting...");
    assert_eq!(runbook.source.slice(first.span), first.text);
    let queue = ParamName::new("queue");
    assert_eq!(
        first.pattern,
        Pattern::Pieces(vec![
            Piece::Text("queue ".into()),
            Piece::Capture { name: queue.clone(), blanks: false },
            Piece::Text("   is full, waiting".into()),
            Piece::Gap,
        ])
    );
    assert_eq!(
        symptom.steps[1].alternatives[0].pattern,
        Pattern::Pieces(vec![Piece::Text("queue <none>".into())])
    );
    assert_eq!(symptom.steps[2].alternatives[0].pattern, Pattern::Regex(r"dropped \d+ mails".into()));
    let sample = &runbook.samples[0];
    assert_eq!((sample.expect, sample.text.as_str()), (SampleExpect::Possible, "queue mail is full\n"));
    assert_eq!((Some(&sample.values[0].0), sample.values[0].1.as_str()), (queue.as_ref(), "mail"));
}

#[test]
fn parameters_keep_their_sources_in_order() {
    let runbook = clean(PAGE);
    let parameter = |name: &str| runbook.parameter(&ParamName::new(name).unwrap()).unwrap();
    assert_eq!(parameter("queue").sources, [ValueSource::Log, ValueSource::Literal("mail".into())]);
    assert_eq!(parameter("limit").sources, [ValueSource::Check(id("full"))]);
    assert_eq!(
        (parameter("limit").pattern.0.as_str(), parameter("limit").description.as_str()),
        (r"\d+|none", "its limit")
    );
    assert!(parameter("limit").pattern.1.is_match(b"none") && !parameter("limit").pattern.1.is_match(b"12x"));
    assert!(!parameter("limit").pattern.1.is_match(b"12\n"));
    assert!(parameter("key").secret && parameter("key").sources.is_empty());
}

#[test]
fn checks_keep_their_keys_rules_and_outputs() {
    let runbook = clean(PAGE);
    let check = runbook.check(&id("full")).unwrap();
    assert_eq!(check.script.text, "spoolctl show \"$queue\"\n");
    assert_eq!((check.script.language, check.script.root), (Language::Sh, true));
    assert_eq!(check.script.timeout, Duration::from_secs(5));
    assert_eq!((check.os.join(" "), check.needs.join(" ")), ("freebsd linux".into(), "spoolctl".into()));
    assert!(check.allow.unix && check.allow.tmp && !check.allow.net);
    assert_eq!((check.recent, check.retry, check.every), (Duration::from_mins(2), 3, Duration::from_secs(1)));
    assert_eq!(check.when, When::Start);
    let verdicts: Vec<_> = check.rules.iter().map(|rule| rule.verdict).collect();
    assert_eq!(verdicts, [RuleVerdict::Sick, RuleVerdict::Healthy, RuleVerdict::Unknown]);
    let first = &check.rules[0];
    assert_eq!(first.remark.as_deref(), Some("no room: `x`"));
    assert!(first.text.starts_with(r"sick if output matches `^limit (?<limit>\d+)` and"), "{}", first.text);
    let [Condition::Matches(limit), Condition::Group { test: Comparison::AtLeast(95.0), .. }] =
        first.conditions.as_slice()
    else {
        panic!("{:?}", first.conditions)
    };
    assert!(limit.regex.as_ref().unwrap().is_match(b"a\r\nlimit 100\r\nb"), "lines end with CR LF too");
    let outputs: Vec<_> = check.outputs.iter().map(|o| (o.verdict, o.exit, o.from_machine)).collect();
    assert_eq!(outputs, [(RuleVerdict::Sick, 1, true), (RuleVerdict::Healthy, 0, false)]);
    assert_eq!(runbook.check(&id("users")).unwrap().when, When::Before(id("raise")));
    assert_eq!(runbook.check(&id("users")).unwrap().script.timeout, Duration::from_secs(30));
}

#[test]
fn fixes_keep_their_keys_and_the_tasks_of_their_section() {
    let runbook = clean(PAGE);
    let fix = runbook.fix(&id("raise")).unwrap();
    assert_eq!((fix.cures.as_slice(), fix.rollback.as_ref()), (&[id("full")][..], Some(&id("lower"))));
    assert_eq!((fix.risk, fix.reboot, fix.cuts.clone()), (Risk::Medium, true, HostName::new("esxi")));
    assert_eq!(fix.tasks, [(false, "Tell everybody.".to_owned()), (true, "Tell them again.".to_owned())]);
    assert_eq!(fix.script.as_ref().unwrap().timeout, Duration::from_mins(10));
    let hand = runbook.fix(&id("hand")).unwrap();
    assert!(hand.script.is_none() && hand.tasks.is_empty());
    assert_eq!((hand.text.as_str(), hand.host.as_str()), ("press the button\n", "esxi"));
    assert_eq!(
        runbook.rollback(&id("lower")).unwrap().script.text,
        "spoolctl set \"$queue\" limit=\"$limit\"\n"
    );
}

#[test]
fn a_page_with_windows_line_ends_says_the_same() {
    let (unix, windows) = (clean(PAGE), clean(&PAGE.replace('\n', "\r\n")));
    let said = |runbook: &Runbook| {
        let check = runbook.check(&id("full")).unwrap();
        let rules: Vec<_> = check.rules.iter().map(|rule| (rule.text.clone(), rule.remark.clone())).collect();
        let text = runbook.fix(&id("raise")).unwrap().script.as_ref().unwrap().text.clone();
        (
            check.script.text.clone(),
            check.outputs[0].text.clone(),
            rules,
            text,
            runbook.samples[0].text.clone(),
        )
    };
    assert_eq!(said(&unix), said(&windows));
}

#[test]
fn systems_are_told_by_words() {
    let system = |what: &str| {
        let text = format!("# T\n\n- **Where**: `x` is {what}\n\n```text sample not\na\n```\n");
        clean(&text).hosts[0].system.clone()
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(system("the FreeBSD machine"), some("freebsd"));
    assert_eq!(system("an Ubuntu 24.04 server"), some("linux"));
    assert_eq!(system("the XenServer dom0"), some("linux"));
    assert_eq!(system("VMware ESXi"), some("vmkernel"));
    assert_eq!(system("your Mac with macOS"), some("darwin"));
    assert_eq!(system("the Cisco ASA"), None);
    assert_eq!(system("the archive server"), None);
    assert_eq!(system("any host"), None);
}

#[test]
fn an_unrunnable_file_stays_readable() {
    let parsed = read(&format!("{PAGE}\n<b>bold</b>\n"));
    assert!(!parsed.value.runnable && !parsed.value.has_blocks());
    assert_eq!((parsed.value.symptoms.len(), parsed.value.sections.len()), (1, 6));
    let parsed = read(&format!("{PAGE}\n```\n"));
    assert!(!parsed.value.runnable && parsed.value.symptoms.is_empty() && parsed.value.sections.len() == 6);
    let mut source = SourceFile::from_bytes("case.md", [PAGE.as_bytes(), b"\xff"].concat());
    source.owner = None;
    let parsed = parse(&Arc::new(source), Origin::Named);
    assert!(!parsed.value.runnable && parsed.value.has_marks());
    assert_eq!(parsed.diagnostics[0].rule, "file-utf8");
}

#[test]
fn a_file_that_holds_too_much_says_so_and_does_not_run() {
    let limits: [(&str, String); 3] = [
        ("marked blocks", "```sh check a\ntrue\n```\n\n".repeat(501)),
        ("lines of signatures", format!("```text symptom\n{}```\n", "a line of it\n".repeat(501))),
        ("rules", format!("```sh check a\ntrue\n```\n{}", "- **sick** if exit is 1\n".repeat(501))),
    ];
    for (what, text) in limits {
        let parsed = read(&text);
        assert!(!parsed.value.runnable && parsed.value.checks.is_empty());
        assert_eq!(parsed.diagnostics[0].message, format!("a runbook holds 500 {what} at most"));
    }
    let findings =
        "```sh check a b c d e f g h i j k l m n o p q r s t u v w x y z\ntrue\n```\n\n".repeat(40);
    let parsed = read(&findings);
    let last = parsed.diagnostics.last().unwrap();
    assert_eq!((parsed.diagnostics.len(), last.rule), (501, "file-findings"), "{}", last.message);
}

#[test]
fn front_matter_gives_facts_and_the_title() {
    let runbook = clean("---\ntitle: A page\ntags: [a, b]\nweight: 20\nowner:\n---\ntext\n");
    assert_eq!(runbook.title, "A page");
    assert_eq!(
        (runbook.fact("tags"), runbook.fact("weight"), runbook.fact("owner")),
        (Some("a, b"), Some("20"), None)
    );
    let runbook = clean("+++\ntitle = \"T\"\naliases = [\"x\"]\n+++\n# Its own\n");
    assert_eq!((runbook.title.as_str(), runbook.fact("aliases")), ("Its own", Some("x")));
    let bomb = format!("---\na: &a [x, x]\n{}---\n# T\n", "b: [*a, *a, *a, *a, *a, *a]\n".repeat(500));
    assert_eq!(read(&bomb).diagnostics[0].rule, "front-matter");
}

/// A legal value for every key; a key that is missing here fails the test below.
const VALUES: &[(&str, &str)] = &[
    ("after", "f"),
    ("allow", "unix,net,tmp"),
    ("before", "f"),
    ("count", "3"),
    ("cuts", "here"),
    ("every", "5s"),
    ("exit", "1"),
    ("for", "c"),
    ("from", "machine"),
    ("needs", "a,b"),
    ("on", "here"),
    ("os", "linux"),
    ("recent", "10m"),
    ("retry", "2"),
    ("risk", "low"),
    ("rollback", "r"),
    ("timeout", "1h"),
    ("user", "root"),
    ("weight", "low"),
    ("within", "1d"),
];

#[test]
fn every_word_and_key_of_the_vocabulary_is_read() {
    let rules = "\n- **sick** if output has `a`\n- **healthy** if output has `b`\n- otherwise **unknown**\n";
    for spec in mark::KINDS {
        let names = ["", "x", "c sick"][spec.names.len()];
        let words = spec.words.iter().map(|word| (*word).to_owned());
        let keys = spec.keys.iter().map(|key| {
            let (_, value) = VALUES.iter().find(|(name, _)| name == key).expect("a legal value of each key");
            let with = if *key == "every" { " retry=1" } else { "" };
            format!("{key}={value}{with}")
        });
        for said in words.chain(keys) {
            let risk = if spec.name == "fix" && !said.starts_with("risk") { "risk=low" } else { "" };
            let text = format!(
                "```sh {} {names} {said} {risk}\nthis is a line\n```\n\n```sh check c\ntrue\n```\n{rules}\n\
                 ```sh fix f risk=low\ntrue\n```\n\n```sh rollback r\ntrue\n```\n",
                spec.name
            );
            let errors: Vec<_> = read(&text)
                .diagnostics
                .into_iter()
                .filter(|found| found.severity == Severity::Error)
                .collect();
            assert_eq!(errors, [], "{} {said}", spec.name);
        }
        assert!(!runnable::BOOK_CLASSES.contains(&spec.name), "{}", spec.name);
        let page = include_str!("../../../book/src/format.md");
        for said in spec
            .words
            .iter()
            .map(|word| format!("`{word}`"))
            .chain(spec.keys.iter().map(|key| format!("`{key}=`")))
        {
            assert!(page.contains(&said), "the reference of the format does not name {said}");
        }
    }
}
