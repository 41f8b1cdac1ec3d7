//! Ranking: what is found, in which order, whatever the query looks like.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicUsize};

use super::{Doc, Index, IndexError};
use crate::source::Source;
use crate::tokens::Mode;

fn docs() -> Vec<Doc<'static>> {
    vec![
        Doc {
            title: "CARP stays in BACKUP on a virtual machine",
            facts: "FreeBSD, VMware ESXi; network",
            symptoms: "kernel: carp0: MASTER -> BACKUP (more frequent advertisement received)",
            commands: "esxcli system settings advanced set -o /Net/ReversePathFwdCheckPromisc -i 1",
            prose: "The host echoes advertisements of the guest through another uplink of the team.",
        },
        Doc {
            title: "The tunnel cannot restart",
            symptoms: "ifconfig: ioctl (SIOCAIFADDR): File exists",
            prose: "The address is already in the routing table, advertised by another router.",
            ..Doc::default()
        },
        Doc {
            title: "A disk is full",
            prose: "No space left on device. Look for large files.",
            ..Doc::default()
        },
        Doc::default(),
    ]
}

fn found(words: &str) -> Vec<u32> {
    let index = Index::build(&docs()).unwrap();
    index.search(words, 10).unwrap().into_iter().map(|scored| scored.doc).collect()
}

#[test]
fn words_of_every_field_are_found() {
    assert_eq!(found("virtual")[0], 0);
    assert_eq!(found("vmware")[0], 0);
    assert_eq!(found("esxcli")[0], 0);
    assert_eq!(found("ReversePathFwdCheckPromisc")[0], 0);
    assert_eq!(found("siocaifaddr")[0], 1);
    assert_eq!(found("routing table")[0], 1);
}

#[test]
fn words_are_found_in_other_forms_and_spellings() {
    assert_eq!(found("advertised routers")[0], 1);
    assert_eq!(found("uplinks")[0], 0);
    for slip in ["advertisment recieved", "carpp", "SIOCAIFADR", "promsic", "uplnik"] {
        assert!(!found(slip).is_empty(), "{slip}");
    }
    assert_eq!(found("siocaif"), [1]);
    assert_eq!(found("zzzzzzzz"), [0_u32; 0]);
}

#[test]
fn no_text_is_a_wrong_query() {
    for text in [
        "\"", "a:b:", "(((", "title:", "+ -", "^3 ~", "[1 TO", "\\", "\0", "", " ", "NOT", "\u{fffd}",
        "carp0:",
    ] {
        let _ = found(text);
    }
    assert_eq!(found("title:carp AND (")[0], 0);
    assert_eq!(found(&"carp ".repeat(100_000))[0], 0);
}

#[test]
fn what_was_found_is_told_rarest_first() {
    let index = Index::build(&docs()).unwrap();
    let query = index.query("the SIOCAIFADDR file exists", Mode::Prose).unwrap();
    let best = index.ask(&query, 1).unwrap().remove(0);
    let words: Vec<&str> = best.found.iter().map(|&word| query.words()[word].surface()).collect();
    assert_eq!(best.doc, 1);
    assert_eq!(words, ["SIOCAIFADDR", "exists", "file", "the"]);
}

#[test]
fn nothing_is_found_in_nothing() {
    let index = Index::build(&[]).unwrap();
    assert!(index.is_empty());
    assert_eq!(index.search("carp", 10).unwrap(), []);
    assert_eq!(Index::build(&docs()).unwrap().search("carp", 0).unwrap(), []);
    assert_eq!(Index::build(&docs()).unwrap().search("carp", usize::MAX).unwrap().len(), 1);
}

#[test]
fn equal_documents_stay_in_their_order() {
    let same = Doc { title: "The clock is wrong", ..Doc::default() };
    let index = Index::build(&[same; 5]).unwrap();
    let order: Vec<u32> = index.search("clock", 3).unwrap().into_iter().map(|scored| scored.doc).collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn an_amended_index_finds_what_a_new_one_finds() {
    let mut docs = docs();
    let mut bytes = Index::build(&docs).unwrap().to_bytes().unwrap().unwrap();
    let changes =
        [(0, "A gremlin in the pump"), (2, "The quorum lost its lease"), (0, "A weasel in the pump")];
    let mut since = std::collections::BTreeMap::new();
    for (place, title) in changes {
        let doc = Doc { title, prose: "carp weasel", ..Doc::default() };
        docs[place as usize] = doc;
        since.insert(place, doc);
        let amendments: Vec<(u32, Doc<'_>)> = since.iter().map(|(&place, &doc)| (place, doc)).collect();
        bytes = Index::amend(&bytes, &amendments).unwrap().unwrap();
        let places: Vec<u32> = since.keys().copied().collect();
        assert_eq!(Index::amended(&bytes), Some(places));
        let (amended, new) = (Index::from_bytes(bytes.clone()).unwrap(), Index::build(&docs).unwrap());
        assert_eq!(amended.len(), docs.len());
        for words in ["gremlin", "weasel", "quorum lease", "pump", "carp", "SIOCAIFADDR", "clock", "wesel"] {
            let found = |index: &Index| {
                let mut found: Vec<u32> =
                    index.search(words, 10).unwrap().into_iter().map(|scored| scored.doc).collect();
                found.sort_unstable();
                found
            };
            assert_eq!(found(&amended), found(&new), "{title}: {words}");
        }
    }
}

/// Bytes in blocks, one of which cannot be read.
#[derive(Debug)]
struct Blocks {
    bytes: Vec<u8>,
    broken: Option<usize>,
    read: Arc<AtomicUsize>,
}

impl Source for Blocks {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn read(&self, range: Range<usize>) -> io::Result<(Vec<u8>, usize)> {
        if self.broken.is_some_and(|broken| range.contains(&broken)) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.read.fetch_add(range.len(), atomic::Ordering::Relaxed);
        Ok((self.bytes[range].to_vec(), 0))
    }
}

/// Many documents that share words, as bytes.
fn many() -> (Vec<u8>, Index) {
    let text = |n: usize| {
        let parts: String = (0..8).map(|part| format!(" part{}", n * 8 + part * 7919)).collect();
        format!("pump{n} lost its quorum near valve{} of{parts}", n % 90)
    };
    let texts: Vec<String> = (0..9000).map(text).collect();
    let docs: Vec<Doc<'_>> = texts.iter().map(|text| Doc { prose: text, ..Doc::default() }).collect();
    let index = Index::build(&docs).unwrap();
    (index.to_bytes().unwrap().unwrap(), index)
}

const QUESTIONS: [&str; 4] = ["pump17 lost", "valve20 quorum", "pump3999 valve3 near", "unheard"];

#[test]
fn an_index_that_is_read_in_parts_finds_the_same() {
    let (bytes, whole) = many();
    let read = Arc::<AtomicUsize>::default();
    let source = Blocks { bytes: bytes.clone(), broken: None, read: Arc::clone(&read) };
    let parts = Index::open(Box::new(source)).unwrap();
    for words in QUESTIONS {
        let ask = |index: &Index| index.ask(&index.query(words, Mode::Log).unwrap(), 20).unwrap();
        assert_eq!(ask(&parts), ask(&whole), "{words}");
        if words == QUESTIONS[0] {
            let read = read.load(atomic::Ordering::Relaxed);
            assert!(read < bytes.len() / 2, "{read} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn what_cannot_be_read_is_an_error_and_never_another_answer() {
    let (bytes, whole) = many();
    let mut seen = 0;
    for broken in (0..bytes.len()).step_by(30_011) {
        let source = Blocks { bytes: bytes.clone(), broken: Some(broken), read: Arc::default() };
        let Ok(index) = Index::open(Box::new(source)) else {
            seen += 1;
            continue;
        };
        for words in QUESTIONS {
            let ask = |index: &Index| index.ask(&index.query(words, Mode::Log)?, 20);
            match ask(&index) {
                Ok(found) => assert_eq!(found, ask(&whole).unwrap(), "{words}, byte {broken}"),
                Err(_) => seen += 1,
            }
        }
    }
    assert!(seen > 0);
}

#[test]
fn bytes_that_are_no_index_are_an_error() {
    let bytes = Index::build(&docs()).unwrap().to_bytes().unwrap().unwrap();
    let amended = Index::amend(&bytes, &[(1, Doc { title: "other", ..Doc::default() })]).unwrap().unwrap();
    for length in (0..amended.len()).step_by(97) {
        assert!(Index::from_bytes(amended[..length].to_vec()).is_err(), "{length}");
    }
    let outside = Index::amend(&bytes, &[(99, Doc::default())]).unwrap().unwrap();
    assert!(matches!(Index::from_bytes(outside), Err(IndexError::Damaged)));
    assert!(Index::amend(b"no index", &[]).unwrap().is_none());
}
