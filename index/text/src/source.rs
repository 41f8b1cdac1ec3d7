//! Where the bytes of an index come from: read when they are needed, or all there.
//!
//! A question needs a small part of a large index, so that is read and no more; many questions soon
//! need most of it, and then all of it is read once and kept.

use std::fmt::Debug;
use std::io;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

use tantivy::directory::OwnedBytes;

/// Bytes that are read when they are needed.
pub trait Source: Debug + Send + Sync + 'static {
    /// How many there are.
    fn len(&self) -> usize;

    /// True when there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads at least these, which are there, and tells where in what it gives they begin.
    ///
    /// # Errors
    /// When they cannot be read or are not as they were written.
    fn read(&self, range: Range<usize>) -> io::Result<(Vec<u8>, usize)>;
}

/// What reading once costs, in bytes that could be read instead.
const READ_COSTS: usize = 4 << 10;

/// The bytes of a source as far as they were needed.
#[derive(Debug)]
pub(crate) struct Bytes {
    source: Option<Box<dyn Source>>,
    all: OnceLock<OwnedBytes>,
    read: Mutex<Read>,
}

/// What was read, and how much that has cost.
#[derive(Debug, Default)]
struct Read {
    cost: usize,
    /// The last of it: heads and ends of files stand close together.
    last: Option<(usize, OwnedBytes)>,
}

impl Bytes {
    /// Of a source.
    pub(crate) fn of(source: Box<dyn Source>) -> Self {
        Self { source: Some(source), all: OnceLock::new(), read: Mutex::default() }
    }

    /// All there.
    pub(crate) fn all(bytes: Vec<u8>) -> Self {
        Self { source: None, all: OwnedBytes::new(bytes).into(), read: Mutex::default() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        let source = self.source.as_ref().map(|source| source.len());
        source.or_else(|| self.all.get().map(OwnedBytes::len)).unwrap_or_default()
    }

    /// Some of them.
    pub(crate) fn get(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (Some(source), None) = (&self.source, self.all.get()) else {
            return Ok(self.all.get().map_or_else(OwnedBytes::empty, |all| all.slice(range)));
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((start, last)) = &read.last
            && *start <= range.start
            && range.end <= start + last.len()
        {
            return Ok(last.slice(range.start - start..range.end - start));
        }
        let whole = 0..source.len();
        read.cost += range.len() + READ_COSTS;
        let wanted = if read.cost > whole.end { whole.clone() } else { range.clone() };
        let (bytes, skip) = source.read(wanted.clone())?;
        let bytes = OwnedBytes::new(bytes);
        if wanted == whole {
            read.last = None;
            let all = self.all.get_or_init(|| bytes.slice(skip..skip + whole.len()));
            return Ok(all.slice(range));
        }
        let start = wanted.start - skip;
        read.last = Some((start, bytes.clone()));
        Ok(bytes.slice(skip..skip + range.len()))
    }
}

#[cfg(test)]
mod tests;
