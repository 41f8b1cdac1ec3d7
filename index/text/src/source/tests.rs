//! A few questions read little, many read everything once, and nothing outside is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Gives blocks of ten, and counts what it gave.
#[derive(Debug, Default)]
struct Tens {
    bytes: Vec<u8>,
    /// What cannot be read.
    broken: Option<usize>,
    given: Arc<AtomicUsize>,
}

impl Source for Tens {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn read(&self, range: Range<usize>) -> io::Result<(Vec<u8>, usize)> {
        let start = range.start / 10 * 10;
        let end = range.end.next_multiple_of(10).min(self.len());
        self.given.fetch_add(end - start, Ordering::Relaxed);
        if self.broken.is_some_and(|broken| range.contains(&broken)) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok((self.bytes[start..end].to_vec(), range.start - start))
    }
}

fn tens(count: usize, broken: Option<usize>) -> (Bytes, Arc<AtomicUsize>) {
    let given = Arc::default();
    let bytes = (0..count).map(|at| at as u8).collect();
    (Bytes::of(Box::new(Tens { bytes, broken, given: Arc::clone(&given) })), given)
}

#[test]
fn what_is_asked_for_is_given() {
    let (bytes, given) = tens(70, None);
    let all: Vec<u8> = (0..70).collect();
    for start in 0..=70 {
        for end in start..=70 {
            assert_eq!(bytes.get(start..end).unwrap().as_slice(), &all[start..end], "{start}..{end}");
        }
    }
    // The first question read its block; the second was too dear beside reading all.
    assert!(given.load(Ordering::Relaxed) <= 70 + 10);
    assert_eq!(Bytes::all(all.clone()).get(3..9).unwrap().as_slice(), &all[3..9]);
}

#[test]
fn little_is_read_for_little() {
    let (bytes, given) = tens(100_000, None);
    for at in [50_000, 50_003, 50_001, 99_999] {
        assert_eq!(bytes.get(at..at + 1).unwrap().as_slice(), [at as u8]);
    }
    assert_eq!(given.load(Ordering::Relaxed), 20);
    for at in 0..200 {
        bytes.get(at * 100..at * 100 + 1).unwrap();
    }
    assert!(given.load(Ordering::Relaxed) < 110_000);
}

#[test]
fn what_is_not_there_or_cannot_be_read_is_an_error() {
    let (bytes, _) = tens(1000, Some(77));
    #[expect(clippy::reversed_empty_ranges, reason = "damage may say so")]
    for range in [0..1001, 1001..1001, 9..3, usize::MAX - 1..usize::MAX, 70..80, 0..1000] {
        assert!(bytes.get(range.clone()).is_err(), "{range:?}");
    }
    assert!(Bytes::all(vec![1; 9]).get(3..10).is_err());
}
