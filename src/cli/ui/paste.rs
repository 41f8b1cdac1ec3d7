//! A paste while it arrives, as bytes: where it ends, and its lines.
//!
//! Knows the two marks that a terminal sets around a paste and the keys that mean something
//! outside of them; knows no terminal.

use super::terminal::Typed;

/// Bytes that are kept; the rest of a longer paste is dropped, so its end mark is missing.
const BYTES_MAX: usize = 8 << 20;
/// The end mark is looked for in so many last bytes.
const TAIL: usize = 64 << 10;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const ERASE: [u8; 2] = [8, 127];
const BEGINS: &[u8] = b"\x1b[200~";
const ENDS: &[u8] = b"\x1b[201~";

/// What has arrived so far.
#[derive(Debug, Default)]
pub(super) struct Paste {
    raw: Vec<u8>,
    inside: bool,
    lines: usize,
}

impl Paste {
    /// Takes bytes; gives the paste when they ended it.
    pub(super) fn take(&mut self, bytes: &[u8], end: &[u8]) -> Option<Typed> {
        for &byte in bytes {
            match byte {
                CTRL_C if !self.inside => return Some(Typed::Interrupted),
                CTRL_D if !self.inside && self.raw.is_empty() => return Some(Typed::End),
                CTRL_D if !self.inside => return Some(Typed::Text(self.text())),
                byte if !self.inside && ERASE.contains(&byte) => {
                    self.raw.pop();
                }
                byte if self.raw.len() < BYTES_MAX => self.raw.push(byte),
                _ => {}
            }
            self.lines += usize::from(byte == b'\r' || byte == b'\n');
            if self.raw.ends_with(BEGINS) {
                self.raw.truncate(self.raw.len() - BEGINS.len());
                self.inside = true;
            } else if self.raw.ends_with(ENDS) {
                self.raw.truncate(self.raw.len() - ENDS.len());
                self.inside = false;
                if self.seen(end) {
                    return Some(Typed::Text(self.text()));
                }
            }
        }
        let line_ended = self.raw.last().is_some_and(|last| b"\r\n".contains(last));
        (line_ended && !self.inside && self.seen(end)).then(|| Typed::Text(self.text()))
    }

    /// True when the mark that ends the paste is there.
    pub(super) fn seen(&self, end: &[u8]) -> bool {
        let tail = self.raw.len().saturating_sub(TAIL);
        !end.is_empty() && memchr::memmem::find(&self.raw[tail..], end).is_some()
    }

    /// How many lines have ended.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    /// The lines; a terminal sends a carriage return for each line end.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.raw.len());
        for (at, &byte) in self.raw.iter().enumerate() {
            match byte {
                b'\r' if self.raw.get(at + 1) == Some(&b'\n') => {}
                b'\r' => text.push(b'\n'),
                byte => text.push(byte),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests;
