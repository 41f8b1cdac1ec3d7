//! From blocks of text to hits, and from hits to the evaluators, in batches sorted by time.
//!
//! Sorting a batch puts lines in order that several inputs, or one with some disorder, hold in
//! another. Knows signatures and symptom blocks; judges nothing itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;

use super::excerpt::excerpt;
use super::hit::{Binding, Hit, Mark};
use super::input::Block;
use super::record::{Record, Records};
use super::window::{Evaluator, Outcome};
use super::{Options, VALUE_BYTES_MAX};
use crate::report::Clock;
use crate::runbook::{KnowledgeBase, ParamName, Symptom, SymptomMode};
use crate::signature::{Captured, Place, SignatureHit, SignatureSet, clean};

/// Hits that are sorted at once, and the memory they may take.
const BATCH_HITS_MAX: usize = 50_000;
const BATCH_BYTES_MAX: usize = 16 << 20;
/// Of a full batch so much is held back, to be sorted among what follows.
const HELD_BACK: usize = 10;
/// Hits of one record that wait for a line of it that must not occur.
const RECORD_HITS_MAX: usize = 1000;

/// A symptom block: indices of its runbook and of itself.
pub(super) type BlockKey = (usize, usize);

/// What was noticed while collecting.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Years that were taken for stamps without one, other than the present year.
    pub(super) guessed_years: std::collections::BTreeSet<i16>,
    /// Lines without a time of the day were kept, although a time span was asked for.
    pub(super) untimed_kept: bool,
    /// Hits came so late that the ones after them had been judged.
    pub(super) late: bool,
    /// A record had too many hits to be looked at as a whole.
    pub(super) record_cut: bool,
}

#[derive(Debug)]
struct Entry {
    block: BlockKey,
    hit: Rc<Hit>,
}

/// Collects hits and feeds them to the evaluators of their blocks.
#[derive(Debug)]
pub(super) struct Collector<'a> {
    base: &'a KnowledgeBase,
    signatures: &'a SignatureSet,
    options: &'a Options,
    evaluators: BTreeMap<BlockKey, Evaluator<'a>>,
    batch: Vec<Entry>,
    batch_bytes: usize,
    fed: Option<(i64, u32, u64)>,
    /// Hits of the record at hand, of blocks that one of its other lines may refute.
    record: Vec<Entry>,
    record_head: (u32, u64),
    /// Signatures that hit the line at hand, when it comes in pieces.
    in_pieces: Vec<u32>,
    /// What is worth a sentence.
    pub(super) noticed: Noticed,
}

impl<'a> Collector<'a> {
    pub(super) fn new(base: &'a KnowledgeBase, signatures: &'a SignatureSet, options: &'a Options) -> Self {
        Self {
            base,
            signatures,
            options,
            evaluators: BTreeMap::new(),
            batch: Vec::new(),
            batch_bytes: 0,
            fed: None,
            record: Vec::new(),
            record_head: (0, 0),
            in_pieces: Vec::new(),
            noticed: Noticed::default(),
        }
    }

    /// Takes the hits of a block; gives the starts of the lines that were hit, in order.
    pub(super) fn take(&mut self, block: &Block<'_>, records: &mut Records) -> Vec<usize> {
        let mut hits: Vec<SignatureHit> = Vec::new();
        self.signatures.scan(block.text(), &mut |hit| hits.push(hit));
        let mut starts = Vec::new();
        let (mut number, mut counted) = (block.first_line, 0);
        for line in hits.chunk_by(|one, other| one.line.start == other.line.start) {
            let range = line[0].line.clone();
            number += memchr::memchr_iter(b'\n', &block.text()[counted..range.start]).count() as u64;
            counted = range.start;
            starts.push(range.start);
            let continues = block.head.is_some() && range.start == 0;
            let known = if continues { self.in_pieces.len() } else { 0 };
            let mut signatures: Vec<u32> = line.iter().map(|hit| hit.signature).collect();
            signatures.retain(|signature| !self.in_pieces[..known].contains(signature));
            let record = records.of_line(block, block.start + range.start, number);
            self.line(&block.text()[range], number, &signatures, &record, records);
            if block.unfinished {
                self.in_pieces.extend(signatures);
            }
        }
        self.after(block, records);
        starts
    }

    /// Remembers what the rest of an unfinished line will need.
    fn after(&mut self, block: &Block<'_>, records: &mut Records) {
        if !block.unfinished {
            self.in_pieces.clear();
            return;
        }
        let text = block.text();
        let start = memchr::memrchr(b'\n', text).map_or(0, |feed| feed + 1);
        let number = block.first_line + memchr::memchr_iter(b'\n', text).count() as u64;
        records.of_line(block, block.start + start, number);
    }

    /// Takes the hits of one line.
    fn line(&mut self, raw: &[u8], number: u64, signatures: &[u32], record: &Record, records: &mut Records) {
        let mark = records.mark(record, number);
        if !self.in_span(&mark) {
            return;
        }
        self.noticed.guessed_years.extend(record.stamp.and_then(|resolved| resolved.guessed_year));
        if self.record_head != (mark.file, record.head) || self.record.len() > RECORD_HITS_MAX {
            self.noticed.record_cut |= self.record_head == (mark.file, record.head);
            self.end_record();
            self.record_head = (mark.file, record.head);
        }
        let line = clean(raw);
        let mut whole = None;
        let mut last: Option<Place> = None;
        for &signature in signatures {
            let place = self.signatures.places()[signature as usize];
            // Of the alternatives of a step the first that matches speaks for the line.
            let same_step = |other: Place| {
                (other.runbook, other.symptom, other.step) == (place.runbook, place.symptom, place.step)
            };
            if last.is_some_and(same_step) {
                continue;
            }
            let Some(captured) = self.signatures.confirm(signature, &line) else { continue };
            let Some(values) = values(&line, &captured) else { continue };
            last = Some(place);
            let symptom = &self.base.runbooks[place.runbook].symptoms[place.symptom];
            let (text, matched) = excerpt(&line, captured.hit, &mut whole);
            let binding =
                Binding { host: record.host.clone().filter(|_| !symptom.anyhost), values: values.into() };
            let hit = Hit {
                step: place.step,
                alternative: place.alternative,
                mark,
                host: record.host.clone(),
                binding,
                text,
                matched,
            };
            self.put(symptom, (place.runbook, place.symptom), hit);
        }
    }

    fn put(&mut self, symptom: &Symptom, block: BlockKey, hit: Hit) {
        let entry = Entry { block, hit: Rc::new(hit) };
        let by_record = symptom.mode == SymptomMode::Any && symptom.steps.iter().any(|step| step.negated);
        if by_record {
            self.record.push(entry);
        } else {
            self.add(entry);
        }
    }

    fn add(&mut self, entry: Entry) {
        self.batch_bytes += entry.hit.bytes();
        self.batch.push(entry);
        if self.batch.len() >= BATCH_HITS_MAX || self.batch_bytes >= BATCH_BYTES_MAX {
            self.feed(self.batch.len() / HELD_BACK);
        }
    }

    /// Plain alternatives are refuted by lines of the same record.
    fn end_record(&mut self) {
        let record = std::mem::take(&mut self.record);
        let negated = |entry: &Entry| {
            self.base.runbooks[entry.block.0].symptoms[entry.block.1].steps[entry.hit.step].negated
        };
        let (refuting, positive): (Vec<Entry>, Vec<Entry>) = record.into_iter().partition(negated);
        for entry in positive {
            let refuted = refuting
                .iter()
                .any(|other| other.block == entry.block && other.hit.binding.agrees(&entry.hit.binding));
            if !refuted {
                self.add(entry);
            }
        }
    }

    fn in_span(&mut self, mark: &Mark) -> bool {
        let (since, until) = (self.options.since, self.options.until);
        if since.is_none() && until.is_none() {
            return true;
        }
        let Some(micros) = mark.stamp.filter(|stamp| stamp.clock == Clock::Wall).map(|stamp| stamp.micros)
        else {
            self.noticed.untimed_kept = true;
            return true;
        };
        since.is_none_or(|since| micros >= Timestamp::as_microsecond(since))
            && until.is_none_or(|until| micros <= Timestamp::as_microsecond(until))
    }

    /// Sorts the batch and feeds all but the last `held_back` hits.
    fn feed(&mut self, held_back: usize) {
        let mut batch = std::mem::take(&mut self.batch);
        batch.sort_by_cached_key(|entry| (entry.hit.mark.order(), entry.block, entry.hit.step));
        self.batch = batch.split_off(batch.len() - held_back);
        self.batch_bytes = self.batch.iter().map(|entry| entry.hit.bytes()).sum();
        if let (Some(fed), Some(first)) = (self.fed, batch.first()) {
            self.noticed.late |= first.hit.mark.order() < fed;
        }
        self.fed = batch.last().map(|entry| entry.hit.mark.order()).max(self.fed);
        let same_line = |one: &Entry, other: &Entry| {
            one.block == other.block && one.hit.mark.order() == other.hit.mark.order()
        };
        for line in batch.chunk_by(same_line) {
            let block = line[0].block;
            let symptom = &self.base.runbooks[block.0].symptoms[block.1];
            let mut hits: Vec<Rc<Hit>> = line.iter().map(|entry| Rc::clone(&entry.hit)).collect();
            // A line in pieces may have hit a step by one alternative here and by another there.
            hits.dedup_by_key(|hit| hit.step);
            self.evaluators.entry(block).or_insert_with(|| Evaluator::new(symptom)).feed(&hits);
        }
    }

    /// What the blocks came to, with what was noticed.
    pub(super) fn finish(mut self) -> (BTreeMap<BlockKey, Outcome>, Noticed) {
        self.end_record();
        self.feed(0);
        let outcomes =
            self.evaluators.into_iter().map(|(block, evaluator)| (block, evaluator.finish())).collect();
        (outcomes, self.noticed)
    }
}

/// The values of a match, sorted by name; `None` when one name has two of them.
fn values(line: &[u8], captured: &Captured) -> Option<Vec<(ParamName, Rc<[u8]>)>> {
    let mut values: Vec<(ParamName, Rc<[u8]>)> = Vec::with_capacity(captured.captures.len());
    for (name, range) in &captured.captures {
        // One byte beyond the limit tells later that a value is too long to be used.
        let value = &line[range.start..range.end.min(range.start + VALUE_BYTES_MAX + 1)];
        match values.iter().find(|(known, _)| known == name) {
            Some((_, known)) if **known == *value => {}
            Some(_) => return None,
            None => values.push((name.clone(), value.into())),
        }
    }
    values.sort();
    Some(values)
}
