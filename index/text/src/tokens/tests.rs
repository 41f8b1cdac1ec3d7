//! What is a term, and what is noise.

use super::{Mode, Tokens};

fn terms(text: &str, mode: Mode) -> Vec<String> {
    Tokens::of(text, mode).iter().map(|token| token.term.to_owned()).collect()
}

#[test]
fn identifiers_are_whole_and_in_parts() {
    for (text, expected) in [
        ("(SIOCAIFADDR):", "siocaifaddr"),
        (
            "Net.ReversePathFwdCheckPromisc",
            "net.reversepathfwdcheckpromisc net reversepathfwdcheckpromisc revers path fwd check promisc",
        ),
        ("%ASA-6-302014:", "asa-6-302014 asa 302014"),
        ("0x80070005", "0x80070005"),
        ("ORA-00600", "ora-00600 ora 00600"),
        ("/etc/rc.conf", "etc/rc.conf etc rc conf"),
        ("xenbusb_nop_confighook_cb", "xenbusb_nop_confighook_cb xenbusb nop confighook cb"),
        ("carp0:", "carp0 carp"),
        ("OSPFv3", "ospfv3 ospf"),
        ("HTTPServer", "httpserver http server"),
        ("ESXi", "esxi"),
        ("VMware", "vmware"),
        ("IPSec", "ipsec sec"),
        ("iBGP", "ibgp bgp"),
        ("openvpn_1199[18976]", "openvpn_1199 openvpn 1199 18976"),
        ("key=value", "key valu"),
    ] {
        assert_eq!(terms(text, Mode::Prose).join(" "), expected, "{text}");
    }
}

#[test]
fn what_varies_from_line_to_line_is_no_term() {
    for text in [
        "11:25:51",
        "2024-05-01T10:00:00.123Z",
        "2024/05/01",
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "0x00007ffd12345678",
        "192.0.2.1:443",
        "192.0.2.0/24",
        "2001:db8::1/64",
        "00:00:5e:00:01:01",
        "18976",
        "9.1",
    ] {
        assert_eq!(terms(text, Mode::Log), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_person_may_search_for_numbers_and_addresses() {
    for (text, expected) in
        [("302014", "302014"), ("9.1", "9.1"), ("224.0.0.18", "224.0.0.18"), ("fe80::1%em0", "fe80::1%em0")]
    {
        assert_eq!(terms(text, Mode::Prose).join(" "), expected, "{text}");
    }
}

#[test]
fn every_source_range_is_the_text_of_its_term() {
    let text = "Größe von /dev/md0: link state 接続エラー changed—to DOWN";
    let tokens = Tokens::of(text, Mode::Prose);
    for token in tokens.iter() {
        let source = text[token.start..token.end].to_lowercase();
        assert_eq!(source.chars().next(), token.term.chars().next(), "{source} {}", token.term);
    }
    assert!(terms(text, Mode::Prose).contains(&"größe".to_owned()));
    assert!(terms(text, Mode::Prose).contains(&"接続".to_owned()));
    assert!(terms(text, Mode::Prose).contains(&"down".to_owned()));
}
