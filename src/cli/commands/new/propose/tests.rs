//! From lines to signatures.

use super::*;

#[test]
fn what_varies_is_captured_and_the_prefix_is_left_out() {
    let log = b"Oct  9 10:02:11 router-a openvpn_1199[18976]: /sbin/ifconfig tun0 192.0.2.1 192.0.2.2 mtu 1500 netmask 255.255.255.255 up\n\
                ifconfig: ioctl (SIOCAIFADDR): File exists\n";
    let proposal = propose(log);
    assert_eq!(
        proposal.signatures,
        [
            "<path> <iface> <ip> <ip_2> mtu <number> netmask <ip_3> up",
            "ifconfig: ioctl (SIOCAIFADDR): File exists"
        ]
    );
    let names: Vec<&str> = proposal.parameters.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["path", "iface", "ip", "ip_2", "number", "ip_3"]);
    assert_eq!(proposal.parameters[1].value, "tun0");
    assert_eq!(proposal.sample.lines().count(), 2);
}

#[test]
fn the_same_kind_of_line_is_one_signature() {
    let proposal = propose(b"disk 17 is full\ndisk 18 is full\n");
    assert_eq!(proposal.signatures, ["disk <number> is full"]);
}

#[test]
fn one_value_has_one_name_and_stands_once_in_a_line() {
    let proposal = propose(b"copy of 192.0.2.1 to 192.0.2.1 refused\nlost the route to 192.0.2.1\n");
    assert_eq!(proposal.signatures, ["copy of <ip> to <_> refused", "lost the route to <ip>"]);
}

#[test]
fn characters_of_the_grammar_are_escaped() {
    let proposal = propose(b"!wait ... for <TRACE> and C:\\temp\n");
    assert_eq!(proposal.signatures, ["\\!wait \\... for \\<TRACE> and C:\\\\temp"]);
}

#[test]
fn a_line_of_numbers_gives_no_signature() {
    let proposal = propose(b"12 34 56\n");
    assert!(proposal.signatures.is_empty());
    assert_eq!(proposal.notes.len(), 1);
}

#[test]
fn colours_and_control_bytes_do_not_reach_the_page() {
    let proposal = propose(b"\x1b[31mfailed to open the \x07 gate\x1b[0m\r\n");
    assert!(!proposal.sample.contains(['\u{1b}', '\u{7}', '\r']), "{:?}", proposal.sample);
    assert!(!proposal.signatures[0].contains('\u{7}'));
}
