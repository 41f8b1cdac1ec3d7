//! Many byte strings, one after the other in one piece of memory.

use crate::file::{Reader, Writer};
use crate::flat::{Flat, Numbers};

/// Byte strings by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    bytes: Flat,
    /// Where each ends; it begins where the one before it ends.
    ends: Numbers,
}

impl Texts {
    /// Adds one behind the others; `false` when there is no room for it.
    #[must_use]
    pub(crate) fn push(&mut self, text: &[u8]) -> bool {
        let Ok(end) = u32::try_from(self.bytes.len() + text.len()) else { return false };
        self.bytes.own().extend(text);
        self.ends.push(end);
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends.at(before));
        &self.bytes[start as usize..self.ends.at(index) as usize]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.bytes);
        writer.numbers(&self.ends);
    }

    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let texts = Self { bytes: reader.bytes()?, ends: reader.numbers()? };
        let last = texts.ends.iter().next_back().unwrap_or(0);
        (texts.ends.iter().is_sorted() && last as usize == texts.bytes.len()).then_some(texts)
    }
}
