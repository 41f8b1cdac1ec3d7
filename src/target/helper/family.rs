//! Everything a block has started: found and ended, whatever session or parent it gave itself.
//!
//! This is Linux's own: a subreaper inherits orphans, so every descendant stays below it in
//! `/proc`. Elsewhere only the process group of the block can be reached.
#![cfg_attr(
    target_os = "linux",
    expect(clippy::disallowed_methods, reason = "reads the process table in /proc")
)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};

use crate::target::Leftovers;

/// How long ending everything may go without getting any further before it is given up.
const SWEEP_TIME_MAX: Duration = Duration::from_secs(5);
/// Listing all processes takes long where there are thousands, and those that die need their turn.
const LISTING_PAUSE: Duration = Duration::from_millis(100);

/// Makes this process the one that inherits orphans of its descendants.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    // Any number but none says yes; kernels older than 3.4 refuse, and then orphans are lost.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Lets this process have its turn before those it looks after, which only root may; says what its
/// place was. A thousand processes that start others leave nobody else a turn.
pub(super) fn comes_first() -> i32 {
    let ordinary = rustix::process::getpriority_process(None).unwrap_or(0);
    let _ = rustix::process::setpriority_process(None, -20);
    ordinary
}

/// So many threads, each of which counts as a process, the user of this one has.
#[cfg(target_os = "linux")]
pub(super) fn of_this_user() -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let me = rustix::process::getuid().as_raw();
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let threads = folders.filter_map(|folder| folder.path().join("task").metadata().ok());
    // A folder has a link for each folder in it, and two of its own.
    threads.filter(|task| task.uid() == me).map(|task| task.nlink().saturating_sub(2)).sum()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn of_this_user() -> u64 {
    u64::MAX / 2
}

/// So many descendants this process has, dead ones too; it stops counting above `most`. Cheap where
/// they are few, for it follows their own lists of children and not all processes.
pub(super) fn size(most: usize) -> usize {
    let mut found = children(std::process::id() as i32);
    let mut counted = 0;
    while let Some(pid) = found.pop() {
        counted += 1;
        if counted > most {
            break;
        }
        found.extend(children(pid));
    }
    counted
}

/// Collects children that have ended, telling of each.
pub(super) fn reap(mut ended: impl FnMut(Pid, WaitStatus)) {
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        ended(pid, status);
    }
}

/// True while this process has children, ended or not.
fn has_children() -> bool {
    // `wait` would collect; all that could be collected has been, so an answer of "none ready"
    // means that one is running.
    wait(WaitOptions::NOHANG).is_ok()
}

/// Ends every descendant: stops all first, so that none can start another one unseen, then kills
/// and collects until none is left.
pub(super) fn sweep() -> Leftovers {
    reap(|_, _| {});
    if !has_children() {
        return Leftovers::default();
    }
    let mut left = stop_all();
    let found = left.len() as u32;
    let mut end = Instant::now() + SWEEP_TIME_MAX;
    while !left.is_empty() && Instant::now() < end {
        for &pid in &left {
            signal(pid, Signal::KILL);
        }
        // Whoever is killed becomes a child of this process once its own parent is gone.
        let pause = Instant::now() + LISTING_PAUSE;
        while Instant::now() < pause && has_children() {
            std::thread::sleep(Duration::from_millis(1));
            reap(|_, _| {});
        }
        let now_left = descendants();
        if now_left.len() < left.len() {
            end = Instant::now() + SWEEP_TIME_MAX;
        }
        left = now_left;
    }
    let survived = left.len() as u32;
    Leftovers { ended: found.saturating_sub(survived), survived }
}

/// Stops everything. A block that keeps starting itself anew is faster than any listing of all
/// processes, so whatever is found is stopped and its children followed at once; the full listing
/// then finds who slipped through, until it finds nobody.
fn stop_all() -> BTreeSet<i32> {
    let end = Instant::now() + SWEEP_TIME_MAX;
    let mut stopped = BTreeSet::new();
    let mut found = children(std::process::id() as i32);
    loop {
        while let Some(pid) = found.pop() {
            if stopped.insert(pid) {
                signal(pid, Signal::STOP);
                found.extend(children(pid));
            }
        }
        found.extend(descendants().difference(&stopped));
        if found.is_empty() || Instant::now() > end {
            return stopped;
        }
    }
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // One that has just gone needs no signal.
        let _ = kill_process(pid, signal);
    }
}

/// The children of a process, dead ones too. Cheap, and good enough while nothing forks.
#[cfg(target_os = "linux")]
fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists =
        threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn children(_pid: i32) -> Vec<i32> {
    Vec::new()
}

/// Every living process below this one.
#[cfg(target_os = "linux")]
fn descendants() -> BTreeSet<i32> {
    let table = process_table();
    let mut family = BTreeSet::from([std::process::id() as i32]);
    loop {
        let children = table.iter().filter(|row| family.contains(&row.parent));
        let fresh: Vec<i32> = children.map(|row| row.pid).filter(|pid| !family.contains(pid)).collect();
        if fresh.is_empty() {
            break;
        }
        family.extend(fresh);
    }
    table
        .iter()
        .filter(|row| !row.dead && row.pid != std::process::id() as i32)
        .map(|row| row.pid)
        .filter(|pid| family.contains(pid))
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn descendants() -> BTreeSet<i32> {
    BTreeSet::new()
}

#[cfg(target_os = "linux")]
struct Row {
    pid: i32,
    parent: i32,
    dead: bool,
}

#[cfg(target_os = "linux")]
fn process_table() -> Vec<Row> {
    let Ok(folders) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = folders.filter_map(|folder| folder.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(process_row).collect()
}

/// `/proc/PID/stat` is `PID (NAME) STATE PARENT …`, and NAME may hold anything.
#[cfg(target_os = "linux")]
fn process_row(pid: i32) -> Option<Row> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after = stat.iter().rposition(|&byte| byte == b')')? + 1;
    let mut words = std::str::from_utf8(&stat[after..]).ok()?.split_ascii_whitespace();
    let dead = matches!(words.next()?, "Z" | "X");
    let parent = words.next()?.parse().ok()?;
    Some(Row { pid, parent, dead })
}
