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
use crate::target::{Access, Confinement, Holding};

/// More open files than any diagnostic needs.
const OPEN_FILES_MAX: u64 = 4096;
/// What one process of a check may take of memory.
const MEMORY_BYTES_MAX: u64 = 4 << 30;
/// The largest file that a check may leave in its private folder.
const FILE_BYTES_MAX: u64 = 256 << 20;
/// A check of a plain user may have so many processes beyond those that its user has already.
const PROCESSES_MORE: u64 = 512;

/// What a block will be held to.
pub(super) struct Held {
    access: Access,
    holding: Holding,
    /// The kernel takes the restrictions, so the block gets them.
    applies: bool,
    /// Whether the kernel can hold it; a check that it cannot is only declared.
    pub(super) confinement: Confinement,
    /// The private folder of `allow=tmp`, removed with this.
    folder: Option<tempfile::TempDir>,
}

/// Tries out how firmly a block with this access can be held here.
pub(super) fn hold(access: Access, holding: Holding) -> io::Result<Held> {
    let folder = match access {
        Access::Read { tmp: true, .. } => Some(tempfile::Builder::new().prefix("kb-check-").tempdir()?),
        _ => None,
    };
    let path = folder.as_ref().map(|folder| folder.path().to_owned());
    let (applies, confinement) = try_out(access, path, holding.landlock_max);
    Ok(Held { access, holding, applies, confinement, folder })
}

#[cfg(target_os = "linux")]
fn try_out(access: Access, folder: Option<PathBuf>, landlock_max: Option<u8>) -> (bool, Confinement) {
    use crate::target::confine::{WRITING, confine_thread};
    if access == Access::Change {
        return (false, Confinement::Free);
    }
    match std::thread::spawn(move || confine_thread(access, folder.as_deref(), landlock_max)).join() {
        Ok(Ok(level)) if level.holes.iter().any(|hole| hole == WRITING) => {
            (true, Confinement::Declared(format!("this kernel has no Landlock; held only by {level}")))
        }
        Ok(Ok(level)) => (true, Confinement::Confined(level)),
        Ok(Err(error)) => (false, Confinement::Declared(error.to_string())),
        Err(_) => (false, Confinement::Declared("the confinement failed".into())),
    }
}

#[cfg(not(target_os = "linux"))]
fn try_out(access: Access, _folder: Option<PathBuf>, _landlock_max: Option<u8>) -> (bool, Confinement) {
    match access {
        Access::Change => (false, Confinement::Free),
        Access::Read { .. } => (false, Confinement::Declared("kb confines checks on Linux only".into())),
    }
}

impl Held {
    /// The private folder.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(tempfile::TempDir::path)
    }

    /// Why it may not run, where a check must be held completely.
    pub(super) fn lacks(&self) -> Option<String> {
        if !self.holding.required {
            return None;
        }
        match &self.confinement {
            Confinement::Confined(level) if !level.holes.is_empty() => {
                let holes = level.holes.join(", ");
                Some(format!("its confinement is incomplete: this kernel cannot hold {holes}"))
            }
            Confinement::Confined(level) if !level.is_complete() => {
                Some(format!("its confinement is incomplete: its `allow=` opens {}", level.opened.join(", ")))
            }
            Confinement::Declared(why) => Some(format!("it is only declared read-only: {why}")),
            Confinement::Confined(_) | Confinement::Free | Confinement::NotRun => None,
        }
    }

    /// What [`from_arguments`] reads.
    pub(super) fn arguments(&self) -> [OsString; 4] {
        let landlock_max = self.holding.landlock_max.map_or_else(String::new, |most| most.to_string());
        let folder = self.folder().map_or_else(OsString::new, |folder| folder.as_os_str().to_owned());
        let applies = u8::from(self.applies).to_string();
        [access_code(self.access).to_string().into(), applies.into(), landlock_max.into(), folder]
    }
}

/// What the last step before the block applies.
pub(super) struct Hold {
    access: Access,
    applies: bool,
    landlock_max: Option<u8>,
    folder: Option<PathBuf>,
}

/// Reads the arguments that [`Held`] wrote.
pub(super) fn from_arguments(arguments: &mut impl Iterator<Item = OsString>) -> Option<Hold> {
    let access = access_of(arguments.next()?.to_str()?.parse().ok()?);
    let applies = arguments.next()? == "1";
    let landlock_max = arguments.next()?.to_str()?.parse().ok();
    let folder = arguments.next()?;
    Some(Hold { access, applies, landlock_max, folder: (!folder.is_empty()).then(|| folder.into()) })
}

impl Hold {
    /// Holds this process and what it becomes. A fix is not held at all.
    pub(super) fn apply(&self) -> Result<(), Box<dyn std::error::Error>> {
        if self.access == Access::Change {
            return Ok(());
        }
        // One byte is too little for a file, and tells a kernel that hands cores to a program not to
        // start it, which it would for a limit of none (`do_coredump` in fs/coredump.c).
        limit(Resource::Core, 1);
        limit(Resource::Fsize, FILE_BYTES_MAX);
        limit(Resource::Nofile, OPEN_FILES_MAX);
        limit(Resource::As, MEMORY_BYTES_MAX);
        if !rustix::process::geteuid().is_root() {
            // Root's processes are not counted; the supervisor does.
            limit(Resource::Nproc, super::family::of_this_user() + PROCESSES_MORE);
        }
        if !self.applies {
            return Ok(());
        }
        #[cfg(target_os = "linux")]
        crate::target::confine::confine_thread(self.access, self.folder.as_deref(), self.landlock_max)?;
        let _ = (&self.folder, self.landlock_max);
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
