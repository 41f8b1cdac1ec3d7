//! What the fuzz targets do with their input. The tests of kb-scan do the same with the corpus.

use kb_scan::{Hit, Pattern, Scanner};
use regex::bytes::RegexBuilder;

const PATTERNS_MAX: usize = 64;

/// Patterns, one a line, until a line `--`; what follows is the block. A line begins with what its
/// pattern is: `l` a literal, `r` an expression, `L` and `R` without regard to letter case, `u` and `U`
/// an expression with Unicode classes. Lines that are none are left out.
pub(super) fn scan(data: &[u8]) {
    let mut patterns = Vec::new();
    let mut rest = data;
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line == b"--" || patterns.len() == PATTERNS_MAX {
            break;
        }
        patterns.extend(pattern(line));
    }
    let scanner = Scanner::new(&patterns).expect("every pattern was checked");
    let expected = naive(&patterns, rest);
    assert_eq!(hits(&scanner, rest), expected);
    let read = Scanner::from_bytes(scanner.to_bytes()).expect("it was written just now");
    assert_eq!(hits(&read, rest), expected);
}

/// The input stands in a file behind the right mark and before the right checksum.
#[allow(dead_code, reason = "each target uses its own")]
pub(super) fn file(data: &[u8]) {
    let mark = &Scanner::new(&[]).expect("nothing is wrong with nothing").to_bytes()[..8];
    let mut bytes = [mark, data].concat();
    bytes.extend(kb_scan::checksum(&bytes).to_le_bytes());
    if let Ok(scanner) = Scanner::from_bytes(bytes) {
        hits(&scanner, b"carp0: link state changed to DOWN\nmaster -> backup\r\n\xff\x00 up");
    }
}

fn pattern(line: &[u8]) -> Option<Pattern> {
    let (&kind, text) = line.split_first()?;
    let expression = || Some(Pattern::regex(String::from_utf8(text.to_vec()).ok()?));
    let found = match kind {
        b'l' | b'L' => Some(Pattern::literal(text)),
        b'r' | b'R' => expression(),
        b'u' | b'U' => expression().map(Pattern::unicode),
        _ => None,
    }?;
    let found = if kind.is_ascii_uppercase() { found.nocase() } else { found };
    found.check().is_ok().then_some(found)
}

fn hits(scanner: &Scanner, block: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    scanner.scan(block, &mut |hit| hits.push(hit));
    hits
}

fn naive(patterns: &[Pattern], block: &[u8]) -> Vec<Hit> {
    let regexes: Vec<_> = patterns.iter().map(regex).collect();
    let mut found = Vec::new();
    let mut start = 0;
    for raw in block.split_inclusive(|&byte| byte == b'\n') {
        let line = raw.strip_suffix(b"\n").unwrap_or(raw);
        let end = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
        for (regex, pattern) in regexes.iter().zip(0..) {
            if let Some(hit) = regex.find(&line[..end]) {
                found.push(Hit { pattern, line: start..start + end, at: start + hit.start() });
            }
        }
        start += raw.len();
    }
    found
}

fn regex(pattern: &Pattern) -> regex::bytes::Regex {
    let text = match &pattern.text {
        kb_scan::PatternText::Regex(text) => text.clone(),
        kb_scan::PatternText::Literal(bytes) => {
            bytes.iter().map(|byte| format!(r"(?-u:\x{byte:02x})")).collect()
        }
    };
    let mut builder = RegexBuilder::new(&text);
    builder.unicode(pattern.unicode).case_insensitive(pattern.nocase).size_limit(64 << 20);
    builder.build().expect("every pattern was checked")
}
