//! From drafts to what is reported: instances, evidence, notes.

use std::rc::Rc;

use jiff::Timestamp;

use super::bounds::Bounds;
use super::draft::{Draft, Drafts, INSTANCES_MAX, drafts};
use super::hit::{Hit, LINES_WITHOUT_TIMES};
use super::window::{BINDINGS_MAX, Limit, Outcome};
use super::{Names, VALUE_BYTES_MAX, missing, rank};
use crate::report::{Evidence, Instance, Match, Tier};
use crate::runbook::{ParamName, Runbook};
use crate::text::Untrusted;

/// Lines shown for an instance besides the last.
const EVIDENCE_MAX: usize = 3;
/// Sentences on what is missing.
const MISSING_MAX: usize = 5;

/// What was read, and when.
pub(super) struct Seen<'a> {
    /// The names of the inputs.
    pub(super) names: Names<'a>,
    /// Where they begin and end.
    pub(super) bounds: &'a Bounds,
    /// The present.
    pub(super) now: Timestamp,
}

/// What the blocks of one runbook came to: nothing, a match, a possible match, or one of each, on
/// different hosts. Limits that bit are added to `notices`.
pub(super) fn results(
    runbook: &Runbook,
    outcomes: &[(usize, Outcome)],
    seen: &Seen<'_>,
    notices: &mut Vec<String>,
) -> Vec<Match> {
    let Drafts { matches, possible } = drafts(runbook, outcomes, seen.bounds);
    limits(runbook, outcomes, notices);
    [(Tier::Match, matches), (Tier::Possible, possible)]
        .into_iter()
        .filter(|(_, drafts)| !drafts.is_empty())
        .map(|(tier, drafts)| {
            if drafts.len() > INSTANCES_MAX {
                notices.push(format!(
                    "`{}`: only the newest {INSTANCES_MAX} of {} instances are listed.",
                    runbook.id,
                    drafts.len()
                ));
            }
            result(runbook, tier, &drafts, seen)
        })
        .collect()
}

fn result(runbook: &Runbook, tier: Tier, drafts: &[Draft], seen: &Seen<'_>) -> Match {
    let mut notes = Vec::new();
    let instances =
        drafts.iter().take(INSTANCES_MAX).map(|draft| instance(runbook, draft, seen.names, &mut notes));
    let instances = instances.collect();
    for block in drafts.iter().flat_map(|draft| &draft.assumed) {
        if let Some(within) = runbook.symptoms[*block].within {
            once(
                &mut notes,
                format!(
                    "No times tell how far its lines are apart: the window of {} is taken as met, because they are at most {LINES_WITHOUT_TIMES} lines apart.",
                    missing::words(within)
                ),
            );
        }
    }
    let mut sentences = Vec::new();
    for sentence in drafts.iter().flat_map(|draft| &draft.missing) {
        once(&mut sentences, sentence.clone());
    }
    sentences.truncate(MISSING_MAX);
    Match {
        runbook: runbook.id.clone(),
        title: runbook.title.clone(),
        tier,
        score: rank::score(runbook, drafts, seen.now),
        instances,
        missing: if tier == Tier::Possible { sentences } else { Vec::new() },
        words: Vec::new(),
        notes,
    }
}

fn once(sentences: &mut Vec<String>, sentence: String) {
    if !sentences.contains(&sentence) {
        sentences.push(sentence);
    }
}

fn instance(runbook: &Runbook, draft: &Draft, names: Names<'_>, notes: &mut Vec<String>) -> Instance {
    let mut values: Vec<_> = draft.binding.values.iter().chain(&draft.support).collect();
    let place = |name: &ParamName| runbook.parameters.iter().position(|parameter| parameter.name == *name);
    values.sort_by_key(|(name, _)| (place(name).unwrap_or(usize::MAX), name.clone()));
    let (mut captures, mut refused) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let shown = (name.clone(), Untrusted::new(&value[..value.len().min(VALUE_BYTES_MAX)]));
        match why_refused(runbook, name, value) {
            None => captures.push(shown),
            Some(why) => {
                once(notes, why);
                refused.push(shown);
            }
        }
    }
    Instance {
        host: draft.host.as_deref().map(Untrusted::new),
        captures,
        refused,
        count: draft.count(),
        first: draft.first.stamp,
        last: draft.last.stamp,
        evidence: evidence(runbook, draft, names),
    }
}

fn why_refused(runbook: &Runbook, name: &ParamName, value: &[u8]) -> Option<String> {
    if value.len() > VALUE_BYTES_MAX {
        return Some(format!("A value of `{name}` is longer than {VALUE_BYTES_MAX} bytes and is not used."));
    }
    let (pattern, regex) = &runbook.parameter(name)?.pattern;
    let refused = || format!("A value of `{name}` does not match `{pattern}` and is not used.");
    (!regex.is_match(value)).then(refused)
}

/// The lines to show: of the first occurrence, a few more, and the last.
fn evidence(runbook: &Runbook, draft: &Draft, names: Names<'_>) -> Vec<Evidence> {
    let mut hits: Vec<&(usize, Rc<Hit>)> = draft.hits.iter().collect();
    hits.sort_by_key(|(block, hit)| (hit.mark.order(), *block));
    hits.dedup_by_key(|(_, hit)| hit.mark.order());
    let one_block = draft.blocks.len() == 1;
    if !one_block {
        hits.truncate(EVIDENCE_MAX.max(runbook.symptoms[hits[0].0].steps.len()));
    }
    let latest = draft.latest.iter().max_by_key(|(_, hit)| hit.mark.order());
    let last = hits.last().map(|(_, hit)| hit.mark.order());
    hits.extend(latest.filter(|(_, hit)| Some(hit.mark.order()) > last));
    hits.into_iter().map(|(block, hit)| line(runbook, *block, hit, names)).collect()
}

fn line(runbook: &Runbook, block: usize, hit: &Hit, names: Names<'_>) -> Evidence {
    let signature = &runbook.symptoms[block].steps[hit.step].alternatives[hit.alternative];
    Evidence {
        input: names[hit.mark.file as usize].clone(),
        line: hit.mark.line,
        text: Untrusted::new(&*hit.text),
        hit: hit.matched.clone(),
        stamp: hit.mark.stamp,
        signature: signature.text.clone(),
        runbook_line: runbook.source.line_column(signature.span.start).0,
    }
}

/// Sentences on limits that bit while the blocks of a runbook were judged.
fn limits(runbook: &Runbook, outcomes: &[(usize, Outcome)], notices: &mut Vec<String>) {
    let id = &runbook.id;
    for (block, outcome) in outcomes {
        let line = runbook.source.line_column(runbook.symptoms[*block].span.start).0;
        let limits = outcome.bitten.iter().map(|limit| limit_words(*limit));
        for sentence in limits {
            notices.push(format!("`{id}`, block in line {line}: {sentence}."));
        }
    }
}

fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::Evicted => {
            format!("more than {BINDINGS_MAX} incomplete sets were open at once; the oldest were given up")
        }
        Limit::Forgotten => {
            format!("more than {BINDINGS_MAX} different sets of values; older ones are not listed")
        }
        Limit::SearchCut => "not every way to combine its lines was tried".to_owned(),
        Limit::Uncounted => {
            "too many complete sets waited for the end of their window; the count is too low".to_owned()
        }
        Limit::RepeatsCut => "fewer repetitions than it asks for were taken as enough".to_owned(),
    }
}
