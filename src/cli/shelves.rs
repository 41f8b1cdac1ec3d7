//! The runbooks as matching needs them: out of the catalog in the cache, or all read and parsed.
//!
//! The catalog is used when it is of the same folders and the same build of kb and nothing changed.
//! With few files that is looked up before it answers. With many, the folders are looked at first,
//! which shows files that came or went, and every file beside the search, at most every few seconds;
//! when that finds a change, the answer is said to be stale and the catalog is made anew.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use jiff::Timestamp;

use super::context::Context;
use super::env::Environment;
use super::error::CommandError;
use super::sources::{self, Sources};
use crate::catalog::{self, Catalog, Contents, Key, Sayings};
use crate::disk::{self, Listing};
use crate::runbook::KnowledgeBase;
use crate::signature::SignatureSet;
use crate::triage::Shelf;
use crate::{diag, proof};

/// So many files are looked at before an answer; more are looked at beside it.
const LOOKED_AT_FIRST: u64 = 200;
/// So long a catalog is taken for fresh that was found fresh.
const CONFIRMED_NANOS: i128 = 2_000_000_000;

/// Runbooks that can be matched.
pub struct Ready<'c> {
    from: From<'c>,
    /// Their signatures.
    pub signatures: SignatureSet,
    /// Symptom blocks that cannot be searched for.
    pub disabled: u64,
}

enum From<'c> {
    Base(&'c KnowledgeBase),
    Own(Box<KnowledgeBase>),
    Catalog { catalog: Arc<Catalog>, look: Option<JoinHandle<bool>> },
}

impl Ready<'_> {
    /// The runbooks.
    pub fn shelf(&self) -> &dyn Shelf {
        match &self.from {
            From::Base(base) => *base,
            From::Own(base) => &**base,
            From::Catalog { catalog, .. } => &**catalog,
        }
    }

    /// True when what was found must not be used, because the catalog is damaged.
    pub fn is_damaged(&self) -> bool {
        matches!(&self.from, From::Catalog { catalog, .. } if catalog.damaged())
    }

    /// After the answer: says when it was stale, and sees to it that the next one is not.
    pub fn settle(self, context: &Context) -> Result<(), CommandError> {
        let From::Catalog { catalog, look: Some(look) } = self.from else { return Ok(()) };
        if look.join().unwrap_or(false) {
            catalog.confirm();
            return Ok(());
        }
        context
            .ui
            .warning("Some runbooks changed since they were indexed; this answer is without the changes.");
        context.ui.hint("The index is being made anew; match again.");
        index(context).map(|_| ())
    }
}

/// What a catalog was made of.
pub struct Made {
    /// Runbooks in it.
    pub runbooks: usize,
    /// Its size.
    pub bytes: u64,
    /// Where it is.
    pub path: PathBuf,
    /// How it came to be.
    pub how: How,
    /// What there is to say of the runbooks.
    pub sayings: Sayings,
}

/// How a catalog came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was there already, and fresh.
    Kept,
    /// What had changed was put into the one that was there.
    Renewed,
    /// Everything was read.
    Made,
}

/// Makes the runbooks ready, and a catalog of them where there is none that is fresh.
pub fn ready(context: &Context) -> Result<Ready<'_>, CommandError> {
    let Some(place) = Place::of(context)? else { return all(context, None) };
    let open = Catalog::open(&place.path, &place.key).and_then(|catalog| {
        let few = catalog.files() <= LOOKED_AT_FIRST;
        if if few { catalog.is_fresh() } else { catalog.has_same_names() } {
            return Some(catalog);
        }
        place.renew(&catalog, &place.key.list())?;
        Catalog::open(&place.path, &place.key)
    });
    let with_signatures = |catalog: Catalog| catalog.signatures().map(|signatures| (catalog, signatures));
    let Some((catalog, signatures)) = open.and_then(with_signatures) else {
        return all(context, Some(&place));
    };
    context.say_of(&catalog.sayings);
    let disabled = catalog.sayings.disabled;
    let catalog = Arc::new(catalog);
    let age = context.environment.clock.as_nanosecond() - i128::from(catalog.confirmed());
    let due = catalog.files() > LOOKED_AT_FIRST && !(0..CONFIRMED_NANOS).contains(&age);
    let look = due.then(|| {
        let catalog = Arc::clone(&catalog);
        thread::spawn(move || catalog.is_fresh())
    });
    Ok(Ready { from: From::Catalog { catalog, look }, signatures, disabled })
}

/// Brings the catalog up to date; `None` when there is no place for it.
pub fn index(context: &Context) -> Result<Option<Made>, CommandError> {
    let Some(place) = Place::of(context)? else { return Ok(None) };
    if let Some(catalog) = Catalog::open(&place.path, &place.key) {
        let (runbooks, path, listings) = (catalog.count(), place.path.clone(), place.key.list());
        if catalog.is_of(&listings) && catalog.signatures().is_some() {
            catalog.confirm();
            let (bytes, sayings) = (catalog.bytes(), catalog.sayings.clone());
            return Ok(Some(Made { runbooks, bytes, path, how: How::Kept, sayings }));
        }
        if let Some(catalog::Renewed { bytes, sayings }) = place.renew(&catalog, &listings) {
            return Ok(Some(Made { runbooks, bytes: bytes.len() as u64, path, how: How::Renewed, sayings }));
        }
    }
    let (base, signatures, sayings, listings) = read_all(context, &place.key)?;
    let bytes = place.write(&listings, &sayings, &base, &signatures)?;
    let runbooks = base.runbooks.len();
    Ok(Some(Made { runbooks, bytes, path: place.path, how: How::Made, sayings }))
}

/// Makes the runbooks ready without the catalog that was damaged, and another in its place.
pub fn anew(context: &Context) -> Result<Ready<'_>, CommandError> {
    let Some(place) = Place::of(context)? else { return all(context, None) };
    let (base, signatures, sayings, listings) = read_all(context, &place.key)?;
    let _ = place.write(&listings, &sayings, &base, &signatures);
    Ok(Ready { from: From::Own(Box::new(base)), signatures, disabled: sayings.disabled })
}

/// Reads and parses everything. A catalog that cannot be written is no reason to fail.
fn all<'c>(context: &'c Context, place: Option<&Place>) -> Result<Ready<'c>, CommandError> {
    let listings = place.map(|place| place.key.list());
    let base = context.base()?;
    let signatures = compile(base);
    let disabled = signatures.disabled().len() as u64;
    if let (Some(place), Some(listings)) = (place, listings) {
        let sayings = Sayings { warnings: context.warnings(), broken: broken(base), disabled };
        let _ = place.write(&listings, &sayings, base, &signatures);
    }
    Ok(Ready { from: From::Base(base), signatures, disabled })
}

type ReadAll = (KnowledgeBase, SignatureSet, Sayings, Vec<Listing>);

fn read_all(context: &Context, key: &Key) -> Result<ReadAll, CommandError> {
    let listings = key.list();
    let Sources { files, warnings } = sources::read(&context.environment, context.given())?;
    let base = KnowledgeBase::from_sources(files);
    let signatures = compile(&base);
    let disabled = signatures.disabled().len() as u64;
    let sayings = Sayings { warnings, broken: broken(&base), disabled };
    Ok((base, signatures, sayings, listings))
}

/// The signatures of all runbooks, without those that a healthy log sets off.
pub fn compile(base: &KnowledgeBase) -> SignatureSet {
    SignatureSet::compile_against(base, noise)
}

/// What healthy machines write.
fn noise() -> Vec<u8> {
    proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES)
}

/// Files with errors in them, once each.
pub fn broken(base: &KnowledgeBase) -> Vec<PathBuf> {
    let errors = base.diagnostics.iter().filter(|found| found.diagnostic.severity == diag::Severity::Error);
    let mut files: Vec<PathBuf> = errors.map(|found| found.source.path.clone()).collect();
    files.dedup();
    files
}

/// Where the catalog of some runbooks is kept.
struct Place {
    path: PathBuf,
    key: Key,
    listed: Timestamp,
}

impl Place {
    /// `None` when there is no folder for it.
    fn of(context: &Context) -> Result<Option<Self>, CommandError> {
        let environment: &Environment = &context.environment;
        let folders = sources::folders(environment, context.given())?.folders;
        let folders: Vec<_> =
            folders.into_iter().map(|(origin, folder)| (origin, environment.absolute(&folder))).collect();
        let Some(cache) = &environment.cache else { return Ok(None) };
        let program = environment.program.as_deref().ok().and_then(disk::stamp);
        let Some(program) = program.map(|stamp| format!("{} {stamp:?}", env!("CARGO_PKG_VERSION"))) else {
            return Ok(None);
        };
        let name = folders.iter().flat_map(|(origin, path)| {
            [format!("{origin:?}\0").as_bytes(), path.as_os_str().as_encoded_bytes(), b"\0"].concat()
        });
        let name = kb_scan::checksum(&name.collect::<Vec<u8>>());
        let path = cache.join(format!("runbooks-{name:016x}.index"));
        Ok(Some(Self { path, key: Key { program, folders }, listed: environment.clock }))
    }

    /// Puts a catalog in the place of one that is of other texts; `None` when it has to be made anew, or
    /// cannot be written.
    fn renew(&self, old: &Catalog, listings: &[Listing]) -> Option<catalog::Renewed> {
        let renewed = catalog::renew(old, listings, self.listed, noise)?;
        disk::write_cache(&self.path, &renewed.bytes).ok()?;
        Some(renewed)
    }

    fn write(
        &self,
        listings: &[Listing],
        sayings: &Sayings,
        base: &KnowledgeBase,
        signatures: &SignatureSet,
    ) -> Result<u64, CommandError> {
        let (key, listed) = (&self.key, self.listed);
        let bytes = catalog::make(&Contents { key, listings, listed, sayings, base, signatures });
        disk::write_cache(&self.path, &bytes).map_err(CommandError::usage)?;
        Ok(bytes.len() as u64)
    }
}
