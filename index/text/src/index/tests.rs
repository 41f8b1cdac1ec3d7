//! Ranking: what is found, in which order, whatever the query looks like.

use super::{Doc, Index};
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
