//! What varies in a line, and what only looks so.

use super::*;

fn found(line: &str) -> String {
    let found = find(line);
    let words: Vec<String> =
        found.iter().map(|(kind, at)| format!("{}={}", KINDS[*kind].name, &line[at.clone()])).collect();
    words.join(" ")
}

#[test]
fn each_kind() {
    for (line, expected) in [
        (
            "/sbin/ifconfig tun0 192.0.2.1 192.0.2.2 mtu 1500",
            "path=/sbin/ifconfig iface=tun0 ip=192.0.2.1 ip=192.0.2.2 number=1500",
        ),
        ("carp: 1@em0: MASTER", "number=1 iface=em0"),
        ("from 2001:db8::1 port 22", "ip=2001:db8::1 number=22"),
        ("route 192.0.2.0/24 via fe80::1", "net=192.0.2.0/24 ip=fe80::1"),
        (
            "outside:192.0.2.7/55012 to inside:192.0.2.5/22",
            "ip=192.0.2.7 number=55012 ip=192.0.2.5 number=22",
        ),
        ("Killed process 1234 (java), pid=77", "number=1234 pid=77"),
        ("connect to db1.example.com failed", "host=db1.example.com"),
        ("GET https://example.org/x?y=1 took 12.5 s", "url=https://example.org/x?y=1 number=12.5"),
        ("station 00:1b:21:aa:bb:cc left", "mac=00:1b:21:aa:bb:cc"),
        ("vdi 4a1c0f7e-1111-2222-3333-444455556666 busy", "uuid=4a1c0f7e-1111-2222-3333-444455556666"),
        ("at 0xffffffff81234567", "id=0xffffffff81234567"),
        ("open(/var/log/x.log): denied", "path=/var/log/x.log"),
    ] {
        assert_eq!(found(line), expected, "{line}");
    }
}

#[test]
fn what_identifies_stays() {
    for line in [
        "sshd.service: Failed with result 'exit-code'",
        "external program exited with error status: 1",
        "write failed: errno 28",
        "code=0x80070005",
        "java.lang.OutOfMemoryError: Java heap space",
        "NFSv4 and IPv6",
    ] {
        assert_eq!(found(line), "", "{line}");
    }
}

#[test]
fn every_pattern_matches_what_its_look_finds() {
    for line in ["192.0.2.1", "em0", "/a/b", "pid 3", "[4]", "12.5", "a.example", "x://y", "fe80::1/64"] {
        for (kind, at) in find(line) {
            let pattern = Regex::new(&format!("^(?:{})$", KINDS[kind].pattern)).expect("a pattern");
            assert!(pattern.is_match(&line[at.clone()]), "{line}");
        }
    }
}
