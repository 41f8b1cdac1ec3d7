//! Scanning raw blocks against judging every cleaned line by itself.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::runbook::SymptomMode;
use crate::signature::fixtures::{base, block, runbook};
use crate::signature::{Said, clean};

fn set(lines: &[&str]) -> SignatureSet {
    SignatureSet::of(&runbook("test", vec![block(lines)]))
}

fn scanned(set: &SignatureSet, log: &[u8]) -> Vec<SignatureHit> {
    let mut hits = Vec::new();
    set.scan(log, &mut |hit| hits.push(hit));
    hits
}

/// Every signature on every cleaned line.
fn naive(set: &SignatureSet, log: &[u8]) -> Vec<SignatureHit> {
    let mut hits = Vec::new();
    let mut start = 0;
    for raw in log.split_inclusive(|&byte| byte == b'\n') {
        let line = raw.strip_suffix(b"\n").unwrap_or(raw);
        let kept = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
        let signatures = 0..set.places().len() as u32;
        let said = Said::by(line);
        let matches = |signature: &u32| said.parts().any(|(_, part)| set.confirm(*signature, part).is_some());
        let matching = signatures.filter(matches);
        hits.extend(matching.map(|signature| SignatureHit { signature, line: start..start + kept }));
        start += raw.len();
    }
    hits
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_raw_block_gives_exactly_the_lines_that_say_what_matches(
        words in vec(prop::sample::select(vec![
            "carp0: ", "MASTER", " -> ", "BACKUP", "\x1b[1m", "\x1b[0m", "\x1b]0;MASTER\x07", "\x1b", "\x1b]", "\r",
            "\n", "\n", "\n", "\r\n", "  ", "x", "link state", "\0", "{\"msg\":\"", "\"}", "\\n", "\\", "\",\"a\":\"",
            "{\"log\":\"{\\\"message\\\":", "[", "{", "\\t", "\\\\n", ":", ",", "}", "\"}\n", "\",\"stream\":\"stderr\"}\n",
            "\n{\"log\":\"", "\n{\"_BOOT_ID\":\"1\",\"_COMM\":\"carp0\",\"MESSAGE\":\"", "[77,65,83,84,69,82]",
            "{\"a\":1}", "{\"a\":{\"msg\":\"",
        ]), 0..60)
    ) {
        let set = set(&["<vip>: MASTER -> BACKUP", "/^carp0: MASTER$/", "MASTER", "link state...x", "/BACKUP$/"]);
        let log = words.concat();
        prop_assert_eq!(scanned(&set, log.as_bytes()), naive(&set, log.as_bytes()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // A signature that wants the start or the end of a line finds the message among pairs only where it
    // holds an escape: without one such lines are not taken apart.
    #[test]
    fn pairs_are_found_by_what_they_say(
        words in vec(prop::sample::select(vec![
            " msg=\"", "\\\"", "\"", "carp0: ", "MASTER", " -> ", "BACKUP", "\n", "\\n", "err=\"", "link state", "x",
            "{\"msg\":\"", "\x1b[1m", "a=\"", "\\", "\\t", "\\u0078", "\\/", "=", "\r",
        ]), 0..40)
    ) {
        let set =
            set(&["<vip>: MASTER -> BACKUP", "MASTER", "link state...x", "\"MASTER\"", "/MASTER[\\/\\t\\\\]+x/"]);
        let log = words.concat();
        prop_assert_eq!(scanned(&set, log.as_bytes()), naive(&set, log.as_bytes()));
    }
}

#[test]
fn what_only_a_part_of_a_line_says_is_found() {
    let set = set(&["carp0 link gone", "carp0: link gone"]);
    for line in [
        r#"{"log":"carp0\tlink gone\n","stream":"stderr"}"#,
        r#"{"msg":"carp0 link\u0020gone"}"#,
        r#"carp0 {"msg":"link gone"}"#,
        r#"{"a":"b"} carp0 {"msg":"link gone"}"#,
        r#"{"_BOOT_ID":"1","SYSLOG_IDENTIFIER":"carp0","MESSAGE":"link gone"}"#,
        r#"{"a":{"msg":[99,97,114,112,48,32,108,105,110,107,32,103,111,110,101]}}"#,
    ] {
        // Beside lines that are no trouble and one whose parts say what it says itself.
        let log =
            format!("{{\"log\":\"up\\n\",\"stream\":\"stderr\"}}\n{line}\n{{\"msg\":\"carp0 link gone\"}}\n");
        let hits = scanned(&set, log.as_bytes());
        assert_eq!(hits.len(), 2, "{line}");
        assert_eq!(hits, naive(&set, log.as_bytes()), "{line}");
    }
}

#[test]
fn coloured_lines_among_others_are_found_in_order() {
    let set = set(&["link state changed to DOWN", "MASTER -> BACKUP"]);
    let log = b"link state changed to DOWN\r\n\x1b[31mMASTER\x1b[0m -> BACKUP\r\nMASTER -> BACKUP\n\
                link \x1b[1mstate changed to DOWN\nno\x1b[0m\nlink state changed to DOWN";
    let hits = scanned(&set, log);
    assert_eq!(hits, naive(&set, log));
    assert_eq!(hits.iter().map(|hit| hit.signature).collect::<Vec<_>>(), [0, 1, 1, 0, 0]);
    assert_eq!(&log[hits[1].line.clone()], b"\x1b[31mMASTER\x1b[0m -> BACKUP");
}

#[test]
fn more_coloured_lines_than_one_batch_holds() {
    let set = set(&["needle here"]);
    let mut log = b"\x1b[32mok\x1b[0m nothing\n".repeat(40_000);
    log.extend(b"\x1b[31mneedle\x1b[0m here\n");
    log.extend(b"\x1b[32mok\x1b[0m nothing\n".repeat(40_000));
    log.extend(b"needle here");
    assert_eq!(scanned(&set, &log), naive(&set, &log));
}

#[test]
fn a_line_of_five_megabytes_is_no_trouble() {
    let set = set(&["needle <what> end", "/needle \\w+ end$/"]);
    for prefix in ["", "\x1b[1m"] {
        let log =
            [prefix.as_bytes(), &b"needle in ".repeat(500_000), b"needle here end\nneedle x end"].concat();
        let hits = scanned(&set, &log);
        assert_eq!(hits.len(), 4);
        let line = clean(&log[hits[0].line.clone()]);
        let found = set.confirm(0, &line).unwrap();
        assert_eq!(&line[found.captures[0].1.clone()], b"here");
    }
}

#[test]
fn a_long_line_of_quotes_is_looked_through_once() {
    let set = set(&["needle \"here\""]);
    for before in ["\\\"", "=\"\\x", "{\"", "msg=\"", "\x1b[", "{\"a\":[1,"] {
        let log = [before.repeat(400_000).as_bytes(), b"\nmsg=\"needle \\\"here\\\"\"\n"].concat();
        let hits = scanned(&set, &log);
        assert_eq!(hits.len(), 1, "{before}");
        assert_eq!(hits[0].line.end, log.len() - 1);
    }
}

#[test]
fn captures_come_with_their_names() {
    let set = set(&[
        "carp: <vhid>@<if>: MASTER -> BACKUP",
        "/(?P<vip>vip\\d) (?P<Not_a_name>up|down) (?P<x>y)? state/",
    ]);
    let line = b"kernel: carp: 1@em0: MASTER -> BACKUP (x)";
    let found = set.confirm(0, line).unwrap();
    assert_eq!(&line[found.hit], b"carp: 1@em0: MASTER -> BACKUP");
    let value = |(name, range): &(ParamName, Range<usize>)| (name.to_string(), line[range.clone()].to_vec());
    let values: Vec<_> = found.captures.iter().map(value).collect();
    assert_eq!(values, [("vhid".to_owned(), b"1".to_vec()), ("if".to_owned(), b"em0".to_vec())]);
    let found = set.confirm(1, b"vip0 up  state").unwrap();
    assert_eq!(found.captures, [(ParamName::new("vip").unwrap(), 0..4)]);
    assert_eq!(set.confirm(1, b"vip0"), None);
}

#[test]
fn places_name_runbook_block_line_and_alternative() {
    let mut sequence = block(&["first line", "| or this line", "! never this line"]);
    sequence.mode = SymptomMode::Sequence;
    let runbooks = vec![
        runbook("a", vec![block(&["one line here"])]),
        runbook("b", vec![block(&["other line"]), sequence]),
    ];
    let set = SignatureSet::compile(&base(runbooks));
    let place = |runbook, symptom, step, alternative| Place { runbook, symptom, step, alternative };
    let expected =
        [place(0, 0, 0, 0), place(1, 0, 0, 0), place(1, 1, 0, 0), place(1, 1, 0, 1), place(1, 1, 1, 0)];
    assert_eq!(set.places(), expected);
    assert_eq!(
        scanned(&set, b"or this line\nnever this line").iter().map(|hit| hit.signature).collect::<Vec<_>>(),
        [3, 4]
    );
}

#[test]
fn a_block_that_is_wrong_in_itself_is_left_out_and_said() {
    let long = "long ".repeat(2000);
    let blocks = vec![
        block(&["good line", "<a> up"]),
        block(&["good line"]),
        block(&[&long]),
        block(&["/a{900}{900}b/"]),
    ];
    let set = SignatureSet::of(&runbook("test", blocks));
    assert_eq!(set.places().iter().map(|place| place.symptom).collect::<Vec<_>>(), [1]);
    let rules: Vec<_> = set.disabled().iter().map(|block| (block.symptom, block.diagnostic.rule)).collect();
    assert_eq!(rules, [(0, "signature-broad"), (2, "signature-unusable"), (3, "signature-unusable")]);
    assert_eq!(
        set.disabled()[0].diagnostic.message,
        "`<a> up` demands text of only 2 characters to be found by"
    );
}

#[test]
fn what_a_healthy_log_sets_off_is_left_out_for_runbooks_of_users_only() {
    let noise = b"Nov 12 11:25:51 sshd[7]: connection closed by 192.0.2.1\n";
    let mut shipped = runbook("shipped", vec![block(&["connection closed by"])]);
    shipped.origin = Origin::BuiltIn;
    let mut knowledge = base(vec![shipped.clone()]);
    let set = SignatureSet::compile_against(&knowledge, || panic!("nobody asked for it"));
    assert_eq!(set.places().len(), 1);
    knowledge.runbooks.push(runbook("users", vec![block(&["connection closed by"]), block(&["never seen"])]));
    let set = SignatureSet::compile_against(&knowledge, || noise.to_vec());
    assert_eq!(
        set.places().iter().map(|place| (place.runbook, place.symptom)).collect::<Vec<_>>(),
        [(0, 0), (1, 1)]
    );
    assert_eq!((set.disabled()[0].runbook, set.disabled()[0].symptom), (1, 0));
}

#[test]
fn no_runbooks_find_nothing() {
    let set = SignatureSet::compile(&base(Vec::new()));
    assert_eq!(scanned(&set, b"a line\n\x1b[1manother"), []);
}
