//! The sample of healthy logs: always the same, whole lines, every shape in it.

use regex::bytes::Regex;

use super::*;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(noise(7, 50_000), noise(7, 50_000));
    assert_ne!(noise(7, 50_000), noise(8, 50_000));
}

#[test]
fn lines_are_whole_and_about_as_many_bytes_as_asked() {
    let sample = noise(1, 1 << 20);
    assert!(sample.len() >= 1 << 20, "{}", sample.len());
    assert!(sample.len() < (1 << 20) + 8192, "{}", sample.len());
    assert_eq!(sample.last(), Some(&b'\n'));
    assert!(std::str::from_utf8(&sample).is_ok());
    assert!(sample.split(|&byte| byte == b'\n').all(|line| !line.contains(&0)));
    assert_eq!(noise(1, 0), b"");
}

#[test]
fn every_shape_occurs_and_no_placeholder_is_left_over() {
    let sample = noise(3, 1 << 20);
    let left =
        Regex::new(r"\{(?:[a-z]:)?(?:[a-z]+[0-9]*|[0-9]+-[0-9]+)\}|^@[0-9]|^== ").expect("a legal regex");
    for line in sample.split(|&byte| byte == b'\n') {
        assert!(!left.is_match(line), "{}", String::from_utf8_lossy(line));
    }
    for said in [
        "more frequent advertisement received",
        "Initialization Sequence Completed",
        "filtered out",
        "Conn-timeout",
        "xenbusb_front0",
        "java.net.SocketTimeoutException",
        "SyncLoop (PLEG)",
        "status=sent (250 2.0.0",
        "checkpoint complete",
        "DHCPACK on",
        "mounted filesystem",
        "\"msg\":\"request done\"",
    ] {
        assert!(memchr::memmem::find(&sample, said.as_bytes()).is_some(), "`{said}` never occurs");
    }
}

#[test]
fn an_event_keeps_its_values_and_its_host() {
    let sample = String::from_utf8(noise(3, 1 << 20)).expect("UTF-8");
    let lines: Vec<&str> = sample.lines().collect();
    let built = lines.iter().position(|line| line.contains("302015: Built outbound UDP")).expect("occurs");
    let number = |line: &str| line.split_once("connection ").map(|(_, rest)| rest[..6].to_owned());
    assert_eq!(number(lines[built]), number(lines[built + 1]));
    let offer = lines.iter().position(|line| line.contains("DHCPOFFER")).expect("occurs");
    assert_eq!(lines[offer].split(' ').nth(4), lines[offer + 1].split(' ').nth(4));
}
