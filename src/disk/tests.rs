//! Traps of files and folders, what is kept private, and the order of rotated logs.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn names(sources: &[crate::text::SourceFile]) -> Vec<&str> {
    sources.iter().map(crate::text::SourceFile::stem).collect()
}

fn make_pipe(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::from_raw_mode(0o600)).expect("a pipe");
}

#[test]
fn a_tree_is_read_whole_and_each_trap_is_reported() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("sub/deep.md")).unwrap();
    fs::create_dir(at(".git")).unwrap();
    for file in ["b.md", "a.markdown", "sub/c.MD", "sub/deep.md/d.md", "notes.txt", ".git/e.md"] {
        fs::write(at(file), "# x\n").unwrap();
    }
    make_pipe(&at("pipe.md"));
    symlink(dir.path(), at("sub/loop")).unwrap();
    symlink("/dev/zero", at("zero.md")).unwrap();
    symlink("nowhere", at("dangling.md")).unwrap();
    symlink(at("b.md"), at("linked.md")).unwrap();
    fs::write(at(OsStr::from_bytes(b"\xff.md").to_str().unwrap_or("ascii.md")), "# x\n").unwrap();
    let sparse = fs::File::create(at("sparse.md")).unwrap();
    sparse.set_len(10 << 30).unwrap();
    let (sources, errors) = read_runbooks(dir.path());
    assert_eq!(names(&sources), ["a", "ascii", "b", "linked", "c", "d"]);
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    for part in
        ["dangling.md", "sub/loop", "pipe.md", "a pipe", "sparse.md", "longer than", "zero.md", "a device"]
    {
        assert!(told.iter().any(|error| error.contains(part)), "{part}: {told:?}");
    }
    assert_eq!(errors.len(), 5, "{told:?}");
}

#[test]
fn what_is_no_runbook_file_has_its_own_error() {
    let dir = folder();
    assert!(matches!(read_runbook(dir.path()), Err(DiskError::Folder { .. })));
    assert!(matches!(read_runbook(&dir.path().join("gone.md")), Err(DiskError::Io { .. })));
    let file = dir.path().join("a.md");
    fs::write(&file, b"# x\n\xff").unwrap();
    assert_eq!(read_runbook(&file).unwrap().broken_at, Some(4));
    fs::write(&file, vec![b'x'; (1 << 20) + 1]).unwrap();
    assert!(matches!(read_runbook(&file), Err(DiskError::TooLong { .. })));
}

#[test]
fn a_tree_that_is_too_deep_or_too_large_says_so() {
    let dir = folder();
    let deep: PathBuf = std::iter::repeat_n("x", 20).collect();
    fs::create_dir_all(dir.path().join(&deep)).unwrap();
    fs::write(dir.path().join(deep).join("a.md"), "x").unwrap();
    let (sources, errors) = read_runbooks(dir.path());
    assert!(sources.is_empty());
    assert!(matches!(errors.as_slice(), [DiskError::TooDeep { .. }]), "{errors:?}");
}

#[test]
fn the_owner_tells_who_else_could_have_written() {
    let dir = folder();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
    let file = dir.path().join("a.md");
    fs::write(&file, "x").unwrap();
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let others = || read_runbook(&file).unwrap().owner.unwrap().others_may_write;
    set(&file, 0o644);
    assert!(!others(), "the folder is ours, and those above it are root's or sticky");
    set(&file, 0o664);
    assert!(others(), "the group may write the file");
    set(&file, 0o644);
    set(dir.path(), 0o777);
    assert!(others(), "anybody may replace the file");
    set(dir.path(), 0o1777);
    assert!(!others(), "in a sticky folder nobody can");
}

#[test]
fn a_private_file_is_replaced_as_a_whole_and_refused_when_foreign() {
    let dir = folder();
    let path = dir.path().join("state/kb/last");
    write_private(&path, b"one").unwrap();
    write_private(&path, b"two").unwrap();
    assert_eq!(read_private(&path, 10).unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(matches!(read_private(&path, 2), Err(DiskError::TooLong { .. })));
    assert!(read_private(&dir.path().join("none"), 10).unwrap().is_none());
    fs::set_permissions(&path, Permissions::from_mode(0o622)).unwrap();
    assert!(matches!(read_private(&path, 10), Err(DiskError::NotOurs { .. })));
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(matches!(read_private(&link, 10), Err(DiskError::Io { .. })));
}

#[test]
fn a_synced_file_only_grows_and_has_one_holder() {
    let dir = folder();
    let path = dir.path().join("journal");
    let mut journal = SyncedFile::open(&path).unwrap();
    assert!(journal.try_lock().unwrap());
    assert!(!SyncedFile::open(&path).unwrap().try_lock().unwrap(), "another one holds it");
    journal.append(b"one\n").unwrap();
    drop(journal);
    let mut again = SyncedFile::open(&path).unwrap();
    assert!(again.try_lock().unwrap());
    again.append(b"two\n").unwrap();
    assert_eq!(again.read().unwrap(), b"one\ntwo\n");
}

#[test]
fn a_folder_of_logs_comes_in_the_order_of_time() {
    let dir = folder();
    let files = [
        "auth.log",
        "auth.log.1",
        "auth.log.10.gz",
        "auth.log.2.gz",
        "messages",
        "messages-20240102",
        "messages-20231231.xz",
        "messages-20240101-1704067200",
        "app.2024-01-01.log",
        "app.2024-01-02.log",
        "app.log",
        "Xorg.0.log",
        "Xorg.0.log.old",
        "wtmp",
        "btmp-20240101",
        "sub/system.journal",
        "version-1.2",
    ];
    fs::create_dir(dir.path().join("sub")).unwrap();
    for file in files {
        let bytes: &[u8] =
            if file.ends_with("journal") { b"LPKSHHRH\0\0" } else { b"Jan  1 00:00:00 h x: y\n" };
        fs::write(dir.path().join(file), bytes).unwrap();
    }
    fs::write(dir.path().join("core"), [0_u8; 100]).unwrap();
    fs::write(
        dir.path().join("crashed.log"),
        [&[0_u8; 8192][..], &b"Jan  1 00:00:00 h x: y\n".repeat(300)].concat(),
    )
    .unwrap();
    let (logs, errors) = open_logs(&[dir.path().to_owned()]);
    let order: Vec<&str> = logs.iter().filter_map(|log| log.path.file_name()?.to_str()).collect();
    assert_eq!(
        order,
        [
            "Xorg.0.log.old",
            "Xorg.0.log",
            "app.2024-01-01.log",
            "app.2024-01-02.log",
            "app.log",
            "auth.log.10.gz",
            "auth.log.2.gz",
            "auth.log.1",
            "auth.log",
            "crashed.log",
            "messages-20231231.xz",
            "messages-20240101-1704067200",
            "messages-20240102",
            "messages",
            "version-1.2",
        ]
    );
    let left_out: Vec<&str> = errors
        .iter()
        .filter(|error| error.is_notice())
        .filter_map(|error| match error {
            DiskError::NotText { path, .. } => path.file_name()?.to_str(),
            _ => None,
        })
        .collect();
    assert_eq!(left_out, ["btmp-20240101", "core", "wtmp", "system.journal"]);
    assert_eq!(errors.len(), 4);
}

#[test]
fn in_a_folder_of_logs_what_is_no_file_is_left_out_and_what_is_gone_is_an_error() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("app.log"), "text\n").unwrap();
    make_pipe(&at("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    symlink(dir.path(), at("again")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("self", at("self")).unwrap();
    let (logs, errors) = open_logs(&[dir.path().to_owned()]);
    assert_eq!(logs.iter().map(|log| log.path.clone()).collect::<Vec<_>>(), [at("app.log")]);
    let (notices, failures): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.is_notice());
    let told = |errors: &[&DiskError]| -> Vec<String> {
        let folder = format!("{}/", dir.path().display());
        errors.iter().map(|error| error.to_string().replace(&folder, "")).collect()
    };
    assert_eq!(
        told(&notices),
        [
            "`again` leads back to a folder above it and was left out",
            "`pipe` is a pipe, not a file, and was left out",
            "`socket` is a socket, not a file, and was left out",
            "`zero` is a device, not a file, and was left out",
        ]
    );
    assert_eq!(told(&failures), ["cannot read `dangling`", "cannot read `self`"]);
}

#[test]
fn named_rotated_logs_come_in_the_order_of_time() {
    let named = [
        "b/x",
        "messages",
        "messages.1",
        "messages.10.gz",
        "messages.2",
        "-",
        "a/messages.1",
        "messages-20240102",
    ];
    let ordered = in_order_of_time(&named.map(PathBuf::from));
    let wanted = [
        "b/x",
        "messages-20240102",
        "messages.10.gz",
        "messages.2",
        "messages.1",
        "messages",
        "-",
        "a/messages.1",
    ];
    assert_eq!(ordered, wanted.map(PathBuf::from));
}

#[test]
fn a_named_log_is_taken_whatever_it_is() {
    let dir = folder();
    let pipe = dir.path().join("pipe");
    make_pipe(&pipe);
    let named = dir.path().join("wtmp");
    fs::write(&named, "text\n").unwrap();
    let (mut logs, errors) = open_logs(&[pipe.clone(), named, dir.path().join("gone")]);
    assert_eq!((logs.len(), errors.len()), (2, 1));
    let writer =
        std::thread::spawn(move || fs::OpenOptions::new().write(true).open(pipe)?.write_all(b"through\n"));
    let mut text = String::new();
    logs[0].read_to_string(&mut text).unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(text, "through\n");
    assert_eq!((logs[0].bytes, logs[1].bytes), (None, Some(5)));
}

#[test]
fn built_in_runbooks_are_those_of_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let (mut on_disk, _) = read_runbooks(&folder);
    on_disk.retain(|source| source.path.parent() == Some(&folder));
    assert_eq!(names(&built_in()), names(&on_disk));
}
