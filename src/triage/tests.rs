//! Matching as a whole, where a case file would be too large or says too little.

use std::io::{Cursor, Read};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::runbook::Origin;
use crate::text::SourceFile;

fn book(symptoms: &str) -> KnowledgeBase {
    let row = |name| format!("| {name} | from the log | `.*` | a value |\n");
    let rows = ["disk", "user", "peer"].map(row).concat();
    let text = format!(
        "# A case\n\n{symptoms}\n\n## Parameters\n\n| Name | Default | Must match | What it is |\n| --- | --- | --- | --- |\n{rows}"
    );
    KnowledgeBase::from_sources(vec![(Arc::new(SourceFile::new("case.md", text)), Origin::Named)])
}

fn options() -> Options {
    Options {
        now: "2013-11-12T12:00:00Z".parse().unwrap(),
        zone: TimeZone::UTC,
        since: None,
        until: None,
        suggest: Suggest::Never,
        threads: 1,
    }
}

fn run(base: &KnowledgeBase, readers: Vec<Box<dyn Read + Send>>) -> Triage {
    run_on(1, base, readers)
}

fn run_on(threads: usize, base: &KnowledgeBase, readers: Vec<Box<dyn Read + Send>>) -> Triage {
    let inputs = readers.into_iter().zip(1..).map(|(reader, number)| Input {
        name: PathBuf::from(format!("{number}.log")),
        reader,
        bytes: None,
        modified: None,
    });
    let options = Options { threads, ..options() };
    triage(inputs.collect(), base, &SignatureSet::compile(base), &options, &mut |_| {})
}

fn text(lines: impl Iterator<Item = String>) -> Box<dyn Read + Send> {
    Box::new(Cursor::new(lines.collect::<String>().into_bytes()))
}

/// `n` seconds after ten, within a day.
fn at(n: u64) -> String {
    format!("2013-11-11T{:02}:{:02}:{:02}Z", n / 3600 % 24, n / 60 % 60, n % 60)
}

#[test]
fn of_more_values_than_are_kept_apart_the_newest_stay() {
    let base = book("```text symptom\ndisk <disk> has died\n```");
    let lines = (0..5000).map(|n| format!("{} fw1 app: disk d{n:04} has died\n", at(n)));
    let found = run(&base, vec![text(lines)]);
    let [result] = found.results.as_slice() else { panic!("{found:?}") };
    assert!(result.instances.len() <= 1000);
    assert_eq!(result.instances[0].captures[0].1.raw(), b"d4999");
    assert!(found.notices[0].contains("different sets of values"), "{:?}", found.notices);
}

#[test]
fn a_storm_is_counted_whole() {
    let base =
        book("```text symptom sequence within=10s\nlogin of <user> begun\nlogin of <user> failed\n```");
    let lines = (0..30_000u64).flat_map(|n| {
        let line = move |what: &str| format!("{} web1 app: login of u{} {what}\n", at(n), n % 7);
        [line("begun"), line("failed")]
    });
    let found = run(&base, vec![text(lines)]);
    let [result] = found.results.as_slice() else { panic!("{:?}", found.results.len()) };
    assert_eq!(result.tier, Tier::Match);
    assert_eq!(result.instances.iter().map(|instance| instance.count).sum::<u64>(), 30_000);
    assert!(found.notices.is_empty(), "{:?}", found.notices);
}

#[test]
fn two_inputs_are_one_stream_within_a_batch_and_across_it_says_so() {
    let base = book("```text symptom sequence within=5s\nlogin of <user> begun\nlogin of <user> failed\n```");
    let half = |what: &'static str, count: u64| {
        text((0..count).map(move |n| format!("{} web1 app: login of u{n} {what}\n", at(n))))
    };
    let small = run(&base, vec![half("begun", 400), half("failed", 400)]);
    assert_eq!(small.results[0].instances.len(), 400);
    assert!(small.notices.is_empty());
    let large = run(&base, vec![half("begun", 40_000), half("failed", 40_000)]);
    assert!(large.notices.iter().any(|notice| notice.contains("far out of order")), "{:?}", large.notices);
}

#[test]
fn lines_far_out_of_order_are_all_counted() {
    let base = book("```text symptom\nlink is up\n```");
    let day = |day: u32, count: u64| {
        (0..count).map(move |n| format!("{} gw1 link is up\n", at(n).replace("-11T", &format!("-{day:02}T"))))
    };
    for count in [3, 8_000] {
        // The newer half comes first, as two rotated logs that were put together in the wrong order.
        let found = run(&base, vec![text(day(11, count).chain(day(10, count)))]);
        let [instance] = &found.results[0].instances[..] else { panic!("{:?}", found.results) };
        assert_eq!(instance.count, 2 * count);
        let [first, last] = [instance.first, instance.last].map(|stamp| stamp.unwrap().micros);
        let at = |time: &str| time.parse::<Timestamp>().unwrap().as_microsecond();
        assert_eq!(first, at("2013-11-10T00:00:00Z"));
        assert_eq!(last, at("2013-11-11T00:00:00Z") + 1_000_000 * (count as i64 - 1));
    }
}

#[test]
fn lines_out_of_order_are_put_in_order() {
    let base = book("```text symptom sequence within=2s\nlogin of <user> begun\nlogin of <user> failed\n```");
    // Every second block of 50 lines is written before the one ahead of it.
    let lines = (0..2000u64).map(|n| n ^ 64).flat_map(|n| {
        let line = |n: u64, what: &str| format!("{} web1 app: login of u{n} {what}\n", at(n));
        [line(n + 1, "failed").replace(&format!("u{} ", n + 1), &format!("u{n} ")), line(n, "begun")]
    });
    let found = run(&base, vec![text(lines)]);
    let complete: u64 = found
        .results
        .iter()
        .filter(|result| result.tier == Tier::Match)
        .flat_map(|result| &result.instances)
        .map(|instance| instance.count)
        .sum();
    assert_eq!(complete, 1000, "the newest thousand are kept: {:?}", found.notices);
}

#[test]
fn unstamped_lines_take_the_stamp_above_across_blocks() {
    let base = book("```text symptom\ndisk <disk> has died\n```");
    // Records of 40 lines, more than a block of them; the values of the last record are looked at.
    let lines = (0..200u64).flat_map(|record| {
        let stamped = std::iter::once(format!("{} fw1 app: begins {}\n", at(record), "x".repeat(60)));
        let below =
            (0..40).map(move |n| format!("    disk d{}-{record} has died {}\n", n % 3, "y".repeat(60)));
        stamped.chain(below)
    });
    let found = run(&base, vec![text(lines)]);
    let instances = &found.results[0].instances;
    assert!(found.inputs[0].bytes > 700_000 && instances.len() == 600);
    for instance in instances {
        let value = String::from_utf8(instance.captures[0].1.raw().to_vec()).unwrap();
        let record: u64 = value.split_once('-').unwrap().1.parse().unwrap();
        let stamp = Timestamp::from_microsecond(instance.last.unwrap().micros).unwrap();
        assert_eq!(stamp.to_string(), at(record));
        assert_eq!(instance.first, instance.last);
        assert_eq!(instance.host.as_ref().map(crate::text::Untrusted::raw), Some(&b"fw1"[..]));
    }
}

#[test]
fn symptoms_in_an_output_count_only_when_they_are_new() {
    let base =
        book("```text symptom\ndisk <disk> has died\n```\n\n```text symptom weight=low\ndisk is odd\n```");
    let seen = |text: &str, newer_than: &str| {
        symptom_seen(&base.runbooks[0], text.as_bytes(), newer_than.parse().ok(), &options())
    };
    let line = "Nov 12 11:00:00 fw1 app: disk sda has died\n";
    assert!(seen(line, ""));
    assert!(seen(line, "2013-11-12T10:59:59Z"));
    assert!(!seen(line, "2013-11-12T11:00:00Z"), "not newer");
    assert!(seen("disk sda has died", "2013-11-12T11:00:00Z"), "no stamp: it counts");
    assert!(!seen("Nov 12 11:00:00 fw1 app: disk is odd\n", ""), "only possible");
    assert!(!seen("", ""));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_to_their_end(
        pieces in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>(),
                prop::sample::select(vec![
                    &b"disk sda has died"[..], b"\n", b"\r\n", b"\x1b[31m", b"\0", b"Nov 12 11:00:00 fw1 app: ",
                    b"[12.5] ", b"<13>", b"{\"time\":", b"2013-11-12T11:00:00", b"disk ", b" has died", b"\xff\xfe",
                ])
                .prop_map(<[u8]>::to_vec),
            ],
            0..40,
        )
    ) {
        let bytes = pieces.concat();
        let base = book("```text symptom\ndisk <disk> has died\n```\n\n```text symptom count=2 within=10s weight=low\ndisk <disk:text> died\n```");
        let found = run(&base, vec![Box::new(Cursor::new(bytes.clone()))]);
        let input = &found.inputs[0];
        let foreign = input.error.is_some();
        prop_assert!(foreign || bytes.starts_with(b"\xff\xfe") || input.bytes as usize <= bytes.len());
        for line in found.results.iter().flat_map(|result| &result.instances).flat_map(|instance| &instance.evidence) {
            prop_assert!(line.hit.end <= line.text.raw().len());
            prop_assert!((1..=input.lines).contains(&line.line));
        }
    }
}

/// Readers of many sizes: hits in every piece, records across cuts, a line longer than a cut, a
/// compressed input, an empty one, one that fails, one without an end of its last line.
fn many_inputs() -> Vec<Box<dyn Read + Send>> {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let lines = |from: u64, count: u64| {
        let line = move |n: u64| {
            let what = if n.is_multiple_of(97) { "begun" } else { "of no interest" };
            let end = if n % 97 == 3 { "failed" } else { "seen" };
            format!(
                "{} web{} app: login of u{} {what}\n    and {end} login of u{} failed\n",
                at(n),
                n % 3,
                n % 7,
                n % 11
            )
        };
        (from..from + count).map(line).collect::<String>().into_bytes()
    };
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &lines(500, 9_000)).unwrap();
    let long = [b"x".repeat(3 << 20), b" login of u1 begun\n".to_vec(), lines(20_000, 50)].concat();
    vec![
        Box::new(Cursor::new(lines(0, 30_000))),
        Box::new(Cursor::new(packed.finish().unwrap())),
        Box::new(Cursor::new(Vec::new())),
        Box::new(Cursor::new(lines(40_000, 20)).chain(Fails)),
        Box::new(Cursor::new(long)),
        Box::new(Cursor::new(b"login of u5 begun\nlogin of u5 failed".to_vec())),
    ]
}

#[test]
fn the_answer_does_not_depend_on_the_number_of_threads() {
    let base = book(
        "```text symptom sequence within=10s\nlogin of <user> begun\nlogin of <user> failed\n```\n\n```text symptom\nlogin of <user> failed\n! of no interest\n```",
    );
    let alone = format!("{:?}", run_on(1, &base, many_inputs()));
    assert!(alone.contains("the disk is gone") && alone.contains("longer than 1 MiB"), "{alone}");
    for threads in [2, 3, 8] {
        assert!(alone == format!("{:?}", run_on(threads, &base, many_inputs())), "{threads} threads");
    }
}
