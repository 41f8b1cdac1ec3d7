//! Lines that must not occur: those seen so far, and complete sets that one may still refute.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::oldest_quarter;
use super::tally::{BINDINGS_MAX, Completion};
use crate::triage::hit::{Binding, Gap, Hit, Mark};

/// Complete sets of one block that wait for the end of their window.
const PENDING_MAX: usize = 512;

/// The latest line of each set of values, in each input, that must not occur. Earlier ones add
/// nothing: whatever they refute from now on, the latest refutes too.
#[derive(Debug, Default)]
pub(super) struct Refuting {
    latest: BTreeMap<(Binding, u32), Mark>,
}

impl Refuting {
    /// Takes note of a line; false when one that could still refute had to make room.
    pub(super) fn add(&mut self, hit: &Hit, within: Option<i64>) -> bool {
        self.latest.insert((hit.binding.clone(), hit.mark.file), hit.mark);
        if self.latest.len() <= BINDINGS_MAX {
            return true;
        }
        let mut lost = false;
        for key in oldest_quarter(&self.latest, |mark| *mark) {
            let mark = self.latest.remove(&key);
            lost |= mark.is_some_and(|mark| mark.gap(&hit.mark, within) != Gap::Over);
        }
        !lost
    }

    /// True when one of them lies in the window before a set of hits, or among them.
    pub(super) fn refutes(&self, binding: &Binding, first: &Mark, within: Option<i64>) -> bool {
        self.latest.iter().any(|((refuting, _), mark)| {
            let gap =
                if mark.order() < first.order() { mark.gap(first, within) } else { first.gap(mark, within) };
            gap.is_met() && refuting.agrees(binding)
        })
    }
}

/// Complete sets that a line within the window after them would refute.
#[derive(Debug, Default)]
pub(super) struct Pending {
    waiting: Vec<Completion>,
}

impl Pending {
    /// Makes one wait; false when there is no room for it.
    pub(super) fn push(&mut self, found: Completion) -> bool {
        let room = self.waiting.len() < PENDING_MAX;
        if room {
            self.waiting.push(found);
        }
        room
    }

    /// Takes out those that a line refutes.
    pub(super) fn refute(&mut self, hit: &Rc<Hit>, within: Option<i64>) -> Vec<Completion> {
        self.take(|found| found.binding.agrees(&hit.binding) && found.last().gap(&hit.mark, within).is_met())
    }

    /// Takes out those whose window has ended.
    pub(super) fn release(&mut self, now: &Mark, within: Option<i64>) -> Vec<Completion> {
        self.take(|found| found.last().gap(now, within) == Gap::Over)
    }

    /// Takes out all: nothing follows.
    pub(super) fn release_all(&mut self) -> Vec<Completion> {
        std::mem::take(&mut self.waiting)
    }

    fn take(&mut self, mut wanted: impl FnMut(&Completion) -> bool) -> Vec<Completion> {
        self.waiting.extract_if(.., |found| wanted(found)).collect()
    }
}
