//! Trying a rule on the logs that came with it.
//!
//! The strictest reading that its own log bears out becomes the page.

use std::io::Cursor;
use std::path::PathBuf;

use super::model::Entry;
use super::page::{self, Parts, Sample};
use super::strictness::{Beside, Strictness, Surroundings, alternatives, shaped, ways};
use super::symptoms::{Block, shown};
use super::{Companions, Lost, RuleError, broadened, source, weak};
use crate::diag::Severity;
use crate::proof;
use crate::report::Tier;
use crate::runbook::{KnowledgeBase, Origin, RunbookId, pattern};
use crate::signature::{SignatureSet, clean};
use crate::text::is_deceptive;
use crate::triage::{self, Input};

/// A longer log stands on the page only in part.
const SAMPLE_LINES_MAX: usize = 150;
const SAMPLE_BYTES_MAX: usize = 24 << 10;
/// A page must stay one that kb reads.
const EXCERPT_BYTES_MAX: usize = 400 << 10;

/// Constructs that say when a condition must not occur.
const NEGATIVE: &[&str] = &["negate", "anchor", "slide", "negate window", "absolute"];

/// One rule with all that is needed to try it.
pub(super) struct Trial<'a> {
    pub(super) noise: &'a [u8],
    pub(super) entry: &'a Entry,
    pub(super) id: &'a RunbookId,
    pub(super) file: &'a str,
    pub(super) companions: &'a Companions,
    /// The logs beside the file are of this rule.
    pub(super) alone: bool,
}

/// The reading that was taken.
pub(super) struct Found {
    pub(super) blocks: Vec<Block>,
    pub(super) page: String,
    pub(super) lost: Vec<Lost>,
    pub(super) failed: Vec<String>,
}

impl Trial<'_> {
    /// The page by the strictest reading that fires on the rule's own log.
    pub(super) fn best(&self, blocks: &[Block], mut lost: Vec<Lost>) -> Result<Found, RuleError> {
        let mut failed = Vec::new();
        let logs = self.companions;
        let (mut best, mut samples) = (Vec::new(), Vec::new());
        if !blocks.is_empty() {
            let hit = logs.hit_log.as_deref().map(text_of);
            let miss = logs.miss_log.as_deref().map(text_of);
            let (way, read) = self.reading(blocks, hit.as_deref(), miss.as_deref());
            if way.beside.no_negate {
                lost.retain(|lost| !NEGATIVE.contains(&lost.construct));
            }
            lost.extend(relaxed(way, self.names().is_some(), &read));
            best = read;
            if let Some(hit) = hit.as_deref() {
                self.proved(&best, hit, &mut samples, &mut failed);
            }
            if let Some(miss) = miss {
                if self.fires(&best, miss.as_bytes()) {
                    failed.push("fires on the log on which it must not".to_owned());
                } else if miss.len() <= SAMPLE_BYTES_MAX {
                    samples.push(Sample { text: miss, not: true, excerpt: false });
                } else {
                    failed.push("the log on which it must not fire is too long for the page".to_owned());
                }
            }
            if self.fires(&best, self.noise) {
                failed.push("fires on the sample of healthy logs".to_owned());
            }
        }
        let page = self.page(&best, &lost, &samples)?;
        Ok(Found { blocks: best, page, lost, failed })
    }

    /// Puts the log of the rule on the page, or what is wrong with it.
    fn proved(&self, blocks: &[Block], hit: &str, samples: &mut Vec<Sample>, failed: &mut Vec<String>) {
        if !self.fires(blocks, hit.as_bytes()) {
            // Of several rules in one file, the log beside it may be of another.
            if self.alone {
                failed.push("does not fire on its own log".to_owned());
            }
            return;
        }
        match self.excerpt(blocks, hit) {
            Some(sample) => samples.push(sample),
            None => failed.push("fires on its own log, which is too long for the page".to_owned()),
        }
    }

    fn names(&self) -> Option<String> {
        weak::names(&self.entry.cre, &self.entry.rule)
    }

    /// The first way to take the rule that its logs bear out, and the blocks of it. A log that is not
    /// the rule's alone gives nothing up that the rule says beside its lines.
    fn reading(&self, blocks: &[Block], hit: Option<&str>, miss: Option<&str>) -> (Strictness, Vec<Block>) {
        let around = Surroundings { names: self.names(), loud: self.loud(blocks) };
        let made = |way| self.searchable(&shaped(blocks, way, &around));
        let mut tried: Vec<Vec<Block>> = Vec::new();
        let mut fires = None;
        for way in ways().filter(|way| self.alone || way.beside.is_kept()).take_while(|_| hit.is_some()) {
            // One that fires on both logs is as good as it gets where nothing else does better.
            if fires.is_some() && !way.beside.is_kept() {
                break;
            }
            let read = made(way);
            if tried.contains(&read) {
                continue;
            }
            if hit.is_some_and(|hit| self.fires(&read, hit.as_bytes())) {
                if !miss.is_some_and(|miss| self.fires(&read, miss.as_bytes())) {
                    return (way, read);
                }
                fires.get_or_insert_with(|| (way, read.clone()));
            }
            tried.push(read);
        }
        // Nothing tells how strict it may be.
        let beside = Beside::default();
        let way = Strictness { context: false, records: false, anyhost: false, quiet: true, beside };
        fires.unwrap_or_else(|| (way, made(way)))
    }

    /// The lines that each stand for the problem, and stand in healthy logs too.
    fn loud(&self, blocks: &[Block]) -> Vec<String> {
        let lines = blocks.iter().filter_map(alternatives).flat_map(|step| &step.lines);
        let single: Vec<Block> = lines.map(|line| Block::line(line)).collect();
        if single.is_empty() {
            return Vec::new();
        }
        let base = self.base(&self.written(&single, &[], &[], true));
        let set = SignatureSet::compile(&base);
        let mut seen = vec![false; single.len()];
        set.scan(self.noise, &mut |hit| {
            if let Some(seen) = seen.get_mut(set.places()[hit.signature as usize].symptom) {
                *seen = true;
            }
        });
        let loud = single.into_iter().zip(seen).filter(|(_, seen)| *seen);
        loud.flat_map(|(block, _)| block.steps).flat_map(|step| step.lines).collect()
    }

    /// Says `broad` where kb would otherwise not search for a block.
    fn searchable(&self, blocks: &[Block]) -> Vec<Block> {
        let short = |line: &String| {
            let read = pattern::read_line(line, false);
            let chars = read.map_or(0, |read| read.map_or(0, |read| read.literal_chars));
            chars < pattern::LITERAL_CHARS_MIN || weak::is_weak(line)
        };
        // A plain line that says little is searched for as it is; of a set it says that it is one.
        let is_short = |block: &Block| {
            let chars = block.steps.iter().filter(|step| !step.negated).flat_map(|step| &step.lines);
            chars.into_iter().any(short)
        };
        let which: Vec<usize> =
            blocks.iter().enumerate().filter(|(_, block)| is_short(block)).map(|(index, _)| index).collect();
        let blocks = broadened(blocks, &which);
        let base = self.base(&self.written(&blocks, &[], &[], true));
        let set = SignatureSet::compile_against(&base, || self.noise.to_vec());
        let which: Vec<usize> = set.disabled().iter().map(|block| block.symptom).collect();
        broadened(&blocks, &which)
    }

    fn fires(&self, blocks: &[Block], log: &[u8]) -> bool {
        let base = self.base(&self.written(blocks, &[], &[], true));
        let set = SignatureSet::compile_against(&base, || self.noise.to_vec());
        let input = Input {
            name: PathBuf::from("-"),
            bytes: Some(log.len() as u64),
            reader: Box::new(Cursor::new(log.to_vec())),
            modified: None,
        };
        let found = triage::triage(vec![input], &base, &set, &proof::options(), &mut |_| {});
        found.results.iter().any(|result| result.tier == Tier::Match)
    }

    /// The log on which the rule fires, or the lines of it that the rule needs; `None` when they are too long.
    fn excerpt(&self, blocks: &[Block], log: &str) -> Option<Sample> {
        if log.len() <= SAMPLE_BYTES_MAX && log.lines().count() <= SAMPLE_LINES_MAX {
            return Some(Sample { text: log.to_owned(), not: false, excerpt: false });
        }
        let base = self.base(&self.written(blocks, &[], &[], true));
        let set = SignatureSet::compile_against(&base, || self.noise.to_vec());
        let mut hits: Vec<(usize, u32)> = Vec::new();
        set.scan(log.as_bytes(), &mut |hit| hits.push((hit.line.start, hit.signature)));
        let mut most = 1;
        while most <= hits.len().saturating_mul(2) {
            let text = first_lines(log, &hits, most);
            if text.len() > EXCERPT_BYTES_MAX {
                break;
            }
            if self.fires(blocks, text.as_bytes()) {
                return Some(Sample { text, not: false, excerpt: true });
            }
            most *= 2;
        }
        (log.len() <= EXCERPT_BYTES_MAX).then(|| Sample { text: log.to_owned(), not: false, excerpt: false })
    }

    /// The page, checked to hold nothing but what belongs there.
    fn page(&self, blocks: &[Block], lost: &[Lost], samples: &[Sample]) -> Result<String, RuleError> {
        for verbatim in [false, true] {
            let page = self.written(blocks, lost, samples, verbatim);
            let base = self.base(&page);
            let Some(runbook) = base.runbooks.first() else { continue };
            let inert = runbook.checks.is_empty() && runbook.fixes.is_empty() && runbook.rollbacks.is_empty();
            let whole = runbook.symptoms.len() == blocks.len() && runbook.samples.len() == samples.len();
            // Prose that kb would take for a fact, or for a rule of a check, is shown as it is.
            let facts = runbook.facts.len() == page::facts_of(&page);
            let sound = !base.diagnostics.iter().any(|found| found.diagnostic.severity == Severity::Error);
            if inert && whole && facts && sound && runbook.runnable {
                return Ok(page);
            }
        }
        Err(RuleError {
            message: format!("no page can be made of rule {}", page::named(self.id.as_str())),
            at: None,
        })
    }

    fn written(&self, blocks: &[Block], lost: &[Lost], samples: &[Sample], verbatim: bool) -> String {
        page::page(&Parts {
            cre: &self.entry.cre,
            logic: &self.entry.rule,
            file: self.file,
            companions: self.companions,
            blocks,
            lost,
            samples,
            verbatim,
        })
    }

    fn base(&self, page: &str) -> KnowledgeBase {
        KnowledgeBase::from_sources(vec![(source(self.id, page), Origin::Named)])
    }
}

/// What was given up, as far as the blocks show it.
fn relaxed(way: Strictness, named: bool, blocks: &[Block]) -> Vec<Lost> {
    let mut lost = Vec::new();
    let lines = || blocks.iter().flat_map(|block| &block.steps).flat_map(|step| &step.lines);
    if named
        && !way.context
        && lines().any(|line| weak::is_weak(line))
        && blocks.iter().any(|block| block.steps.len() == 1)
    {
        let how =
            "a phrase is short, and the program is not named beside it; other programs may print it too";
        lost.push(Lost { construct: "source", how: how.to_owned() });
    }
    let loud: Vec<&String> = blocks
        .iter()
        .filter(|block| block.low)
        .flat_map(|block| &block.steps)
        .flat_map(|step| &step.lines)
        .collect();
    if let Some(line) = loud.first() {
        let more = if loud.len() > 1 { format!(" and {} more", loud.len() - 1) } else { String::new() };
        let how = format!(
            "healthy machines print {}{more} too, so by itself it makes the problem only possible",
            shown(line)
        );
        lost.push(Lost { construct: "source", how });
    }
    let beside = [
        (
            way.beside.no_negate,
            "negate",
            "what must not occur is not looked for: it does in the rule's own log",
        ),
        (
            way.beside.no_window,
            "window",
            "the lines may be any time apart: in the rule's own log they are further",
        ),
        (
            way.beside.no_order,
            "order",
            "the lines may come in any order: in the rule's own log they come in another",
        ),
    ];
    for (_, construct, how) in beside.into_iter().filter(|(given_up, _, _)| *given_up) {
        lost.push(Lost { construct, how: how.to_owned() });
    }
    lost
}

/// A log as text of a page: escape sequences, carriage returns and what cannot be seen left out.
fn text_of(log: &[u8]) -> String {
    let mut out = String::with_capacity(log.len());
    for line in log.split(|byte| *byte == b'\n') {
        let line = clean(line);
        let text = String::from_utf8_lossy(&line);
        out.extend(text.chars().filter(|c| *c == '\t' || !(c.is_control() || is_deceptive(*c))));
        out.push('\n');
    }
    out.truncate(out.trim_end_matches('\n').len());
    out.push('\n');
    out
}

/// The lines that are among the first so many hits of a signature.
fn first_lines(log: &str, hits: &[(usize, u32)], most: usize) -> String {
    let mut seen: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    let mut starts: Vec<usize> = Vec::new();
    for (start, signature) in hits {
        let count = seen.entry(*signature).or_default();
        *count += 1;
        if *count <= most && starts.last() != Some(start) {
            starts.push(*start);
        }
    }
    starts.iter().map(|start| format!("{}\n", log[*start..].lines().next().unwrap_or_default())).collect()
}
