//! What lint says of a signature, and of which it says nothing.

use super::*;
use crate::signature::fixtures::{base, block, runbook};
use crate::signature::{Cost, costs};

const NOISE: &[u8] =
    b"Nov 12 11:25:51 gw kernel: carp0: MASTER -> BACKUP (more frequent advertisement received)\n\
    Nov 12 11:25:52 gw sshd[811]: Connection closed by 192.0.2.7 port 5022 [preauth]\n\
    Nov 12 11:25:53 gw \x1b[1mcron\x1b[0m[5]: (root) CMD (run-parts)\n";

/// Severity, rule and signature line of every finding.
fn found(symptoms: Vec<Symptom>) -> Vec<(Severity, &'static str, u32)> {
    let located = lint(&base(vec![runbook("test", symptoms)]), NOISE);
    located
        .iter()
        .map(|found| &found.diagnostic)
        .map(|found| (found.severity, found.rule, found.span.start))
        .collect()
}

#[test]
fn a_good_signature_gives_no_finding() {
    assert_eq!(
        found(vec![block(&["ifconfig: ioctl (SIOCAIFADDR): File exists", "out of memory: <pid>"])]),
        []
    );
}

#[test]
fn six_characters_in_one_piece_are_demanded_of_every_way() {
    let broad = "signature-broad";
    assert_eq!(
        found(vec![block(&["<a> alive: <b>", "<a> is up", "/timeout|warning/", "/carp|timeout/"])]),
        [(Severity::Error, broad, 1), (Severity::Error, broad, 3),]
    );
    let accepted = Symptom { broad: true, ..block(&["<a> up", "! UP"]) };
    assert_eq!(found(vec![accepted]), [(Severity::Warning, broad, 0), (Severity::Warning, broad, 1)]);
    assert_eq!(found(vec![block(&["never seen", "! UP"])]), [(Severity::Warning, broad, 1)]);
}

#[test]
fn what_the_scanner_does_not_take_is_said_once() {
    let long = "long text ".repeat(1000);
    assert_eq!(found(vec![block(&[&long])]), [(Severity::Error, "signature-unusable", 0)]);
    assert_eq!(found(vec![block(&["/a{900}{900}b/"])]), [(Severity::Error, "signature-unusable", 0)]);
}

#[test]
fn a_block_that_is_a_match_on_a_healthy_log_is_an_error() {
    let fires = "signature-fires-on-noise";
    let carp = || block(&["never seen", "more frequent advertisement received", "Connection closed by <ip>"]);
    assert_eq!(found(vec![carp()]), [(Severity::Error, fires, 1)], "one finding a block is enough");
    assert_eq!(found(vec![Symptom { broad: true, ..carp() }]), [(Severity::Warning, fires, 1)]);
    assert_eq!(found(vec![Symptom { weight: Weight::High, ..carp() }]), [(Severity::Error, fires, 1)]);
    for weight in [Weight::Low, Weight::Support] {
        assert_eq!(found(vec![Symptom { weight, ..carp() }]), []);
    }
    for mode in [SymptomMode::All, SymptomMode::Sequence, SymptomMode::Count(2)] {
        assert_eq!(found(vec![Symptom { mode, ..carp() }]), []);
    }
}

#[test]
fn the_finding_shows_the_healthy_line() {
    let located = lint(&base(vec![runbook("test", vec![block(&["(root) CMD <what>"])])]), NOISE);
    assert_eq!(
        located[0].diagnostic.message,
        "`(root) CMD <what>` is seen on healthy machines: `Nov 12 11:25:53 gw cron[5]: (root) CMD (run-parts)`"
    );
    assert_eq!(located[0].source.stem(), "test");
}

#[test]
fn a_denied_line_and_too_few_hits_do_not_count() {
    assert_eq!(found(vec![block(&["Connection closed by", "! [preauth]"])]), []);
    let mut often = block(&["Connection closed by"]);
    often.steps[0].at_least = 2;
    assert_eq!(found(vec![often.clone()]), []);
    often.steps[0].at_least = 1;
    assert_eq!(found(vec![often]).len(), 1);
}

#[test]
fn text_of_the_c_library_alone_is_warned_of() {
    let translated = "signature-translated";
    for alone in [
        "<path>: No such file or directory",
        "No space left on device",
        "/(?P<prog>\\S+): Broken pipe$/",
        "<_>: <file>: Permission denied (13)",
    ] {
        assert_eq!(found(vec![block(&[alone])]), [(Severity::Warning, translated, 0)], "{alone}");
    }
    for beside in [
        "mount_nfs: <dir>, : No such file or directory",
        "/write failed.*Broken pipe/",
        "! No such file or directory",
    ] {
        assert!(found(vec![block(&[beside])]).is_empty(), "{beside}");
    }
}

#[test]
fn what_the_parser_said_is_not_said_again() {
    let broken = runbook("test", vec![Symptom { broad: true, ..block(&["<a> up", "<b> up"]) }]);
    let said =
        Diagnostic::warning("signature-broad", broken.symptoms[0].steps[0].alternatives[0].span, "said");
    let mut base = base(vec![broken]);
    base.diagnostics = vec![said.at(&base.runbooks[0].source)];
    let located = lint(&base, NOISE);
    assert_eq!(located.iter().map(|found| found.diagnostic.span.start).collect::<Vec<_>>(), [1]);
}

#[test]
fn findings_come_in_the_order_of_the_pages() {
    let lines = ["Broken pipe", "more frequent advertisement", "<x>"];
    let located = lint(
        &base(vec![runbook("a", vec![block(&["Broken pipe"])]), runbook("b", vec![block(&lines[..2])])]),
        NOISE,
    );
    let order: Vec<_> = located.iter().map(|found| (found.source.stem(), found.diagnostic.rule)).collect();
    let expected =
        [("a", "signature-translated"), ("b", "signature-translated"), ("b", "signature-fires-on-noise")];
    assert_eq!(order, expected);
}

#[test]
fn the_cost_of_every_signature() {
    let base = base(vec![runbook(
        "test",
        vec![block(&["closed by <ip> port <p> on", "CMD (run-parts)", "/(?:up|down) now/"])],
    )]);
    let noise = NOISE.repeat((1 << 20) / NOISE.len());
    let lines = (noise.len() / NOISE.len()) as u64;
    let costs = costs(&base, &noise);
    let text = |cost: &Cost| (cost.literals.join("|"), cost.shortest, cost.hits);
    assert_eq!(
        costs.iter().map(text).collect::<Vec<_>>(),
        [
            ("closed by".to_owned(), 9, 0),
            ("CMD (run-parts)".to_owned(), 15, lines),
            ("up now|down now".to_owned(), 6, 0),
        ]
    );
    assert!(costs[0].candidates_per_mib >= lines as f64, "the words of the line are there, the whole is not");
    assert!(costs[2].candidates_per_mib.abs() < f64::EPSILON);
}
