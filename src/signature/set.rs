//! All signatures compiled into one scanner, and where each stands in its runbook.

use std::ops::Range;

use kb_scan::{BuildError, Scanner};
use memchr::{memchr, memrchr};

use super::expression::{capture_name, scan_pattern};
use super::said::{Decoded, said_into, says_as_it_stands, suspect};
use super::{lint, weak};
use crate::diag::{Diagnostic, Severity};
use crate::runbook::{KnowledgeBase, Origin, ParamName, Runbook, Signature, Symptom};

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index into [`KnowledgeBase::runbooks`]; 0 in a set of one runbook.
    pub runbook: usize,
    /// Index into [`Runbook::symptoms`].
    pub symptom: usize,
    /// Index into [`Symptom::steps`].
    pub step: usize,
    /// Index into [`Step::alternatives`](crate::runbook::Step::alternatives).
    pub alternative: usize,
}

/// A block that is not searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// Index into [`KnowledgeBase::runbooks`].
    pub runbook: usize,
    /// Index into [`Runbook::symptoms`].
    pub symptom: usize,
    /// Why: an error at one of its signatures.
    pub diagnostic: Diagnostic,
}

/// A line that a signature matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHit {
    /// Index into [`SignatureSet::places`].
    pub signature: u32,
    /// The raw line in the block, without its line feed and the carriage returns before it.
    pub line: Range<usize>,
}

/// What a signature matched in a part of what a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The bytes that matched.
    pub hit: Range<usize>,
    /// The values, in the order of the signature. A name that the signature holds twice comes twice.
    pub captures: Vec<(ParamName, Range<usize>)>,
}

/// Memory that a search uses, kept so that nothing is allocated for each block.
#[derive(Debug, Default)]
pub struct Searching {
    work: kb_scan::Work,
    apart: Apart,
    /// Places of lines that hold text that a signature demands.
    noted: Vec<usize>,
    raw: Vec<kb_scan::Hit>,
}

/// The signatures of many runbooks, searched for at once.
#[derive(Debug)]
pub struct SignatureSet {
    scanner: Scanner,
    places: Vec<Place>,
    disabled: Vec<Disabled>,
}

impl SignatureSet {
    /// Compiles the signatures of all runbooks. Blocks with a signature that is wrong in itself are
    /// left out and listed in [`SignatureSet::disabled`].
    pub fn compile(base: &KnowledgeBase) -> Self {
        Self::build(&base.runbooks, Vec::new())
    }

    /// The same, and leaves out also the blocks that a healthy log sets off. Asks for that log only
    /// when some runbook is not part of the binary.
    pub fn compile_against(base: &KnowledgeBase, noise: impl FnOnce() -> Vec<u8>) -> Self {
        let set = Self::compile(base);
        if base.runbooks.iter().all(|runbook| runbook.origin == Origin::BuiltIn) {
            return set;
        }
        let seen = lint::noisy_blocks(&set, &base.runbooks, &noise());
        let errors: Vec<Disabled> = seen
            .into_iter()
            .filter(|block| {
                block.diagnostic.severity == Severity::Error
                    && base.runbooks[block.runbook].origin != Origin::BuiltIn
            })
            .collect();
        if errors.is_empty() { set } else { Self::build(&base.runbooks, errors) }
    }

    /// The signatures of one runbook.
    pub fn of(runbook: &Runbook) -> Self {
        Self::build(std::slice::from_ref(runbook), Vec::new())
    }

    fn build(runbooks: &[Runbook], mut disabled: Vec<Disabled>) -> Self {
        // A pattern that the scanner does not take disables its block; there are few of them.
        loop {
            let (places, patterns) = patterns(runbooks, &mut disabled);
            match Scanner::new(&patterns) {
                Ok(scanner) => {
                    disabled.sort_by_key(|block| (block.runbook, block.symptom));
                    return Self { scanner, places, disabled };
                }
                Err(BuildError::Pattern { pattern, error }) => {
                    let Place { runbook, symptom, step, alternative } = places[pattern as usize];
                    let block = &runbooks[runbook].symptoms[symptom];
                    let diagnostic = weak::unusable(&block.steps[step].alternatives[alternative], &error);
                    disabled.push(Disabled { runbook, symptom, diagnostic });
                }
                Err(error) => panic!("more signatures than a scanner can number: {error}"),
            }
        }
    }

    pub(super) fn of_parts(scanner: Scanner, places: Vec<Place>, disabled: Vec<Disabled>) -> Self {
        Self { scanner, places, disabled }
    }

    /// Where each signature stands; the index is its number in hits.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The blocks that are not searched for, and why.
    pub fn disabled(&self) -> &[Disabled] {
        &self.disabled
    }

    /// The scanner below, for what it costs.
    pub(super) fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// Calls `hits` for every signature and line of a raw block that says what it matches, once each,
    /// ordered by line, then by signature. The block begins at the start of a line; cut a stream after
    /// a line feed. Gives the number of line feeds, which are counted on the way.
    pub fn scan(&self, block: &[u8], hits: &mut dyn FnMut(SignatureHit)) -> u64 {
        self.scan_with(&mut Searching::default(), block, hits)
    }

    /// The same with memory that was used before.
    pub fn scan_with(
        &self,
        searching: &mut Searching,
        block: &[u8],
        hits: &mut dyn FnMut(SignatureHit),
    ) -> u64 {
        let Searching { work, apart, noted, raw } = searching;
        if suspect(block, 0).is_none() {
            return self.scanner.scan_with(work, block, &mut |hit| {
                hits(SignatureHit { signature: hit.pattern, line: hit.line });
            });
        }
        noted.clear();
        raw.clear();
        let feeds =
            self.scanner.scan_noting(work, block, &mut |place| noted.push(place), &mut |hit| raw.push(hit));
        apart.fill(block, (!self.scanner.tries_every_line()).then_some(noted));
        let Apart { text, lines, found, .. } = apart;
        let mut rest = lines.iter().peekable();
        for hit in raw.drain(..) {
            while rest.next_if(|apart| apart.line.start < hit.line.start).is_some() {}
            if rest.peek().is_none_or(|apart| apart.line.start > hit.line.start || apart.itself) {
                found.push(SignatureHit { signature: hit.pattern, line: hit.line });
            }
        }
        let mut rest = lines.iter().peekable();
        self.scanner.scan_with(work, text, &mut |hit| {
            while rest.next_if(|apart| apart.end <= hit.line.start).is_some() {}
            let apart = rest.peek().expect("every line of the buffer is listed");
            found.push(SignatureHit { signature: hit.pattern, line: apart.line.clone() });
        });
        // A line may say the same in several parts.
        found.sort_by_key(|hit| (hit.line.start, hit.signature));
        found.dedup();
        found.drain(..).for_each(hits);
        feeds
    }

    /// What a signature matches in a part of what a line says; `None` when it does not match.
    pub fn confirm(&self, signature: u32, line: &[u8]) -> Option<Captured> {
        let found = self.scanner.locate(signature, line)?;
        let captures = found.groups.into_iter();
        Some(Captured {
            hit: found.span,
            captures: captures.filter_map(|(name, range)| Some((capture_name(name)?, range))).collect(),
        })
    }
}

/// The signatures of all blocks that are not disabled, and disables those with an error.
fn patterns(runbooks: &[Runbook], disabled: &mut Vec<Disabled>) -> (Vec<Place>, Vec<kb_scan::Pattern>) {
    let mut places = Vec::new();
    let mut patterns = Vec::new();
    for (place, symptom) in runbooks.iter().enumerate().flat_map(|(index, runbook)| blocks(index, runbook)) {
        let Place { runbook, symptom: block, .. } = place;
        if disabled.iter().any(|other| (other.runbook, other.symptom) == (runbook, block)) {
            continue;
        }
        if let Some(diagnostic) = weak::block_error(symptom) {
            disabled.push(Disabled { runbook, symptom: block, diagnostic });
            continue;
        }
        for (inner, signature) in signatures(symptom) {
            places.push(Place { step: inner.step, alternative: inner.alternative, ..place });
            patterns.push(scan_pattern(&signature.pattern, symptom.nocase));
        }
    }
    (places, patterns)
}

/// The blocks of a runbook with their places (of step 0).
fn blocks(index: usize, runbook: &Runbook) -> impl Iterator<Item = (Place, &Symptom)> {
    let place = move |symptom| Place { runbook: index, symptom, step: 0, alternative: 0 };
    runbook.symptoms.iter().enumerate().map(move |(symptom, block)| (place(symptom), block))
}

/// The signatures of a block with their places in it (of block 0).
pub(super) fn signatures(symptom: &Symptom) -> impl Iterator<Item = (Place, &Signature)> {
    symptom.steps.iter().enumerate().flat_map(|(step, line)| {
        line.alternatives.iter().enumerate().map(move |(alternative, signature)| {
            (Place { runbook: 0, symptom: 0, step, alternative }, signature)
        })
    })
}

/// What lines of a block say that do not simply say themselves, one after the other.
#[derive(Debug, Default)]
struct Apart {
    text: Vec<u8>,
    lines: Vec<ApartLine>,
    found: Vec<SignatureHit>,
    decoded: Decoded,
}

#[derive(Debug)]
struct ApartLine {
    /// The raw line.
    line: Range<usize>,
    /// Where what it says ends in the text.
    end: usize,
    /// It is searched as it stands, too.
    itself: bool,
}

impl Apart {
    /// Takes the lines of a block apart. Of lines that hold all that they say as it stands only those that
    /// are `noted`, when that is known: what no signature demands of the line, none demands of its parts.
    fn fill(&mut self, block: &[u8], noted: Option<&Vec<usize>>) {
        self.text.clear();
        self.lines.clear();
        let mut noted = noted.map(|noted| noted.iter().peekable());
        let mut start = 0;
        while let Some(place) = suspect(block, start) {
            start = memrchr(b'\n', &block[start..place]).map_or(start, |feed| start + feed + 1);
            let feed = memchr(b'\n', &block[place..]).map_or(block.len(), |feed| place + feed);
            let line = &block[start..feed];
            let may_hit = noted.as_mut().is_none_or(|noted| {
                while noted.next_if(|place| **place < start).is_some() {}
                noted.peek().is_some_and(|place| **place < feed)
            });
            if !may_hit && says_as_it_stands(line) {
                start = (feed + 1).min(block.len());
                continue;
            }
            let kept = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
            let itself = said_into(line, &mut self.decoded, &mut self.text);
            self.lines.push(ApartLine { line: start..start + kept, end: self.text.len(), itself });
            start = (feed + 1).min(block.len());
        }
    }
}

#[cfg(test)]
mod tests;
