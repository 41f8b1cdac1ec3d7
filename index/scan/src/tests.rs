//! The scanner against the naive oracle: every pattern tried on every line.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use regex::bytes::{Regex, RegexBuilder};

use super::*;

/// Lines, patterns and bytes that meet often: few letters, shared prefixes, everything nested.
const WORDS: [&str; 24] = [
    "a",
    "b",
    "ab",
    "aba",
    "abab",
    "carp",
    "carp0",
    "carp: ",
    "MASTER",
    "master",
    "Master -> BACKUP",
    "link state",
    "state changed to DOWN",
    "changed to",
    "DOWN",
    "  ",
    "\t",
    " ",
    "é",
    "É",
    "K",
    "k",
    "failed to",
    "timeout 30",
];

const EXPRESSIONS: [&str; 34] = [
    r"carp\d*: ?\w+",
    r"(?:carp|vip)\d+",
    r"state[ \t]+changed",
    r"^a",
    r"b$",
    r"^ab$",
    r"^$",
    r"",
    r"a*",
    r"(a|b)+c?",
    r"[^x]",
    r"\s\S+\s",
    r"\bMASTER\b",
    r"master|backup|carp",
    r"(?i)master",
    r"(?i:link) state",
    r"(?:a|ab|aba)b",
    r"a{2,3}",
    r"(?:ab){2}",
    r"fail(?:ed)? to",
    r"(?P<what>\S+) changed to (?P<state>UP|DOWN)",
    r"timeout (\d+)",
    r".",
    r"\d",
    r"(?u)\w+é",
    r"(?u)^\W*$",
    r"é",
    r"\x00",
    r"[\xff\xfe]",
    r"a\nb",
    r"a\n?b",
    r"(?s).a",
    r"data.*loss",
    r"(?:e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x)(?:a|b|c|d|e|f|g) state",
];

#[path = "../fuzz/case.rs"]
mod case;

type Leftmost = Box<dyn Fn(&[u8]) -> Option<usize>>;

fn oracle_regex(pattern: &Pattern) -> Regex {
    let text = match &pattern.text {
        PatternText::Regex(text) => text.clone(),
        PatternText::Literal(bytes) => bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
            text += &regex::escape(chunk.valid());
            chunk.invalid().iter().fold(text, |text, byte| text + &format!(r"(?-u:\x{byte:02x})"))
        }),
    };
    RegexBuilder::new(&text).unicode(pattern.unicode).case_insensitive(pattern.nocase).build().unwrap()
}

/// The leftmost occurrence of one pattern in one line.
fn oracle(pattern: &Pattern) -> Leftmost {
    if let (PatternText::Literal(text), false) = (&pattern.text, pattern.nocase) {
        let text = text.clone();
        return Box::new(move |line| (0..=line.len()).find(|&at| line[at..].starts_with(&text)));
    }
    let regex = oracle_regex(pattern);
    Box::new(move |line| regex.find(line).map(|found| found.start()))
}

/// Every pattern on every line.
fn naive(patterns: &[Pattern], block: &[u8]) -> Vec<Hit> {
    let oracles: Vec<_> = patterns.iter().map(oracle).collect();
    let mut hits = Vec::new();
    let mut start = 0;
    for raw in block.split_inclusive(|&byte| byte == b'\n') {
        let mut line = raw.strip_suffix(b"\n").unwrap_or(raw);
        while let Some(shorter) = line.strip_suffix(b"\r") {
            line = shorter;
        }
        for (pattern, leftmost) in oracles.iter().enumerate() {
            if let Some(at) = leftmost(line) {
                hits.push(Hit { pattern: pattern as u32, line: start..start + line.len(), at: start + at });
            }
        }
        start += raw.len();
    }
    hits
}

fn found(scanner: &Scanner, block: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let (mut noted, mut work) = (Vec::new(), Work::default());
    let feeds =
        scanner.scan_noting(&mut work, block, &mut |place| noted.push(place), &mut |hit| hits.push(hit));
    assert!(noted.is_sorted());
    let is_noted = |hit: &Hit| {
        let next = noted.get(noted.partition_point(|&place| place < hit.line.start));
        next.is_some_and(|&place| place <= hit.line.end)
    };
    assert!(scanner.tries_every_line() || hits.iter().all(is_noted));
    assert_eq!(feeds, memchr::memchr_iter(b'\n', block).count() as u64);
    hits
}

fn assert_exact(patterns: &[Pattern], block: &[u8]) {
    let scanner = Scanner::new(patterns).unwrap();
    let expected = naive(patterns, block);
    assert_eq!(found(&scanner, block), expected, "{patterns:?} on {:?}", String::from_utf8_lossy(block));
    let read = Scanner::from_bytes(scanner.to_bytes()).unwrap();
    assert_eq!(found(&read, block), expected);
    let mut candidates = BTreeSet::new();
    scanner
        .candidates(block, &mut |pattern, line| assert!(candidates.insert((pattern, line.start, line.end))));
    for Hit { pattern, line, .. } in expected {
        assert!(candidates.contains(&(pattern, line.start, line.end)), "the prefilter lost {pattern}");
    }
}

fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::sample::select(&WORDS).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::sample::select(vec![&b"\r"[..], b"\0", b"\xff", b"\xc3", b"\x1b[31m", b"x"]).prop_map(<[u8]>::to_vec),
    ]
}

fn text(words: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(word(), words).prop_map(|words| words.concat())
}

fn block() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(vec![&b"\n"[..], b"\n", b"\r\n", b"\r\r\n", b"\n\n"]);
    (vec((text(0..7), end), 0..12), text(0..3)).prop_map(|(lines, last)| {
        let mut block: Vec<u8> =
            lines.iter().flat_map(|(line, end)| [line.as_slice(), end].concat()).collect();
        block.extend(last);
        block
    })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let literal = text(0..4).prop_map(Pattern::literal);
    let expression = prop::sample::select(&EXPRESSIONS).prop_map(Pattern::regex);
    (prop_oneof![literal, expression], any::<bool>(), any::<bool>())
        .prop_map(|(pattern, nocase, unicode)| Pattern { nocase, unicode, ..pattern })
        .prop_filter("`[\\xff\\xfe]` and Unicode do not go together", |pattern| pattern.check().is_ok())
}

/// Words of phrases: with a few of them the needles are of every length that is searched differently.
const PHRASE: [&str; 12] = [
    "link",
    "state",
    "changed",
    "to",
    "DOWN",
    "down",
    "a",
    "interface",
    "0",
    "more frequent advertisement",
    "I/O",
    "é",
];

/// Expressions of every shape, over few letters.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => prop::sample::select(&["a", "b", "ab", "abc", " ", "link", "state", "é", "k", "\\.", "aab"]).prop_map(String::from),
        2 => prop::sample::select(&["[ab]", "[aA]", "[^a]", ".", "\\w", "\\d", "\\s", "[ \t]", "[\t ]+", "\\x00", "(?u:\\w)"])
            .prop_map(String::from),
        1 => prop::sample::select(&["^", "$", "\\b", "\\B", "", "\n", "\r"]).prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let repeat = prop::sample::select(&["*", "+", "?", "{2}", "{0}", "{1,3}", "{2,}", "*?", "+?", "??"]);
        prop_oneof![
            4 => vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => vec(inner.clone(), 1..4).prop_map(|ways| format!("(?:{})", ways.join("|"))),
            2 => (inner.clone(), repeat).prop_map(|(part, times)| format!("(?:{part}){times}")),
            1 => inner.clone().prop_map(|part| format!("({part})")),
            1 => inner.prop_map(|part| format!("(?i:{part})")),
        ]
    })
}

fn phrases(
    between: &'static [&'static str],
    words: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = String> {
    let pair = (prop::sample::select(&PHRASE), prop::sample::select(between));
    vec(pair, words).prop_map(|pairs| pairs.iter().flat_map(|(word, between)| [*word, *between]).collect())
}

fn phrase_pattern() -> impl Strategy<Value = Pattern> {
    let between = &[" ", "[ \t]+", "[ \t]+", "[ \t]+", "  ", "\t", " [ \t]+", ".*", "", "(?:up|the|it)?"];
    let regex = phrases(between, 1..8).prop_map(Pattern::regex);
    let literal = phrases(&[" ", " ", "  ", "\t", ""], 1..8).prop_map(Pattern::literal);
    (prop_oneof![2 => regex, 1 => literal], any::<bool>(), any::<bool>())
        .prop_map(|(pattern, nocase, unicode)| Pattern { nocase, unicode, ..pattern })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finds_what_a_naive_loop_finds(patterns in vec(pattern(), 0..24), block in block()) {
        assert_exact(&patterns, &block);
    }

    #[test]
    fn a_rebuilt_scanner_finds_what_a_new_one_finds(
        patterns in vec(prop_oneof![pattern(), phrase_pattern()], 1..24),
        known in 0..24_usize,
        block in block(),
    ) {
        let known = known.min(patterns.len());
        let old = Scanner::from_bytes(Scanner::new(&patterns[..known]).unwrap().to_bytes()).unwrap();
        let piece = |(at, pattern)| if at < known && at % 3 > 0 { Piece::Kept(at as u32) } else { Piece::New(pattern) };
        let rebuilt = old.rebuilt(patterns.iter().enumerate().map(piece)).unwrap();
        prop_assert_eq!(rebuilt.patterns().collect::<Vec<_>>(), patterns.clone());
        prop_assert_eq!(found(&rebuilt, &block), naive(&patterns, &block));
    }

    #[test]
    fn finds_phrases_whatever_blanks_are_between_the_words(
        patterns in vec(phrase_pattern(), 1..40),
        block in phrases(&[" ", " ", " ", " ", "  ", "\t", " \t ", "", "\n", "\r\n", "\0"], 0..80),
    ) {
        assert_exact(&patterns, block.as_bytes());
    }

    #[test]
    fn finds_expressions_of_every_shape(
        expressions in vec((expression(), any::<bool>(), any::<bool>()), 1..12),
        block in vec(prop::sample::select(vec![
            "a", "b", "ab", "aab", "abc", "A", "B", " ", "\t", "link", "LINK", "state", "é", "É", "k", "K", "\u{212a}", ".",
            "\n", "\n", "\r\n", "\0", "7",
        ]), 0..60),
    ) {
        let patterns: Vec<Pattern> = expressions
            .into_iter()
            .map(|(text, nocase, unicode)| Pattern { text: PatternText::Regex(text), nocase, unicode })
            .filter(|pattern| pattern.check().is_ok())
            .collect();
        assert_exact(&patterns, block.concat().as_bytes());
    }

    #[test]
    fn finds_every_expression_alone(index in 0..EXPRESSIONS.len(), nocase: bool, block in block()) {
        assert_exact(&[Pattern { nocase, ..Pattern::regex(EXPRESSIONS[index]) }], &block);
    }

    #[test]
    fn finds_many_nested_literals(literals in vec(text(1..5), 1..400), block in block()) {
        let patterns: Vec<Pattern> = literals.into_iter().map(Pattern::literal).collect();
        assert_exact(&patterns, &block);
    }
}

#[test]
fn lines_longer_than_a_chunk_and_hits_across_chunk_borders() {
    let patterns = [
        Pattern::literal("needle in a haystack"),
        Pattern::regex(r"^x+ needle (\w+)"),
        Pattern::literal("haystack").nocase(),
        Pattern::regex(r"end$"),
    ];
    for padding in [0, 1, 1000, (128 << 10) - 9, (128 << 10) - 1, 128 << 10, 5 << 20] {
        let mut block = b"first Haystack\r\n".to_vec();
        block.extend(vec![b'x'; padding]);
        block.extend(b" needle in a haystack end\nneedle in a haystack\nend");
        assert_exact(&patterns, &block);
    }
}

#[test]
fn a_long_line_full_of_one_needle_is_one_hit() {
    let patterns = [Pattern::literal("aa"), Pattern::literal("aaa"), Pattern::literal("b")];
    let mut block = vec![b'a'; 1 << 20];
    block.push(b'b');
    let hits = found(&Scanner::new(&patterns).unwrap(), &block);
    let line = 0..block.len();
    let expected = [(0, 0), (1, 0), (2, block.len() - 1)];
    assert_eq!(hits, expected.map(|(pattern, at)| Hit { pattern, line: line.clone(), at }));
}

#[test]
fn many_short_lines_that_all_hit() {
    let block = b"ab\n".repeat(100_000);
    let patterns = [Pattern::literal("ab"), Pattern::literal("b"), Pattern::regex("^a[bc]$")];
    assert_exact(&patterns, &block);
}

#[test]
fn thousands_of_patterns() {
    let patterns: Vec<Pattern> = (0..10_000)
        .map(|n| match n % 5 {
            0 => Pattern::regex(format!(r"unit{} (?:failed|stopped) with \d+", n / 7)),
            _ => Pattern::literal(format!("disk{n} is {}", n % 13)),
        })
        .collect();
    let block: Vec<u8> = (0..300)
        .flat_map(|n| {
            format!("Oct  9 disk{} is {} unit{n} failed with {n}\r\n", n * 31, n * 31 % 13).into_bytes()
        })
        .collect();
    assert_exact(&patterns, &block);
}

#[test]
fn nothing_to_find_and_nothing_to_search() {
    assert_exact(&[], b"a\nb");
    assert_exact(&[Pattern::regex("")], b"");
    assert_exact(&[Pattern::regex("")], b"\n\r\n\r");
    assert_exact(&[Pattern::literal("")], b"\n\nlast");
}

#[test]
fn the_leftmost_match_and_its_groups() {
    let patterns = [Pattern::regex(r"(?P<name>\w+)=(?P<value>\d+)?"), Pattern::literal("b=").nocase()];
    let scanner = Scanner::new(&patterns).unwrap();
    let found = scanner.locate(0, b"- a= b=2").unwrap();
    assert_eq!(found, Located { span: 2..4, groups: vec![("name", 2..3)] });
    assert_eq!(scanner.locate(1, b"- a= B=2").unwrap().span, 5..7);
    assert_eq!(scanner.locate(1, b"nothing"), None);
    assert_eq!(scanner.locate(2, b"no such pattern"), None);
}

#[test]
fn limits_are_errors_with_the_pattern_named() {
    let long = Pattern::literal(vec![b'x'; PATTERN_BYTES_MAX + 1]);
    let deep = Pattern::regex("(".repeat(80) + "a" + &")".repeat(80));
    let large = Pattern::regex(r"(?:\w{100}x){90}").unicode();
    let broken = Pattern::regex("ab(c");
    assert_eq!(long.check(), Err(PatternError::TooLong { bytes: PATTERN_BYTES_MAX + 1 }));
    assert!(matches!(deep.check(), Err(PatternError::Syntax { .. })));
    assert_eq!(large.check(), Err(PatternError::TooLarge));
    let message = "unclosed group".to_owned();
    assert_eq!(broken.check(), Err(PatternError::Syntax { message, at: 2..3 }));
    let error = Scanner::new(&[Pattern::literal("fine"), broken]).unwrap_err();
    assert_eq!(error.to_string(), "pattern 1: unclosed group");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is kept in files")]
fn the_corpus_of_the_fuzz_targets() {
    for (target, run) in [("scan", case::scan as fn(&[u8])), ("file", case::file)] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "{target}");
        for file in files {
            run(&std::fs::read(file).unwrap());
        }
    }
}

/// Lines of a log in which words of the patterns stand everywhere, but hardly ever a pattern.
fn busy_log(lines: usize) -> Vec<u8> {
    let words =
        b"port disk is failed to open the device unit of error warning timed out data loss for request at";
    let words: Vec<&[u8]> = words.split(|&byte| byte == b' ').collect();
    let mut out = Vec::new();
    for line in 0..lines {
        out.extend(format!("Oct  9 host{} app[{line}]:  ", line % 7).into_bytes());
        for word in 0..12 {
            out.extend(words[(line * 7 + word * word * (line % 5 + 1)) % words.len()]);
            out.push(b' ');
        }
        let rest = if line % 97 == 0 { "failed to open port 7: data loss\n" } else { "is all well here\n" };
        out.extend(rest.as_bytes());
    }
    out
}

#[test]
fn what_scanning_takes_does_not_grow_with_the_patterns_or_the_blocks() {
    let patterns = |count: usize| -> Vec<Pattern> {
        let of = |n: usize| match n % 5 {
            0 => Pattern::regex(format!(r"(?:error|warning): failed to open port {n}: \S+")),
            _ => {
                Pattern::regex(format!(r"failed[ \t]+to[ \t]+open[ \t]+device[ \t]+{n}:[ \t]+timed[ \t]+out"))
            }
        };
        (0..count).map(of).collect()
    };
    let log = busy_log(8_000);
    let mib = log.len() as f64 / f64::from(1 << 20);
    for count in [10, 1_000, 10_000] {
        let scanner = Scanner::new(&patterns(count)).unwrap();
        assert_eq!(scanner.compiled(), 0);
        let mut work = Work::default();
        scanner.scan_with(&mut work, &log, &mut |_| {});
        let (once, room) = (work.counts(), work.room());
        assert!(once.occurrences as f64 / mib < 200.0, "{count}: {once:?}");
        assert!(once.tries as f64 / mib < 200.0, "{count}: {once:?}");
        for _ in 0..3 {
            scanner.scan_with(&mut work, &log, &mut |_| {});
        }
        assert_eq!(work.counts(), Counts { occurrences: 4 * once.occurrences, tries: 4 * once.tries });
        assert_eq!(work.room(), room, "memory is used again");
    }
}

#[test]
fn a_branch_that_says_little_does_not_run_the_expression_everywhere() {
    let patterns =
        [Pattern::regex("data.*corruption detected on"), Pattern::regex("panic: .*|data.*loss of \\w+ on")];
    let scanner = Scanner::new(&patterns).unwrap();
    let log = b"all data is fine on this disk, no loss\n".repeat(10_000);
    let mut work = Work::default();
    scanner.scan_with(&mut work, &log, &mut |_| {});
    assert_eq!(work.counts().tries, 0);
}
