//! What of a line is its message, and which lines have one shape.

use super::{SHAPES_MAX, Shapes, message};

fn says(line: &str) -> String {
    String::from_utf8_lossy(message(line.as_bytes())).into_owned()
}

#[test]
fn stamps_hosts_and_quotes_are_no_part_of_the_message() {
    for (line, expected) in [
        ("Nov 12 11:25:51  kernel: carp0: MASTER -> BACKUP", "kernel: carp0: MASTER -> BACKUP"),
        ("Nov  2 11:25:51 fw1 kernel: carp0: x", "kernel: carp0: x"),
        ("2024-05-01T10:00:00.123+02:00 db-1.example.org sshd[12]: x", "sshd[12]: x"),
        ("2024-05-01 10:00:00,123 ERROR [main] x", "ERROR [main] x"),
        ("2024/05/01 10:00:00 [error] 12#12: x", "[error] 12#12: x"),
        ("Wed May 01 10:00:00 2024 us=1 x", "us=1 x"),
        ("[Wed May 01 10:00:00.1 2024] [core:error] x", "[core:error] x"),
        ("<6>[  754.123456] carp: x", "carp: x"),
        ("[12345.678901] usb 1-1: x", "usb 1-1: x"),
        ("Sep 22 2013 08:12:19 fw1 : %ASA-3-713902: x", "%ASA-3-713902: x"),
        ("Sep 22 2013 08:12:19: %ASA-3-713902: x", "%ASA-3-713902: x"),
        ("*Mar  1 00:01:02.123: %LINK-3-UPDOWN: x", "%LINK-3-UPDOWN: x"),
        ("<34>1 2003-10-11T22:14:15.003Z mx.example.com su 77 ID47 - x", "su 77 ID47 - x"),
        ("192.0.2.1 - - [12/Nov/2013:11:25:51 +0100] \"GET / HTTP/1.1\" 502", "\"GET / HTTP/1.1\" 502"),
        ("log/messages:12:Nov 12 11:25:51 fw1 kernel: x", "kernel: x"),
        ("web_1  | 2024-05-01T10:00:00Z ready", "ready"),
        ("2024-05-01 10:00:00 CEST [42] LOG:  x", "[42] LOG:  x"),
        ("2024-05-01 10:00:00 | INFO | x", "INFO | x"),
        ("{\"ts\":1384255551.25,\"msg\":\"x\"}", "{\"ts\":1384255551.25,\"msg\":\"x\"}"),
        ("11:25:51.123 x", "x"),
        (":25:51 fw1 kernel: carp0: x", "kernel: carp0: x"),
        ("I0423 10:00:00.000000       1 main.go:10] x", "1 main.go:10] x"),
        ("1714557600.123 x y", "x y"),
        ("> > ifconfig: ioctl (SIOCAIFADDR): File exists", "ifconfig: ioctl (SIOCAIFADDR): File exists"),
        ("ifconfig: ioctl (SIOCAIFADDR): File exists\r", "ifconfig: ioctl (SIOCAIFADDR): File exists"),
        ("may the force", "may the force"),
        ("10 errors found", "10 errors found"),
        ("", ""),
        ("<x> y", "<x> y"),
    ] {
        assert_eq!(says(line), expected, "{line}");
    }
}

#[test]
fn lines_that_differ_in_numbers_have_one_shape() {
    let mut shapes = Shapes::default();
    for line in [
        "Nov 12 11:25:51 a sshd[12]: Accepted publickey for root from 192.0.2.1 port 22",
        "Nov 13 09:00:00 b sshd[9999]: Accepted  publickey for root from 192.0.2.77 port 50022",
        "Nov 13 09:00:00 b sshd[9999]: Failed publickey for root from 192.0.2.77 port 50022",
        "\u{fffd}\0 0x80070005",
    ] {
        shapes.add(line.as_bytes());
    }
    let lines: Vec<u64> = shapes.iter().map(|shape| shape.lines).collect();
    assert_eq!(lines, [2, 1, 1]);
    let first = shapes.iter().next().map(|shape| shape.message.clone()).unwrap();
    assert_eq!(first, b"sshd[12]: Accepted publickey for root from 192.0.2.1 port 22");
}

#[test]
fn shapes_are_bounded_and_the_bound_is_told() {
    let name = |mut number: usize| {
        let mut name = String::new();
        for _ in 0..5 {
            name.push(char::from(b'a' + (number % 26) as u8));
            number /= 26;
        }
        name
    };
    let mut shapes = Shapes::default();
    for number in 0..SHAPES_MAX + 7 {
        shapes.add(name(number).as_bytes());
    }
    assert_eq!((shapes.iter().count(), shapes.dropped()), (SHAPES_MAX, 7));
    assert!(!shapes.add(name(0).as_bytes()));
    assert_eq!(shapes.dropped(), 7);
}
