//! A set of signatures in which those of some runbooks are replaced.

use std::iter::Peekable;

use kb_scan::{Pattern, Piece};

use super::set::{Disabled, Place, SignatureSet};
use crate::runbook::{KnowledgeBase, Runbook};

impl SignatureSet {
    /// The set as [`SignatureSet::compile_against`] would make it now that the runbooks with these
    /// numbers, in ascending order, are others. Takes apart only the signatures of those; what
    /// [`SignatureSet::disabled`] says is about those, too. `None` when there is no room for them.
    pub fn renewed(&self, changed: &[(usize, Runbook)], noise: impl FnOnce() -> Vec<u8>) -> Option<Self> {
        let runbooks = changed.iter().map(|(_, runbook)| runbook.clone()).collect();
        let own = Self::compile_against(&KnowledgeBase { runbooks, ..KnowledgeBase::default() }, noise);
        let own_patterns: Vec<Pattern> = own.scanner().patterns().collect();
        let mut old = (0..).zip(self.places()).peekable();
        let mut new = own_patterns.iter().zip(own.places()).peekable();
        let mut pieces = Vec::with_capacity(self.places().len());
        let mut places = Vec::with_capacity(self.places().len());
        for (at, &(number, _)) in changed.iter().enumerate() {
            keep(&mut old, number, &mut pieces, &mut places);
            while old.next_if(|(_, place)| place.runbook == number).is_some() {}
            while let Some((pattern, place)) = new.next_if(|(_, place)| place.runbook == at) {
                pieces.push(Piece::New(pattern));
                places.push(Place { runbook: number, ..*place });
            }
        }
        keep(&mut old, usize::MAX, &mut pieces, &mut places);
        let scanner = self.scanner().rebuilt(pieces.into_iter()).ok()?;
        let disabled = own.disabled().iter();
        let disabled = disabled.map(|block| Disabled { runbook: changed[block.runbook].0, ..block.clone() });
        Some(Self::of_parts(scanner, places, disabled.collect()))
    }
}

/// Keeps what stands before a runbook.
fn keep<'s>(
    old: &mut Peekable<impl Iterator<Item = (u32, &'s Place)>>,
    before: usize,
    pieces: &mut Vec<Piece<'_>>,
    places: &mut Vec<Place>,
) {
    while let Some((number, place)) = old.next_if(|(_, place)| place.runbook < before) {
        pieces.push(Piece::Kept(number));
        places.push(*place);
    }
}
