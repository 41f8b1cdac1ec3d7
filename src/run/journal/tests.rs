//! Tests of the journal and the lock.

use super::*;

fn note() -> Entry<'static> {
    Entry::Outcome { outcome: "held" }
}

fn lines(state: &Path) -> Vec<String> {
    let file = SyncedFile::open(&path(state)).unwrap();
    String::from_utf8(file.read().unwrap()).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn records_are_lines_of_json() {
    let state = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(state.path(), "r1").unwrap();
    journal.write(jiff::Timestamp::UNIX_EPOCH, &note()).unwrap();
    let expected = r#"{"kb":1,"run":"r1","at":"1970-01-01T00:00:00Z","record":"outcome","outcome":"held"}"#;
    assert_eq!(lines(state.path()), [expected]);
}

#[test]
fn a_torn_record_does_not_swallow_the_next() {
    let state = tempfile::tempdir().unwrap();
    Journal::open(state.path(), "r1").unwrap().write(jiff::Timestamp::UNIX_EPOCH, &note()).unwrap();
    SyncedFile::open(&path(state.path())).unwrap().append(b"{\"kb\":1,\"ru").unwrap();
    Journal::open(state.path(), "r2").unwrap().write(jiff::Timestamp::UNIX_EPOCH, &note()).unwrap();
    let lines = lines(state.path());
    assert_eq!(lines.len(), 3);
    assert!(lines[2].contains("\"r2\""), "{lines:?}");
}

#[test]
fn the_second_run_is_told_who_holds_the_lock() {
    let state = tempfile::tempdir().unwrap();
    let first = lock(state.path(), "page", "process 1").unwrap();
    assert!(first.is_ok());
    assert_eq!(lock(state.path(), "page", "process 2").unwrap().unwrap_err(), "process 1");
    assert!(lock(state.path(), "other-page", "process 2").unwrap().is_ok());
    drop(first);
    assert!(lock(state.path(), "page", "process 3").unwrap().is_ok());
}

#[test]
fn a_secret_is_masked_and_odd_bytes_are_kept() {
    assert_eq!(Setting::new("p", b"hush", true).value, crate::run::values::MASK);
    assert_eq!(Setting::new("p", b"a\xff", false).hex.as_deref(), Some("61ff"));
}
