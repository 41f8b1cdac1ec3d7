//! Holding a check to reading: Landlock, seccomp and dropped capabilities, on one thread.
//!
//! What is applied holds for the calling thread and for every process it starts, for ever; so the
//! supervising helper applies it on a thread of its own and starts the block from there. Knows
//! nothing of scripts; the one module that is Linux's own. What the running kernel cannot hold is
//! in [`Level::holes`] and is shown beside each verdict.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::thread::{CapabilitySet, CapabilitySets};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::Access;

/// How firmly the kernel holds what was confined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// What holds it: `landlock 7, seccomp, no capabilities to change`.
    pub held_by: String,
    /// What this kernel cannot hold, each a phrase ("signals to other processes").
    pub holes: Vec<&'static str>,
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; not held: {}", self.held_by, self.holes.join(", "))
    }
}

/// Why a thread could not be confined. The block must not run as confined then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfineError {
    /// The kernel has no Landlock, or it is switched off at boot.
    #[error("the kernel has no Landlock")]
    NoLandlock,
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

/// Confines the calling thread, and all it starts from now on, to reading.
///
/// `tmp` is the private folder of `allow=tmp`. Nothing is confined when this is an error that
/// comes before the first restriction ([`ConfineError::NoLandlock`]); after any other error the
/// thread must not start the block.
pub fn confine_thread(access: Access, tmp: Option<&Path>) -> Result<Level, ConfineError> {
    let Access::Read { unix, net, processes, .. } = access else {
        return Ok(Level { held_by: String::new(), holes: Vec::new() });
    };
    let filter = seccomp_filter(unix, net, processes)?;
    drop_capabilities(processes).map_err(|error| ConfineError::Capabilities(error.into()))?;
    if processes {
        seccompiler::apply_filter(&filter)?;
        return Ok(Level {
            held_by: "seccomp (nothing is opened for writing), capabilities dropped".into(),
            holes: holes(i32::MAX, unix),
        });
    }
    let abi = restrict_files(unix, net, tmp)?;
    seccompiler::apply_filter(&filter)?;
    Ok(Level { held_by: format!("landlock {abi}, seccomp, capabilities dropped"), holes: holes(abi, unix) })
}

/// What a Landlock of this version leaves open that no system call filter can close.
fn holes(abi: i32, unix: bool) -> Vec<&'static str> {
    let mut holes = vec!["UDP"];
    if unix {
        holes.push("what the daemons behind unix sockets do");
    }
    for (since, hole) in
        [(3, "truncating files"), (5, "ioctl on devices"), (6, "signals to processes of the same user")]
    {
        if abi < since {
            holes.push(hole);
        }
    }
    holes
}

/// No file may be changed; TCP and abstract unix sockets are closed where the kernel can.
fn restrict_files(unix: bool, net: bool, tmp: Option<&Path>) -> Result<i32, ConfineError> {
    const NEWEST: ABI = ABI::V8;
    // A shell redirects to these all the time, and nothing is changed by it.
    const SINKS: [&str; 3] = ["/dev/null", "/dev/zero", "/dev/full"];

    let writes = AccessFs::from_write(NEWEST);
    let mut scopes = BitFlags::from(Scope::Signal);
    if !unix {
        scopes |= Scope::AbstractUnixSocket;
    }
    let mut ruleset = Ruleset::default().handle_access(writes)?.scope(scopes)?;
    if !net {
        ruleset = ruleset.handle_access(AccessNet::from_all(NEWEST))?;
    }
    let mut created = ruleset.create()?;
    for sink in SINKS {
        if let Ok(file) = PathFd::new(sink) {
            created = created.add_rule(PathBeneath::new(file, AccessFs::WriteFile | AccessFs::Truncate))?;
        }
    }
    if let Some(tmp) = tmp {
        created = created.add_rule(PathBeneath::new(PathFd::new(tmp)?, writes & !AccessFs::IoctlDev))?;
    }
    let status = created.restrict_self()?;
    match status.landlock {
        LandlockStatus::Available { effective_abi, .. } if status.ruleset != RulesetStatus::NotEnforced => {
            Ok(effective_abi as i32)
        }
        _ => Err(ConfineError::NoLandlock),
    }
}

/// As root: keeps what reading needs, drops the rest. A plain user has none to drop.
fn drop_capabilities(processes: bool) -> rustix::io::Result<()> {
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
    rustix::thread::set_no_new_privs(true)
}

/// System calls that change something Landlock does not look at; each fails with EPERM.
const CHANGING: &[i64] = &[
    // Owner, mode, times, attributes.
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    452, /* fchmodat2 */
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    463, /* setxattrat */
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    466, /* removexattrat */
    469, /* file_setattr */
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_setpriority,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setattr,
    libc::SYS_ioprio_set,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // The machine.
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_acct,
    libc::SYS_vhangup,
    // Shared memory and queues of others, keys.
    libc::SYS_msgsnd,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_shmat,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    // Ways around this filter.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
];

/// The older forms of some of these, which newer processors never had.
#[cfg(target_arch = "x86_64")]
const CHANGING_OLD: &[i64] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
];
#[cfg(not(target_arch = "x86_64"))]
const CHANGING_OLD: &[i64] = &[];

/// What Landlock would hold. It is no choice where a check looks into other processes: a thread
/// under Landlock may not even see what they have open.
const CHANGING_FILES: &[i64] = &[
    libc::SYS_openat2,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_truncate,
    // Signals, also to oneself: the filter cannot tell whose number it is.
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
];

/// The older forms of some of these.
#[cfg(target_arch = "x86_64")]
const CHANGING_FILES_OLD: &[i64] = &[
    libc::SYS_creat,
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_rename,
    libc::SYS_mkdir,
    libc::SYS_mknod,
    libc::SYS_link,
    libc::SYS_symlink,
];
#[cfg(not(target_arch = "x86_64"))]
const CHANGING_FILES_OLD: &[i64] = &[];

/// Opening for writing, by the flags: the filter cannot see paths, so not even `/dev/null`.
fn opening_rules(argument: u8) -> Result<Vec<SeccompRule>, ConfineError> {
    let mode = |mode: i32| condition(argument, Op::MaskedEq(libc::O_ACCMODE as u64), mode as u64);
    let flag = |flag: i32| condition(argument, Op::MaskedEq(flag as u64), flag as u64);
    let writing = [
        mode(libc::O_WRONLY)?,
        mode(libc::O_RDWR)?,
        mode(libc::O_ACCMODE)?,
        flag(libc::O_CREAT)?,
        flag(libc::O_TRUNC)?,
        flag(libc::O_TMPFILE)?,
    ];
    writing.into_iter().map(|condition| Ok(SeccompRule::new(vec![condition])?)).collect()
}

fn seccomp_filter(unix: bool, net: bool, processes: bool) -> Result<BpfProgram, ConfineError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for &call in CHANGING.iter().chain(CHANGING_OLD) {
        rules.insert(call, Vec::new());
    }
    if processes {
        for &call in CHANGING_FILES.iter().chain(CHANGING_FILES_OLD) {
            rules.insert(call, Vec::new());
        }
        rules.insert(libc::SYS_openat, opening_rules(2)?);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, opening_rules(1)?);
    }
    rules.insert(libc::SYS_socket, socket_rules(unix, net)?);
    // FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR need only a file opened for reading; TIOCSTI types into a
    // terminal; the rest set clocks, file names and generations of open files.
    let ioctls: [u64; 6] = [0x4008_6602, 0x401c_5820, 0x5412, 0x4004_6602, 0x4008_7602, 0x541d];
    rules.insert(libc::SYS_ioctl, each(1, &ioctls)?);
    let remove_or_set = [libc::IPC_RMID as u64, libc::IPC_SET as u64];
    rules.insert(libc::SYS_shmctl, each(1, &remove_or_set)?);
    rules.insert(libc::SYS_msgctl, each(1, &remove_or_set)?);
    rules.insert(libc::SYS_semctl, each(2, &remove_or_set)?);
    // A limit of another process; for itself (pid 0) a shell may set one.
    rules.insert(
        libc::SYS_prlimit64,
        vec![SeccompRule::new(vec![condition(0, Op::Ne, 0)?, wide(2, Op::Ne, 0)?])?],
    );
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        std::env::consts::ARCH.try_into()?,
    )?;
    Ok(filter.try_into()?)
}

/// Sockets that a check may not make: unix and TCP unless allowed, and every family that no
/// diagnostic needs.
fn socket_rules(unix: bool, net: bool) -> Result<Vec<SeccompRule>, ConfineError> {
    const KIND: u64 = 0xf;
    let known = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK, libc::AF_PACKET];
    let unknown: Result<Vec<_>, _> =
        known.iter().map(|&family| condition(0, Op::Ne, family as u64)).collect();
    let mut rules = vec![SeccompRule::new(unknown?)?];
    if !unix {
        rules.push(SeccompRule::new(vec![condition(0, Op::Eq, libc::AF_UNIX as u64)?])?);
    }
    if !net {
        for family in [libc::AF_INET, libc::AF_INET6] {
            for kind in [libc::SOCK_STREAM, libc::SOCK_SEQPACKET, libc::SOCK_DCCP] {
                let kind = condition(1, Op::MaskedEq(KIND), kind as u64)?;
                rules.push(SeccompRule::new(vec![condition(0, Op::Eq, family as u64)?, kind])?);
            }
        }
    }
    Ok(rules)
}

fn each(argument: u8, values: &[u64]) -> Result<Vec<SeccompRule>, ConfineError> {
    values.iter().map(|&value| Ok(SeccompRule::new(vec![condition(argument, Op::Eq, value)?])?)).collect()
}

fn condition(argument: u8, op: Op, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, Len::Dword, op, value)
}

fn wide(argument: u8, op: Op, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, Len::Qword, op, value)
}
