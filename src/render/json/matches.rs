//! The records of `kb match`: results in rank order, then a summary.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Record, lossless, write};
use crate::report::{Clock, Evidence, Instance, Match, Stamp, Tier, Triage};
use crate::text::Untrusted;
use crate::triage::library::Found;

/// One runbook that a log points to.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ResultRecord {
    /// From 1.
    rank: usize,
    tier: TierName,
    /// The slug.
    runbook: String,
    title: String,
    score: f64,
    /// What the score is made of.
    score_parts: Vec<PartRecord>,
    instances: Vec<InstanceRecord>,
    evidence: Vec<EvidenceRecord>,
    /// For `possible`: what would make it a match.
    missing: Vec<String>,
    /// For `suggestion`: the words that were found.
    words: Vec<String>,
    notes: Vec<String>,
}

/// How sure it is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum TierName {
    Match,
    Possible,
    Suggestion,
}

/// A part of a score.
#[derive(Debug, Serialize, JsonSchema)]
struct PartRecord {
    what: String,
    score: f64,
}

/// One occurrence: on one host, with one set of values.
#[derive(Debug, Serialize, JsonSchema)]
struct InstanceRecord {
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_b64: Option<String>,
    /// Values by parameter.
    captures: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    captures_b64: BTreeMap<String, String>,
    /// Values that their parameter does not allow; they are not used.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    refused: BTreeMap<String, String>,
    count: u64,
    /// RFC 3339, in UTC.
    first: Option<String>,
    last: Option<String>,
    /// Seconds since the machine started, where the log counts so.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_after_boot: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_after_boot: Option<f64>,
}

/// A line of a log that says so.
#[derive(Debug, Serialize, JsonSchema)]
struct EvidenceRecord {
    /// `-` for standard input.
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_b64: Option<String>,
    /// From 1.
    line: u64,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_b64: Option<String>,
    /// What the signature matched: a range of characters of `text`.
    hit: [usize; 2],
    /// As the runbook writes it.
    signature: String,
    /// The line of the signature in the runbook.
    runbook_line: usize,
}

/// What was read.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SummaryRecord {
    lines: u64,
    bytes: u64,
    inputs: Vec<InputRecord>,
    /// Limits that bit, times that were guessed.
    notices: Vec<String>,
    /// Everything was read to its end.
    complete: bool,
}

/// One input.
#[derive(Debug, Serialize, JsonSchema)]
struct InputRecord {
    file: String,
    lines: u64,
    bytes: u64,
    /// Why it could not be read to its end.
    error: Option<String>,
}

/// Writes the first results, then the summary. `unread` says of inputs why they could not even be
/// opened.
pub fn triage(out: &mut dyn Write, triage: &Triage, top: usize, unread: &[String]) -> io::Result<()> {
    let shown = triage.results.iter().take(top);
    for (at, found) in shown.enumerate() {
        write(out, Record::Result(result(at + 1, found)))?;
    }
    let inputs: Vec<InputRecord> = triage
        .inputs
        .iter()
        .map(|input| InputRecord {
            file: path(&input.name).0,
            lines: input.lines,
            bytes: input.bytes,
            error: input.error.clone(),
        })
        .collect();
    let complete = unread.is_empty() && inputs.iter().all(|input| input.error.is_none());
    let notices = unread.iter().chain(&triage.notices).cloned().collect();
    let lines = inputs.iter().map(|input| input.lines).sum();
    let bytes = inputs.iter().map(|input| input.bytes).sum();
    write(out, Record::Summary(SummaryRecord { lines, bytes, inputs, notices, complete }))
}

fn result(rank: usize, found: &Match) -> ResultRecord {
    ResultRecord {
        rank,
        tier: match found.tier {
            Tier::Match => TierName::Match,
            Tier::Possible => TierName::Possible,
            Tier::Suggestion => TierName::Suggestion,
        },
        runbook: found.runbook.to_string(),
        title: found.title.clone(),
        score: found.score.total,
        score_parts: found
            .score
            .parts
            .iter()
            .map(|(what, score)| PartRecord { what: what.clone(), score: *score })
            .collect(),
        instances: found.instances.iter().map(instance).collect(),
        evidence: found.instances.iter().flat_map(|instance| &instance.evidence).map(evidence).collect(),
        missing: found.missing.clone(),
        words: found.words.clone(),
        notes: found.notes.clone(),
    }
}

fn instance(instance: &Instance) -> InstanceRecord {
    let host = instance.host.as_ref().map(lossless);
    let (host, host_b64) = host.map_or((None, None), |(text, b64)| (Some(text), b64));
    let mut captures = BTreeMap::new();
    let mut captures_b64 = BTreeMap::new();
    for (name, value) in &instance.captures {
        let (text, b64) = lossless(value);
        captures.insert(name.to_string(), text);
        captures_b64.extend(b64.map(|b64| (name.to_string(), b64)));
    }
    let refused =
        instance.refused.iter().map(|(name, value)| (name.to_string(), lossless(value).0)).collect();
    InstanceRecord {
        host,
        host_b64,
        captures,
        captures_b64,
        refused,
        count: instance.count,
        first: instance.first.and_then(wall),
        last: instance.last.and_then(wall),
        first_after_boot: instance.first.and_then(boot),
        last_after_boot: instance.last.and_then(boot),
    }
}

fn evidence(line: &Evidence) -> EvidenceRecord {
    let (file, file_b64) = path(&line.input);
    let (text, text_b64) = lossless(&line.text);
    let (signature, runbook_line) = (line.signature.clone(), line.runbook_line);
    // Characters as they are shown: what is not UTF-8 is U+FFFD in `text`.
    let before = |at: usize| String::from_utf8_lossy(&line.text.raw()[..at]).chars().count();
    let hit = [before(line.hit.start), before(line.hit.end)];
    EvidenceRecord { file, file_b64, line: line.line, text, text_b64, hit, signature, runbook_line }
}

fn path(path: &Path) -> (String, Option<String>) {
    lossless(&Untrusted::new(path.as_os_str().as_encoded_bytes()))
}

fn wall(stamp: Stamp) -> Option<String> {
    let at = jiff::Timestamp::from_microsecond(stamp.micros).ok()?;
    (stamp.clock == Clock::Wall).then(|| at.to_string())
}

fn boot(stamp: Stamp) -> Option<f64> {
    (stamp.clock == Clock::Boot).then(|| stamp.micros as f64 / 1e6)
}

/// A runbook that a search found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HitRecord {
    /// From 1.
    rank: usize,
    /// The slug.
    runbook: String,
    title: String,
    /// Comparable within one search only.
    score: f32,
    /// The heading of the passage.
    section: Option<String>,
    passage: String,
    /// The words found in `passage`: ranges of characters.
    highlights: Vec<[usize; 2]>,
}

/// The records of `kb search`.
pub fn hits(out: &mut dyn Write, found: &[Found]) -> io::Result<()> {
    found.iter().enumerate().try_for_each(|(at, hit)| {
        let text = &hit.passage.text;
        let characters = |bytes: usize| text.get(..bytes).map_or(0, |before| before.chars().count());
        let highlights = hit.passage.highlights.iter();
        write(
            out,
            Record::Hit(HitRecord {
                rank: at + 1,
                runbook: hit.runbook.to_string(),
                title: hit.title.clone(),
                score: hit.score,
                section: hit.passage.section.clone(),
                passage: text.clone(),
                highlights: highlights
                    .map(|range| [characters(range.start), characters(range.end)])
                    .collect(),
            }),
        )
    })
}
