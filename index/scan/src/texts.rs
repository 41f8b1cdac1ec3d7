//! Many byte strings, one after the other in one piece of memory.

use crate::file::{Reader, Writer};

/// Byte strings by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    bytes: Vec<u8>,
    /// Where each ends; it begins where the one before it ends.
    ends: Vec<u32>,
}

impl Texts {
    /// Adds one behind the others; `false` when there is no room for it.
    #[must_use]
    pub(crate) fn push(&mut self, text: &[u8]) -> bool {
        let Ok(end) = u32::try_from(self.bytes.len() + text.len()) else { return false };
        self.bytes.extend(text);
        self.ends.push(end);
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.bytes);
        writer.numbers(&self.ends);
    }

    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let texts = Self { bytes: reader.bytes()?.to_vec(), ends: reader.numbers()? };
        let last = texts.ends.last().copied().unwrap_or(0);
        (texts.ends.is_sorted() && last as usize == texts.bytes.len()).then_some(texts)
    }
}
