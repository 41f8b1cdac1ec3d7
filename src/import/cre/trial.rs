//! Trying a rule on the logs that came with it.
//!
//! The strictest reading that its own log bears out becomes the page.

use std::io::Cursor;
use std::path::PathBuf;

use super::model::Entry;
use super::page::{self, Parts, Sample};
use super::symptoms::{Block, Strictness, shaped};
use super::{Companions, Lost, RuleError, broadened, source, ways, weak};
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
            let (way, read) = self.reading(blocks, hit.as_deref());
            lost.extend(relaxed(way, self.names().is_some(), &read));
            best = read;
            if let Some(hit) = &hit {
                match self.excerpt(&best, hit) {
                    Some(sample) => samples.push(sample),
                    None if self.alone => failed.push("does not fire on its own log".to_owned()),
                    None => {}
                }
            }
            if let Some(miss) = &miss {
                if self.fires(&best, miss) {
                    failed.push("fires on the log on which it must not".to_owned());
                } else if miss.len() <= SAMPLE_BYTES_MAX {
                    samples.push(Sample { text: miss.clone(), not: true, excerpt: false });
                }
            }
        }
        let page = self.page(&best, &lost, &samples)?;
        Ok(Found { blocks: best, page, lost, failed })
    }

    fn names(&self) -> Option<String> {
        weak::names(&self.entry.cre, &self.entry.rule)
    }

    /// The first way to take the rule that its log bears out, and the blocks of it.
    fn reading(&self, blocks: &[Block], hit: Option<&str>) -> (Strictness, Vec<Block>) {
        let names = self.names();
        let made = |way| self.searchable(&shaped(blocks, way, names.as_deref()));
        let mut tried: Vec<Vec<Block>> = Vec::new();
        for way in ways() {
            let read = made(way);
            if tried.contains(&read) {
                continue;
            }
            if hit.is_some_and(|hit| self.fires(&read, hit)) {
                return (way, read);
            }
            tried.push(read);
        }
        // Nothing tells how strict it may be.
        let way = Strictness { context: false, records: false, anyhost: false };
        (way, made(way))
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

    fn fires(&self, blocks: &[Block], log: &str) -> bool {
        let base = self.base(&self.written(blocks, &[], &[], true));
        let set = SignatureSet::compile_against(&base, || self.noise.to_vec());
        let input = Input {
            name: PathBuf::from("-"),
            bytes: Some(log.len() as u64),
            reader: Box::new(Cursor::new(log.as_bytes().to_vec())),
            modified: None,
        };
        let found = triage::triage(vec![input], &base, &set, &proof::options(), &mut |_| {});
        found.results.iter().any(|result| result.tier == Tier::Match)
    }

    /// The log, or the lines of it that the rule needs; `None` when it does not fire.
    fn excerpt(&self, blocks: &[Block], log: &str) -> Option<Sample> {
        if !self.fires(blocks, log) {
            return None;
        }
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
            if self.fires(blocks, &text) {
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
            if inert && whole && runbook.runnable {
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
