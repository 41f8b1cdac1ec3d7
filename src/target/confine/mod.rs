//! Holding a check to reading: Landlock, seccomp and dropped capabilities, on one thread.
//!
//! What is applied holds for the calling thread and for every process it starts, for ever; so the
//! supervising helper tries it out on a thread of its own, and the last step before the block
//! applies it. Knows nothing of scripts; the one module that is Linux's own. What the running
//! kernel cannot hold is in [`Level::holes`] and is shown beside each verdict.
#![cfg(target_os = "linux")]

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::thread::{CapabilitySet, CapabilitySets};

use super::{Access, Level};

mod calls;

/// The hole through which a check can change any file.
pub const WRITING: &str = "writing and creating files";

/// The newest Landlock whose rights are asked for.
const NEWEST: i32 = 8;

/// Why a thread could not be confined. The block must not run as confined then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfineError {
    /// Landlock refused the rules.
    #[error("Landlock refused")]
    Landlock(#[from] landlock::RulesetError),
    /// A path of the rules could not be opened.
    #[error("cannot open a path for Landlock")]
    Path(#[from] landlock::PathFdError),
    /// The system call filter was refused.
    #[error("seccomp refused")]
    Seccomp(#[from] seccompiler::Error),
    /// The filter could not be built for this processor.
    #[error("no system call filter for this processor")]
    Filter(#[from] seccompiler::BackendError),
    /// Capabilities could not be dropped.
    #[error("cannot drop capabilities")]
    Capabilities(#[source] std::io::Error),
}

/// What a check may do beyond reading, and how much of Landlock there is.
#[derive(Clone, Copy)]
struct Opened {
    unix: bool,
    net: bool,
    processes: bool,
    /// The version of Landlock that holds the thread; 0: none.
    landlock: i32,
}

/// Confines the calling thread, and all it starts from now on, to reading.
///
/// `tmp` is the private folder of `allow=tmp`. `landlock_max` lets a test see an older kernel: it
/// can only take away. After an error the thread must not start the block.
pub fn confine_thread(
    access: Access,
    tmp: Option<&Path>,
    landlock_max: Option<u8>,
) -> Result<Level, ConfineError> {
    let Access::Read { unix, net, processes, .. } = access else { return Ok(Level::default()) };
    let raw = drop_capabilities(processes).map_err(|error| ConfineError::Capabilities(error.into()))?;
    let newest = landlock_max.map_or(NEWEST, |most| NEWEST.min(most.into()));
    let mut opened = Opened { unix, net, processes, landlock: 0 };
    if !processes {
        opened.landlock = restrict_files(opened, tmp, newest)?;
    }
    for filter in calls::filters(opened)? {
        seccompiler::apply_filter(&filter)?;
    }
    let always_open = if raw { "UDP, raw packets" } else { "UDP" };
    Ok(Level { always_open: always_open.into(), ..level(opened) })
}

/// What holds a thread with this opened, and what does not.
fn level(opened: Opened) -> Level {
    let Opened { unix, net, processes, landlock } = opened;
    let by = match (processes, landlock) {
        (true, _) => "seccomp (nothing is opened for writing), capabilities dropped".into(),
        (false, 0) => "seccomp, capabilities dropped".into(),
        (false, version) => format!("landlock {version}, seccomp, capabilities dropped"),
    };
    let lacks: &[(i32, &str)] =
        &[(1, WRITING), (5, "ioctl on devices"), (6, "signals to processes of the same user")];
    let held = if processes { i32::MAX } else { landlock };
    let holes = lacks.iter().filter(|(since, _)| held < *since).map(|(_, hole)| (*hole).to_owned()).collect();
    let by_author = [(unix, "unix sockets (what daemons do behind them)"), (net, "TCP")];
    let opened = by_author.iter().filter(|(open, _)| *open).map(|(_, what)| (*what).to_owned()).collect();
    Level { by, holes, opened, ..Level::default() }
}

/// No file may be changed; TCP and abstract unix sockets are closed where the kernel can. Gives the
/// version that holds; 0 when the kernel has no Landlock, or it is switched off at boot.
fn restrict_files(opened: Opened, tmp: Option<&Path>, newest: i32) -> Result<i32, ConfineError> {
    // A shell redirects to these all the time, and nothing is changed by it.
    const SINKS: [&str; 3] = ["/dev/null", "/dev/zero", "/dev/full"];

    let Some(abi) = abi(newest) else { return Ok(0) };
    let writes = AccessFs::from_write(abi);
    let mut ruleset = Ruleset::default().handle_access(writes)?;
    if newest >= 6 {
        let abstract_sockets = if opened.unix { BitFlags::EMPTY } else { Scope::AbstractUnixSocket.into() };
        ruleset = ruleset.scope(abstract_sockets | Scope::Signal)?;
    }
    if newest >= 4 && !opened.net {
        ruleset = ruleset.handle_access(AccessNet::from_all(abi))?;
    }
    let mut created = ruleset.create()?;
    for sink in SINKS {
        if let Ok(file) = PathFd::new(sink) {
            let sinking = (AccessFs::WriteFile | AccessFs::Truncate) & writes;
            created = created.add_rule(PathBeneath::new(file, sinking))?;
        }
    }
    if let Some(tmp) = tmp {
        created = created.add_rule(PathBeneath::new(PathFd::new(tmp)?, writes & !AccessFs::IoctlDev))?;
    }
    let status = created.restrict_self()?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, .. } if status.ruleset != RulesetStatus::NotEnforced => {
            newest.min(effective_abi as i32)
        }
        _ => 0,
    })
}

fn abi(version: i32) -> Option<ABI> {
    const KNOWN: [ABI; NEWEST as usize] =
        [ABI::V1, ABI::V2, ABI::V3, ABI::V4, ABI::V5, ABI::V6, ABI::V7, ABI::V8];
    KNOWN.get(usize::try_from(version).ok()?.checked_sub(1)?).copied()
}

/// As root: keeps what reading needs, drops the rest. A plain user has none to drop. Says whether raw
/// packets can be sent.
fn drop_capabilities(processes: bool) -> rustix::io::Result<bool> {
    // Reading what only root may read, `ping` and `tcpdump`, `dmesg`.
    let mut keep = CapabilitySet::DAC_READ_SEARCH | CapabilitySet::NET_RAW | CapabilitySet::SYSLOG;
    if processes {
        // To follow the links in `/proc/PID/fd`; `ptrace` itself is closed by the filter.
        keep |= CapabilitySet::SYS_PTRACE;
    }
    let now = rustix::thread::capabilities(None)?;
    for capability in now.permitted.difference(keep).iter() {
        // Without CAP_SETPCAP the bounding set stays, but no_new_privs keeps it from mattering.
        let _ = rustix::thread::remove_capability_from_bounding_set(capability);
    }
    rustix::thread::clear_ambient_capability_set()?;
    let left = CapabilitySets {
        effective: now.effective & keep,
        permitted: now.permitted & keep,
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, left)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(left.effective.contains(CapabilitySet::NET_RAW))
}

#[cfg(test)]
mod tests;
