//! What kb itself keeps: files of mode 0600, replaced as a whole or only ever appended to.
//!
//! Knows nothing of what is in them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::DiskError;

/// Replaces a file as a whole: whoever reads it sees the old bytes or the new, after a crash too.
/// It gets mode 0600; folders that are missing get 0700.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let written = || {
        let folder = make_folder(path)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| DiskError::io("write", path, source))
}

/// Reads a file that kb wrote; `None` when there is none. Refuses one that somebody other than
/// this user or root could have written, and one longer than `bytes_max`.
pub fn read_private(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, DiskError> {
    let Some(file) = open_private(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    let read = file.take(bytes_max + 1).read_to_end(&mut bytes);
    read.map_err(|source| DiskError::io("read", path, source))?;
    if bytes.len() as u64 > bytes_max {
        return Err(DiskError::TooLong { path: path.into(), bytes_max });
    }
    Ok(Some(bytes))
}

/// The random bytes that a file of ours holds, made at the first use.
pub fn private_key(path: &Path) -> Result<[u8; 32], DiskError> {
    let known = read_private(path, 32)?.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if let Some(known) = known {
        return Ok(known);
    }
    let mut fresh = [0; 32];
    let random = Path::new("/dev/urandom");
    let made = File::open(random).and_then(|mut file| file.read_exact(&mut fresh));
    made.map_err(|source| DiskError::io("read", random, source))?;
    write_private(path, &fresh)?;
    Ok(fresh)
}

/// Removes a file that kb wrote; one that is not there is no error.
pub fn remove_private(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(DiskError::io("remove", path, source)),
        _ => Ok(()),
    }
}

/// A file that is only appended to, and on the disk before [`SyncedFile::append`] returns.
#[derive(Debug)]
pub struct SyncedFile {
    path: PathBuf,
    file: File,
}

impl SyncedFile {
    /// Opens it, with mode 0600 when it is new; folders that are missing get 0700.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        let opened = || {
            let folder = make_folder(path)?;
            let file = open(path, OpenOptions::new().read(true).append(true).create(true).mode(0o600))?;
            // The name itself must survive a crash, not only what is written under it.
            File::open(folder)?.sync_all()?;
            Ok(file)
        };
        let file = opened().map_err(|source| DiskError::io("write", path, source))?;
        refuse_foreign(path, &file)?;
        let only_mine = || {
            let mode = file.metadata()?.mode();
            if mode & 0o777 == 0o600 { Ok(()) } else { file.set_permissions(Permissions::from_mode(0o600)) }
        };
        only_mine().map_err(|source| DiskError::io("protect", path, source))?;
        Ok(Self { path: path.into(), file })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends bytes; they are on the disk when this returns. When they cannot all be written, none
    /// are.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let failed = |source| DiskError::io("write", &self.path, source);
        let length = self.file.metadata().map_err(failed)?.len();
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(|source| {
            // A tail that stays is torn, and torn tails are known and cut off by the reader.
            let _ = self.file.set_len(length);
            DiskError::io("write", &self.path, source)
        })
    }

    /// Makes sure that so many more bytes can be written; where the file system cannot say, nothing
    /// happens.
    pub fn reserve(&self, bytes: u64) -> Result<(), DiskError> {
        let failed = |source| DiskError::io("write", &self.path, source);
        let length = self.file.metadata().map_err(failed)?.len();
        match room(&self.file, length, bytes) {
            Err(source)
                if !matches!(source.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) =>
            {
                Err(failed(source))
            }
            _ => Ok(()),
        }
    }

    /// The last bytes of it, at most so many, and whether they are all.
    pub fn tail(&self, bytes_max: u64) -> Result<(Vec<u8>, bool), DiskError> {
        let read = || {
            let length = self.file.metadata()?.len();
            let from = length.saturating_sub(bytes_max);
            let mut bytes = vec![0; (length - from) as usize];
            self.file.read_exact_at(&mut bytes, from)?;
            Ok((bytes, from == 0))
        };
        read().map_err(|source| DiskError::io("read", &self.path, source))
    }

    /// Takes bytes away from its end.
    pub fn cut(&mut self, bytes: u64) -> Result<(), DiskError> {
        let cut = || {
            let length = self.file.metadata()?.len();
            self.file.set_len(length.saturating_sub(bytes))?;
            self.file.sync_all()
        };
        cut().map_err(|source| DiskError::io("write", &self.path, source))
    }

    /// Waits for the lock of the file.
    pub fn lock(&self) -> Result<(), DiskError> {
        self.file.lock().map_err(|source| DiskError::io("lock", &self.path, source))
    }

    /// Gives the lock back.
    pub fn unlock(&self) -> Result<(), DiskError> {
        self.file.unlock().map_err(|source| DiskError::io("unlock", &self.path, source))
    }

    /// Replaces everything in it, in place: a lock that is held stays held.
    pub fn rewrite(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let written = self.file.set_len(0).and_then(|()| self.file.write_all(bytes));
        written.map_err(|source| DiskError::io("write", &self.path, source))
    }

    /// Everything in it so far.
    pub fn read(&self) -> Result<Vec<u8>, DiskError> {
        fs::read(&self.path).map_err(|source| DiskError::io("read", &self.path, source))
    }

    /// Takes the lock of the file; `false` when another process holds it. It is given back when
    /// the file is dropped, by whatever end of the process.
    pub fn try_lock(&self) -> Result<bool, DiskError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(DiskError::io("lock", &self.path, source)),
        }
    }
}

/// Opens a file of ours to read it; `None` when there is none. Refuses one that somebody other than
/// this user or root could have written.
pub(super) fn open_private(path: &Path) -> Result<Option<File>, DiskError> {
    match open(path, OpenOptions::new().read(true)) {
        Ok(file) => refuse_foreign(path, &file).map(|()| Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::io("read", path, error)),
    }
}

/// A link that stands where our own file should be is never followed.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits() as i32;
    options.custom_flags(flags).open(path)
}

fn refuse_foreign(path: &Path, file: &File) -> Result<(), DiskError> {
    let metadata = file.metadata().map_err(|source| DiskError::io("read", path, source))?;
    let me = rustix::process::geteuid().as_raw();
    let ours = metadata.uid() == me || metadata.uid() == 0;
    if metadata.is_file() && ours && metadata.mode() & 0o022 == 0 {
        return Ok(());
    }
    Err(DiskError::NotOurs { path: path.into() })
}

#[cfg(target_os = "linux")]
fn room(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    Ok(rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, from, bytes)?)
}

#[cfg(not(target_os = "linux"))]
fn room(_: &File, _: u64, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn make_folder(path: &Path) -> io::Result<&Path> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let metadata = fs::metadata(folder)?;
    // Whoever may write there can put another file in the place of ours; a sticky folder keeps it.
    if metadata.mode() & 0o022 != 0 && metadata.mode() & 0o1000 == 0 {
        return Err(io::Error::other("others may write in its folder; `chmod go-w` takes that away"));
    }
    Ok(folder)
}
