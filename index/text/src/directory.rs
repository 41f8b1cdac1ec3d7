//! The files of an index as one piece of bytes, and tantivy's view of it.
//!
//! tantivy wants a folder in which it may write and lock, even to read. Here it gets one that stands
//! in memory, or in a piece that is read where it is needed: nothing of it is a file of its own, so who
//! may read the piece may search it.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, OwnedBytes, RamDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

use crate::source::Bytes;

/// Files by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flat {
    files: Arc<RwLock<BTreeMap<PathBuf, File>>>,
}

/// A file: a part of some bytes.
#[derive(Clone, Debug)]
struct File {
    bytes: Arc<Bytes>,
    range: Range<usize>,
}

impl HasLen for File {
    fn len(&self) -> usize {
        self.range.len()
    }
}

impl FileHandle for File {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.end > self.range.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.bytes.get(self.range.start + range.start..self.range.start + range.end)
    }
}

impl Flat {
    /// The files of a directory in memory.
    pub(crate) fn of(directory: &RamDirectory) -> tantivy::Result<Self> {
        let flat = Self::default();
        directory.persist(&flat)?;
        Ok(flat)
    }

    /// All files one after the other, each behind its name.
    pub(crate) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut push = |bytes: &[u8]| {
            out.extend((bytes.len() as u64).to_le_bytes());
            out.extend(bytes);
        };
        for (name, file) in self.files.read().unwrap_or_else(PoisonError::into_inner).iter() {
            push(name.as_os_str().as_encoded_bytes());
            push(&file.read_bytes(0..file.len())?);
        }
        Ok(out)
    }

    /// The files of which [`Flat::to_bytes`] gave this part of the bytes; `None` when it did not.
    pub(crate) fn open(bytes: &Arc<Bytes>, part: Range<usize>) -> Option<Self> {
        let mut at = part.start;
        let mut next = || {
            let start = at.checked_add(8).filter(|start| *start <= part.end)?;
            let length = u64::from_le_bytes(*bytes.get(at..start).ok()?.first_chunk()?);
            at = start.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= part.end)?;
            Some(start..at)
        };
        let mut files = BTreeMap::new();
        while let Some(name) = next() {
            let name = bytes.get(name).ok()?;
            let name = std::str::from_utf8(&name).ok()?;
            files.insert(PathBuf::from(name), File { bytes: Arc::clone(bytes), range: next()? });
        }
        (at == part.end).then(|| Self { files: Arc::new(RwLock::new(files)) })
    }

    fn get(&self, path: &Path) -> Option<File> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn put(&self, path: &Path, data: Vec<u8>) {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let file = File { range: 0..data.len(), bytes: Arc::new(Bytes::all(data)) };
        files.insert(path.into(), file);
    }
}

impl tantivy::Directory for Flat {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let file = self.get(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.into()))?;
        Ok(Arc::new(file))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.remove(path).map(|_| ()).ok_or_else(|| DeleteError::FileDoesNotExist(path.into()))
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.get(path).is_some())
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let writer = FlatWriter { path: path.into(), data: Vec::new(), directory: self.clone() };
        Ok(BufWriter::new(Box::new(writer)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let file = self.get(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.into()))?;
        let failed = |error| OpenReadError::wrap_io_error(error, path.into());
        Ok(file.read_bytes(0..file.len()).map_err(failed)?.to_vec())
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.put(path, data.to_vec());
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    /// Nobody else can write to it.
    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

struct FlatWriter {
    path: PathBuf,
    data: Vec<u8>,
    directory: Flat,
}

impl Write for FlatWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.data.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for FlatWriter {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.directory.put(&self.path, std::mem::take(&mut self.data));
        Ok(())
    }
}
