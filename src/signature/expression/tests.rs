//! Signatures as the format writes them, on the lines that the posts and the systems print.

use kb_scan::Scanner;

use super::*;
use crate::signature::fixtures::signature;

/// What a signature captures in a line: `name=value` joined by commas, `no` when it does not match.
fn captures(text: &str, nocase: bool, line: &str) -> String {
    let scanner = Scanner::new(&[scan_pattern(&signature(text), nocase)]).unwrap();
    let mut hits = 0;
    scanner.scan(line.as_bytes(), &mut |_| hits += 1);
    let Some(found) = scanner.locate(0, line.as_bytes()) else {
        assert_eq!(hits, 0);
        return "no".to_owned();
    };
    assert_eq!(hits, 1, "the scan must find what is there");
    let value = |(name, range): &(&str, std::ops::Range<usize>)| {
        format!("{}={}", capture_name(name).unwrap(), &line[range.clone()])
    };
    found.groups.iter().map(value).collect::<Vec<_>>().join(",")
}

#[track_caller]
fn check(signature: &str, line: &str, expected: &str) {
    assert_eq!(captures(signature, false, line), expected, "{signature:?} on {line:?}");
}

#[test]
fn carp_loop_on_old_and_new_systems() {
    let seed = "Nov 12 11:25:51  kernel: carp0: MASTER -> BACKUP (more frequent advertisement received)";
    let new =
        "Nov 22 15:50:26 vm kernel: carp: 1@em0: MASTER -> BACKUP (more frequent advertisement received)";
    check("<vip>: MASTER -> BACKUP (more frequent advertisement received)", seed, "vip=carp0");
    check("<vip>: MASTER -> BACKUP (more frequent advertisement received)", new, "vip=1@em0");
    check(
        "carp: <vhid>@<if>: MASTER -> BACKUP (<why:text>)",
        new,
        "vhid=1,if=em0,why=more frequent advertisement received",
    );
    check(
        "<vip>: link state changed to DOWN",
        "Nov 12 11:25:51  kernel: carp0: link state changed to DOWN",
        "vip=carp0",
    );
    check("<vip>: link state changed to DOWN", "carp0: link state changed to UP", "no");
    let regex =
        r"/(?:carp: (?:VHID )?(?P<vhid>\d+)@(?P<if>\w+)|(?P<vip>carp\d+|\w*vip\d+)): MASTER -> BACKUP/";
    check(regex, new, "vhid=1,if=em0");
    check(regex, "carp: VHID 54@bge0: MASTER -> BACKUP (x)", "vhid=54,if=bge0");
    check(regex, seed, "vip=carp0");
}

#[test]
fn openvpn_ifconfig() {
    let line = "ifconfig: ioctl (SIOCAIFADDR): File exists";
    check("ifconfig: ioctl (SIOCAIFADDR): File exists", line, "");
    check("ifconfig: ioctl (SIOCAIFADDR): File exists", "Error: ipv4: Address already assigned.", "no");
    let fatal = "Oct  9 10:02:11 router-a openvpn_1199[18976]: FreeBSD ifconfig failed: external program exited with \
                 error status: 1";
    check(
        "openvpn<_>[<_>]: FreeBSD ifconfig failed: external program exited with error status: <status>",
        fatal,
        "status=1",
    );
    let up =
        "openvpn_1199[18976]: /sbin/ifconfig tun0 192.0.2.1 192.0.2.2 mtu 1500 netmask 255.255.255.255 up";
    check("ifconfig <tun> <local> <remote> mtu <_> netmask", up, "tun=tun0,local=192.0.2.1,remote=192.0.2.2");
}

#[test]
fn bird_filtered_out() {
    let signature = "<proto> < filtered out <address>/128";
    check(
        signature,
        "bird6: ospf_v6 < filtered out 2001:db8:ffff::1/128 dev lo",
        "proto=ospf_v6,address=2001:db8:ffff::1",
    );
    let new = "<TRACE> ospf_v6.ipv6 < filtered out 2001:db8:ffff::1/128 1L 7G unicast";
    check("<TRACE> <proto> < filtered out <address>/128", new, "proto=ospf_v6.ipv6,address=2001:db8:ffff::1");
}

#[test]
fn cisco_teardown() {
    let line = "%ASA-6-302014: Teardown TCP connection 71 for outside:198.51.100.7/51522 to inside:192.0.2.9/22 \
                duration 1:00:04 bytes 4711 Conn-timeout";
    check(
        "%ASA-6-302014: Teardown TCP connection <_> for ... to <if>:<address>/22 duration <duration> bytes <_> Conn-timeout",
        line,
        "if=inside,address=192.0.2.9,duration=1:00:04",
    );
    check("%ASA-6-302014: ... Idle Timeout", line, "no");
}

#[test]
fn freebsd_boot_and_mount() {
    let hook = "run_interrupt_driven_hooks: still waiting after 60 seconds for xenbusb_nop_confighook_cb";
    let signature =
        "run_interrupt_driven_hooks: still waiting after <seconds> seconds for ... xenbusb_nop_confighook_cb";
    check(signature, hook, "seconds=60");
    check(signature, &hook.replace("for ", "for xpt_config  "), "seconds=60");
    check(signature, "run_interrupt_driven_hooks: still waiting after 60 seconds for xpt_config", "no");
    let mount = "mount_nfs: <dir>, : No such file or directory";
    check(mount, "mount_nfs: /mnt, : No such file or directory", "dir=/mnt");
    check(
        r"/^mount_nfs: (?:nmount: )?(?P<dir>\S+?)(?:, .*)?: No such file or directory$/",
        "mount_nfs: nmount: /mnt: No such file or directory",
        "dir=/mnt",
    );
}

#[test]
fn runs_of_blanks_match_runs_of_blanks_and_tabs() {
    check("link state  changed", "link \t state\tchanged", "");
    check("link\tstate", "link state", "");
    check("link state", "linkstate", "no");
    check("link state", "link\u{a0}state", "no");
}

#[test]
fn a_value_is_the_shortest_run_of_non_blanks_up_to_what_follows() {
    check("<a>: up", "host eth0: up", "a=eth0");
    check("port <a>/<b> closed", "port 1/2/3 closed", "a=1,b=2/3");
    check("[<a>]", "[one][two]", "a=one");
    check("user <a> gone", "user  gone", "no");
    check("<a>=<b>;", "x=y=z;", "a=x,b=y=z");
}

#[test]
fn at_the_end_a_value_is_as_long_as_it_can_be() {
    check("status: <a>", "status: 127, and more", "a=127,");
    check("on <a>", "on eth0.", "a=eth0.");
    check("<a>...", "abc def", "a=abc");
    check("reason: <a:text>", "reason: no such thing. \t", "a=no such thing.");
    check("reason: <a:text>", "reason:  ", "no");
    check("state <_>", "state", "no");
}

#[test]
fn a_value_with_blanks() {
    check(
        "Group = <group:text>, IP = <ip>",
        "Group = My Users, IP = 192.0.2.1",
        "group=My Users,ip=192.0.2.1",
    );
    check("foo <a:text> bar", "foo a b bar bar", "a=a b");
    check("foo <a:text> bar", "foo    bar", "no");
    check("foo:<a:text>bar", "foo: hello bar", "a=hello");
    check("(<_:text>) <a>", "(one two) three", "a=three");
}

#[test]
fn any_text_also_none() {
    check("up...down", "updown", "");
    check("up ... down", "up down", "");
    check("up ... down", "up and then  down", "");
    check("up ... down", "up anddown", "no");
    check("up ... ... down", "up down", "");
    check("... up", "x up", "");
    check("... up", "up", "");
    check("... up", "startup", "no");
    check("up ...", "up", "");
    check("up ...", "up now", "");
    check("up ...", "upper", "no");
    check("...up...", "supper", "");
    check("a...b<c>", "a x b y bz", "c=z");
}

#[test]
fn bytes_that_are_no_text_are_anything() {
    let scanner =
        Scanner::new(&[scan_pattern(&signature("from <who> ... to <where:text> end"), false)]).unwrap();
    let line = b"from \xff\xfe \x00\xc3 to \xe9t\xe9 x end";
    let found = scanner.locate(0, line).unwrap();
    assert_eq!(&line[found.groups[0].1.clone()], b"\xff\xfe");
    assert_eq!(&line[found.groups[1].1.clone()], b"\xe9t\xe9 x");
}

#[test]
fn letter_case_is_ignored_on_request() {
    assert_eq!(captures("Link <a> DOWN", true, "link Eth0 down"), "a=Eth0");
    assert_eq!(captures("Link <a> DOWN", false, "link Eth0 down"), "no");
    assert_eq!(captures("GRÜN über", true, "grün Über"), "");
    assert_eq!(captures("grün", false, "GRÜN"), "no");
    assert_eq!(captures("grün", true, "GRÜN"), "");
    assert_eq!(captures("/carp\\d MASTER/", true, "CARP0 master"), "");
}

#[test]
fn a_name_may_occur_twice() {
    check("from <a> to <a>", "from x to y", "a=x,a=y");
}

#[test]
fn classes_are_ascii_unless_asked() {
    check(r"/user \w+ left/", "user jürgen left", "no");
    check(r"/(?u)user \w+ left/", "user jürgen left", "");
    check(r"/(?u)user [’']x/", "user ’x", "");
}
