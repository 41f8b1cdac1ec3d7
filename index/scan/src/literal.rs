//! The text that a line must hold so that a pattern can match it.
//!
//! A pattern is taken apart into [`Branch`]es: it can match a line only when at least one branch has
//! all its literals in that line. Whatever cannot be said so simply is left out, which is sound: a
//! missing literal only lets more lines through to the expression itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition,
};

use crate::pattern::{Checked, Pattern, PatternError};

/// Alternatives are multiplied out up to this many branches for one concatenation.
const BRANCHES_MAX: usize = 64;

/// Text of so many bytes is rare enough: many alternatives beside it are not looked at.
const STRONG: usize = 12;

/// So many branches at most begin with the same best literal.
const SPLIT_MAX: usize = 8;

/// A class of at most so many characters is taken as alternatives.
const CLASS_MAX: usize = 4;

/// A repeated part is written out up to so many places.
const REPEAT_MAX: usize = 256;

/// So many parts of a long concatenation are tried as the one that keeps its alternatives.
const KEPT_MAX: usize = 8;

/// One way in which a pattern can match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// All of these stand in a line that matches this way; the longest first. Empty when nothing is
    /// certain.
    pub literals: Vec<Literal>,
}

/// Text that must stand in a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    /// The text, cut where the pattern has a run of blanks and tabs (`[ \t]+`). No word is empty.
    pub words: Vec<Vec<u8>>,
    /// Case of ASCII letters is ignored; `words` is in lower case.
    pub nocase: bool,
}

impl Literal {
    /// The text with one blank for each run of blanks.
    pub fn text(&self) -> Vec<u8> {
        self.words.join(&b' ')
    }

    /// The number of bytes of [`Literal::text`].
    pub fn bytes(&self) -> usize {
        self.words.iter().map(|word| word.len() + 1).sum::<usize>().saturating_sub(1)
    }

    /// The longest stretch that stands in the line byte for byte.
    pub fn longest_word(&self) -> &[u8] {
        self.words.iter().rev().max_by_key(|word| word.len()).map_or(&[], Vec::as_slice)
    }
}

/// The text that a line must hold so that `pattern` can match it; without branches it never can.
///
/// ```
/// use kb_scan::{Pattern, required_literals};
///
/// let pattern = Pattern::regex(r"(?:error|warning): \S+ is out of (?:space|inodes)");
/// let texts: Vec<_> = required_literals(&pattern)?
///     .iter()
///     .map(|branch| String::from_utf8_lossy(&branch.literals[0].text()).into_owned())
///     .collect();
/// assert_eq!(texts, [" is out of space", " is out of inodes"]);
/// # Ok::<(), kb_scan::PatternError>(())
/// ```
pub fn required_literals(pattern: &Pattern) -> Result<Vec<Branch>, PatternError> {
    Ok(branches(pattern, &Checked::new(pattern)?.hir))
}

/// The same for a pattern that was parsed before.
pub(crate) fn branches(pattern: &Pattern, hir: &Hir) -> Vec<Branch> {
    if let Some(bytes) = pattern.plain() {
        return plain_branch(bytes, pattern.nocase);
    }
    let ways = expand(hir);
    if let [way] = ways.as_slice() {
        return literals(way).map(|literals| Branch { literals }).into_iter().collect();
    }
    let mut groups: Vec<Vec<Vec<Literal>>> = Vec::new();
    let mut index_of: HashMap<Option<Literal>, usize> = HashMap::new();
    for way in &ways {
        let Some(literals) = literals(way) else { continue };
        let index = *index_of.entry(literals.first().cloned()).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(literals),
            None => groups.push(vec![literals]),
        }
    }
    groups.iter().flat_map(|group| split(group)).collect()
}

/// The branches of ways that have the same best literal: one for each strong literal by which they
/// differ, or one of what is certain for all.
fn split(ways: &[Vec<Literal>]) -> Vec<Branch> {
    let common = shared(ways.iter());
    let other = |way: &Vec<Literal>| {
        way.iter().find(|literal| literal.bytes() >= STRONG && !common.contains(literal)).cloned()
    };
    let mut groups: BTreeMap<Option<Literal>, Vec<&Vec<Literal>>> = BTreeMap::new();
    for way in ways {
        groups.entry(other(way)).or_default().push(way);
    }
    if groups.contains_key(&None) || groups.len() > SPLIT_MAX {
        return vec![Branch { literals: common }];
    }
    groups.into_values().map(|group| Branch { literals: shared(group.into_iter()) }).collect()
}

/// What all of these hold.
fn shared<'w>(mut ways: impl Iterator<Item = &'w Vec<Literal>>) -> Vec<Literal> {
    let mut literals = ways.next().cloned().unwrap_or_default();
    ways.for_each(|way| literals.retain(|literal| way.contains(literal)));
    literals
}

fn plain_branch(bytes: &[u8], nocase: bool) -> Vec<Branch> {
    if bytes.contains(&b'\n') {
        return Vec::new();
    }
    let word = if nocase { bytes.to_ascii_lowercase() } else { bytes.to_vec() };
    let literals = if word.is_empty() { vec![] } else { vec![Literal { words: vec![word], nocase }] };
    vec![Branch { literals }]
}

/// What one place of a way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Atom {
    Byte(u8),
    /// This lower-case ASCII letter or its upper case.
    Letter(u8),
    /// One or more blanks and tabs.
    Blanks,
    /// Anything, also nothing.
    Gap,
}

/// One way through an expression.
type Way = Vec<Atom>;

/// All ways through an expression, in a form that holds at least what the expression matches.
fn expand(hir: &Hir) -> Vec<Way> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.iter().map(|&byte| Atom::Byte(byte)).collect()],
        HirKind::Class(Class::Bytes(class)) => expand_bytes(class),
        HirKind::Class(Class::Unicode(class)) => expand_unicode(class),
        HirKind::Capture(capture) => expand(&capture.sub),
        HirKind::Repetition(repetition) => expand_repetition(repetition),
        HirKind::Concat(parts) => multiply(&parts.iter().map(expand).collect::<Vec<_>>()),
        HirKind::Alternation(parts) => parts.iter().flat_map(expand).collect(),
    }
}

fn expand_bytes(class: &ClassBytes) -> Vec<Way> {
    let count: usize = class.ranges().iter().map(ClassBytesRange::len).sum();
    if count > CLASS_MAX {
        return vec![vec![Atom::Gap]];
    }
    let bytes: Vec<u8> = class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect();
    if let Some(letter) = one_letter(&bytes) {
        return vec![vec![Atom::Letter(letter)]];
    }
    bytes.into_iter().map(|byte| vec![Atom::Byte(byte)]).collect()
}

fn expand_unicode(class: &ClassUnicode) -> Vec<Way> {
    let count: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
    if count > CLASS_MAX {
        return vec![vec![Atom::Gap]];
    }
    let chars: Vec<char> = class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect();
    let ascii: Option<Vec<u8>> = chars.iter().map(|&c| u8::try_from(c).ok().filter(u8::is_ascii)).collect();
    if let Some(letter) = ascii.as_deref().and_then(one_letter) {
        return vec![vec![Atom::Letter(letter)]];
    }
    chars.into_iter().map(|c| c.encode_utf8(&mut [0; 4]).bytes().map(Atom::Byte).collect()).collect()
}

/// The letter, when the bytes are its two cases.
fn one_letter(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [upper, lower] if upper.is_ascii_uppercase() && upper.to_ascii_lowercase() == *lower => Some(*lower),
        _ => None,
    }
}

fn expand_repetition(repetition: &Repetition) -> Vec<Way> {
    if repetition.max == Some(0) {
        return vec![Vec::new()];
    }
    if is_blank_run(repetition) {
        return vec![vec![Atom::Blanks]];
    }
    if repetition.min == 0 {
        let mut ways = if repetition.max == Some(1) { expand(&repetition.sub) } else { return gap() };
        ways.insert(0, Vec::new());
        return ways;
    }
    let once = expand(&repetition.sub);
    let min = repetition.min as usize;
    let times = match once.as_slice() {
        [way] if way.len().saturating_mul(min) <= REPEAT_MAX => min,
        _ => 1,
    };
    let mut parts = vec![once; times];
    if times < min || repetition.max != Some(repetition.min) {
        parts.push(gap());
    }
    multiply(&parts)
}

fn gap() -> Vec<Way> {
    vec![vec![Atom::Gap]]
}

/// `[ \t]+`, greedy or not.
fn is_blank_run(repetition: &Repetition) -> bool {
    if repetition.min != 1 || repetition.max.is_some() {
        return false;
    }
    let HirKind::Class(class) = repetition.sub.kind() else { return false };
    match class {
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).eq([(b'\t', b'\t'), (b' ', b' ')])
        }
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).eq([('\t', '\t'), (' ', ' ')])
        }
    }
}

/// The ways through parts that follow each other. When they are too many, only that part keeps its
/// alternatives that helps the weakest way most; the others become gaps.
fn multiply(parts: &[Vec<Way>]) -> Vec<Way> {
    let count = parts.iter().try_fold(1usize, |count, ways| count.checked_mul(ways.len()));
    if count.is_some_and(|count| count <= BRANCHES_MAX) {
        return product(parts, |_| true);
    }
    let none = product(parts, |_| false);
    if weakest(&none) >= STRONG {
        return none;
    }
    let mut best = (weakest(&none), none);
    let mut choices: Vec<usize> = (0..parts.len()).filter(|&index| parts[index].len() > 1).collect();
    choices.sort_by_key(|&index| Reverse(weakest(&parts[index])));
    for &kept in choices.iter().take(KEPT_MAX) {
        let ways = product(parts, |index| index == kept);
        let strength = weakest(&ways);
        if strength > best.0 {
            best = (strength, ways);
        }
    }
    best.1
}

/// The product of the parts; a part with alternatives that is not kept becomes a gap.
fn product(parts: &[Vec<Way>], keep: impl Fn(usize) -> bool) -> Vec<Way> {
    let hole = gap();
    let mut ways: Vec<Way> = vec![Vec::new()];
    for (index, part) in parts.iter().enumerate() {
        let part = if part.len() <= 1 || keep(index) { part } else { &hole };
        if let [next] = part.as_slice() {
            for way in &mut ways {
                way.extend(next);
            }
            continue;
        }
        ways = ways.iter().flat_map(|way| part.iter().map(|next| [way.as_slice(), next].concat())).collect();
    }
    ways
}

/// The length of the longest literal of the way that has the shortest.
fn weakest(ways: &[Way]) -> usize {
    let longest = |way: &Way| way.split(|&atom| atom == Atom::Gap).map(<[Atom]>::len).max().unwrap_or(0);
    ways.iter().map(longest).min().unwrap_or(usize::MAX)
}

/// The literals of a way, the longest first; `None` when it cannot match within one line.
fn literals(way: &[Atom]) -> Option<Vec<Literal>> {
    if way.contains(&Atom::Byte(b'\n')) {
        return None;
    }
    let runs = way.split(|&atom| atom == Atom::Gap);
    let mut literals: Vec<Literal> = runs.map(literal).filter(|literal| !literal.words.is_empty()).collect();
    literals.sort_by_key(|literal| Reverse((literal.bytes(), literal.longest_word().len())));
    literals.dedup();
    Some(literals)
}

fn literal(run: &[Atom]) -> Literal {
    let nocase = run.iter().any(|atom| matches!(atom, Atom::Letter(_)));
    let word = |atoms: &[Atom]| -> Vec<u8> {
        let byte = |atom: &Atom| match *atom {
            Atom::Byte(byte) if nocase => byte.to_ascii_lowercase(),
            Atom::Byte(byte) | Atom::Letter(byte) => byte,
            Atom::Blanks | Atom::Gap => b' ',
        };
        atoms.iter().map(byte).collect()
    };
    let words = run.split(|&atom| atom == Atom::Blanks).map(word).filter(|word| !word.is_empty());
    Literal { words: words.collect(), nocase }
}

#[cfg(test)]
mod tests;
