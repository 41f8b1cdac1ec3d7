//! Secrets in text that is recorded or shown: the values that a run knows as secret, in the dresses they
//! commonly wear, and text whose shape says that it is one ([`shapes`]).
//!
//! What stands in the place of a secret is the mask, and behind it a tag that is the same for the same
//! secret: a keyed hash, so that nobody can try passwords against a record that was handed on.

mod dresses;
mod shapes;

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};

/// What stands in the place of a secret.
pub const MASK: &str = "••••";
/// Digits of a tag: enough to tell a few secrets apart, too few to find one by.
const TAG_DIGITS: usize = 4;

/// The key of the tags of one journal; it never leaves the machine.
#[derive(Clone)]
pub struct TagKey([u8; 32]);

impl std::fmt::Debug for TagKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TagKey")
    }
}

impl TagKey {
    /// A key of random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn tag(&self, secret: &[u8]) -> String {
        blake3::keyed_hash(&self.0, secret).to_hex()[..TAG_DIGITS].to_owned()
    }
}

/// Takes secrets out of text.
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    key: Option<TagKey>,
    /// What is looked for: the dresses of what is known, and the masks themselves, so that nothing is
    /// found in what was put in.
    dresses: Vec<Vec<u8>>,
    /// What stands in the place of each.
    masks: Vec<String>,
    search: Option<AhoCorasick>,
}

impl Scrubber {
    /// Without a key nothing has a tag.
    pub fn new(key: Option<TagKey>) -> Self {
        Self { key, ..Self::default() }
    }

    /// What stands in the place of this secret.
    pub fn mask(&self, secret: &[u8]) -> String {
        self.key.as_ref().map_or_else(|| MASK.to_owned(), |key| format!("{MASK}{}", key.tag(secret)))
    }

    /// Makes a value known.
    pub fn learn(&mut self, secret: &[u8]) {
        if secret.is_empty() {
            return;
        }
        let mask = self.mask(secret);
        for dress in dresses::of(secret).into_iter().chain([mask.clone().into_bytes()]) {
            if !self.dresses.contains(&dress) {
                self.dresses.push(dress);
                self.masks.push(mask.clone());
            }
        }
        let longest = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&self.dresses);
        self.search = Some(longest.expect("few short texts have few states"));
    }

    /// The text without the values that are known. A text that is to be run is judged by this alone.
    pub fn known<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        match &self.search {
            Some(search) if search.is_match(text) => Cow::Owned(search.replace_all_bytes(text, &self.masks)),
            _ => Cow::Borrowed(text),
        }
    }

    /// The text without what is known or looks like a secret.
    pub fn all(&self, text: &[u8]) -> Vec<u8> {
        let text = self.known(text);
        shapes::cut(&text, &|secret| self.mask(secret))
    }

    /// True when this value, as a whole, has the shape of a secret.
    pub fn is_secret(&self, value: &[u8]) -> bool {
        !matches!(self.all(value), kept if kept == value)
    }
}

#[cfg(test)]
mod tests;
