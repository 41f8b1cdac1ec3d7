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
            "<path> <iface> <ip> <ip_2> mtu <_> netmask <ip_3> up",
            "ifconfig: ioctl (SIOCAIFADDR): File exists"
        ]
    );
    let names: Vec<&str> = proposal.parameters.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["path", "iface", "ip", "ip_2", "ip_3"]);
    assert_eq!(proposal.parameters[1].value, "tun0");
    assert_eq!(proposal.sample.lines().count(), 2);
}

#[test]
fn the_same_kind_of_line_is_one_signature() {
    let proposal = propose(b"disk 17 is full\ndisk 18 is full\n");
    assert_eq!(proposal.signatures, ["disk <_> is full"]);
}

#[test]
fn one_value_has_one_name_and_stands_once_in_a_line() {
    let proposal = propose(b"copy of 192.0.2.1 to 192.0.2.1 refused\nlost the route to 192.0.2.1\n");
    assert_eq!(proposal.signatures, ["copy of <ip> to <_> refused", "lost the route to <ip>"]);
}

#[test]
fn a_number_has_a_name_when_it_comes_again() {
    let log = b"Sep 22 2013 08:12:19 fw1 : %ASA-6-302013: Built TCP connection 8213 for outside:203.0.113.7/55012\n\
                Sep 22 2013 09:12:20 fw1 : %ASA-6-302014: Teardown TCP connection 8213 for outside:203.0.113.7/55012 to inside:10.0.0.5/22 duration 1:00:01 bytes 4512\n";
    assert_eq!(
        propose(log).signatures,
        [
            "%ASA-6-302013: Built TCP connection <number> for outside:<ip>/<number_2>",
            "%ASA-6-302014: Teardown TCP connection <number> for outside:<ip>/<number_2> to inside:<ip_2>/<_> duration <_> bytes <_>"
        ]
    );
}

#[test]
fn the_clock_of_a_kernel_is_no_part_of_its_message() {
    let proposal = propose(b"Nov 12 11:25:51 fw1 kernel: [ 1234.567890] valve 12 is stuck\n");
    assert_eq!(proposal.signatures, ["valve <_> is stuck"]);
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
