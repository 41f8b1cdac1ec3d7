//! How firmly a block is held: tried out by the supervisor, applied by the last step before the
//! block.
//!
//! The supervisor tries on a thread of its own, which the restrictions then belong to, so that it
//! can say how firmly the block will be held and stays free itself.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::wire::{access_code, access_of};
use crate::target::{Access, Confinement};

/// More open files than any diagnostic needs.
const OPEN_FILES_MAX: u64 = 4096;
/// What one process of a check may take of memory.
const MEMORY_BYTES_MAX: u64 = 4 << 30;

/// What a block will be held to.
pub(super) struct Held {
    access: Access,
    /// Whether the kernel can hold it; a check that it cannot is only declared.
    pub(super) confinement: Confinement,
    /// The private folder of `allow=tmp`, removed with this.
    folder: Option<tempfile::TempDir>,
}

/// Tries out how firmly a block with this access can be held here.
pub(super) fn hold(access: Access) -> io::Result<Held> {
    let folder = match access {
        Access::Read { tmp: true, .. } => Some(tempfile::Builder::new().prefix("kb-check-").tempdir()?),
        _ => None,
    };
    let path = folder.as_ref().map(|folder| folder.path().to_owned());
    Ok(Held { access, confinement: try_out(access, path), folder })
}

#[cfg(target_os = "linux")]
fn try_out(access: Access, folder: Option<PathBuf>) -> Confinement {
    use crate::target::confine::confine_thread;
    if access == Access::Change {
        return Confinement::Free;
    }
    match std::thread::spawn(move || confine_thread(access, folder.as_deref())).join() {
        Ok(Ok(level)) => Confinement::Confined(level.to_string()),
        Ok(Err(error)) => Confinement::Declared(error.to_string()),
        Err(_) => Confinement::Declared("the confinement failed".into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn try_out(access: Access, _folder: Option<PathBuf>) -> Confinement {
    match access {
        Access::Change => Confinement::Free,
        Access::Read { .. } => Confinement::Declared("kb confines checks on Linux only".into()),
    }
}

impl Held {
    /// The private folder.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(tempfile::TempDir::path)
    }

    /// What [`from_arguments`] reads.
    pub(super) fn arguments(&self) -> [OsString; 3] {
        let confined = matches!(self.confinement, Confinement::Confined(_));
        let folder = self.folder().map_or_else(OsString::new, |folder| folder.as_os_str().to_owned());
        [access_code(self.access).to_string().into(), u8::from(confined).to_string().into(), folder]
    }
}

/// What the last step before the block applies.
pub(super) struct Hold {
    access: Access,
    confined: bool,
    folder: Option<PathBuf>,
}

/// Reads the arguments that [`Held`] wrote.
pub(super) fn from_arguments(arguments: &mut impl Iterator<Item = OsString>) -> Option<Hold> {
    let access = access_of(arguments.next()?.to_str()?.parse().ok()?);
    let confined = arguments.next()? == "1";
    let folder = arguments.next()?;
    Some(Hold { access, confined, folder: (!folder.is_empty()).then(|| folder.into()) })
}

impl Hold {
    /// Holds this process and what it becomes. A fix is not held at all.
    pub(super) fn apply(&self) -> Result<(), Box<dyn std::error::Error>> {
        if self.access == Access::Change {
            return Ok(());
        }
        limit(Resource::Core, 0);
        limit(Resource::Nofile, OPEN_FILES_MAX);
        limit(Resource::As, MEMORY_BYTES_MAX);
        if !self.confined {
            return Ok(());
        }
        #[cfg(target_os = "linux")]
        crate::target::confine::confine_thread(self.access, self.folder.as_deref())?;
        let _ = &self.folder;
        Ok(())
    }
}

/// Lowers a limit, for good; one that is lower already stays.
fn limit(resource: Resource, most: u64) {
    let now = getrlimit(resource);
    let least = |limit: Option<u64>| Some(limit.map_or(most, |limit| limit.min(most)));
    // A limit that cannot be lowered is no worse than none.
    let _ = setrlimit(resource, Rlimit { current: least(now.current), maximum: least(now.maximum) });
}
