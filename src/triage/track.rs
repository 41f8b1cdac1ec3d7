//! One input, followed cut by cut: from scanned text to hits with their time, host and values.
//!
//! Cuts may be scanned in any order and by any thread; here they are taken in the order of the text.
//! Knows signatures and symptom blocks; judges nothing but what one record says by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::bounds::{Edges, Ends};
use super::collect::BlockKey;
use super::excerpt::excerpt;
use super::hit::{Binding, Hit, Mark};
use super::input::{Block, Cut, Reading};
use super::record::{Record, Records};
use super::unexplained::Unexplained;
use super::{Options, Shelf, VALUE_BYTES_MAX, wrapped};
use crate::report::{Clock, InputSummary};
use crate::runbook::{ParamName, Symptom, SymptomMode};
use crate::signature::{Captured, Part, Place, Said, SignatureHit, SignatureSet};

/// Hits of one record that wait for a line of it that must not occur.
const RECORD_HITS_MAX: usize = 1000;

/// A cut with what was found in it, or the end of the input.
#[derive(Debug)]
pub(super) enum Step {
    Scanned {
        cut: Cut,
        line_ends: u64,
        hits: Vec<Seen>,
    },
    /// With the reason why there is no more, when it is none to be glad of.
    End(Option<String>),
}

/// A hit in a cut, and how many lines of the cut are above its line.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) lines_above: u64,
    pub(super) hit: SignatureHit,
}

/// A hit and the symptom block it is of.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) block: BlockKey,
    pub(super) hit: Hit,
}

/// What was noticed while an input was followed.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Years that were taken for stamps without one, other than the present year.
    pub(super) guessed_years: BTreeSet<i16>,
    /// Lines without a time of the day were kept, although a time span was asked for.
    pub(super) untimed_kept: bool,
    /// A record had too many hits to be looked at as a whole.
    pub(super) record_cut: bool,
}

impl Noticed {
    pub(super) fn join(&mut self, other: Self) {
        self.guessed_years.extend(other.guessed_years);
        self.untimed_kept |= other.untimed_kept;
        self.record_cut |= other.record_cut;
    }
}

/// All that is asked of every input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matcher<'a> {
    pub(super) shelf: &'a dyn Shelf,
    pub(super) signatures: &'a SignatureSet,
    pub(super) options: &'a Options,
}

/// An input that was followed to its end.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) summary: InputSummary,
    pub(super) long_lines: Option<(u64, u64)>,
    pub(super) unexplained: Unexplained,
    pub(super) noticed: Noticed,
    /// Its first and its last line.
    pub(super) ends: Option<Ends>,
}

/// Follows one input.
pub(super) struct Track<'a> {
    matcher: Matcher<'a>,
    name: PathBuf,
    /// Steps that came before their turn.
    early: BTreeMap<u64, Step>,
    next: u64,
    error: Option<String>,
    ended: bool,
    before: Cut,
    reading: Reading,
    records: Records,
    edges: Edges,
    lines: Lines<'a>,
    unexplained: Unexplained,
}

/// What is known of the hits of an input besides the text.
struct Lines<'a> {
    matcher: Matcher<'a>,
    found: Vec<Found>,
    found_bytes: usize,
    /// Hits of the record at hand, of blocks that one of its other lines may refute.
    record: Vec<Found>,
    record_head: u64,
    /// Signatures that hit the line at hand, when it comes in pieces.
    in_pieces: Vec<u32>,
    noticed: Noticed,
}

/// A part of what a line says, as it is taken.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a [u8],
    part: Part,
    mark: Mark,
    record: &'a Record,
}

impl<'a> Track<'a> {
    /// Follows the input with this number.
    pub(super) fn new(number: u32, name: PathBuf, modified: Option<Timestamp>, matcher: Matcher<'a>) -> Self {
        Self {
            matcher,
            name,
            early: BTreeMap::new(),
            next: 0,
            error: None,
            ended: false,
            before: Cut::default(),
            reading: Reading::default(),
            records: Records::new(number, matcher.options, modified),
            edges: Edges::default(),
            lines: Lines {
                matcher,
                found: Vec::new(),
                found_bytes: 0,
                record: Vec::new(),
                record_head: 0,
                in_pieces: Vec::new(),
                noticed: Noticed::default(),
            },
            unexplained: Unexplained::new(matcher.options),
        }
    }

    /// Takes a step and all that waited for it; gives back memory that is no longer needed.
    pub(super) fn take(&mut self, number: u64, step: Step, free: &mut Vec<Vec<u8>>) {
        self.early.insert(number, step);
        while let Some(step) = self.early.remove(&self.next) {
            self.next += 1;
            match step {
                Step::Scanned { cut, line_ends, hits } => {
                    let block = self.reading.block(&cut, self.before.text(), line_ends);
                    self.edges.take(block.text, &self.records);
                    let starts = self.lines.take(&block, &hits, &mut self.records);
                    self.unexplained.take(&block, &starts);
                    free.push(mem::replace(&mut self.before, cut).into_buffer());
                }
                Step::End(error) => {
                    self.lines.end_record();
                    self.error = error;
                    self.ended = true;
                    free.push(mem::take(&mut self.before).into_buffer());
                }
            }
        }
    }

    /// True when the end was reached.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// The memory of the hits that nobody took yet.
    pub(super) fn held_bytes(&self) -> usize {
        self.lines.found_bytes
    }

    /// The hits since the last time.
    pub(super) fn found(&mut self) -> Vec<Found> {
        self.lines.found_bytes = 0;
        mem::take(&mut self.lines.found)
    }

    /// What there is to say once it has ended.
    pub(super) fn finish(&mut self) -> Followed {
        let summary = InputSummary {
            name: mem::take(&mut self.name),
            lines: self.reading.lines(),
            bytes: self.reading.bytes,
            error: self.error.take(),
        };
        Followed {
            ends: self.edges.ends(&self.records, summary.lines),
            summary,
            long_lines: self.reading.long_lines,
            unexplained: mem::replace(&mut self.unexplained, Unexplained::new(self.matcher.options)),
            noticed: mem::take(&mut self.lines.noticed),
        }
    }
}

impl Lines<'_> {
    /// Takes the hits of a block; gives the starts of the lines that were hit, in order.
    fn take(&mut self, block: &Block<'_>, hits: &[Seen], records: &mut Records) -> Vec<usize> {
        let mut starts = Vec::new();
        for line in hits.chunk_by(|one, other| one.hit.line == other.hit.line) {
            let range = line[0].hit.line.clone();
            let number = block.first_line + line[0].lines_above;
            if starts.last() != Some(&range.start) {
                starts.push(range.start);
            }
            let continues = block.head.is_some() && range.start == 0;
            let known = if continues { self.in_pieces.len() } else { 0 };
            let mut signatures: Vec<u32> = line.iter().map(|seen| seen.hit.signature).collect();
            signatures.retain(|signature| !self.in_pieces[..known].contains(signature));
            let record = records.of_line(block, range.start, number);
            self.line(&block.text[range], number, &signatures, &record, records);
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
        let start = memchr::memrchr(b'\n', block.text).map_or(0, |feed| feed + 1);
        let number = block.first_line + memchr::memchr_iter(b'\n', block.text).count() as u64;
        records.of_line(block, start, number);
    }

    /// Takes the hits of one line.
    fn line(&mut self, raw: &[u8], number: u64, signatures: &[u32], record: &Record, records: &mut Records) {
        let mark = records.mark(record, number);
        if !self.in_span(&mark) {
            return;
        }
        self.noticed.guessed_years.extend(record.stamp.and_then(|resolved| resolved.guessed_year));
        if self.record_head != record.head || self.record.len() > RECORD_HITS_MAX {
            self.noticed.record_cut |= self.record_head == record.head;
            self.end_record();
            self.record_head = record.head;
        }
        let mut spoken: Vec<Place> = Vec::new();
        let line = Line { text: raw, part: Part::Message(0), mark, record };
        if memchr::memchr(b'\n', raw).is_none() {
            self.said(&line, signatures, &mut spoken);
            return;
        }
        // Of the ways to put broken lines together the first that says something counts.
        let ways = wrapped::joined(raw).into_iter().zip([Part::Message(0), Part::Beside]);
        for (joined, part) in ways {
            self.said(&Line { text: &joined, part, ..line }, signatures, &mut spoken);
        }
    }

    /// Takes the hits of all that a line says.
    fn said(&mut self, line: &Line<'_>, signatures: &[u32], spoken: &mut Vec<Place>) {
        for (part, text) in Said::by(line.text).parts() {
            let mark = Mark { part: if let Part::Message(before) = part { before } else { 0 }, ..line.mark };
            let part = if line.part == Part::Beside { Part::Beside } else { part };
            self.part(&Line { text, part, mark, ..*line }, signatures, spoken);
        }
    }

    /// Takes the hits of a part of what a line says; `spoken` is what was found in it so far.
    fn part(&mut self, line: &Line<'_>, signatures: &[u32], spoken: &mut Vec<Place>) {
        let Line { text: line, part, mark, record } = *line;
        let before = spoken.len();
        let mut whole = None;
        for &signature in signatures {
            let place = self.matcher.signatures.places()[signature as usize];
            // Of the alternatives of a step the first that matches speaks for the line.
            let same_step = |other: &Place| {
                (other.runbook, other.symptom, other.step) == (place.runbook, place.symptom, place.step)
            };
            let known = match part {
                Part::Message(_) => spoken[before..].last().is_some_and(same_step),
                // What the message says is not said again by what stands beside it.
                Part::Beside => spoken.iter().any(same_step),
            };
            if known {
                continue;
            }
            let Some(captured) = self.matcher.signatures.confirm(signature, line) else { continue };
            let Some(values) = values(line, &captured) else { continue };
            spoken.push(place);
            // A page that cannot be read has no symptoms; that it could not is said elsewhere.
            let symptoms = &self.matcher.shelf.runbook(place.runbook).symptoms;
            let Some(symptom) = symptoms.get(place.symptom) else { continue };
            if symptom.steps.get(place.step).is_none_or(|step| step.alternatives.len() <= place.alternative) {
                continue;
            }
            let (text, matched) = excerpt(line, captured.hit, &mut whole);
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
        let entry = Found { block, hit };
        let by_record = symptom.mode == SymptomMode::Any && symptom.steps.iter().any(|step| step.negated);
        if by_record {
            self.record.push(entry);
        } else {
            self.add(entry);
        }
    }

    fn add(&mut self, found: Found) {
        self.found_bytes += found.hit.bytes();
        self.found.push(found);
    }

    /// Plain alternatives are refuted by lines of the same record.
    fn end_record(&mut self) {
        let record = mem::take(&mut self.record);
        let negated = |entry: &Found| {
            self.matcher.shelf.runbook(entry.block.0).symptoms[entry.block.1].steps[entry.hit.step].negated
        };
        let (refuting, positive): (Vec<Found>, Vec<Found>) = record.into_iter().partition(negated);
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
        let (since, until) = (self.matcher.options.since, self.matcher.options.until);
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
}

/// The values of a match, sorted by name; `None` when one name has two of them.
fn values(line: &[u8], captured: &Captured) -> Option<Vec<(ParamName, Arc<[u8]>)>> {
    let mut values: Vec<(ParamName, Arc<[u8]>)> = Vec::with_capacity(captured.captures.len());
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
