//! From patterns to needles: what the prefilter looks for on behalf of which pattern.

use std::cmp::Reverse;
use std::collections::HashMap;

use memchr::memmem;

use crate::filter::{NEEDLE_BYTES_MIN, Needle, RUNS_BYTES_MIN};
use crate::literal::{Branch, branches};
use crate::pattern::{Checked, Pattern};
use crate::store::Store;
use crate::users::User;

/// So many further words are looked for in a line before an expression is run on it.
const OTHERS_MAX: usize = 4;

/// What a scanner is made of, as far as its patterns were added.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    pub(crate) patterns: Store,
    pub(crate) needles: Vec<Needle>,
    /// For each needle the branches that it may begin.
    pub(crate) users: Vec<Vec<User>>,
    /// Patterns that are tried on every line, in ascending order.
    pub(crate) every_line: Vec<u32>,
    ids: HashMap<Needle, u32>,
}

impl Builder {
    /// Adds a pattern; `None` when there is no room for it.
    pub(crate) fn add(&mut self, pattern: &Pattern, checked: Checked) -> Option<()> {
        let number = u32::try_from(self.patterns.len()).ok()?;
        let branches = branches(pattern, &checked.hir);
        let needles: Option<Vec<Needle>> = branches.iter().map(needle).collect();
        let plain = pattern.plain().is_some() && needles.is_some();
        self.patterns.push(pattern, checked, plain).then_some(())?;
        let Some(needles) = needles else {
            self.every_line.push(number);
            return Some(());
        };
        for (branch, needle) in branches.iter().zip(needles) {
            let others = others(branch, &needle);
            let id = self.id(needle);
            self.users[id].push(User { pattern: number, others });
        }
        Some(())
    }

    /// Adds a pattern that another scanner took apart: its branches, each with its needle, none for one
    /// that is tried on every line. `None` when there is no room for it.
    pub(crate) fn add_known(
        &mut self,
        known: &Store,
        index: usize,
        branches: Vec<(Needle, User)>,
    ) -> Option<()> {
        let pattern = u32::try_from(self.patterns.len()).ok()?;
        self.patterns.push_known(known, index).then_some(())?;
        for (needle, user) in branches {
            let id = self.id(needle);
            self.users[id].push(User { pattern, ..user });
        }
        Some(())
    }

    fn id(&mut self, needle: Needle) -> usize {
        let new = self.needles.len() as u32;
        let id = *self.ids.entry(needle.clone()).or_insert(new);
        if id == new {
            self.needles.push(needle);
            self.users.push(Vec::new());
        }
        id as usize
    }
}

/// What the prefilter looks for on behalf of a branch; `None` when it has nothing that is rare.
fn needle(branch: &Branch) -> Option<Needle> {
    let literal = branch.literals.first()?;
    let nocase = literal.nocase;
    let text = literal.text();
    let words = text.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty());
    let bytes = words.collect::<Vec<_>>().join(&b' ');
    if literal.words.len() > 1 && bytes.len() >= RUNS_BYTES_MIN {
        return Some(Needle { bytes, nocase, blanks: true });
    }
    let bytes = literal.longest_word().to_vec();
    (bytes.len() >= NEEDLE_BYTES_MIN).then_some(Needle { bytes, nocase, blanks: false })
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The words that a branch demands beside its needle, the longest few. They keep a common needle from
/// running an expression on every line that has it.
fn others(branch: &Branch, needle: &Needle) -> Vec<Vec<u8>> {
    let exact = branch.literals.iter().filter(|literal| !literal.nocase);
    let words = exact.flat_map(|literal| &literal.words);
    let more =
        |word: &&Vec<u8>| word.len() >= NEEDLE_BYTES_MIN && memmem::find(&needle.bytes, word).is_none();
    let mut words: Vec<Vec<u8>> = words.filter(more).cloned().collect();
    words.sort_by_key(|word| Reverse(word.len()));
    words.dedup();
    words.truncate(OTHERS_MAX);
    words
}
