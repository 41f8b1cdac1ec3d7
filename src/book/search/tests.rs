//! Words of a log, and what of a page reaches a script.

use super::*;
use crate::book::writer::Passage;

#[test]
fn words_are_runs_of_letters_and_digits() {
    assert_eq!(words("/Net/ReversePathFwdCheckPromisc"), ["net", "reversepathfwdcheckpromisc"]);
    assert_eq!(words("%ASA-6-302014: nf_conntrack"), ["asa", "6", "302014", "nf", "conntrack"]);
    assert_eq!(words(&"a".repeat(81)), [""; 0]);
}

#[test]
fn a_title_cannot_put_a_tag_into_the_results() {
    let passage =
        Passage { id: "x".into(), title: "<img src=x onerror=alert(1)>".into(), body: "b'\\".into() };
    let chapter = Chapter::new(passage.title.clone(), "runbooks/x.md".into(), "", vec![passage]);
    let script = script([&chapter].into_iter());
    assert!(script.contains("\"breadcrumbs\":\"&lt;img src=x onerror=alert(1)&gt;\""), "{script}");
    assert!(script.contains("\"body\":\"b\\'\\\\\\\\\""), "{script}");
    assert!(script.contains("runbooks/x.html#x"));
}

#[test]
fn postings_are_packed_by_passage() {
    let passages = ["red", "blue", "red Red red", "", "redder red"];
    let passages = passages.map(|body| Passage { id: "x".into(), title: "t".into(), body: body.into() });
    let chapter = Chapter::new("t".into(), "runbooks/x.md".into(), "", passages.to_vec());
    let script = script([&chapter].into_iter());
    let field = script.split_once("\"body\":{\"packed\":").expect("a field").1;
    assert!(field.starts_with("{\"blue\":\"1\",\"red\":\"0 2*3 2\",\"redder\":\"4\"}"), "{field}");
}
