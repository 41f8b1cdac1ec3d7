//! An index as bytes: what was indexed first, and what was amended since.
//!
//! The length of the first piece, the piece, the number of amended documents, their places, and the
//! second piece.

use std::ops::Range;

/// Where the pieces are.
pub(crate) struct Stored {
    pub(crate) base: Range<usize>,
    pub(crate) amendment: Range<usize>,
    /// The places of the amended documents, in ascending order.
    pub(crate) places: Vec<u32>,
}

/// The bytes of both.
pub(crate) fn write(base: &[u8], amendment: &[u8], places: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + base.len() + 4 * places.len() + amendment.len());
    out.extend((base.len() as u64).to_le_bytes());
    out.extend(base);
    out.extend((places.len() as u64).to_le_bytes());
    out.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    out.extend(amendment);
    out
}

/// Takes so many such bytes apart, which `get` gives; `None` when they are not.
pub(crate) fn read(bytes: usize, mut get: impl FnMut(Range<usize>) -> Option<Vec<u8>>) -> Option<Stored> {
    let mut number = |at: usize| {
        let end = at.checked_add(8).filter(|end| *end <= bytes)?;
        let number = u64::from_le_bytes(*get(at..end)?.first_chunk()?);
        usize::try_from(number).ok().map(|number| (number, end))
    };
    let (length, start) = number(0)?;
    let base = start..start.checked_add(length).filter(|end| *end <= bytes)?;
    let (count, start) = number(base.end)?;
    let end = start.checked_add(count.checked_mul(4)?).filter(|end| *end <= bytes)?;
    let places = get(start..end)?;
    let places: Vec<u32> = places.as_chunks().0.iter().map(|place| u32::from_le_bytes(*place)).collect();
    places.is_sorted_by(|one, other| one < other).then_some(Stored { base, amendment: end..bytes, places })
}
