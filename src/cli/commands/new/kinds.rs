//! What varies from one log line to the next, by how it looks: addresses, interfaces, numbers, paths.
//!
//! Each kind has a name that is good for a parameter, a pattern that its values must match, and a
//! sentence about it.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// One kind of thing.
#[derive(Debug)]
pub(super) struct Kind {
    /// The name of the parameter.
    pub(super) name: &'static str,
    /// What it looks like in a line.
    look: &'static str,
    /// What a value must match as a whole.
    pub(super) pattern: &'static str,
    /// What it is.
    pub(super) description: &'static str,
    /// Says no to what only looks like one; gets the line and the place.
    accept: fn(&str, &Range<usize>) -> bool,
}

impl Kind {
    /// A number alone does not say what it is of.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.name, "number" | "pid")
    }
}

/// In the order of preference: what an earlier kind takes, a later one does not see.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "url",
        look: r#"\b[a-z][a-z0-9+.-]*://[^\s"'<>\])]+"#,
        pattern: "[a-z][a-z0-9+.-]*://[!-~]+",
        description: "The address of a page or service",
        accept: |_, _| true,
    },
    Kind {
        name: "uuid",
        look: r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b",
        pattern: "[0-9A-Fa-f-]{36}",
        description: "The identifier in the log",
        accept: |_, _| true,
    },
    Kind {
        name: "mac",
        look: r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b",
        pattern: "[0-9A-Fa-f:-]{17}",
        description: "The hardware address in the log",
        accept: |_, _| true,
    },
    Kind {
        name: "net",
        look: r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)/\d{1,3}\b",
        pattern: "[0-9A-Fa-f.:]+/[0-9]{1,3}",
        description: "The network in the log",
        accept: is_net,
    },
    Kind {
        name: "ip",
        look: r"\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*",
        pattern: "[0-9A-Fa-f.:]{2,45}",
        description: "The address in the log",
        accept: |line, at| {
            let text = line[at.clone()].trim_end_matches('.');
            let whole = text.len() == at.len();
            whole
                && (text.parse::<std::net::Ipv4Addr>().is_ok() || is_real_ipv6(text))
                && on_its_own(line, at)
        },
    },
    Kind {
        name: "path",
        look: r"/[A-Za-z0-9_.+@%~-]+(?:/[A-Za-z0-9_.+@%~-]+)*/?",
        pattern: "/[A-Za-z0-9_./+@%~-]*",
        description: "The path in the log",
        accept: |line, at| {
            line[..at.start].chars().next_back().is_none_or(|before| " \t\"'=(<[:,`".contains(before))
        },
    },
    Kind {
        name: "iface",
        look: r"\b(?:eth|en[opsx]|em|ena|igb|igc|ixl?|ixgbe|re|bge|bce|fxp|msk|wlan|wlp|tun|tap|utun|carp|vmx|vmnic|vmk|vtnet|xn|hn|br|bond|lagg|team|vlan|wg|ppp|pppoe|veth|ens|enp|eno|gif|gre|ipsec|lo|mvneta)[0-9][0-9a-z]*(?:[.:][0-9]+)?\b",
        pattern: "[a-z][a-z0-9_.:]{0,14}",
        description: "The network interface in the log",
        accept: |_, _| true,
    },
    Kind {
        name: "host",
        look: r"\b[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+\b",
        pattern: "[A-Za-z0-9][A-Za-z0-9.-]{0,254}",
        description: "The host name in the log",
        accept: |line, at| is_host(&line[at.clone()]),
    },
    Kind {
        name: "id",
        look: r"\b(?:0x[0-9A-Fa-f]{9,}|[0-9a-f]{12,}|[0-9A-F]{12,})\b",
        pattern: "(?:0x)?[0-9A-Fa-f]+",
        description: "The identifier in the log",
        accept: |line, at| line[at.clone()].bytes().any(|byte| byte.is_ascii_digit()),
    },
    Kind {
        name: "pid",
        look: r"(?i)\bpid[ =:#]*(?P<it>\d+)|\[(?P<it2>\d+)\]",
        pattern: "[0-9]{1,10}",
        description: "The process in the log",
        accept: |_, _| true,
    },
    Kind {
        name: "number",
        look: r"\b\d+(?:\.\d+)?",
        pattern: r"[0-9]+(?:\.[0-9]+)?",
        description: "The number in the log",
        accept: is_variable_number,
    },
];

static LOOKS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    KINDS.iter().map(|kind| Regex::new(kind.look).expect("a test compiles every look")).collect()
});

/// Everything in a line that varies, in the order of the line, with the index of its kind.
pub(super) fn find(line: &str) -> Vec<(usize, Range<usize>)> {
    let mut found: Vec<(usize, Range<usize>)> = Vec::new();
    for (kind, look) in LOOKS.iter().enumerate() {
        for captures in look.captures_iter(line) {
            let whole = captures.get(0);
            let Some(at) = captures.name("it").or(captures.name("it2")).or(whole) else { continue };
            let range = at.range();
            let free = found.iter().all(|(_, taken)| range.end <= taken.start || taken.end <= range.start);
            if free && (KINDS[kind].accept)(line, &range) {
                found.push((kind, range));
            }
        }
    }
    found.sort_by_key(|(_, range)| range.start);
    found
}

/// An address and a length that it can have. `inside:192.0.2.5/22` of a Cisco is address and port.
fn is_net(line: &str, at: &Range<usize>) -> bool {
    let (ip, length) = line[at.clone()].split_once('/').unwrap_or_default();
    let Ok(ip) = ip.parse::<IpAddr>() else { return false };
    let longest = if ip.is_ipv4() { 32 } else { 128 };
    length.parse::<u8>().is_ok_and(|length| length <= longest) && !line[..at.start].ends_with(':')
}

/// `11:25:51` has colons too.
fn is_real_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok() && text.len() > 2
}

fn on_its_own(line: &str, at: &Range<usize>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !joins(line[..at.start].chars().next_back()) && !joins(line[at.end..].chars().next())
}

/// A name with dots is a host only when it ends like one: `sshd.service` and `e.printStackTrace` do
/// not.
fn is_host(text: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "info",
        "local",
        "lan",
        "internal",
        "home",
        "arpa",
        "test",
        "example",
        "invalid",
        "localdomain",
        "corp",
        "intra",
    ];
    let last = text.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let dots = text.matches('.').count();
    let country = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()) && dots >= 2;
    ENDINGS.contains(&last.as_str()) || country
}

/// A number that names the error (`exit status 1`, `errno 28`) stays; so does one inside a word.
fn is_variable_number(line: &str, at: &Range<usize>) -> bool {
    const NAMING: &[&str] = &[
        "error",
        "errno",
        "err",
        "status",
        "code",
        "exit",
        "signal",
        "rc",
        "http",
        "version",
        "v",
        "rfc",
        "type",
        "result",
        "errorcode",
        "sig",
    ];
    let before = line[..at.start].trim_end_matches([' ', '=', ':', '(', '#', '-']);
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_ascii_lowercase();
    let glued = line[..at.start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
        || line[at.end..].starts_with(|c: char| c.is_alphabetic() || c == '_');
    !glued && !NAMING.contains(&word.as_str())
}

#[cfg(test)]
mod tests;
