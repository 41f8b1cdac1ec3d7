//! From runbooks to the bytes of their catalog.

use jiff::Timestamp;

use super::wire::Writer;
use super::{HEADER_BYTES, Key, MAGIC, ORIGINS, Part, Sayings};
use crate::disk::{Listing, Stamp};
use crate::runbook::{KnowledgeBase, Origin, Runbook};
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
    let (pages, texts) = pages(&contents.base.runbooks);
    let words = contents.base.words().to_bytes().ok().flatten().unwrap_or_default();
    let parts = [key(contents), listings(contents), contents.signatures.to_bytes(), pages, words, texts];
    let mut header = Writer { out: MAGIC.to_vec() };
    let mut offset = HEADER_BYTES as u64;
    for part in &parts {
        header.number(offset);
        header.number(part.len() as u64);
        header.number(kb_scan::checksum(part));
        offset += part.len() as u64;
    }
    let sum = kb_scan::checksum(&header.out);
    header.number(sum);
    let mut out = header.out;
    out.reserve_exact(offset as usize - HEADER_BYTES);
    for part in &parts {
        out.extend(part);
    }
    out
}

fn key(contents: &Contents<'_>) -> Vec<u8> {
    let Contents { key, listings, sayings, .. } = contents;
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
    writer.list(&folders, |writer, folder| write_stamped(writer, folder, contents.listed));
    writer.number(contents.base.runbooks.len() as u64);
    writer.out
}

fn listings(contents: &Contents<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    let stamped = |writer: &mut Writer, item: &(_, Stamp)| write_stamped(writer, item, contents.listed);
    writer.list(contents.listings, |writer, listing| {
        writer.list(&listing.files, stamped);
        writer.list(&listing.folders, stamped);
    });
    writer.out
}

/// The list of the pages, each behind a table of where it begins; and their texts.
fn pages(runbooks: &[Runbook]) -> (Vec<u8>, Vec<u8>) {
    let mut table = Writer::default();
    let mut list = Writer::default();
    let mut texts: Vec<u8> = Vec::new();
    for runbook in runbooks {
        table.number((8 * runbooks.len() + list.out.len()) as u64);
        let source = &runbook.source;
        let text = source.text.as_bytes();
        list.bytes(runbook.id.as_str().as_bytes());
        list.path(&source.path);
        write_origin(&mut list, runbook.origin);
        list.number(u64::from(!runbook.runnable));
        list.number(source.broken_at.map_or(0, |at| u64::from(at) + 1));
        let part =
            Part { offset: texts.len() as u64, bytes: text.len() as u64, sum: kb_scan::checksum(text) };
        list.numbers([part.offset, part.bytes, part.sum]);
        texts.extend(text);
    }
    table.out.extend(list.out);
    (table.out, texts)
}

fn write_origin(writer: &mut Writer, origin: Origin) {
    let number = ORIGINS.iter().position(|known| *known == origin);
    writer.number(number.expect("every origin is listed") as u64);
}

fn write_stamped(writer: &mut Writer, (path, stamp): &(std::path::PathBuf, Stamp), listed: Timestamp) {
    writer.path(path);
    let step = i128::from(stamp.changed) + i128::from(CLOCK_STEP_NANOS);
    // Not equal to any stamp: the next look takes it for changed.
    let stamp = if step >= listed.as_nanosecond() { Stamp::default() } else { *stamp };
    let numbers =
        [stamp.bytes, stamp.identity.0, stamp.identity.1, stamp.modified as u64, stamp.changed as u64];
    writer.numbers(numbers);
}
