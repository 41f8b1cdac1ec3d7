//! Bytes and numbers that were built here or are a part of a file that was read.
//!
//! What is part of a file is used where it stands: reading a scanner copies nothing.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// Bytes.
#[derive(Clone, Debug)]
pub(crate) enum Flat {
    Own(Vec<u8>),
    Part(Arc<Vec<u8>>, Range<usize>),
}

impl Default for Flat {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl Deref for Flat {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Part(bytes, range) => &bytes[range.clone()],
        }
    }
}

impl Flat {
    /// So many zeros.
    pub(crate) fn zeros(bytes: usize) -> Self {
        Self::Own(vec![0; bytes])
    }

    /// The bytes to be changed, which makes them our own.
    pub(crate) fn own(&mut self) -> &mut Vec<u8> {
        if let Self::Part(..) = self {
            *self = Self::Own(self.to_vec());
        }
        match self {
            Self::Own(bytes) => bytes,
            Self::Part(..) => unreachable!("it was made our own"),
        }
    }
}

/// Numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers(pub(crate) Flat);

impl Numbers {
    /// The same number so many times.
    pub(crate) fn repeated(number: u32, count: usize) -> Self {
        Self(Flat::Own(number.to_le_bytes().repeat(count)))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len() / 4
    }

    pub(crate) fn all(&self) -> &[[u8; 4]] {
        self.0.as_chunks().0
    }

    pub(crate) fn at(&self, index: usize) -> u32 {
        u32::from_le_bytes(self.all()[index])
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator {
        self.all().iter().copied().map(u32::from_le_bytes)
    }

    pub(crate) fn push(&mut self, number: u32) {
        self.0.own().extend(number.to_le_bytes());
    }

    /// Puts a number in the place of another, which is given back.
    pub(crate) fn replace(&mut self, index: usize, number: u32) -> u32 {
        let place = &mut self.0.own().as_chunks_mut().0[index];
        u32::from_le_bytes(std::mem::replace(place, number.to_le_bytes()))
    }
}
