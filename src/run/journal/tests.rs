//! Tests of the journal and the lock.

use super::*;

fn note() -> Entry<'static> {
    Entry::Outcome { outcome: "held".into() }
}

fn lines(state: &Path) -> Vec<String> {
    let file = SyncedFile::open(&path(state)).unwrap();
    String::from_utf8(file.read().unwrap()).unwrap().lines().map(str::to_owned).collect()
}

fn written(count: usize) -> (tempfile::TempDir, Vec<u8>) {
    let state = tempfile::tempdir().unwrap();
    for number in 0..count {
        let mut journal = Journal::open(state.path(), &format!("r{number}")).unwrap();
        journal.write(jiff::Timestamp::UNIX_EPOCH, &note()).unwrap();
    }
    let bytes = SyncedFile::open(&path(state.path())).unwrap().read().unwrap();
    (state, bytes)
}

fn ids(bytes: &[u8]) -> Vec<String> {
    history::parse(bytes).runs.into_iter().map(|run| run.id).collect()
}

#[test]
fn records_are_lines_of_json_with_a_checksum() {
    let (state, bytes) = written(2);
    let lines = lines(state.path());
    assert!(lines[0].starts_with(
        r#"{"kb":1,"run":"r0","at":"1970-01-01T00:00:00Z","after":"","record":"outcome","outcome":"held","sum":""#
    ));
    assert_eq!(ids(&bytes), ["r0", "r1"]);
    assert!(history::parse(&bytes).damage.is_empty());
}

#[test]
fn a_torn_record_is_cut_off_and_said() {
    let (state, _) = written(2);
    SyncedFile::open(&path(state.path())).unwrap().append(b"{\"kb\":1,\"ru").unwrap();
    let torn = history::read(state.path()).unwrap();
    assert_eq!((torn.runs.len(), torn.damage.len()), (2, 1));
    let mut journal = Journal::open(state.path(), "r9").unwrap();
    assert_eq!(journal.torn(), 11);
    journal.write(jiff::Timestamp::UNIX_EPOCH, &note()).unwrap();
    let mended = history::read(state.path()).unwrap();
    assert_eq!((mended.runs.len(), mended.damage.len()), (3, 0));
}

#[test]
fn a_line_that_is_gone_is_noticed() {
    let (state, _) = written(4);
    let lines = lines(state.path());
    let without = format!("{}\n{}\n{}\n", lines[0], lines[2], lines[3]);
    assert_eq!(history::parse(without.as_bytes()).damage, ["Records are missing before line 2."]);
}

proptest::proptest! {
    #[test]
    fn a_cut_tail_costs_no_earlier_record(cut in 0_usize..3000) {
        let (_state, bytes) = written(8);
        let kept = &bytes[..bytes.len().saturating_sub(cut)];
        let whole = memchr::memchr_iter(b'\n', kept).count();
        let read = ids(kept);
        // A record of which only the line end is missing is whole.
        proptest::prop_assert!(read.len() == whole || read.len() == whole + 1);
        let all: Vec<String> = (0..8).map(|number| format!("r{number}")).collect();
        proptest::prop_assert_eq!(&read[..], &all[..read.len()]);
    }

    #[test]
    fn a_flipped_bit_costs_its_record_and_no_other(at in 0_usize..1_000_000, bit in 0_u32..8) {
        let (_state, mut bytes) = written(8);
        let at = at % bytes.len();
        let damaged = memchr::memchr_iter(b'\n', &bytes[..at]).count();
        let line_end = bytes[at] == b'\n';
        bytes[at] ^= 1 << bit;
        let history = history::parse(&bytes);
        let read: Vec<String> = history.runs.iter().map(|run| run.id.clone()).collect();
        let lost = |number: usize| number == damaged || (line_end && number == damaged + 1);
        let expected: Vec<String> =
            (0..8).filter(|&number| !lost(number)).map(|number| format!("r{number}")).collect();
        // The last line end may be lost without its record.
        let last_end = line_end && damaged == 7;
        proptest::prop_assert!(read == expected || last_end, "{read:?}");
        proptest::prop_assert!(!history.damage.is_empty() || last_end);
    }
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
    let masked = Setting::new("p", b"hush", Some("####".into()));
    assert_eq!((masked.value.as_str(), masked.bytes()), ("####", None));
    let odd = Setting::new("p", b"a\xff", None);
    assert_eq!((odd.hex.as_deref(), odd.bytes()), (Some("61ff"), Some(b"a\xff".to_vec())));
}
