//! From runbooks to the bytes of their catalog.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::wire::Writer;
use super::words::sums;
use super::{HEADER_BYTES, Key, MAGIC, ORIGINS, PARTS, Sayings, TITLE_BYTES_MAX};
use crate::disk::{Listing, Stamp};
use crate::runbook::{KnowledgeBase, Origin};
use crate::signature::SignatureSet;
use crate::triage::Shelf as _;

/// What was changed so shortly before it was listed may change again without another stamp: the
/// clock of a file system has steps.
const CLOCK_STEP_NANOS: i64 = 20_000_000;

/// What a catalog is made of.
#[derive(Debug)]
pub struct Contents<'a> {
    /// Which runbooks these are.
    pub key: &'a Key,
    /// The folders of the key as they were listed before they were read.
    pub listings: &'a [Listing],
    /// When.
    pub listed: Timestamp,
    /// What is said of them when they are used.
    pub sayings: &'a Sayings,
    /// The runbooks.
    pub base: &'a KnowledgeBase,
    /// Their signatures.
    pub signatures: &'a SignatureSet,
}

/// The bytes of a catalog.
pub fn make(contents: &Contents<'_>) -> Vec<u8> {
    let runbooks = &contents.base.runbooks;
    let mut pages = Pages::new(runbooks.len());
    for runbook in runbooks {
        let source = &runbook.source;
        let text = source.text.as_bytes();
        pages.push(&Page {
            id: runbook.id.as_str(),
            title: &runbook.title,
            path: &source.path,
            origin: runbook.origin,
            bare: !runbook.runnable,
            broken_at: source.broken_at,
            text,
            sum: kb_scan::checksum(text),
        });
    }
    let words = contents.base.words().to_bytes().ok().flatten().unwrap_or_default();
    let Contents { key, listings, listed, sayings, signatures, .. } = contents;
    assemble(&Parts { key, listings, listed: *listed, sayings, signatures, pages, words })
}

/// What the parts of the file are made of.
pub(super) struct Parts<'a> {
    pub(super) key: &'a Key,
    pub(super) listings: &'a [Listing],
    pub(super) listed: Timestamp,
    pub(super) sayings: &'a Sayings,
    pub(super) signatures: &'a SignatureSet,
    pub(super) pages: Pages,
    pub(super) words: Vec<u8>,
}

/// The bytes of a catalog with these parts.
pub(super) fn assemble(of: &Parts<'_>) -> Vec<u8> {
    let (pages, texts) = of.pages.parts();
    let own = [key(of), listings(of), of.signatures.to_bytes(), pages];
    let [key, listings, signatures, pages] = own.each_ref().map(Vec::as_slice);
    let sums = sums(&of.words);
    // A part is what has its checksum, and what follows that is checked by it or by itself.
    let parts: [[&[u8]; 2]; PARTS] =
        [[key, &[]], [listings, &[]], [signatures, &[]], [pages, &[]], [&sums, &of.words], [texts, &[]]];
    let mut header = Writer { out: MAGIC.to_vec() };
    let mut offset = HEADER_BYTES as u64;
    for [summed, rest] in parts {
        let length = (summed.len() + rest.len()) as u64;
        header.numbers([offset, length, kb_scan::checksum(summed)]);
        offset += length;
    }
    let sum = kb_scan::checksum(&header.out);
    header.number(sum);
    let mut out = header.out;
    out.reserve_exact(offset as usize - HEADER_BYTES);
    for piece in parts.into_iter().flatten() {
        out.extend(piece);
    }
    out
}

fn key(of: &Parts<'_>) -> Vec<u8> {
    let Parts { key, listings, sayings, .. } = of;
    let mut writer = Writer::default();
    writer.bytes(key.program.as_bytes());
    writer.list(&key.folders, |writer, (origin, path)| {
        write_origin(writer, *origin);
        writer.path(path);
    });
    writer.list(&sayings.warnings, |writer, warning| writer.bytes(warning.as_bytes()));
    writer.list(&sayings.broken, |writer, path| writer.path(path));
    writer.number(sayings.disabled);
    writer.number(listings.iter().map(|listing| listing.files.len() as u64).sum());
    let folders: Vec<_> = listings.iter().flat_map(|listing| &listing.folders).collect();
    writer.list(&folders, |writer, folder| write_stamped(writer, folder, of.listed));
    writer.number(of.pages.count as u64);
    writer.out
}

fn listings(of: &Parts<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    let stamped = |writer: &mut Writer, item: &(_, Stamp)| write_stamped(writer, item, of.listed);
    writer.list(of.listings, |writer, listing| {
        writer.list(&listing.files, stamped);
        writer.list(&listing.folders, stamped);
    });
    writer.out
}

/// A page as it is kept.
pub(super) struct Page<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) path: &'a Path,
    pub(super) origin: Origin,
    /// Nothing in it may run, because another file has its slug.
    pub(super) bare: bool,
    pub(super) broken_at: Option<u32>,
    pub(super) text: &'a [u8],
    /// The checksum of the text.
    pub(super) sum: u64,
}

/// The list of the pages, behind a table of where each begins and the last one ends; and their texts.
#[derive(Default)]
pub(super) struct Pages {
    count: usize,
    table: Writer,
    list: Writer,
    texts: Vec<u8>,
}

impl Pages {
    /// Of so many pages.
    pub(super) fn new(count: usize) -> Self {
        Self { count, ..Self::default() }
    }

    pub(super) fn push(&mut self, page: &Page<'_>) {
        self.table.number(self.place());
        let mut entry = Writer::default();
        entry.bytes(page.id.as_bytes());
        let title = if page.title.len() <= TITLE_BYTES_MAX { page.title } else { "" };
        entry.bytes(title.as_bytes());
        entry.path(page.path);
        write_origin(&mut entry, page.origin);
        entry.number(u64::from(page.bare));
        entry.number(page.broken_at.map_or(0, |at| u64::from(at) + 1));
        entry.numbers([self.texts.len() as u64, page.text.len() as u64, page.sum]);
        let sum = kb_scan::checksum(&entry.out);
        entry.number(sum);
        self.list.out.extend(entry.out);
        self.texts.extend(page.text);
    }

    /// Where the next page is said something of.
    fn place(&self) -> u64 {
        (8 * (self.count + 1) + self.list.out.len()) as u64
    }

    fn parts(&self) -> (Vec<u8>, &[u8]) {
        ([&self.table.out, self.place().to_le_bytes().as_slice(), &self.list.out].concat(), &self.texts)
    }
}

fn write_origin(writer: &mut Writer, origin: Origin) {
    let number = ORIGINS.iter().position(|known| *known == origin);
    writer.number(number.expect("every origin is listed") as u64);
}

fn write_stamped(writer: &mut Writer, (path, stamp): &(PathBuf, Stamp), listed: Timestamp) {
    writer.path(path);
    let step = i128::from(stamp.changed) + i128::from(CLOCK_STEP_NANOS);
    // Not equal to any stamp: the next look takes it for changed.
    let stamp = if step >= listed.as_nanosecond() { Stamp::default() } else { *stamp };
    let numbers =
        [stamp.bytes, stamp.identity.0, stamp.identity.1, stamp.modified as u64, stamp.changed as u64];
    writer.numbers(numbers);
}
