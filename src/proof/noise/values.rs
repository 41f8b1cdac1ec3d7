//! The values in the shapes: times of the sample's own clock, and made-up names and numbers.
//!
//! Addresses are those set aside for documentation and private use.

use std::io::Write as _;

use super::Moment;

/// A part of a line.
pub(super) enum Piece {
    /// These characters.
    Text(String),
    /// A value.
    Made {
        /// Keeps the value for the event under this letter.
        slot: Option<u8>,
        /// What it is.
        kind: Kind,
    },
}

/// What a value is.
pub(super) enum Kind {
    Time(TimePart),
    Number {
        low: u64,
        high: u64,
        width: usize,
    },
    Choice(Vec<String>),
    Hex(usize),
    Ip4,
    Ip6,
    Mac,
    Uuid,
    Base64,
    /// The host of the event.
    Host,
    Path,
    Veth,
    Of(&'static [&'static str]),
}

/// A part of the time of the line.
#[derive(Clone, Copy)]
pub(super) enum TimePart {
    MonthName,
    DayPadded,
    Day,
    Month,
    Year,
    Clock,
    Weekday,
    Millis,
    Micros,
    Nanos,
    SinceBoot,
    Epoch,
}

const HOSTS: &[&str] =
    &["web1", "web2", "db1", "app01", "app02", "gw-a", "files", "ci-runner3", "monitor", "ldap1"];
const USERS: &[&str] = &["anna", "ben", "chen", "dora", "emil", "fatima", "deploy", "backup", "shop"];
const WORDS: &[&str] = &["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo"];
const UNITS: &[&str] = &["shop-worker.service", "report.service", "queue@2.service", "metrics.service"];
const INTERFACES: &[&str] = &["eth0", "eth1", "ens18", "enp3s0", "bond0", "vlan20", "br0"];
const BSD_INTERFACES: &[&str] = &["em0", "em1", "igb0", "bge0", "vmx0", "xn0", "re0"];
const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const NETWORKS: &[&str] = &["192.0.2.", "198.51.100.", "203.0.113.", "10.20.30.", "172.16.4."];
const PATHS: &[&str] = &["index.html", "items/42", "search", "img/logo.svg", "feed.xml", "cart", "en/help"];

impl Kind {
    /// The kind with this name, unless it has none.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "mon" => Self::Time(TimePart::MonthName),
            "day" => Self::Time(TimePart::DayPadded),
            "dd" => Self::Time(TimePart::Day),
            "mm" => Self::Time(TimePart::Month),
            "yyyy" => Self::Time(TimePart::Year),
            "hms" => Self::Time(TimePart::Clock),
            "wday" => Self::Time(TimePart::Weekday),
            "ms" => Self::Time(TimePart::Millis),
            "us" => Self::Time(TimePart::Micros),
            "ns" => Self::Time(TimePart::Nanos),
            "boot" => Self::Time(TimePart::SinceBoot),
            "epoch" => Self::Time(TimePart::Epoch),
            "ip" => Self::Ip4,
            "ip6" => Self::Ip6,
            "mac" => Self::Mac,
            "uuid" => Self::Uuid,
            "b64" => Self::Base64,
            "host" => Self::Host,
            "path" => Self::Path,
            "veth" => Self::Veth,
            "name" | "word" => Self::Of(WORDS),
            "user" => Self::Of(USERS),
            "unit" => Self::Of(UNITS),
            "if" => Self::Of(INTERFACES),
            "bsdif" => Self::Of(BSD_INTERFACES),
            _ => return None,
        })
    }
}

/// What an event has made up so far.
#[derive(Default)]
pub(super) struct EventValues {
    slots: Vec<(u8, Vec<u8>)>,
    host: Option<&'static str>,
}

impl Piece {
    /// Appends it.
    pub(super) fn write(&self, out: &mut Vec<u8>, now: &Moment, values: &mut EventValues, dice: &mut Dice) {
        match self {
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Made { slot: None, kind } => kind.write(out, now, values, dice),
            Self::Made { slot: Some(letter), kind } => {
                if let Some((_, value)) = values.slots.iter().find(|(slot, _)| slot == letter) {
                    out.extend_from_slice(value);
                    return;
                }
                let start = out.len();
                kind.write(out, now, values, dice);
                values.slots.push((*letter, out[start..].to_vec()));
            }
        }
    }
}

impl Kind {
    fn write(&self, out: &mut Vec<u8>, now: &Moment, values: &mut EventValues, dice: &mut Dice) {
        match self {
            Self::Time(part) => part.write(out, now, dice),
            Self::Number { low, high, width } => {
                put(out, format_args!("{:0width$}", dice.between(*low, *high), width = *width));
            }
            Self::Choice(texts) => {
                out.extend_from_slice(texts[dice.below(texts.len() as u64) as usize].as_bytes());
            }
            Self::Hex(digits) => dice.put_digits(out, *digits, b"0123456789abcdef"),
            Self::Ip4 => put(out, format_args!("{}{}", dice.of(NETWORKS), dice.between(1, 254))),
            Self::Ip6 => {
                out.extend_from_slice(b"2001:db8::");
                put(out, format_args!("{:x}:{:x}", dice.between(1, 0xffff), dice.between(1, 0xffff)));
            }
            Self::Mac => {
                out.extend_from_slice(b"02:00");
                for _ in 0..4 {
                    out.push(b':');
                    dice.put_digits(out, 2, b"0123456789abcdef");
                }
            }
            Self::Uuid => {
                for (index, digits) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                    if index > 0 {
                        out.push(b'-');
                    }
                    dice.put_digits(out, digits, b"0123456789abcdef");
                }
            }
            Self::Base64 => {
                dice.put_digits(out, 22, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
            }
            Self::Host => {
                let host = *values.host.get_or_insert_with(|| dice.of(HOSTS));
                out.extend_from_slice(host.as_bytes());
            }
            Self::Path => put(out, format_args!("{}?r={}", dice.of(PATHS), dice.below(90_000))),
            Self::Veth => {
                out.extend_from_slice(b"veth");
                dice.put_digits(out, 7, b"0123456789abcdef");
            }
            Self::Of(texts) => out.extend_from_slice(dice.of(texts).as_bytes()),
        }
    }
}

impl TimePart {
    fn write(self, out: &mut Vec<u8>, now: &Moment, dice: &mut Dice) {
        let civil = now.civil;
        match self {
            Self::MonthName => out.extend_from_slice(MONTHS[civil.month() as usize - 1].as_bytes()),
            Self::DayPadded => put(out, format_args!("{:2}", civil.day())),
            Self::Day => put(out, format_args!("{:02}", civil.day())),
            Self::Month => put(out, format_args!("{:02}", civil.month())),
            Self::Year => put(out, format_args!("{}", civil.year())),
            Self::Clock => {
                put(out, format_args!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second()));
            }
            Self::Weekday => {
                let day = civil.weekday().to_monday_zero_offset() as usize;
                out.extend_from_slice(WEEKDAYS[day].as_bytes());
            }
            Self::Millis => put(out, format_args!("{:03}", dice.below(1000))),
            Self::Micros => put(out, format_args!("{:06}", dice.below(1_000_000))),
            Self::Nanos => put(out, format_args!("{:09}", dice.below(1_000_000_000))),
            Self::SinceBoot => {
                put(out, format_args!("{:5}.{:06}", now.since_start_s, dice.below(1_000_000)));
            }
            Self::Epoch => put(out, format_args!("{}", 1_793_577_600 + now.since_start_s)),
        }
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector of bytes cannot fail.
    let _ = out.write_fmt(text);
}

/// Numbers that look random and are always the same for one seed (`SplitMix64`).
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit - 1`; 0 for a limit of 0. The bias is no matter here.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    fn of(&mut self, texts: &'static [&'static str]) -> &'static str {
        texts[self.below(texts.len() as u64) as usize]
    }

    fn put_digits(&mut self, out: &mut Vec<u8>, count: usize, digits: &[u8]) {
        let mut bits = 0;
        for index in 0..count {
            if index % 8 == 0 {
                bits = self.next();
            }
            out.push(digits[(bits & 0xff) as usize % digits.len()]);
            bits >>= 8;
        }
    }
}
