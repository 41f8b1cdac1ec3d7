//! Times as people type them.

use super::*;

fn at(text: &str) -> String {
    let now: Timestamp = "2013-11-12T11:26:14Z".parse().expect("a time");
    let zone = zone("+01:00").expect("a zone");
    parse(text, now, &zone).map_or_else(|error| error, |at| at.to_string())
}

#[test]
fn each_way_to_say_a_time() {
    for (typed, meant) in [
        ("20s", "2013-11-12T11:25:54Z"),
        ("1h", "2013-11-12T10:26:14Z"),
        ("-1h", "2013-11-12T10:26:14Z"),
        ("1h30m", "2013-11-12T09:56:14Z"),
        ("2 days ago", "2013-11-10T11:26:14Z"),
        ("now", "2013-11-12T11:26:14Z"),
        ("today", "2013-11-11T23:00:00Z"),
        ("yesterday", "2013-11-10T23:00:00Z"),
        ("2013-11-12", "2013-11-11T23:00:00Z"),
        ("2013-11-12 03:00", "2013-11-12T02:00:00Z"),
        ("2013-11-12T03:00:30", "2013-11-12T02:00:30Z"),
        ("2013-11-12T03:00:30Z", "2013-11-12T03:00:30Z"),
        ("03:00", "2013-11-12T02:00:00Z"),
        ("23:00", "2013-11-11T22:00:00Z"),
        ("@1384255574", "2013-11-12T11:26:14Z"),
    ] {
        assert_eq!(at(typed), meant, "{typed}");
    }
}

#[test]
fn what_is_no_time_is_named() {
    for typed in ["", "soon", "1x", "25:00", "2013-13-01", "99999999999999999999h"] {
        assert!(at(typed).ends_with("is no time"), "{typed}: {}", at(typed));
    }
}

#[test]
fn zones_by_name_and_by_offset() {
    for text in ["UTC", "+02:00", "-0330", "+2", "UTC+1"] {
        assert!(zone(text).is_ok(), "{text}");
    }
    assert!(zone("Nowhere/Land").is_err());
    assert!(zone("+99:00").is_err());
}
