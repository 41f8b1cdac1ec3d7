//! Files that kb can make again at any time: read in parts, replaced as a whole.
//!
//! Nothing is synced: a crash may lose or cut such a file, and whoever reads it must notice.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::DiskError;
use super::private::open_private;
use super::runbooks::{Walk, is_markdown};

/// What tells one state of a file or folder from another without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Its size.
    pub bytes: u64,
    /// Device and number.
    pub identity: (u64, u64),
    /// When its content was last changed, in nanoseconds.
    pub modified: i64,
    /// When anything about it was last changed, in nanoseconds.
    pub changed: i64,
}

impl Stamp {
    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self {
            bytes: metadata.len(),
            identity: (metadata.dev(), metadata.ino()),
            modified: nanos(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanos(metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Names below a folder with their stamps, nothing opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Markdown files, in the order of their paths.
    pub files: Vec<(PathBuf, Stamp)>,
    /// The folder and all folders below it.
    pub folders: Vec<(PathBuf, Stamp)>,
}

/// Lists what [`super::read_runbooks`] would read.
pub fn list_runbooks(folder: &Path) -> Listing {
    let mut walk = Walk::new(is_markdown);
    walk.folder(folder, 0);
    Listing { files: walk.files.into_iter().zip(walk.stamps).collect(), folders: walk.folders }
}

/// The stamp of a file or folder; `None` when it cannot be had.
pub fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata))
}

/// The name and the rules of this machine's time zone, where they stand in a file.
pub fn local_zone() -> Option<(String, Vec<u8>)> {
    let file = Path::new("/etc/localtime");
    let rules = fs::read(file).ok()?;
    let target = fs::read_link(file).ok()?;
    let (_, name) = target.to_str()?.rsplit_once("zoneinfo/")?;
    Some((name.to_owned(), rules))
}

/// A file of the cache, open.
#[derive(Debug)]
pub struct CacheFile {
    path: PathBuf,
    file: File,
    stamp: Stamp,
}

impl CacheFile {
    /// Opens it; `None` when there is none. Refuses one that somebody other than this user or root
    /// could have written.
    pub fn open(path: &Path) -> Result<Option<Self>, DiskError> {
        let Some(file) = open_private(path)? else { return Ok(None) };
        let metadata = file.metadata().map_err(|source| DiskError::io("read", path, source))?;
        let stamp = Stamp::of(&metadata);
        Ok(Some(Self { path: path.into(), file, stamp }))
    }

    /// How long it is.
    pub fn bytes(&self) -> u64 {
        self.stamp.bytes
    }

    /// When it was last written or confirmed, in nanoseconds.
    pub fn confirmed(&self) -> i64 {
        self.stamp.modified
    }

    /// So many bytes of it, which must be there.
    pub fn read(&self, offset: u64, bytes: usize) -> Result<Vec<u8>, DiskError> {
        let failed = |source| DiskError::io("read", &self.path, source);
        let end = offset.checked_add(bytes as u64).filter(|end| *end <= self.bytes());
        end.ok_or_else(|| failed(io::ErrorKind::UnexpectedEof.into()))?;
        let mut buffer = vec![0; bytes];
        self.file.read_exact_at(&mut buffer, offset).map_err(failed)?;
        Ok(buffer)
    }

    /// Notes that what it was made of is as it was then. It is a note only: without the right to make
    /// it nothing is lost but time.
    pub fn confirm(&self) {
        let _ = File::set_modified(&self.file, SystemTime::now());
    }
}

/// Replaces a file of the cache: whoever reads it sees the old bytes or the new. It gets mode 0600;
/// folders that are missing get 0700.
pub fn write_cache(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let written = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    written().map_err(|source| DiskError::io("write", path, source))
}
