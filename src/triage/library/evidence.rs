//! How much the words of a line say for a runbook, and whether that is enough to speak.
//!
//! Every log line shares some words with some runbook. What counts is how rare the shared words
//! are, whether they stand together in one place of the runbook, how much of the line they
//! explain, and whether the runbook itself says that such a line is something else.
//!
//! The unit is the natural logarithm of one in so many texts (see [`kb_text::Word::rarity`]). The
//! limits were set by trying; `tests/cases/library` holds them against the words of people who had
//! the problems, and against logs of healthy machines.

use std::ops::Range;

use kb_text::{Bag, Query};

/// A word more ordinary than this says nothing.
const ORDINARY: f32 = 1.5;

/// What one place of a runbook must share with the line. More runbooks share more by chance, so
/// the logarithm of their number is added.
const ENOUGH: f32 = 9.0;

/// So much is enough where it is nearly all that the line says.
const ENOUGH_OF_ALL: f32 = 6.5;
const NEARLY_ALL: f32 = 0.85;

/// A runbook that shares so much more than the next one needs so much less in one place.
const LEAD: f32 = 1.6;
const LEAD_SAVES: f32 = 2.0;

/// What is shared counts once for the runbook, again where it stands together and again in the title.
/// With the part of the line that it explains as a factor, so much is enough, and so much more for
/// each natural logarithm of how many runbooks there are.
const STANDING: f32 = 14.0;
const STANDING_EACH: f32 = 0.4;

/// A place that explains less than this of a line is chance: long lines share much with all.
const SHARE_MIN: f32 = 0.1;

/// A line that a look-alike explains so far is that look-alike.
const FOREIGN: f32 = 0.8;

/// How much the second and further lines add to what the best line says.
const FURTHER_LINES: f32 = 0.25;

/// A score of 1 is what one rare word says that the title does not hold.
const UNIT: f32 = 10.0;

/// Shared words and what they say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shared {
    pub(super) sum: f32,
    words: Vec<(f32, String)>,
}

/// What one line says for one runbook, when it says enough.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evidence {
    score: f32,
    words: Vec<(f32, String)>,
}

/// What several lines say for one runbook.
#[derive(Debug, Default)]
pub(super) struct Sum {
    best: f32,
    rest: f32,
    words: Vec<(f32, String)>,
}

impl Sum {
    pub(super) fn add(&mut self, evidence: Evidence) {
        self.rest += self.best.min(evidence.score);
        self.best = self.best.max(evidence.score);
        for (rarity, word) in evidence.words {
            if !self.words.iter().any(|(_, known)| known.eq_ignore_ascii_case(&word)) {
                self.words.push((rarity, word));
            }
        }
    }

    /// The score, and the rarest words.
    pub(super) fn finish(mut self, words_max: usize) -> (f32, Vec<String>) {
        self.words.sort_by(|a, b| b.0.total_cmp(&a.0));
        self.words.truncate(words_max);
        // Many lines of one kind say little more than one.
        let score = self.best + (self.rest * FURTHER_LINES).min(self.best);
        (score / UNIT, self.words.into_iter().map(|(_, word)| word).collect())
    }
}

/// What a line asks, weighed against runbook after runbook.
pub(super) struct Weighing<'a> {
    query: &'a Query,
    /// What all its words say, also those that no runbook holds.
    all: f32,
    /// The natural logarithm of how many runbooks there are.
    many: f32,
}

/// The places of a runbook where the words of a line may stand.
pub(super) struct Places<'a> {
    /// The title first; each is asked by itself.
    pub(super) all: &'a [Bag],
    /// Lines of which the runbook says that they are something else.
    pub(super) foreign: &'a [Bag],
}

impl<'a> Weighing<'a> {
    /// `None` when not even a runbook that holds all the words would be spoken of.
    pub(super) fn new(query: &'a Query, runbooks: usize) -> Option<Self> {
        let all: Vec<usize> = (0..query.words().len()).collect();
        let known = share(query, &all).sum;
        let all = known + query.unknown();
        let many = (runbooks as f32).max(1.0).ln();
        let weighing = Self { query, all, many };
        let least = ENOUGH_OF_ALL.min(ENOUGH - LEAD_SAVES) + many;
        (known >= least || weighing.stands(3.0 * known, known)).then_some(weighing)
    }

    /// What the words say that were found anywhere in a runbook.
    pub(super) fn everywhere(&self, found: &[usize]) -> Shared {
        share(self.query, found)
    }

    /// False when nothing that a runbook could say in its places would make this enough.
    pub(super) fn may_speak(&self, everywhere: &Shared, next: f32) -> bool {
        self.is_enough(everywhere.sum, saved(everywhere, next))
            || self.stands(3.0 * everywhere.sum, everywhere.sum)
    }

    /// What the line says for a runbook that shares `everywhere` with it; `next` is what the next one
    /// shares.
    pub(super) fn weigh(&self, everywhere: Shared, next: f32, places: &Places<'_>) -> Option<Evidence> {
        let together = places.all.iter().map(|place| self.shared_with(place)).fold(0.0, f32::max);
        let title = places.all.first().map_or(0.0, |title| self.shared_with(title));
        let standing = everywhere.sum + together + title;
        let saved = saved(&everywhere, next);
        let at_once = self.is_enough(everywhere.sum, saved) && self.is_enough(together, saved);
        if !at_once && !self.stands(standing, everywhere.sum) || together < SHARE_MIN * self.all {
            return None;
        }
        if places.foreign.iter().any(|line| self.shared_with(line) >= FOREIGN * everywhere.sum) {
            return None;
        }
        Some(Evidence { score: standing, words: everywhere.words })
    }

    fn is_enough(&self, sum: f32, saved: f32) -> bool {
        sum >= self.many + ENOUGH - saved
            || (sum >= self.many + ENOUGH_OF_ALL && sum >= NEARLY_ALL * self.all)
    }

    /// It explains enough of the line, and is about it.
    fn stands(&self, standing: f32, shared: f32) -> bool {
        standing * shared / self.all.max(1.0) >= STANDING + STANDING_EACH * self.many
    }

    fn shared_with(&self, place: &Bag) -> f32 {
        share(self.query, &place.found(self.query)).sum
    }
}

/// How much less is enough, because the next runbook shares so little.
fn saved(everywhere: &Shared, next: f32) -> f32 {
    if everywhere.sum > LEAD * next { LEAD_SAVES } else { 0.0 }
}

/// One identifier of the line, with what its parts say.
struct Group<'a> {
    source: Range<usize>,
    rarity: f32,
    surface: &'a str,
}

/// Adds up words, the parts of one identifier once.
fn share(query: &Query, found: &[usize]) -> Shared {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for word in found.iter().filter_map(|&at| query.words().get(at)) {
        let (source, surface) = (word.source(), word.surface());
        let overlaps =
            |group: &&mut Group<'_>| group.source.start < source.end && source.start < group.source.end;
        match groups.iter_mut().find(overlaps) {
            // Words come rarest first, so the first of a group is what it says.
            Some(group) if group.source.len() < source.len() => {
                (group.source, group.surface) = (source, surface);
            }
            Some(_) => {}
            None => groups.push(Group { source, rarity: word.rarity(), surface }),
        }
    }
    let mut distinct: Vec<Group<'_>> = Vec::new();
    for group in groups {
        if group.rarity >= ORDINARY && !distinct.iter().any(|other| is_same(other.surface, group.surface)) {
            distinct.push(group);
        }
    }
    let groups = distinct;
    Shared {
        sum: groups.iter().map(|group| group.rarity).sum(),
        words: groups.into_iter().map(|group| (group.rarity, group.surface.to_owned())).collect(),
    }
}

/// `rsyslogd` and `rsyslog`, `CHRONY` and `chronyd`: one thing said twice.
fn is_same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let begins = long.get(..short.len()).is_some_and(|start| start.eq_ignore_ascii_case(short));
    begins && short.len() >= 3 && long.len() - short.len() <= 1
}
