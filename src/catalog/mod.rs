//! Everything that matching needs of a set of runbooks, in one file of the cache.
//!
//! Thousands of runbooks take seconds to read and to build the tables of their signatures. A catalog
//! holds those tables, the full text and the pages; opening it reads the tables only, a page is read and
//! parsed when a signature of it hits, and of the full text what is asked for. It is a snapshot: what it
//! says is what the runbooks said when it was made, and [`Catalog::is_fresh`] tells whether they still do.
//!
//! Every part has a checksum, and each page and each block of the full text its own. Damage that is found
//! when the catalog is opened makes it as good as absent; damage found later is told by
//! [`Catalog::damaged`], and then nothing it said may be used.

mod make;
mod renew;
mod wire;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use make::{Contents, make};
pub use renew::{Renewed, renew};

use crate::disk::{self, CacheFile, Listing, Stamp};
use crate::runbook::{Origin, Runbook, RunbookId, parse};
use crate::signature::SignatureSet;
use crate::text::SourceFile;
use crate::triage::{Shelf, Slots, Written};
use wire::Reader;
use words::Words;

/// What the file begins with; the last byte is the version of all that follows.
const MAGIC: [u8; 16] = *b"kb-catalog     \x03";
/// The parts, in the order of the file.
const PARTS: usize = 6;
const KEY: usize = 0;
const LISTINGS: usize = 1;
const SIGNATURES: usize = 2;
const PAGES: usize = 3;
const WORDS: usize = 4;
const TEXTS: usize = 5;
/// The magic, for each part where it is, how long it is and its checksum, and that of all this.
const HEADER_BYTES: usize = MAGIC.len() + PARTS * 24 + 8;

/// What is said of one page is not longer.
const ENTRY_BYTES_MAX: u64 = 64 << 10;
/// A longer title is not among it.
const TITLE_BYTES_MAX: usize = 4 << 10;

/// Which runbooks a catalog is of, and for which program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Tells one build of kb from another: they may read a page differently.
    pub program: String,
    /// The folders with runbooks.
    pub folders: Vec<(Origin, PathBuf)>,
}

impl Key {
    /// What stands in the folders now.
    pub fn list(&self) -> Vec<Listing> {
        self.folders.iter().map(|(_, folder)| disk::list_runbooks(folder)).collect()
    }
}

/// What is said of the runbooks when they are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sayings {
    /// Files and folders that could not be used: sentences.
    pub warnings: Vec<String>,
    /// Files with errors in them.
    pub broken: Vec<PathBuf>,
    /// Symptom blocks that cannot be searched for.
    pub disabled: u64,
}

/// An open catalog.
#[derive(Debug)]
pub struct Catalog {
    file: Arc<CacheFile>,
    parts: [Part; PARTS],
    /// What to say when it is used.
    pub sayings: Sayings,
    files: u64,
    folders: Vec<(PathBuf, Stamp)>,
    key: Key,
    parsed: Slots<Runbook>,
    damaged: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Part {
    offset: u64,
    bytes: u64,
    sum: u64,
}

/// A page as it is listed.
struct Entry {
    id: String,
    /// Empty when it is too long to be kept here.
    title: String,
    path: PathBuf,
    origin: Origin,
    /// Nothing in it may run, because another file has its slug.
    bare: bool,
    broken_at: Option<u32>,
    text: Part,
}

impl Entry {
    /// From its bytes and their checksum.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<8>()?;
        (kb_scan::checksum(body) == u64::from_le_bytes(*sum)).then_some(())?;
        let mut reader = Reader::new(body);
        Some(Self {
            id: reader.text()?.to_owned(),
            title: reader.text()?.to_owned(),
            path: reader.path()?.to_owned(),
            origin: read_origin(&mut reader)?,
            bare: reader.number()? != 0,
            broken_at: reader.number()?.checked_sub(1).map(|at| at as u32),
            text: Part { offset: reader.number()?, bytes: reader.number()?, sum: reader.number()? },
        })
    }
}

impl Catalog {
    /// Opens a catalog; `None` when there is none for this key that can be used.
    pub fn open(path: &Path, key: &Key) -> Option<Self> {
        let file = CacheFile::open(path).ok().flatten()?;
        let parts = header(&file.read(0, HEADER_BYTES).ok()?)?;
        let end = parts[PARTS - 1].offset.checked_add(parts[PARTS - 1].bytes);
        (end == Some(file.bytes())).then_some(())?;
        let bytes = read_part(&file, parts[KEY])?;
        let mut reader = Reader::new(&bytes);
        let mut catalog = Self {
            key: Key { program: reader.text()?.to_owned(), folders: reader.list(read_folder)? },
            sayings: Sayings {
                warnings: reader.list(|reader| Some(reader.text()?.to_owned()))?,
                broken: reader.list(|reader| Some(reader.path()?.to_owned()))?,
                disabled: reader.number()?,
            },
            files: reader.number()?,
            folders: reader.list(read_stamped)?,
            file: Arc::new(file),
            parts,
            parsed: Slots::new(0),
            damaged: Arc::default(),
        };
        let count = usize::try_from(reader.number()?).ok()?;
        // Each page takes some bytes of the file, so a number that is too large is damage.
        let plausible = reader.is_empty() && count as u64 <= catalog.file.bytes() && catalog.key == *key;
        plausible.then_some(())?;
        catalog.parsed = Slots::new(count);
        Some(catalog)
    }

    /// How many files it is made of, those of the binary aside.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// How long the file is.
    pub fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    /// The signatures; `None` when that part is damaged.
    pub fn signatures(&self) -> Option<SignatureSet> {
        let part = self.parts[SIGNATURES];
        let bytes = self.file.read(part.offset, usize::try_from(part.bytes).ok()?).ok()?;
        SignatureSet::from_bytes(bytes).filter(|set| set.runbooks() <= self.parsed.count())
    }

    /// True when no file came, went or was replaced since. A file that was written in place is not
    /// seen.
    pub fn has_same_names(&self) -> bool {
        self.folders.iter().all(|(path, stamp)| disk::stamp(path) == Some(*stamp))
    }

    /// True when no file came, went or changed since.
    pub fn is_fresh(&self) -> bool {
        self.is_of(&self.key.list())
    }

    /// True when it was made of just these files.
    pub fn is_of(&self, listings: &[Listing]) -> bool {
        self.listings().is_some_and(|known| known == listings)
    }

    fn listings(&self) -> Option<Vec<Listing>> {
        let bytes = read_part(&self.file, self.parts[LISTINGS])?;
        let listing = |reader: &mut Reader<'_>| {
            Some(Listing { files: reader.list(read_stamped)?, folders: reader.list(read_stamped)? })
        };
        Reader::new(&bytes).list(listing)
    }

    /// When it was made or last confirmed, in nanoseconds since 1970.
    pub fn confirmed(&self) -> i64 {
        self.file.confirmed()
    }

    /// Notes that it was found fresh.
    pub fn confirm(&self) {
        self.file.confirm();
    }

    /// True when some part turned out to be damaged: what was found with it is not to be used.
    pub fn damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// One page: only what is said of it is read.
    fn entry(&self, number: usize) -> Option<Entry> {
        let part = self.parts[PAGES];
        let at = |place: u64| part.offset.checked_add(place);
        let bounds = self.file.read(at(8 * number as u64)?, 16).ok()?;
        let mut reader = Reader::new(&bounds);
        let (start, end) = (reader.number()?, reader.number()?);
        // What a path and a few numbers may take, so that damage costs no memory.
        let bytes = end.checked_sub(start).filter(|&bytes| end <= part.bytes && bytes <= ENTRY_BYTES_MAX)?;
        Entry::read(&self.file.read(at(start)?, bytes as usize).ok()?)
    }

    /// All pages.
    fn entries(&self) -> Option<Vec<Entry>> {
        let part = self.parts[PAGES];
        let bytes = self.file.read(part.offset, usize::try_from(part.bytes).ok()?).ok()?;
        let entry = |number: usize| {
            let mut bounds = Reader::new(bytes.get(8 * number..)?);
            let (start, end) = (bounds.number()?, bounds.number()?);
            Entry::read(bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?)
        };
        (0..self.parsed.count()).map(entry).collect()
    }

    fn parse(&self, number: usize) -> Option<Runbook> {
        self.parse_entry(&self.entry(number)?)
    }

    fn source(&self, entry: &Entry) -> Option<SourceFile> {
        let offset = self.parts[TEXTS].offset.checked_add(entry.text.offset)?;
        let text = read_part(&self.file, Part { offset, ..entry.text })?;
        Some(SourceFile::from_bytes(&entry.path, text))
    }

    fn parse_entry(&self, entry: &Entry) -> Option<Runbook> {
        let mut source = self.source(entry)?;
        source.broken_at = entry.broken_at;
        let mut runbook = parse(&Arc::new(source), entry.origin).value;
        runbook.id = RunbookId::new(&entry.id)?;
        if entry.bare {
            runbook.strip();
        }
        Some(runbook)
    }

    fn note_damage(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }
}

impl Shelf for Catalog {
    fn count(&self) -> usize {
        self.parsed.count()
    }

    fn runbook(&self, number: usize) -> &Runbook {
        let runbook = self.parsed.get_or_make(number, || {
            self.parse(number).unwrap_or_else(|| {
                self.note_damage();
                parse(&Arc::new(SourceFile::new("damaged.md", "")), Origin::BuiltIn).value
            })
        });
        runbook.expect("the number is below `Shelf::count`")
    }

    fn written(&self, number: usize) -> Written {
        let written = || {
            let entry = self.entry(number).filter(|entry| !entry.title.is_empty())?;
            let text = self.source(&entry)?.text;
            Some(Written { id: RunbookId::new(&entry.id)?, title: entry.title, text })
        };
        // Damage is found there again.
        written().unwrap_or_else(|| Written::of(self.runbook(number)))
    }

    fn number(&self, id: &RunbookId) -> Option<usize> {
        let (mut low, mut high) = (0, self.parsed.count());
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.entry(middle)?;
            match entry.id.as_str().cmp(id.as_str()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn words(&self) -> kb_text::Index {
        let index = Words::open(&self.file, self.parts[WORDS], &self.damaged)
            .and_then(|words| kb_text::Index::open(Box::new(words)).ok())
            .filter(|index| index.len() == self.parsed.count());
        index.unwrap_or_else(|| {
            self.note_damage();
            kb_text::Index::build(&[]).expect("an index in memory has nothing that could fail")
        })
    }

    fn words_failed(&self, _: &kb_text::IndexError) {
        self.note_damage();
    }
}

fn header(bytes: &[u8]) -> Option<[Part; PARTS]> {
    let (body, sum) = bytes.split_last_chunk::<8>()?;
    let known = body.starts_with(&MAGIC) && kb_scan::checksum(body) == u64::from_le_bytes(*sum);
    let mut reader = Reader::new(known.then(|| &body[MAGIC.len()..])?);
    let mut parts = [Part::default(); PARTS];
    for part in &mut parts {
        *part = Part { offset: reader.number()?, bytes: reader.number()?, sum: reader.number()? };
    }
    Some(parts)
}

fn read_part(file: &CacheFile, part: Part) -> Option<Vec<u8>> {
    // The file is as long as it says, so a part that says more is found before memory is taken.
    part.offset.checked_add(part.bytes).filter(|end| *end <= file.bytes())?;
    let bytes = file.read(part.offset, usize::try_from(part.bytes).ok()?).ok()?;
    (kb_scan::checksum(&bytes) == part.sum).then_some(bytes)
}

const ORIGINS: [Origin; 6] =
    [Origin::Named, Origin::Given, Origin::Project, Origin::User, Origin::System, Origin::BuiltIn];

fn read_origin(reader: &mut Reader<'_>) -> Option<Origin> {
    ORIGINS.get(usize::try_from(reader.number()?).ok()?).copied()
}

fn read_folder(reader: &mut Reader<'_>) -> Option<(Origin, PathBuf)> {
    Some((read_origin(reader)?, reader.path()?.to_owned()))
}

fn read_stamped(reader: &mut Reader<'_>) -> Option<(PathBuf, Stamp)> {
    let path = reader.path()?.to_owned();
    let (bytes, device, number) = (reader.number()?, reader.number()?, reader.number()?);
    let (modified, changed) = (reader.number()? as i64, reader.number()? as i64);
    Some((path, Stamp { bytes, identity: (device, number), modified, changed }))
}

#[cfg(test)]
mod tests;
