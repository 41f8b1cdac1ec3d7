//! What `kb trust` has pinned: a path, and the hash of exactly the bytes that were trusted there.
//!
//! Kept in the state folder, mode 0600, replaced as a whole; a list that somebody else could have
//! written is not used. The trusted text itself is kept beside it, so that a change can be shown as
//! a difference and so that a text, once trusted, can be told from one that never was. Nothing in
//! a project, and no setting, can put anything in here.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::hash;
use crate::disk::{self, DiskError};
use crate::text::{SourceFile, printable_path};

const VERSION: u32 = 1;
const LIST_BYTES_MAX: u64 = 16 << 20;
const TEXT_BYTES_MAX: u64 = 2 << 20;

/// Everything that is pinned.
#[derive(Debug, Default)]
pub struct Pins {
    folder: Option<PathBuf>,
    list: Vec<Pin>,
}

/// One text that is trusted at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Where the file really is, links followed.
    pub path: PathBuf,
    /// The hash of its bytes, in hexadecimal.
    pub blake3: String,
    /// When it was trusted, RFC 3339.
    pub at: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct List {
    version: u32,
    pins: Vec<Pin>,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Exactly these bytes are trusted here.
    Same,
    /// Other bytes were trusted here.
    Changed,
    /// Nothing.
    No,
}

/// Why the list of what is trusted could not be used or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The list is no list.
    #[error("`{}` is damaged; what it trusted is not trusted until you say so again", printable_path(.path))]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// No home and no state folder.
    #[error("there is no folder to keep it in: neither `$HOME` nor `$XDG_STATE_HOME` is set")]
    NoFolder,
    /// Another `kb trust` is at work.
    #[error("another `kb trust` is writing the list")]
    Busy,
    /// What cannot be pinned.
    #[error("`{}` cannot be trusted: {reason}", printable_path(.path))]
    Unfit {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
}

impl Pins {
    /// Nothing is pinned, and nothing can be.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the list of the state folder.
    pub fn read(state: Option<&Path>) -> Result<Self, PinError> {
        let Some(state) = state else { return Ok(Self::none()) };
        let folder = state.join("trust");
        let path = folder.join("pins.json");
        let Some(bytes) = disk::read_private(&path, LIST_BYTES_MAX)? else {
            return Ok(Self { folder: Some(folder), list: Vec::new() });
        };
        match serde_json::from_slice::<List>(&bytes) {
            Ok(list) if list.version == VERSION => Ok(Self { folder: Some(folder), list: list.pins }),
            _ => Err(PinError::Damaged { path }),
        }
    }

    /// An empty list in the place of one that could not be read; writing replaces that one.
    pub fn anew(state: Option<&Path>) -> Self {
        Self { folder: state.map(|state| state.join("trust")), list: Vec::new() }
    }

    /// Everything, in the order of paths.
    pub fn list(&self) -> &[Pin] {
        &self.list
    }

    /// What is known of the bytes that were read from a file.
    pub fn knows(&self, source: &SourceFile) -> Known {
        match self.pin(source.real_path.as_deref()) {
            // Bytes that are not UTF-8 were replaced when they were read, so their text may stand
            // for other bytes than those that were trusted.
            Some(pin) if source.broken_at.is_none() && pin.blake3 == hash(source) => Known::Same,
            Some(_) => Known::Changed,
            None => Known::No,
        }
    }

    /// The text that was trusted at the place of this file, if it is still as it was.
    pub fn trusted_text(&self, source: &SourceFile) -> Option<String> {
        self.text(&self.pin(source.real_path.as_deref())?.blake3)
    }

    /// True when this text was trusted at some time and that was never taken back.
    pub fn was_trusted(&self, blake3: &str) -> bool {
        self.text(blake3).is_some()
    }

    /// Pins the bytes that were read.
    pub fn add(&mut self, source: &SourceFile, at: jiff::Timestamp) -> Result<(), PinError> {
        let unfit = |reason| PinError::Unfit { path: source.path.clone(), reason };
        let real = source.real_path.clone().ok_or_else(|| unfit("where it really is cannot be known"))?;
        if source.broken_at.is_some() {
            return Err(unfit("it is not UTF-8"));
        }
        if real.to_str().is_none() {
            return Err(unfit("its path is not UTF-8"));
        }
        let pin = Pin { path: real, blake3: hash(source), at: at.to_string() };
        let text = self.text_path(&pin.blake3).ok_or(PinError::NoFolder)?;
        disk::write_private(&text, source.text.as_bytes())?;
        self.change(|list| {
            list.retain(|known| known.path != pin.path);
            list.push(pin);
            list.sort_by(|left, right| left.path.cmp(&right.path));
        })
    }

    /// Takes trust back from a file, or from every file below a folder; those that lost it.
    pub fn remove(&mut self, path: &Path) -> Result<Vec<Pin>, PinError> {
        let mut gone = Vec::new();
        self.change(|list| {
            gone = list.extract_if(.., |pin| pin.path.starts_with(path)).collect();
        })?;
        for pin in &gone {
            let still = self.list.iter().any(|other| other.blake3 == pin.blake3);
            if let Some(text) = self.text_path(&pin.blake3).filter(|_| !still) {
                disk::remove_private(&text)?;
            }
        }
        Ok(gone)
    }

    fn pin(&self, path: Option<&Path>) -> Option<&Pin> {
        let path = path?;
        self.list.iter().find(|pin| pin.path == path)
    }

    /// Changes the list as it is on the disk now, so that of two at once neither loses its word.
    fn change(&mut self, change: impl FnOnce(&mut Vec<Pin>)) -> Result<(), PinError> {
        let folder = self.folder.clone().ok_or(PinError::NoFolder)?;
        let lock = disk::SyncedFile::open(&folder.join("lock"))?;
        if !lock.try_lock()? {
            return Err(PinError::Busy);
        }
        if let Ok(fresh) = Self::read(folder.parent()) {
            self.list = fresh.list;
        }
        change(&mut self.list);
        let list = List { version: VERSION, pins: self.list.clone() };
        let bytes = serde_json::to_vec_pretty(&list).expect("paths of pins are UTF-8, the rest is text");
        Ok(disk::write_private(&folder.join("pins.json"), &bytes)?)
    }

    fn text_path(&self, blake3: &str) -> Option<PathBuf> {
        let is_hash = blake3.len() == 64 && blake3.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(self.folder.as_ref()?.join("texts").join(format!("{blake3}.md"))).filter(|_| is_hash)
    }

    /// A kept text, if it still has the hash that it is kept under.
    fn text(&self, blake3: &str) -> Option<String> {
        let bytes = disk::read_private(&self.text_path(blake3)?, TEXT_BYTES_MAX).ok()??;
        let same = blake3::hash(&bytes).to_hex().as_str() == blake3;
        String::from_utf8(bytes).ok().filter(|_| same)
    }
}

#[cfg(test)]
mod tests;
