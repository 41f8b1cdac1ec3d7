//! Which system calls a check may not make: those that change something which Landlock does not look
//! at, and, where this kernel's Landlock is too old or none, what it would hold.
//!
//! Each refused call fails with EPERM; the numbers come from `libc`, or from the kernel's table where
//! it does not know them yet.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

use super::{ConfineError, Opened};

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
    libc::SYS_msgrcv,
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

/// What Landlock would hold, where there is none. It is no choice where a check looks into other
/// processes: a thread under Landlock may not even see what they have open.
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

/// Signals, also to oneself: the filter cannot tell whose number it is.
const SIGNALS: &[i64] = &[libc::SYS_kill, libc::SYS_tkill, libc::SYS_tgkill];
/// Signals that no shell sends.
const RARE_SIGNALS: &[i64] =
    &[libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo, libc::SYS_pidfd_send_signal];

/// Requests to devices and files that change something, by their type and number (the low half; the
/// rest is direction and size). Most need only a file that was opened for reading.
const CHANGING_REQUESTS: &[u64] = &[
    // Terminals: type into one, take its selection, its console, the signals of another.
    0x5412, 0x541c, 0x541d, 0x8901, 0x8902,
    // Attributes, generation, layout, encryption and verity of files.
    0x6602, 0x6604, 0x6609, 0x660c, 0x6613, 0x6617, 0x6618, 0x6619, 0x6685, 0x5820, 0x7602,
    // btrfs: snapshots, subvolumes, defragmentation, names.
    0x9401, 0x9402, 0x9403, 0x940e, 0x940f, 0x9410, 0x9417, 0x9418, 0x941a, 0x9425, 0x9432, 0x943f,
];
/// All that a check asks of an open file or socket where Landlock does not hold devices: sizes,
/// terminals as they are, flags of its own descriptors.
const READING_REQUESTS: &[u64] = &[
    0x5401, // TCGETS
    0x5413, // TIOCGWINSZ
    0x540f, // TIOCGPGRP
    0x541b, // FIONREAD
    0x5421, // FIONBIO
    0x5450, // FIONCLEX
    0x5451, // FIOCLEX
];

/// The filters for a thread with this opened; all of them hold.
pub(super) fn filters(opened: Opened) -> Result<[BpfProgram; 2], ConfineError> {
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    let arch = std::env::consts::ARCH.try_into()?;
    let main = SeccompFilter::new(rules(opened)?, SeccompAction::Allow, refused, arch)?;
    Ok([main.try_into()?, unknown_forms()])
}

/// Forms of a system call that the other filter cannot look into are not there: `clone3` takes its
/// flags from memory (every C library falls back to `clone`), and x32 has numbers of its own.
fn unknown_forms() -> BpfProgram {
    // Classic BPF: linux/bpf_common.h, and the first word of struct seccomp_data is the number.
    const LOAD: u16 = 0x20;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    const X32: u32 = 0x4000_0000;
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    vec![
        step(LOAD, 0, 0, 0),
        step(JUMP_IF_AT_LEAST, 2, 0, X32),
        step(JUMP_IF_EQUAL, 1, 0, libc::SYS_clone3 as u32),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
    ]
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn rules(opened: Opened) -> Result<Rules, ConfineError> {
    let Opened { unix, net, processes, landlock } = opened;
    let mut rules = Rules::new();
    for &call in CHANGING.iter().chain(CHANGING_OLD) {
        rules.insert(call, Vec::new());
    }
    if landlock < 1 {
        for &call in CHANGING_FILES.iter().chain(CHANGING_FILES_OLD) {
            rules.insert(call, Vec::new());
        }
    }
    if landlock < 3 {
        rules.insert(libc::SYS_truncate, Vec::new());
        // Its flags are in memory, where the filter cannot see them.
        rules.insert(libc::SYS_openat2, Vec::new());
        rules.insert(libc::SYS_openat, opening_rules(2, processes)?);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, opening_rules(1, processes)?);
    }
    if landlock < 6 {
        for &call in RARE_SIGNALS {
            rules.insert(call, Vec::new());
        }
        // To everybody at once.
        rules.insert(libc::SYS_kill, vec![rule([condition(0, Op::Eq, u64::from(u32::MAX))?])?]);
    }
    if processes {
        for &call in SIGNALS {
            rules.insert(call, Vec::new());
        }
    }
    rules.insert(libc::SYS_socket, socket_rules(unix, net)?);
    if !unix {
        // One end of a pair of datagram sockets can be pointed at any other socket.
        rules.insert(libc::SYS_socketpair, vec![rule([of_kind(libc::SOCK_DGRAM)?])?]);
    }
    rules.insert(libc::SYS_ioctl, request_rules(processes)?);
    rules.insert(libc::SYS_clone, namespace_rules()?);
    rules.extend(shared_object_rules()?);
    // Signals by way of a file's owner, leases that hold others up.
    let of_files = [libc::F_SETOWN, F_SETOWN_EX, libc::F_SETLEASE].map(|command| command as u64);
    rules.insert(libc::SYS_fcntl, each(1, &of_files)?);
    // The kernel's log may be read (all of it, its size), not emptied, taken away or silenced.
    let reading = [0, 1, 3, 9, 10];
    rules.insert(libc::SYS_syslog, none_of(0, &reading)?);
    // A limit of another process; for itself (pid 0) a shell may set one.
    rules.insert(libc::SYS_prlimit64, vec![rule([condition(0, Op::Ne, 0)?, wide(2, Op::Ne, 0)?])?]);
    Ok(rules)
}

/// Not in `libc` for every C library.
const F_SETOWN_EX: i32 = 15;

/// Opening for writing, by the flags: the filter cannot see paths, so not even `/dev/null`. Where
/// Landlock knows paths but not how a file is cut, only to cut it.
fn opening_rules(argument: u8, all: bool) -> Result<Vec<SeccompRule>, ConfineError> {
    let masked = |mask: i32, value: i32| condition(argument, Op::MaskedEq(mask as u64), value as u64);
    if !all {
        return Ok(vec![rule([masked(libc::O_ACCMODE | libc::O_TRUNC, libc::O_TRUNC)?])?]);
    }
    let writing = [
        masked(libc::O_ACCMODE, libc::O_WRONLY)?,
        masked(libc::O_ACCMODE, libc::O_RDWR)?,
        masked(libc::O_ACCMODE, libc::O_ACCMODE)?,
        masked(libc::O_CREAT, libc::O_CREAT)?,
        masked(libc::O_TRUNC, libc::O_TRUNC)?,
        masked(libc::O_TMPFILE, libc::O_TMPFILE)?,
    ];
    writing.into_iter().map(|condition| rule([condition])).collect()
}

/// Sockets that a check may not make: unix and TCP unless allowed, and every family that no
/// diagnostic needs.
fn socket_rules(unix: bool, net: bool) -> Result<Vec<SeccompRule>, ConfineError> {
    let known = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK, libc::AF_PACKET];
    let mut rules = none_of(0, &known.map(|family| family as u64))?;
    if !unix {
        rules.push(rule([condition(0, Op::Eq, libc::AF_UNIX as u64)?])?);
    }
    if !net {
        for family in [libc::AF_INET, libc::AF_INET6] {
            for kind in [libc::SOCK_STREAM, libc::SOCK_SEQPACKET, libc::SOCK_DCCP] {
                rules.push(rule([condition(0, Op::Eq, family as u64)?, of_kind(kind)?])?);
            }
        }
    }
    Ok(rules)
}

fn of_kind(kind: i32) -> Result<SeccompCondition, ConfineError> {
    const KIND: u64 = 0xf;
    condition(1, Op::MaskedEq(KIND), kind as u64)
}

fn request_rules(processes: bool) -> Result<Vec<SeccompRule>, ConfineError> {
    const TYPE_AND_NUMBER: u64 = 0xffff;
    if processes {
        return none_of(1, READING_REQUESTS);
    }
    let masked = |request: &u64| rule([condition(1, Op::MaskedEq(TYPE_AND_NUMBER), *request)?]);
    CHANGING_REQUESTS.iter().map(masked).collect()
}

/// In a namespace of users of its own a process has every capability again.
fn namespace_rules() -> Result<Vec<SeccompRule>, ConfineError> {
    let kinds = [
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWCGROUP,
    ];
    let flagged = |flag: i32| rule([condition(0, Op::MaskedEq(flag as u64), flag as u64)?]);
    kinds.into_iter().map(flagged).collect()
}

/// Memory, queues and semaphores of System V stay when whoever made them is gone.
fn shared_object_rules() -> Result<Rules, ConfineError> {
    const SETVAL: u64 = 16;
    const SETALL: u64 = 17;
    const SHM_LOCK: u64 = 11;
    const SHM_UNLOCK: u64 = 12;
    let (remove, set) = (libc::IPC_RMID as u64, libc::IPC_SET as u64);
    let making = |flags: u8| -> Result<Vec<SeccompRule>, ConfineError> {
        let create = libc::IPC_CREAT as u64;
        let private = condition(0, Op::Eq, libc::IPC_PRIVATE as u64)?;
        Ok(vec![rule([private])?, rule([condition(flags, Op::MaskedEq(create), create)?])?])
    };
    Ok(Rules::from([
        (libc::SYS_shmget, making(2)?),
        (libc::SYS_semget, making(2)?),
        (libc::SYS_msgget, making(1)?),
        (libc::SYS_shmctl, each(1, &[remove, set, SHM_LOCK, SHM_UNLOCK])?),
        (libc::SYS_msgctl, each(1, &[remove, set])?),
        (libc::SYS_semctl, each(2, &[remove, set, SETVAL, SETALL])?),
    ]))
}

/// A rule for each of these values.
fn each(argument: u8, values: &[u64]) -> Result<Vec<SeccompRule>, ConfineError> {
    values.iter().map(|&value| rule([condition(argument, Op::Eq, value)?])).collect()
}

/// One rule for every value but these.
fn none_of(argument: u8, values: &[u64]) -> Result<Vec<SeccompRule>, ConfineError> {
    let others: Result<Vec<_>, _> = values.iter().map(|&value| condition(argument, Op::Ne, value)).collect();
    Ok(vec![rule(others?)?])
}

/// All of these conditions at once.
fn rule(conditions: impl Into<Vec<SeccompCondition>>) -> Result<SeccompRule, ConfineError> {
    Ok(SeccompRule::new(conditions.into())?)
}

fn condition(argument: u8, op: Op, value: u64) -> Result<SeccompCondition, ConfineError> {
    Ok(SeccompCondition::new(argument, Len::Dword, op, value)?)
}

fn wide(argument: u8, op: Op, value: u64) -> Result<SeccompCondition, ConfineError> {
    Ok(SeccompCondition::new(argument, Len::Qword, op, value)?)
}
