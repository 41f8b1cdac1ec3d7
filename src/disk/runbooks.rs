//! Reading runbooks: one file, or every Markdown file of a tree.
//!
//! Knows limits, links that loop, and who could have changed a file; knows nothing of Markdown.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::DiskError;
use super::cache::Stamp;
use crate::text::{FileOwner, SourceFile};

const BYTES_MAX: u64 = 1 << 20;
const EXPORT_BYTES_MAX: u64 = 64 << 20;
const FILES_MAX: usize = 10_000;
const DEPTH_MAX: usize = 16;

/// Reads one runbook: a regular file of 1 MiB at most. Its owner is that of the bytes read.
pub fn read_runbook(path: &Path) -> Result<SourceFile, DiskError> {
    read(path, BYTES_MAX, &mut Folders::default())
}

/// Reads a run that kb has exported: a regular file of 64 MiB at most.
pub fn read_export(path: &Path) -> Result<SourceFile, DiskError> {
    read(path, EXPORT_BYTES_MAX, &mut Folders::default())
}

/// Reads every Markdown file below a folder, sorted by path; hidden files and folders are left out.
/// Links are followed, loops are not. What could not be read stands in the second list.
pub fn read_runbooks(folder: &Path) -> (Vec<SourceFile>, Vec<DiskError>) {
    let mut walk = Walk::new(is_markdown);
    walk.folder(folder, 0);
    let mut folders = Folders::default();
    let mut sources = Vec::new();
    for path in &walk.files {
        match read(path, BYTES_MAX, &mut folders) {
            Ok(source) => sources.push(source),
            Err(error) => walk.errors.push(error),
        }
    }
    (sources, walk.errors)
}

/// Fails for a folder whose files cannot be listed.
pub fn try_list(folder: &Path) -> Result<(), DiskError> {
    let failed = |source| DiskError::Io { action: "read", path: folder.to_owned(), source };
    fs::read_dir(folder).map(|_| ()).map_err(failed)
}

/// Where a file is or would be, links of the folders above it followed; for a file that may be gone.
pub fn real_path(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = fs::canonicalize(path) {
        return Some(real);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
}

/// Writes a new runbook; never over a file that is there. Folders that are missing are made.
pub fn create_runbook(path: &Path, text: &str) -> Result<(), DiskError> {
    let written = || {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        io::Write::write_all(&mut file, text.as_bytes())
    };
    written().map_err(|source| DiskError::io("write", path, source))
}

/// Writes a runbook over whatever is there: a link is replaced, never followed, and a reader sees the
/// old text or the new one.
pub fn replace_runbook(path: &Path, text: &str) -> Result<(), DiskError> {
    let written = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".kb-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    written().map_err(|source| DiskError::io("write", path, source))
}

pub(super) fn is_markdown(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown"))
}

pub(super) fn read(path: &Path, bytes_max: u64, folders: &mut Folders) -> Result<SourceFile, DiskError> {
    let failed = |source| DiskError::io("read", path, source);
    let (file, metadata) = open_regular(path)?;
    let too_long = || DiskError::TooLong { path: path.into(), bytes_max };
    if metadata.len() > bytes_max {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // A file of /proc says 0, and any file may grow while it is read.
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > bytes_max {
        return Err(too_long());
    }
    let mut source = SourceFile::from_bytes(path, bytes);
    source.real_path = fs::canonicalize(path).ok();
    source.owner = Some(folders.owner(source.real_path.as_deref(), &metadata));
    Ok(source)
}

/// Opens a file without waiting for a writer at the other end of a pipe.
pub(super) fn open_regular(path: &Path) -> Result<(File, Metadata), DiskError> {
    let failed = |source| DiskError::io("read", path, source);
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits() as i32;
    // A socket cannot be opened at all, so what it is comes from its name.
    let named = fs::metadata(path).map_err(failed)?;
    refuse_irregular(path, &named)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    refuse_irregular(path, &metadata)?;
    Ok((file, metadata))
}

fn refuse_irregular(path: &Path, metadata: &Metadata) -> Result<(), DiskError> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(DiskError::Folder { path: path.into() });
    }
    let what = match () {
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(DiskError::NotRegular { path: path.into(), what })
}

/// Who could have changed the folders above a file, asked once for each folder.
#[derive(Default)]
pub(super) struct Folders(BTreeMap<PathBuf, Option<Custody>>);

/// Of a folder and all above it: owners other than root, and whether anybody else may write there.
#[derive(Clone, Default)]
struct Custody {
    owners: Vec<u32>,
    open: bool,
}

impl Folders {
    fn owner(&mut self, real_path: Option<&Path>, file: &Metadata) -> FileOwner {
        let uid = file.uid();
        let custody = real_path.and_then(|real| self.custody(real.parent()?));
        let others_may_write = file.mode() & 0o022 != 0
            || custody.is_none_or(|above| above.open || above.owners.iter().any(|owner| *owner != uid));
        FileOwner { uid, others_may_write }
    }

    fn custody(&mut self, folder: &Path) -> Option<Custody> {
        if let Some(known) = self.0.get(folder) {
            return known.clone();
        }
        let found = fs::metadata(folder).ok().and_then(|metadata| {
            let mut custody = match folder.parent() {
                Some(above) => self.custody(above)?,
                None => Custody::default(),
            };
            // In a sticky folder such as /tmp nobody can replace what belongs to another.
            custody.open |= metadata.mode() & 0o022 != 0 && metadata.mode() & 0o1000 == 0;
            if metadata.uid() != 0 {
                custody.owners.push(metadata.uid());
            }
            Some(custody)
        });
        self.0.insert(folder.into(), found.clone());
        found
    }
}

/// A walk through a tree: names only, nothing is opened.
pub(super) struct Walk {
    /// Which files are wanted.
    keep: fn(&Path) -> bool,
    files_max: usize,
    /// Found, in the order of their paths.
    pub(super) files: Vec<PathBuf>,
    /// The stamp of each of them.
    pub(super) stamps: Vec<Stamp>,
    /// The folders that were looked into.
    pub(super) folders: Vec<(PathBuf, Stamp)>,
    pub(super) errors: Vec<DiskError>,
    /// Folders between the root and where the walk is, by device and inode.
    above: Vec<(u64, u64)>,
    seen: HashSet<(u64, u64)>,
    full: bool,
}

impl Walk {
    pub(super) fn new(keep: fn(&Path) -> bool) -> Self {
        Self {
            keep,
            files_max: FILES_MAX,
            files: Vec::new(),
            stamps: Vec::new(),
            folders: Vec::new(),
            errors: Vec::new(),
            above: Vec::new(),
            seen: HashSet::new(),
            full: false,
        }
    }

    pub(super) fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > DEPTH_MAX {
            self.errors.push(DiskError::TooDeep { path: folder.into(), depth_max: DEPTH_MAX });
            return;
        }
        let listed: io::Result<_> = fs::metadata(folder).and_then(|metadata| {
            let names: io::Result<Vec<PathBuf>> =
                fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
            Ok((Stamp::of(&metadata), names?))
        });
        let (stamp, mut paths) = match listed {
            Ok(listed) => listed,
            Err(source) => return self.errors.push(DiskError::io("read", folder, source)),
        };
        self.folders.push((folder.into(), stamp));
        let identity = stamp.identity;
        if self.above.contains(&identity) {
            return self.errors.push(DiskError::Loop { path: folder.into() });
        }
        // Reached by two links: its files are already there.
        if !self.seen.insert(identity) {
            return;
        }
        self.above.push(identity);
        paths.sort();
        for path in paths {
            self.entry(folder, path, depth);
        }
        self.above.pop();
    }

    fn entry(&mut self, folder: &Path, path: PathBuf, depth: usize) {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || self.full {
            return;
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.folder(&path, depth + 1),
            _ if !(self.keep)(&path) => {}
            Ok(_) if self.files.len() == self.files_max => {
                self.full = true;
                self.errors.push(DiskError::TooMany { path: folder.into(), files_max: self.files_max });
            }
            Ok(metadata) => {
                self.files.push(path);
                self.stamps.push(Stamp::of(&metadata));
            }
            Err(source) => self.errors.push(DiskError::io("read", path, source)),
        }
    }
}
