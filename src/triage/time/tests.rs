//! Stamps of many systems, read and settled.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::report::Clock;
use crate::triage::{Options, Suggest};

fn options(now: &str, zone: &str) -> Options {
    Options {
        now: now.parse().unwrap(),
        zone: TimeZone::get(zone).unwrap(),
        since: None,
        until: None,
        suggest: Suggest::Never,
        threads: 1,
    }
}

/// `stamp host` of a line seen from noon of 2013-11-12 in UTC.
fn seen(line: &str) -> String {
    let head = header(line.as_bytes());
    let options = options("2013-11-12T12:00:00Z", "UTC");
    let stamp = head.written.and_then(|written| Reference::new(&options, None).resolve(written));
    let stamp = match stamp.map(|resolved| resolved.stamp) {
        None => "-".to_owned(),
        Some(stamp) if stamp.clock == Clock::Boot => format!("boot+{}", stamp.micros),
        Some(stamp) => Timestamp::from_microsecond(stamp.micros).unwrap().to_string(),
    };
    format!("{stamp} {}", head.host.map_or("-", |host| &line[host]))
}

const SEEN: &[(&str, &str)] = &[
    ("<166>:Nov 12 11:25:51 UTC: %ASA-session-6-302014: Teardown", "2013-11-12T11:25:51Z -"),
    ("[12345.678901] fw1 kernel[1]: x", "boot+12345678901 fw1"),
    ("{\"time\":0.5,\"ts\":1384255551.25,\"msg\":\"x\"}", "2013-11-12T11:25:51.25Z -"),
    ("Nov 12 11:25:51  kernel: carp0: MASTER -> BACKUP", "2013-11-12T11:25:51Z -"),
    ("Nov 12 11:25:51 fw1 kernel: carp0: MASTER", "2013-11-12T11:25:51Z fw1"),
    ("Nov  2 11:25:51 fw1.example.org kernel: x", "2013-11-02T11:25:51Z fw1.example.org"),
    ("Nov 12 11:25:51 <kern.crit> fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    ("Nov 12 11:25:51 fw1 kernel: <6>[754] carp: 1@em0", "2013-11-12T11:25:51Z fw1"),
    ("Nov 12 11:25:51 fw1 last message repeated 2 times", "2013-11-12T11:25:51Z fw1"),
    ("<13>Nov 12 11:25:51 fw1 tag: x", "2013-11-12T11:25:51Z fw1"),
    (
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - x",
        "2003-10-11T22:14:15.003Z mymachine.example.com",
    ),
    (
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - x",
        "2003-08-24T12:14:15.000003Z 192.0.2.1",
    ),
    ("<34>1 2003-10-11T22:14:15Z - su - - - x", "2003-10-11T22:14:15Z -"),
    ("2013-11-12T11:25:51.123Z cpu3:33000)NetPort: 1: x", "2013-11-12T11:25:51.123Z -"),
    ("<166>2013-11-12T11:25:51.123Z esx1.example Hostd: x", "2013-11-12T11:25:51.123Z esx1.example"),
    ("2013-11-12T11:25:51.123Z info hostd[1234] [Originator] x", "2013-11-12T11:25:51.123Z -"),
    ("2013-11-12T11:25:51.123456+01:00 web1 sshd[12]: x", "2013-11-12T10:25:51.123456Z web1"),
    ("2013-11-12T11:25:51+0100 web1 sshd[12]: x", "2013-11-12T10:25:51Z web1"),
    ("2013-11-12 11:25:51,123 ERROR foo: x", "2013-11-12T11:25:51.123Z -"),
    ("2013-11-12 11:25:51.123 <TRACE> ospf6 < filtered out", "2013-11-12T11:25:51.123Z -"),
    ("2013-11-12 11:25:51 web1 sshd[12]: x", "2013-11-12T11:25:51Z web1"),
    ("2013-11-12 11:25:51 -0500 x", "2013-11-12T16:25:51Z -"),
    ("2013-11-12 11:25:51 UTC [42] LOG:  x", "2013-11-12T11:25:51Z -"),
    ("2013/11/12 11:25:51 [error] 12#0: x", "2013-11-12T11:25:51Z -"),
    ("I1112 11:25:51.123456    1234 file.go:12] x", "2013-11-12T11:25:51.123456Z -"),
    ("Nov 12 2013 11:25:51: %ASA-6-302014: Teardown", "2013-11-12T11:25:51Z -"),
    ("Nov 12 2013 11:25:51 fw1 : %ASA-6-302014: Teardown", "2013-11-12T11:25:51Z fw1"),
    ("Nov 12 2013 11:25:51 fw1: %ASA-6-302014: Teardown", "2013-11-12T11:25:51Z fw1"),
    ("Nov 12 11:25:51 fw1 %ASA-6-302014: Teardown", "2013-11-12T11:25:51Z fw1"),
    ("*Mar  1 00:01:02.345: %SYS-5-CONFIG_I: x", "2013-03-01T00:01:02.345Z -"),
    ("000123: Nov 12 11:25:51.123: %LINK-3-UPDOWN: x", "2013-11-12T11:25:51.123Z -"),
    ("2013 Nov 12 11:25:51.123 sw1 %ETHPORT-5-IF_UP: x", "2013-11-12T11:25:51.123Z sw1"),
    ("[12345.678901] Out of memory", "boot+12345678901 -"),
    ("[    1.500000] x", "boot+1500000 -"),
    ("<6>[  754.5] x", "boot+754500000 -"),
    ("<6>[754] carp: 1@em0: MASTER -> BACKUP", "boot+754000000 -"),
    ("[754] not a stamp", "- -"),
    ("[Tue Nov 12 11:25:51 2013] x", "2013-11-12T11:25:51Z -"),
    ("[Tue Nov 12 11:25:51.123456 2013] [core:error] x", "2013-11-12T11:25:51.123456Z -"),
    ("[1384255551] SERVICE ALERT: x", "2013-11-12T11:25:51Z -"),
    ("1384255551.5 x", "2013-11-12T11:25:51.5Z -"),
    ("1384255551123 x", "2013-11-12T11:25:51.123Z -"),
    ("1234567890123456 x", "- -"),
    ("Tue Nov 12 11:25:51 2013 us=123 SIGUSR1[soft] x", "2013-11-12T11:25:51Z -"),
    ("Tue 2013-11-12 11:25:51 UTC web1 sshd[1]: x", "2013-11-12T11:25:51Z web1"),
    ("192.0.2.1 - - [12/Nov/2013:11:25:51 +0100] \"GET / HTTP/1.1\" 200 1", "2013-11-12T10:25:51Z -"),
    ("type=AVC msg=audit(1384255551.123:42): x", "2013-11-12T11:25:51.123Z -"),
    ("{\"log\":\"x\\n\",\"time\":\"2013-11-12T11:25:51.5Z\"}", "2013-11-12T11:25:51.5Z -"),
    (
        "{\"_HOSTNAME\":\"web1\",\"__REALTIME_TIMESTAMP\":\"1384255551000000\",\"MESSAGE\":\"x\"}",
        "2013-11-12T11:25:51Z web1",
    ),
    ("> Nov 12 11:25:51 fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    (">> - `Nov 12 11:25:51 fw1 kernel: x`", "2013-11-12T11:25:51Z fw1"),
    ("   \t* Nov 12 11:25:51 fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    ("\0\0\0Nov 12 11:25:51 fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    ("/var/log/messages:Nov 12 11:25:51 fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    ("messages.1:42:Nov 12 11:25:51 fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    ("42:Nov 12 11:25:51 fw1 kernel: x", "2013-11-12T11:25:51Z fw1"),
    ("web_1  | 2013-11-12T11:25:51Z x", "2013-11-12T11:25:51Z -"),
    ("router-a openvpn_1199[18976]: FreeBSD ifconfig failed", "- router-a"),
    ("ifconfig: ioctl (SIOCAIFADDR): File exists", "- -"),
    ("Error in httpd[12]: x", "- -"),
    ("Nov 12 25:25:51 fw1 kernel: x", "- -"),
    ("Nov 31 11:25:51 fw1 kernel: x", "- -"),
    ("May the force be with you", "- -"),
    ("", "- -"),
    ("<", "- -"),
    ("[", "- -"),
    ("{", "- -"),
];

#[test]
fn stamps_and_hosts_of_many_systems() {
    for (line, expected) in SEEN {
        assert_eq!(seen(line), *expected, "{line:?}");
    }
}

#[test]
fn a_year_that_is_not_written_is_the_nearest_past() {
    let year = |line: &str, now: &str, modified: Option<&str>| {
        let reference = Reference::new(&options(now, "UTC"), modified.map(|at| at.parse().unwrap()));
        let resolved = reference.resolve(header(line.as_bytes()).written.unwrap())?;
        Some(Timestamp::from_microsecond(resolved.stamp.micros).unwrap().to_string()[..4].to_owned())
    };
    let line = "Nov 12 11:25:51 a b: c";
    assert_eq!(year(line, "2013-11-12T12:00:00Z", None).as_deref(), Some("2013"));
    assert_eq!(year(line, "2014-11-11T12:00:00Z", None).as_deref(), Some("2014"), "a clock ahead of ours");
    assert_eq!(year(line, "2014-11-10T12:00:00Z", None).as_deref(), Some("2013"));
    assert_eq!(year(line, "2026-01-01T00:00:00Z", Some("2013-11-13T00:00:00Z")).as_deref(), Some("2013"));
    assert_eq!(year(line, "2013-12-01T00:00:00Z", Some("2020-01-01T00:00:00Z")).as_deref(), Some("2013"));
    assert_eq!(year("Feb 29 00:00:00 a b: c", "2026-11-22T00:00:00Z", None).as_deref(), Some("2024"));
    assert_eq!(year("Dec 31 23:59:59 a b: c", "2026-12-31T12:00:00Z", None).as_deref(), Some("2026"));
    assert_eq!(year("Jan  1 00:00:01 a b: c", "2026-12-31T12:00:00Z", None).as_deref(), Some("2027"));
}

#[test]
fn a_zone_that_is_not_written_is_the_one_told() {
    let reference = Reference::new(&options("2013-11-12T12:00:00Z", "Europe/Berlin"), None);
    let resolve = |line: &str| reference.resolve(header(line.as_bytes()).written.unwrap()).unwrap();
    let told = resolve("Nov 12 11:25:51 a b: c");
    let same = resolve("2013-11-12T11:25:51+01:00 a b: c");
    let other = resolve("2013-11-12T10:25:51Z a b: c");
    assert_eq!((told.stamp, told.stamp), (same.stamp, other.stamp));
    assert!(told.zones.comparable(same.zones));
    assert!(same.zones.comparable(other.zones));
    assert!(!told.zones.comparable(other.zones), "a zone that was not written proves nothing across files");
}

proptest! {
    #[test]
    fn no_line_is_too_strange(
        pieces in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>(),
                prop::sample::select(vec![
                    "Nov", " ", "12", "11:25:51", "2013", "-", "T", "Z", "+01:00", "[", "]", "<13>", "1 ", ".5", ":",
                    "{\"time\":", "type=AVC msg=audit(", "Tue ", "fw1 ", "kernel: ", "99999999999", "/", "24:00:00", "|",
                ])
                .prop_map(|piece| piece.as_bytes().to_vec()),
            ],
            0..12,
        )
    ) {
        let line = pieces.concat();
        let head = header(&line);
        prop_assert!(head.host.is_none_or(|host| host.start < host.end && host.end <= line.len()));
        if let Some(written) = head.written {
            Reference::new(&options("2013-11-12T12:00:00Z", "Europe/Berlin"), None).resolve(written);
        }
    }
}
