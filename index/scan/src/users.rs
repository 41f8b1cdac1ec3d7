//! Which patterns a needle speaks for, and what else a line must hold for each.

use std::ops::Range;

use memchr::memchr_iter;

use crate::file::{Reader, Writer};
use crate::filter::rarest_byte;
use crate::flat::Numbers;
use crate::texts::Texts;

/// One branch of a pattern.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) pattern: u32,
    /// What else the line must hold: words where case counts.
    pub(crate) others: Vec<Vec<u8>>,
}

/// Users by needle.
#[derive(Debug, Default)]
pub(crate) struct Users {
    /// For each needle where its users begin, and where the last ones end.
    first: Numbers,
    patterns: Numbers,
    /// For each user where its words begin, and where the last ones end.
    first_other: Numbers,
    others: Texts,
}

impl Users {
    /// `None` when there is no room for them.
    pub(crate) fn new(by_needle: &[Vec<User>]) -> Option<Self> {
        let mut users = Self::default();
        for list in by_needle {
            users.first.push(u32::try_from(users.patterns.len()).ok()?);
            for user in list {
                users.patterns.push(user.pattern);
                users.first_other.push(u32::try_from(users.others.len()).ok()?);
                user.others.iter().all(|word| users.others.push(word)).then_some(())?;
            }
        }
        users.first.push(u32::try_from(users.patterns.len()).ok()?);
        users.first_other.push(u32::try_from(users.others.len()).ok()?);
        Some(users)
    }

    /// The users of a needle, each with its pattern.
    pub(crate) fn of(&self, needle: u32) -> impl Iterator<Item = (usize, u32)> {
        range(&self.first, needle as usize).map(|user| (user, self.patterns.at(user)))
    }

    /// A user by its number.
    pub(crate) fn get(&self, user: usize) -> User {
        let others = range(&self.first_other, user).map(|other| self.others.get(other).to_vec());
        User { pattern: self.patterns.at(user), others: others.collect() }
    }

    /// True when a line holds all else that a user wants.
    pub(crate) fn suits(&self, user: usize, line: &[u8]) -> bool {
        range(&self.first_other, user).all(|other| holds(line, self.others.get(other)))
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.numbers(&self.first);
        writer.numbers(&self.patterns);
        writer.numbers(&self.first_other);
        self.others.write(writer);
    }

    pub(crate) fn read(reader: &mut Reader, needles: usize, patterns: usize) -> Option<Self> {
        let users = Self {
            first: reader.numbers()?,
            patterns: reader.numbers()?,
            first_other: reader.numbers()?,
            others: Texts::read(reader)?,
        };
        let fits = users.patterns.iter().all(|pattern| (pattern as usize) < patterns)
            && is_index(&users.first, needles, users.patterns.len())
            && is_index(&users.first_other, users.patterns.len(), users.others.len());
        fits.then_some(users)
    }
}

/// True when a line holds a word: without the preparation of a search in long text.
fn holds(line: &[u8], word: &[u8]) -> bool {
    let Some(rare) = rarest_byte(word) else { return true };
    let Some(later) = line.get(rare..) else { return false };
    memchr_iter(word[rare], later).any(|at| line[at..].starts_with(word))
}

fn range(first: &Numbers, index: usize) -> Range<usize> {
    first.at(index) as usize..first.at(index + 1) as usize
}

/// True when `first` cuts `items` things into `lists` lists.
fn is_index(first: &Numbers, lists: usize, items: usize) -> bool {
    first.len() == lists + 1 && first.iter().is_sorted() && first.at(lists) as usize == items
}
