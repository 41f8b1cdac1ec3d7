//! The prefilter against every needle at every place.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn found(needles: &[Needle], text: &[u8]) -> Vec<Found> {
    let filter = Filter::new(needles).unwrap();
    let mut all = Vec::new();
    filter.search(text, &mut Scratch::default(), &mut |found| all.push(found));
    all.sort_unstable();
    all
}

fn naive(needles: &[Needle], text: &[u8]) -> Vec<Found> {
    let mut all = Vec::new();
    for at in 0..text.len() {
        for (id, needle) in needles.iter().enumerate() {
            let there = text[at..].get(..needle.bytes.len());
            let same = |there: &[u8]| {
                if needle.nocase { needle.bytes.eq_ignore_ascii_case(there) } else { needle.bytes == there }
            };
            if there.is_some_and(same) {
                all.push(Found { at, needle: id as u32 });
            }
        }
    }
    all
}

fn exact(bytes: &[u8]) -> Needle {
    Needle { bytes: bytes.to_vec(), nocase: false, blanks: false }
}

/// Few letters, so that needles overlap and share their windows.
fn text(length: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(prop::sample::select(b"aabbBA \xff\0".as_slice()), length)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_occurrence_of_every_needle_is_found(
        haystack in text(0..600),
        needles in vec((text(1..40), any::<bool>()), 0..60),
        cuts in vec((0..600_usize, 1..60_usize, any::<bool>()), 0..60),
    ) {
        let cut = |(at, length, nocase): (usize, usize, bool)| {
            let at = at.min(haystack.len());
            (haystack[at..(at + length).min(haystack.len())].to_vec(), nocase)
        };
        let texts = needles.into_iter().chain(cuts.into_iter().map(cut)).filter(|(bytes, _)| bytes.len() >= NEEDLE_BYTES_MIN);
        let needles: Vec<Needle> = texts
            .map(|(bytes, nocase)| {
                let bytes = if nocase { bytes.to_ascii_lowercase() } else { bytes };
                Needle { bytes, nocase, blanks: false }
            })
            .collect();
        prop_assert_eq!(found(&needles, &haystack), naive(&needles, &haystack));
    }
}

#[test]
fn a_needle_of_every_length_is_found_at_every_place() {
    let source: Vec<u8> =
        (0..80).map(|n| b"The quick brown fox jumps over 13 lazy dogs; "[n * 7 % 45]).collect();
    for length in NEEDLE_BYTES_MIN..=source.len() {
        let needle = &source[..length];
        for before in 0..70 {
            let text = [vec![b'.'; before].as_slice(), needle, &vec![b'.'; (before * 5) % 71]].concat();
            assert_eq!(
                found(&[exact(needle)], &text),
                [Found { at: before, needle: 0 }],
                "{length} {before}"
            );
        }
    }
}

#[test]
fn many_needles_that_share_their_windows() {
    let needles: Vec<Needle> =
        (0..5000).map(|n| exact(format!("failed to open the device number {n}").as_bytes())).collect();
    let text = b"failed to open the device number 4321";
    let ids: Vec<u32> = found(&needles, text).iter().map(|found| found.needle).collect();
    assert_eq!(ids, [4, 43, 432, 4321]);
}

#[test]
fn runs_of_blanks_are_found_however_they_are_written() {
    let needle = |nocase| Needle { bytes: b"link state changed to down".to_vec(), nocase, blanks: true };
    let short = Needle { bytes: b"up".to_vec(), nocase: false, blanks: false };
    let far = " far".repeat(30);
    let wide = "\t far  ".repeat(30);
    for separator in [" ", "  ", "\t", " \t ", "          ", "                                        "] {
        for before in ["", " ", "x", "a  b\tc  ", "\n\n", &far, &wide, "link ", "link  state "] {
            for words in
                ["link|state|changed|to|down", "link state|changed to down", "link|state changed|to down"]
            {
                let text = format!("{before}{}  x\tend\n", words.replace('|', separator));
                // With a needle of two bytes the windows are short, and every needle has the same.
                for needles in [vec![needle(false)], vec![needle(true)], vec![needle(false), short.clone()]] {
                    let mut found = found(&needles, text.as_bytes());
                    found.dedup();
                    assert_eq!(found, [Found { at: before.len(), needle: 0 }], "{text:?}");
                }
            }
        }
    }
    for apart in ["link state\nchanged to down", "link  state changed todown", "link\t state changedto down"]
    {
        assert_eq!(found(&[needle(false)], apart.as_bytes()), [], "{apart}");
    }
}

/// Log lines of a few dozen words, numbers in between.
fn ordinary_log(bytes: usize) -> Vec<u8> {
    let words = b"kernel sshd session opened for user by uid failed to connect port device link is up down on state \
        changed from service started stopped timeout error warning request query client server eth0 disk nvme usb"
        .split(|&byte| byte == b' ')
        .collect::<Vec<_>>();
    let mut seed = 7u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    let mut log = Vec::new();
    while log.len() < bytes {
        log.extend(
            format!("Nov {} {:02}:{:02}:{:02} host{} ", next(30), next(24), next(60), next(60), next(9))
                .bytes(),
        );
        for _ in 0..6 + next(9) {
            log.extend(words[next(words.len())]);
            if next(4) == 0 {
                log.extend(next(100_000).to_string().bytes());
            }
            log.push(b' ');
        }
        log.push(b'\n');
    }
    log
}

fn close_looks(count: usize, log: &[u8]) -> usize {
    let noun = ["carp", "raid", "vlan", "zpool", "bridge", "quorum", "lease", "tunnel", "cipher", "inode"];
    let verb =
        ["rejected", "demoted", "exhausted", "detached", "stalled", "mismatched", "refused", "expired"];
    let needle = |n: usize| {
        exact(
            format!("{} {} of {}{n} was {}", verb[n % 8], noun[n % 10], noun[n / 8 % 10], verb[n / 3 % 8])
                .as_bytes(),
        )
    };
    Filter::new(&(0..count).map(needle).collect::<Vec<_>>()).unwrap().close_looks(log)
}

#[test]
fn few_places_of_an_ordinary_log_are_looked_at_closely() {
    let log = ordinary_log(1 << 20);
    let [ten, thousand, many] = [10, 1_000, 10_000].map(|count| close_looks(count, &log));
    assert!(ten < 2_000, "{ten} places in a MiB with 10 needles");
    assert!(thousand < 2_500, "{thousand} places in a MiB with 1,000 needles");
    assert!(many < 2_500, "{many} places in a MiB with 10,000 needles");
}
