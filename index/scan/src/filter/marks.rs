//! Which places of a text are marked, a bit for each, and the text taken in groups to mark them.

/// Bytes that have their marks in one word.
pub(super) const GROUP: usize = 64;

/// What is looked at may reach so far beyond the last place of a group.
pub(super) const GROUP_READ: usize = GROUP + 8;

/// A word for every group of a text.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// Marks a text anew: `look` is given every group with the bytes behind it, zeros where the text
    /// ends. Inlined, so that it is compiled for the processor that `look` is compiled for.
    #[expect(clippy::inline_always, reason = "otherwise `look` would be called for each group")]
    #[inline(always)]
    pub(super) fn fill(&mut self, text: &[u8], mut look: impl FnMut(&[u8; GROUP_READ]) -> u64) {
        self.0.resize(text.len().div_ceil(GROUP), 0);
        let mut rest = text;
        let mut padded = [0; GROUP_READ];
        for marks in &mut self.0 {
            let group = rest.first_chunk().unwrap_or_else(|| {
                padded = [0; GROUP_READ];
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            *marks = look(group);
            rest = &rest[rest.len().min(GROUP)..];
        }
    }

    /// Calls `place` with every marked place, in order; they are `step` bytes apart.
    #[inline]
    pub(super) fn each(&self, step: usize, mut place: impl FnMut(usize)) {
        for (group, &marks) in self.0.iter().enumerate() {
            let mut marks = marks;
            while marks != 0 {
                place(group * GROUP + marks.trailing_zeros() as usize * step);
                marks &= marks - 1;
            }
        }
    }

    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        8 * self.0.capacity()
    }
}
