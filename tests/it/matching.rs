//! Cases of matching a log: `log` blocks go in, the results come out, one line each.
//!
//! A `runbook` block is a whole runbook; a `symptoms` block holds symptom blocks only, and what they
//! capture is a parameter without more ado. Both may have an `id=`. Without any, the built-in
//! runbooks are matched.
//!
//! Words and keys of the first `log` block: `now=`, `zone=`, `since=`, `until=`,
//! `suggest=pastes|always`, `times`, `score`, `first` (only the first result is shown). Of each:
//! `name=`, `modified=`, `pack=gz`, `cut`, `no-end` (no line feed at the end) and `escaped`, which
//! reads `\r`, `\e`, `\0`, `\xNN`, `\\` and `\{N*TEXT}` (TEXT so many times).

use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kb::diag::Severity;
use kb::report::{Clock, Instance, Match, Stamp, Tier, Triage};
use kb::runbook::{KnowledgeBase, Origin, ParamName};
use kb::signature::SignatureSet;
use kb::text::{SourceFile, Untrusted};
use kb::triage::{Input, Options, Suggest, triage};

use crate::cases::{self, Block, Case};

/// More instances than this are only counted.
const INSTANCES_SHOWN: usize = 5;

/// Runs a case file.
pub(crate) fn file(path: &Path, text: String) -> cases::Result {
    cases::check(path, &text, |case| vec![run(case)])
}

fn run(case: &Case) -> String {
    let (base, mut out) = base(case);
    let signatures = SignatureSet::compile(&base);
    for disabled in signatures.disabled() {
        out.push_str(&format!("disabled: {}\n", disabled.diagnostic.message));
    }
    let first = case.blocks("log").next().unwrap_or_else(|| panic!("{}: no `log` block", case.title));
    let inputs: Vec<Input> = case.blocks("log").map(input).collect();
    let how = Show::of(first, inputs.len());
    let found = triage(inputs, &base, &signatures, &options(first), &mut |_| {});
    out.push_str(&written(&found, how));
    out
}

/// What was found, as the cases write it.
pub(crate) fn written(found: &Triage, how: Show) -> String {
    let mut out = String::new();
    for result in found.results.iter().take(how.most.unwrap_or(usize::MAX)) {
        show(result, how, &mut out);
    }
    rest(found, &mut out);
    if found.results.is_empty() {
        out.push_str("nothing\n");
    }
    out
}

pub(crate) fn base(case: &Case) -> (KnowledgeBase, String) {
    let pages = case.blocks.iter().filter_map(|block| match block.kind() {
        "runbook" => Some((block, block.text.clone())),
        "symptoms" => Some((block, page(&block.text))),
        _ => None,
    });
    let given: Vec<_> = pages
        .zip(1..)
        .map(|((block, text), number)| {
            let id = block.key("id").map_or_else(|| format!("book-{number}"), str::to_owned);
            (Arc::new(SourceFile::new(format!("{id}.md"), text)), Origin::Named)
        })
        .collect();
    let own = !given.is_empty();
    let built_in =
        || kb::disk::built_in().into_iter().map(|file| (Arc::new(file), Origin::BuiltIn)).collect();
    let base = KnowledgeBase::from_sources(if own { given } else { built_in() });
    let mut said = String::new();
    for found in base.diagnostics.iter().filter(|found| own && found.diagnostic.severity == Severity::Error) {
        said.push_str(&format!("error in runbook: {}\n", found.diagnostic.message));
    }
    (base, said)
}

/// A runbook around symptom blocks.
fn page(symptoms: &str) -> String {
    let capture = regex::Regex::new(r"<([a-z][a-z0-9_]*)(?::text)?>").expect("a pattern");
    let names: BTreeSet<&str> =
        capture.captures_iter(symptoms).map(|found| found.get(1).expect("a group").as_str()).collect();
    let rows: Vec<String> =
        names.iter().map(|name| format!("| {name} | from the log | `.*` | a value |\n")).collect();
    let rows = rows.concat();
    let table = if rows.is_empty() {
        String::new()
    } else {
        format!(
            "\n## Parameters\n\n| Name | Default | Must match | What it is |\n| --- | --- | --- | --- |\n{rows}"
        )
    };
    format!("# A case\n\n- **Applies to**: tests\n\n{symptoms}{table}")
}

pub(crate) fn has(block: &Block, word: &str) -> bool {
    block.info.split_whitespace().any(|given| given == word)
}

pub(crate) fn options(block: &Block) -> Options {
    let time = |key: &str| block.key(key).map(|at| at.parse::<Timestamp>().expect(key));
    let default = now();
    Options {
        now: time("now").unwrap_or(default.now),
        zone: block.key("zone").map_or(default.zone, |name| TimeZone::get(name).expect("a zone")),
        since: time("since"),
        until: time("until"),
        suggest: match block.key("suggest") {
            None => Suggest::Never,
            Some("pastes") => Suggest::ForPastes,
            Some("always") => Suggest::Always,
            Some(other) => panic!("suggest={other}"),
        },
        threads: 1,
    }
}

/// The time and place of cases that name none; everything else is not asked for.
pub(crate) fn now() -> Options {
    Options {
        now: "2013-11-12T12:00:00Z".parse().expect("a time"),
        zone: TimeZone::UTC,
        since: None,
        until: None,
        suggest: Suggest::Never,
        threads: 1,
    }
}

pub(crate) fn input(block: &Block) -> Input {
    let mut bytes =
        if has(block, "escaped") { unescape(&block.text) } else { block.text.clone().into_bytes() };
    if has(block, "no-end") {
        bytes.pop();
    }
    if block.key("pack") == Some("gz") {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).expect("memory");
        bytes = encoder.finish().expect("memory");
    }
    if has(block, "cut") {
        bytes.truncate(bytes.len() * 3 / 4);
    }
    Input {
        name: PathBuf::from(block.key("name").unwrap_or("-")),
        bytes: Some(bytes.len() as u64),
        reader: Box::new(Cursor::new(bytes)),
        modified: block.key("modified").map(|at| at.parse().expect("a time")),
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let kind = rest[at + 1..].chars().next().expect("something after the backslash");
        rest = &rest[at + 1 + kind.len_utf8()..];
        match kind {
            'r' => out.push(b'\r'),
            'e' => out.push(0x1b),
            '0' => out.push(0),
            '\\' => out.push(b'\\'),
            'x' => {
                out.push(u8::from_str_radix(&rest[..2], 16).expect("two hex digits"));
                rest = &rest[2..];
            }
            '{' => {
                let (count, after) = rest.split_once('*').expect("`\\{N*TEXT}`");
                let (text, after) = after.split_once('}').expect("`\\{N*TEXT}`");
                out.extend(unescape(text).repeat(count.parse().expect("a number")));
                rest = after;
            }
            other => panic!("`\\{other}`"),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// What of a result is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Show {
    /// Lines are shown with their input.
    pub(crate) several: bool,
    pub(crate) times: bool,
    pub(crate) score: bool,
    /// So many results, when not all.
    pub(crate) most: Option<usize>,
}

impl Show {
    /// As the first `log` block of so many says.
    pub(crate) fn of(block: &Block, logs: usize) -> Self {
        let most = has(block, "first").then_some(1);
        Self { several: logs > 1, times: has(block, "times"), score: has(block, "score"), most }
    }
}

fn show(result: &Match, how: Show, out: &mut String) {
    let tier = match result.tier {
        Tier::Match => "match",
        Tier::Possible => "possible",
        Tier::Suggestion => "suggestion",
    };
    for instance in result.instances.iter().take(INSTANCES_SHOWN) {
        out.push_str(&format!("{tier} {} {}\n", result.runbook, describe(instance, how)));
    }
    if result.instances.len() > INSTANCES_SHOWN {
        out.push_str(&format!(
            "{tier} {} and {} more\n",
            result.runbook,
            result.instances.len() - INSTANCES_SHOWN
        ));
    }
    if result.instances.is_empty() {
        out.push_str(&format!("{tier} {}\n", result.runbook));
    }
    if how.score {
        let parts = result.score.parts.iter().map(|(name, value)| format!("{name} {value}"));
        out.push_str(&format!("  score {}: {}\n", result.score.total, parts.collect::<Vec<_>>().join(", ")));
    }
    for (name, sentences) in [("missing", &result.missing), ("note", &result.notes)] {
        for sentence in sentences {
            out.push_str(&format!("  {name}: {sentence}\n"));
        }
    }
}

fn describe(instance: &Instance, how: Show) -> String {
    let mut words = vec![format!("host={}", instance.host.as_ref().map_or("-".to_owned(), shown))];
    let named = |(name, value): &(ParamName, Untrusted)| format!("{name}={}", shown(value));
    words.extend(instance.captures.iter().map(named));
    words.extend(instance.refused.iter().map(|refused| format!("refused:{}", named(refused))));
    words.push(format!("count={}", instance.count));
    if how.times {
        words.push(format!("first={}", time(instance.first)));
        words.push(format!("last={}", time(instance.last)));
    }
    let lines = instance.evidence.iter().map(|line| {
        let input = if how.several { format!("{}:", line.input.display()) } else { String::new() };
        format!("{input}{}", line.line)
    });
    words.push(format!("lines {}", lines.collect::<Vec<_>>().join(",")));
    words.join(" ")
}

fn shown(value: &Untrusted) -> String {
    let text = value.for_terminal();
    let text =
        if text.len() > 60 { format!("{}…({} bytes)", &text[..20], value.raw().len()) } else { text };
    if text.contains(' ') || text.is_empty() { format!("\"{text}\"") } else { text }
}

fn time(stamp: Option<Stamp>) -> String {
    match stamp {
        None => "-".to_owned(),
        Some(Stamp { micros, clock: Clock::Boot }) => format!("boot+{}s", micros / 1_000_000),
        Some(Stamp { micros, clock: Clock::Wall }) => {
            Timestamp::from_microsecond(micros).expect("a time").to_string()
        }
    }
}

fn rest(found: &Triage, out: &mut String) {
    for notice in &found.notices {
        out.push_str(&format!("notice: {notice}\n"));
    }
    for input in &found.inputs {
        if let Some(error) = &input.error {
            let name = input.name.display();
            out.push_str(&format!("error: {name}: {error} (after {} lines)\n", input.lines));
        }
    }
}
