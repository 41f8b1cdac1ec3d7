//! What a host says in answer to a supervised command, taken as it comes: found between the marks,
//! whatever a login script printed ahead of them.
//!
//! Only so much is kept as was asked for, however much comes.

use memchr::memmem;

use crate::target::keep::Keep;
use crate::target::shell::{self, mark};
use crate::target::{Ending, Identity};
use crate::text::Untrusted;

/// Ahead of the first mark, and after the last, so much is kept.
const NOISE_BYTES_MAX: usize = 256 * 1024;

/// An answer while it comes.
#[derive(Debug)]
pub(super) struct Hearing {
    nonce: String,
    /// What is not taken yet.
    pending: Vec<u8>,
    /// What came before the command began.
    before: Option<Vec<u8>>,
    text: Option<Keep>,
    ended: bool,
}

/// Why a command was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It ended by itself.
    Ended,
    /// At its time limit.
    Late,
    /// Because the life line was cut.
    Cut,
}

/// An answer as far as it came.
#[derive(Debug)]
pub(super) struct Heard {
    /// Who answered; `None`: no mark came at all.
    pub(super) identity: Option<Identity>,
    /// Nothing ran, because that is not the host it was.
    pub(super) elsewhere: bool,
    /// The command was begun.
    pub(super) begun: bool,
    /// How it ended, why, and how many processes it had left; `None`: that was not heard.
    pub(super) ending: Option<(Ending, Why, u32)>,
    pub(super) text: Vec<u8>,
    pub(super) dropped: u64,
    /// What came ahead of the marks.
    pub(super) noise: Untrusted,
}

impl Hearing {
    pub(super) fn new(nonce: &str, output_bytes_max: usize) -> Self {
        Self {
            nonce: nonce.into(),
            pending: Vec::new(),
            before: None,
            text: Some(Keep::new(output_bytes_max)),
            ended: false,
        }
    }

    fn needle(&self, word: &str) -> Vec<u8> {
        format!("\n{} {word}", mark(&self.nonce)).into_bytes()
    }

    /// Takes bytes; true when the last mark has come.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        self.pending.extend_from_slice(bytes);
        if self.before.is_none() {
            let begin = self.needle("begin 0\n");
            match memmem::find(&self.pending, &begin) {
                Some(at) => {
                    let rest = self.pending.split_off(at + begin.len());
                    self.pending.truncate(at);
                    self.before = Some(std::mem::replace(&mut self.pending, rest));
                }
                None => self.forget_noise(),
            }
        }
        if self.before.is_some() && !self.ended {
            let end = self.needle("end 0 ");
            let found = memmem::find(&self.pending, &end);
            let sure = found.unwrap_or_else(|| self.pending.len().saturating_sub(end.len()));
            let rest = self.pending.split_off(sure);
            if let Some(text) = &mut self.text {
                text.push(&self.pending);
            }
            self.pending = rest;
            self.ended = found.is_some();
        }
        if self.before.is_none() || self.ended {
            return memmem::find(&self.pending, &self.needle("done\n")).is_some();
        }
        false
    }

    fn forget_noise(&mut self) {
        let too_much = self.pending.len().saturating_sub(NOISE_BYTES_MAX);
        self.pending.drain(..too_much);
    }

    /// All that was heard.
    pub(super) fn finish(mut self) -> Heard {
        let begun = self.before.is_some();
        let mut keep = self.text.take().unwrap_or_else(|| Keep::new(0));
        let mut rest = std::mem::take(&mut self.pending);
        if begun && !self.ended {
            keep.push(&rest);
            rest.clear();
        }
        let before = self.before.take().unwrap_or_else(|| rest.clone());
        let (text, dropped) = keep.finish();
        let who = memmem::find(&before, &self.needle("who\n"));
        let after_who = who.map(|at| &before[at + self.needle("who\n").len()..]);
        let identity =
            after_who.and_then(|lines| shell::identity(lines.split_inclusive(|&byte| byte == b'\n')));
        let mut heard = Heard {
            elsewhere: memmem::find(&before, &self.needle("elsewhere\n")).is_some(),
            begun,
            ending: self.end(&rest),
            noise: Untrusted::new(&before[..who.unwrap_or(before.len())]),
            identity,
            text,
            dropped,
        };
        self.not_run(&mut heard);
        heard
    }

    /// `end 0 STATUS WHY LEFT`.
    fn end(&self, rest: &[u8]) -> Option<(Ending, Why, u32)> {
        let line = rest.strip_prefix(self.needle("end 0 ").as_slice()).filter(|_| self.ended)?;
        let line = &line[..memchr::memchr(b'\n', line)?];
        let mut words = std::str::from_utf8(line).ok()?.split_whitespace();
        let status: i32 = words.next()?.parse().ok()?;
        let why = match words.next()? {
            "ended" => Why::Ended,
            "late" => Why::Late,
            "cut" => Why::Cut,
            _ => return None,
        };
        Some((shell::ending(status), why, words.next()?.parse().ok()?))
    }

    /// Where a condition did not hold, a mark stands in place of an output.
    fn not_run(&self, heard: &mut Heard) {
        let Some(words) = heard.text.strip_prefix(self.needle("").as_slice()) else { return };
        let system = heard.identity.as_ref().map_or("", |identity| identity.system.as_str());
        let ending = std::str::from_utf8(words).ok().and_then(|words| shell::not_run(words, 0, system));
        if let Some(ending) = ending {
            heard.text.clear();
            heard.ending = Some((ending, Why::Ended, 0));
        }
    }
}

#[cfg(test)]
mod tests;
