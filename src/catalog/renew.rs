//! A catalog in which some pages are others, made out of the one before.
//!
//! Only pages whose text changed are read; the rest is taken over. A change that may touch more than
//! its own page is left to [`make`](super::make()): files that came or went, another slug or alias, a
//! page that shares its slug, many pages at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::make::{Page, Pages, Parts, assemble};
use super::words::Words;
use super::{Catalog, Entry, Sayings, TEXTS, WORDS};
use crate::diag::Severity;
use crate::disk::{self, Listing};
use crate::runbook::{Origin, Runbook, parse, written_aliases};
use crate::signature::SignatureSet;
use crate::text::SourceFile;
use crate::triage::library;

/// So many pages may have changed since everything was read. Search by words slows with them.
const CHANGED_MAX: usize = 200;

/// A catalog that was made anew in part.
#[derive(Debug)]
pub struct Renewed {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is said when it is used.
    pub sayings: Sayings,
}

/// The catalog as it would be made now that the folders are as listed; `None` when everything has to be
/// read for it.
pub fn renew(
    old: &Catalog,
    listings: &[Listing],
    listed: Timestamp,
    noise: impl FnOnce() -> Vec<u8>,
) -> Option<Renewed> {
    let paths = changed_paths(&old.listings()?, listings)?;
    let entries = old.entries()?;
    let numbers = numbers(&entries, &paths)?;
    let words = Words::open(&old.file, old.parts[WORDS], &old.damaged)?.all()?;
    let mut amended = kb_text::Index::amended(&words)?;
    amended.extend(numbers.keys().map(|&number| number as u32));
    amended.sort_unstable();
    amended.dedup();
    (amended.len() <= CHANGED_MAX).then_some(())?;

    let set = old.signatures()?;
    let mut sayings = old.sayings.clone();
    let built_in = disk::built_in();
    let mut changed: Vec<(usize, Runbook)> = Vec::new();
    for (&number, &path) in &numbers {
        let before = old.parse_entry(&entries[number])?;
        let (runbook, broken) = read(entries[number].origin, path, &before, &built_in)?;
        sayings.broken.retain(|other| other != path);
        if broken {
            sayings.broken.push(path.clone());
        }
        sayings.disabled = sayings.disabled.saturating_sub(disabled(&set, number, &before));
        changed.push((number, runbook));
    }
    sayings.broken.sort();
    let signatures = set.renewed(&changed, noise)?;
    sayings.disabled += signatures.disabled().len() as u64;

    let amended: Vec<(u32, Runbook)> = amended
        .into_iter()
        .map(|number| {
            let place = changed.binary_search_by_key(&(number as usize), |(number, _)| *number);
            Some((
                number,
                place.map_or_else(|_| old.parse(number as usize), |at| Some(changed[at].1.clone()))?,
            ))
        })
        .collect::<Option<_>>()?;
    let amended: Vec<(u32, &Runbook)> = amended.iter().map(|(number, runbook)| (*number, runbook)).collect();
    let words = library::amend(&words, &amended)?;
    let pages = pages(old, &entries, &changed)?;
    let parts =
        Parts { key: &old.key, listings, listed, sayings: &sayings, signatures: &signatures, pages, words };
    Some(Renewed { bytes: assemble(&parts), sayings })
}

/// The files with another stamp; `None` when other files are there, or too many changed.
fn changed_paths(before: &[Listing], now: &[Listing]) -> Option<Vec<PathBuf>> {
    fn names<'l>(listings: &'l [Listing]) -> impl Iterator<Item = &'l Path> {
        let names = |listing: &'l Listing| listing.files.iter().chain(&listing.folders);
        listings.iter().flat_map(names).map(|(path, _)| path.as_path())
    }
    (before.len() == now.len() && names(before).eq(names(now))).then_some(())?;
    let both = before.iter().zip(now).flat_map(|(before, now)| before.files.iter().zip(&now.files));
    let changed = both.filter(|((_, before), (_, now))| before != now).map(|(_, (path, _))| path.clone());
    let changed: Vec<PathBuf> = changed.take(CHANGED_MAX + 1).collect();
    (changed.len() <= CHANGED_MAX).then_some(changed)
}

/// The numbers of their pages; `None` when one has none or its page is not its own.
fn numbers<'p>(entries: &[Entry], paths: &'p [PathBuf]) -> Option<BTreeMap<usize, &'p PathBuf>> {
    let mut numbers = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        // In the order of their folders, not in that of their names.
        if let Some(path) = paths.iter().find(|path| **path == entry.path) {
            (!entry.bare && entry.origin != Origin::BuiltIn).then_some(())?;
            numbers.insert(number, path);
        }
    }
    (numbers.len() == paths.len()).then_some(numbers)
}

/// The page as it is now, and whether it has errors; `None` when the change may touch other pages.
fn read(origin: Origin, path: &Path, before: &Runbook, built_in: &[SourceFile]) -> Option<(Runbook, bool)> {
    let source = disk::read_runbook(path).ok()?;
    if built_in.iter().any(|known| known.stem() == source.stem() && known.text == source.text) {
        return None;
    }
    let parsed = parse(&Arc::new(source), origin);
    let runbook = parsed.value;
    let alike = runbook.id == before.id
        && runbook.has_marks() == before.has_marks()
        && written_aliases(&runbook) == written_aliases(before);
    let broken = parsed.diagnostics.iter().any(|found| found.severity == Severity::Error);
    alike.then_some((runbook, broken))
}

/// How many blocks of a runbook have no signature in the set.
fn disabled(set: &SignatureSet, number: usize, runbook: &Runbook) -> u64 {
    let places = set.places();
    let from = places.partition_point(|place| place.runbook < number);
    let own = places[from..].iter().take_while(|place| place.runbook == number);
    let mut enabled: Vec<usize> = own.map(|place| place.symptom).collect();
    enabled.dedup();
    runbook.symptoms.len().saturating_sub(enabled.len()) as u64
}

/// All pages, those that changed with their new text.
fn pages(old: &Catalog, entries: &[Entry], changed: &[(usize, Runbook)]) -> Option<Pages> {
    let part = old.parts[TEXTS];
    // Each text has a checksum of its own, which goes with it and is checked when the page is read.
    let texts = old.file.read(part.offset, usize::try_from(part.bytes).ok()?).ok()?;
    let mut pages = Pages::new(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        let mut page = Page {
            id: &entry.id,
            title: &entry.title,
            path: &entry.path,
            origin: entry.origin,
            bare: entry.bare,
            broken_at: entry.broken_at,
            text: &[],
            sum: entry.text.sum,
        };
        if let Ok(at) = changed.binary_search_by_key(&number, |(number, _)| *number) {
            let Runbook { title, source, .. } = &changed[at].1;
            page.title = title;
            page.text = source.text.as_bytes();
            page.broken_at = source.broken_at;
            page.sum = kb_scan::checksum(page.text);
        } else {
            let start = usize::try_from(entry.text.offset).ok()?;
            let end = start.checked_add(usize::try_from(entry.text.bytes).ok()?)?;
            page.text = texts.get(start..end)?;
        }
        pages.push(&page);
    }
    Some(pages)
}
