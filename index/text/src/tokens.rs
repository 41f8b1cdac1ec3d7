//! What a word is: identifiers whole and in parts, English words by their stem.
//!
//! Log lines and runbooks share their identifiers (`SIOCAIFADDR`, `Net.ReversePathFwdCheckPromisc`,
//! `%ASA-6-302014`) and little else, so an identifier is one term as a whole and each of its parts
//! is another. What differs from line to line (time stamps, addresses, long hexadecimal numbers) is
//! no term. Knows nothing of the index.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

/// Longer terms than this are not indexed as a whole; their parts are.
const TERM_BYTES_MAX: usize = 64;

/// So many stems are kept in memory.
const STEMS_KEPT_MAX: usize = 50_000;

/// Who wrote the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A person: a document, or words to search for. Numbers and addresses are meant.
    Prose,
    /// A machine: a log line. Numbers and addresses are noise.
    Log,
}

/// The terms of a text with the bytes they came from. Terms of one identifier overlap.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    letters: String,
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
struct Item {
    term: Range<u32>,
    source: Range<u32>,
}

/// One term and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// Lower case, stemmed when it is an ordinary word.
    pub term: &'a str,
    /// First byte of the text it came from.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Tokens {
    /// The terms of a text, in its order; the whole identifier comes before its parts.
    pub fn of(text: &str, mode: Mode) -> Self {
        let mut tokens = Self::default();
        let mut rest = 0;
        while let Some(start) = text[rest..].find(is_word).map(|at| rest + at) {
            let end = text[start..].find(|c| !is_word(c)).map_or(text.len(), |at| start + at);
            match trim(text, start..end) {
                Some(bounds) if mode == Mode::Log && is_calendar(&text[bounds.clone()]) => {}
                // Most of a text: the general way below would come to the same.
                Some(bounds) if is_plain(text[bounds.clone()].as_bytes()) => {
                    tokens.push_word(&text[bounds.clone()], bounds);
                }
                Some(bounds) => tokens.identifier(text, bounds, mode),
                None => {}
            }
            rest = end;
        }
        tokens
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True when the text holds no term.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The term at an index, if there are so many.
    pub fn get(&self, index: usize) -> Option<Token<'_>> {
        let item = self.items.get(index)?;
        Some(Token {
            term: &self.letters[item.term.start as usize..item.term.end as usize],
            start: item.source.start as usize,
            end: item.source.end as usize,
        })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    fn identifier(&mut self, text: &str, bounds: Range<usize>, mode: Mode) {
        let whole = &text[bounds.clone()];
        match kind_of(whole) {
            Kind::Noise => return,
            Kind::Address | Kind::Number if mode == Mode::Log => return,
            Kind::Address | Kind::Number => return self.push_lower(whole, bounds),
            Kind::Word => {}
        }
        let parts = parts_of(whole);
        if parts.len() > 1 && whole.len() <= TERM_BYTES_MAX {
            self.push_lower(whole, bounds.clone());
        }
        for part in parts {
            let source = bounds.start + part.start..bounds.start + part.end;
            self.part(&whole[part], source, mode);
        }
    }

    /// A part without joiners: a word, camel case, a name with a number, or a number.
    fn part(&mut self, part: &str, source: Range<usize>, mode: Mode) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            if part.len() > 2 && mode == Mode::Prose {
                self.push_lower(part, source);
            }
            return;
        }
        if part.chars().any(is_ideograph) {
            return self.ideographs(part, source.start);
        }
        if mode == Mode::Log && is_random(part) || part.len() > TERM_BYTES_MAX {
            return;
        }
        let name = without_number(part);
        // A machine writes which of its units it is; only the kind of unit says something.
        if !(mode == Mode::Log && name.is_some_and(|name| is_unit(part, name))) {
            self.push_word(part, source.clone());
        }
        if let Some(name) = name {
            self.push_word(name, source.start..source.start + name.len());
        }
        for hump in humps_of(part) {
            if hump.len() >= 3 {
                self.push_word(&part[hump.clone()], source.start + hump.start..source.start + hump.end);
            }
        }
    }

    /// Scripts without blanks between words: every two characters are a term.
    fn ideographs(&mut self, part: &str, offset: usize) {
        let ends: Vec<usize> = part.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        if ends.len() == 1 {
            return self.push_lower(part, offset..offset + part.len());
        }
        let mut start = 0;
        for pair in ends.windows(2) {
            self.push_lower(&part[start..pair[1]], offset + start..offset + pair[1]);
            start = pair[0];
        }
    }

    fn push_word(&mut self, word: &str, source: Range<usize>) {
        if word.len() < 2 {
            return;
        }
        if !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return self.push_lower(word, source);
        }
        let start = self.letters.len();
        STEMS.with_borrow_mut(|stems| stems.push(word, &mut self.letters));
        self.record(start, source);
    }

    fn push_lower(&mut self, word: &str, source: Range<usize>) {
        let start = self.letters.len();
        self.letters.extend(word.chars().flat_map(char::to_lowercase));
        self.record(start, source);
    }

    fn record(&mut self, start: usize, source: Range<usize>) {
        self.items.push(Item {
            term: start as u32..self.letters.len() as u32,
            source: source.start as u32..source.end as u32,
        });
    }
}

thread_local! {
    static STEMS: RefCell<Stems> = RefCell::new(Stems::new());
}

/// Stems of English words. Most words of a text have been seen before, and finding a stem again is
/// ten times faster than making it.
struct Stems {
    stemmer: Stemmer,
    known: HashMap<String, Box<str>>,
    lower: String,
}

impl Stems {
    fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: HashMap::new(), lower: String::new() }
    }

    /// Appends the stem of a word of ASCII letters.
    fn push(&mut self, word: &str, to: &mut String) {
        self.lower.clear();
        self.lower.push_str(word);
        self.lower.make_ascii_lowercase();
        if let Some(stem) = self.known.get(&self.lower) {
            return to.push_str(stem);
        }
        let stem = self.stemmer.stem(&self.lower);
        to.push_str(&stem);
        if self.known.len() < STEMS_KEPT_MAX {
            let stem = stem.into();
            self.known.insert(self.lower.clone(), stem);
        }
    }
}

/// Characters of an identifier; the others stand between two.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_joiner(c) || (!c.is_ascii() && c.is_alphanumeric())
}

/// Parts of time stamps that are letters. `May` and `Sun` may be words, and then they say little.
fn is_calendar(word: &str) -> bool {
    const NAMES: [&str; 22] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue",
        "Wed", "Thu", "Fri", "Sat", "Sun", "UTC", "GMT", "CET",
    ];
    word.len() == 3 && NAMES.contains(&word)
}

/// A word of ASCII letters without a hump.
fn is_plain(word: &[u8]) -> bool {
    let (first, rest) = word.split_first().unwrap_or((&0, &[]));
    first.is_ascii_alphabetic() && word.len() <= TERM_BYTES_MAX && rest.iter().all(u8::is_ascii_lowercase)
}

/// Characters that join the parts of an identifier.
fn is_joiner(c: char) -> bool {
    matches!(c, '_' | '.' | '-' | '/' | ':' | '@' | '#' | '%' | '+' | '~')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Joiners at the ends belong to the sentence, not to the identifier.
fn trim(text: &str, bounds: Range<usize>) -> Option<Range<usize>> {
    let word = &text[bounds.clone()];
    let start = bounds.start + word.find(|c| !is_joiner(c))?;
    let end = bounds.start + word.trim_end_matches(is_joiner).len();
    Some(start..end)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Letters, alone or joined.
    Word,
    /// A number or a version.
    Number,
    /// An IP or hardware address.
    Address,
    /// A time, a date, a UUID, a long hexadecimal number.
    Noise,
}

fn kind_of(whole: &str) -> Kind {
    let bytes = whole.as_bytes();
    if is_address(whole) {
        return Kind::Address;
    }
    if starts_with_date(bytes) || is_long_hex(whole) {
        return Kind::Noise;
    }
    if bytes.iter().any(u8::is_ascii_alphabetic) || !whole.is_ascii() {
        return Kind::Word;
    }
    if bytes.contains(&b':') { Kind::Noise } else { Kind::Number }
}

/// `2024-05-01`, `2024/05/01`, and the same with a time after it.
fn starts_with_date(bytes: &[u8]) -> bool {
    let digits =
        |range: Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && matches!((bytes[4], bytes[7]), (b'-', b'-') | (b'/', b'/') | (b'.', b'.'))
}

/// IPv4 and IPv6 with port or prefix length, and hardware addresses.
fn is_address(whole: &str) -> bool {
    let host = whole.split(['/', '%']).next().unwrap_or(whole);
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
    if [host, bare].iter().any(|text| text.parse::<std::net::Ipv4Addr>().is_ok()) {
        return true;
    }
    let groups = host.split(':').count();
    let hex = host.bytes().all(|byte| byte == b':' || byte.is_ascii_hexdigit());
    hex && (host.contains("::") || groups == 8 || (groups == 6 && host.len() == 17))
}

/// A UUID, a digest, a pointer: nothing that two machines share. `0x80070005` is none of them.
fn is_long_hex(whole: &str) -> bool {
    let digits = whole.strip_prefix("0x").unwrap_or(whole);
    let hex = digits.bytes().filter(u8::is_ascii_hexdigit).count();
    let others = digits.len() - hex - digits.bytes().filter(|byte| matches!(byte, b'-' | b':')).count();
    others == 0 && hex >= 12 && digits.bytes().any(|byte| byte.is_ascii_digit())
}

/// A made-up name such as `5d78c9869d` or `xk2p9`: letters and digits change often.
fn is_random(part: &str) -> bool {
    let changes = part
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    changes >= 3 && part.len() >= 5
}

/// Runs between joiners.
fn parts_of(whole: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in whole.char_indices().chain([(whole.len(), '.')]) {
        if !is_joiner(c) {
            continue;
        }
        if at > start {
            parts.push(start..at);
        }
        start = at + c.len_utf8();
    }
    parts
}

/// `carp0` is also `carp`, `OSPFv3` also `OSPF`: unit and version numbers vary.
fn without_number(part: &str) -> Option<&str> {
    let name = part.trim_end_matches(|c: char| c.is_ascii_digit());
    if name.len() == part.len() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let name = name.strip_suffix('v').filter(|name| name.len() >= 2).unwrap_or(name);
    (name.len() >= 2).then_some(name)
}

/// `em0`, `tun12`, unlike the version `OSPFv3`, the size `sha256` and the code `E1205`.
fn is_unit(part: &str, name: &str) -> bool {
    part.len() - name.len() <= 2 && part.as_bytes()[name.len()].is_ascii_digit()
}

/// The humps of camel case, if there are several: `ReversePath` is `Reverse` and `Path`,
/// `HTTPServer` is `HTTP` and `Server`.
fn humps_of(part: &str) -> Vec<Range<usize>> {
    let bytes = part.as_bytes();
    if !part.is_ascii() {
        return Vec::new();
    }
    let mut humps = Vec::new();
    let mut start = 0;
    for at in 1..bytes.len() {
        let up = bytes[at].is_ascii_uppercase();
        let after_low = !bytes[at - 1].is_ascii_uppercase();
        // One letter is no hump: `ESXi`, `OSPFv3`, `VMware`.
        let after_ups = at > start + 1;
        let before_low = after_ups
            && bytes.get(at + 1..at + 3).is_some_and(|next| next.iter().all(u8::is_ascii_lowercase));
        if up && (after_low || before_low) {
            humps.push(start..at);
            start = at;
        }
    }
    if start > 0 {
        humps.push(start..bytes.len());
    }
    humps
}

#[cfg(test)]
mod tests;
