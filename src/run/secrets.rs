//! Secrets in text that is recorded or shown: the values that a run knows as secret, in the dresses they
//! commonly wear, and text whose shape says that it is one ([`shapes`]).
//!
//! What stands in the place of a secret is the mask, and behind it a tag that is the same for the same
//! secret: a keyed hash, so that nobody can try passwords against a record that was handed on.

mod dresses;
mod shapes;

use std::borrow::Cow;

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
    /// What is looked for, longest first, and what stands in its place.
    known: Vec<(Vec<u8>, String)>,
}

impl Scrubber {
    /// Without a key nothing has a tag.
    pub fn new(key: Option<TagKey>) -> Self {
        Self { key, known: Vec::new() }
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
        for dress in dresses::of(secret) {
            if !self.known.iter().any(|(known, _)| *known == dress) {
                self.known.push((dress, mask.clone()));
            }
        }
        // What holds another is replaced before it.
        self.known.sort_by_key(|(dress, _)| std::cmp::Reverse(dress.len()));
    }

    /// The text without the values that are known. A text that is to be run is judged by this alone.
    pub fn known<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let mut text = Cow::Borrowed(text);
        for (dress, mask) in &self.known {
            if memchr::memmem::find(&text, dress).is_some() {
                text = Cow::Owned(replace(&text, dress, mask.as_bytes()));
            }
        }
        text
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

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for at in memchr::memmem::find_iter(text, from) {
        out.extend_from_slice(&text[done..at]);
        out.extend_from_slice(to);
        done = at + from.len();
    }
    out.extend_from_slice(&text[done..]);
    out
}

#[cfg(test)]
mod tests;
