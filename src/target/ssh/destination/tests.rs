//! What is a place to log in, and what is not.

use super::Destination;

#[test]
fn what_is_taken_is_shown_as_it_was_written() {
    for text in [
        "esx1",
        "root@esx1",
        "root@esx1:2222",
        "198.51.100.7:22",
        "a\\b@h",
        "[fe80::1%eth0]:22",
        "u@[::1]:22",
    ] {
        assert_eq!(Destination::parse(text).expect(text).to_string(), text);
    }
    assert_eq!(Destination::parse("::1").map(|it| it.to_string()), Some("::1".into()));
}

#[test]
fn what_could_be_an_option_or_code_is_refused() {
    for text in [
        "",
        "-oProxyCommand=x",
        "root@-x",
        "-l@host",
        "host:0",
        "host:99999",
        "host:",
        "host:x",
        "h;id",
        "$(id)",
        "a b",
        "@host",
        "root@",
        "[::1",
        "[::1]22",
        "h\n",
        "h/x",
        "`id`@h",
    ] {
        assert_eq!(Destination::parse(text), None, "{text:?}");
    }
}
