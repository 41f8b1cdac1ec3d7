//! What kb and its helper say to each other: the plan of one block, and how it ended.
//!
//! Numbers are eight bytes, little endian; byte strings are their length and then themselves. The
//! two ends are always the same binary, so there is no version.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::time::Duration;

use crate::target::{Access, Confinement, Ending, Holding, Leftovers, Level};

/// Said to the helper while a block runs: end it, with time to clean up after itself.
pub(in crate::target) const STOP: u8 = b'i';
/// The same without that time.
pub(in crate::target) const NOW: u8 = b'k';

/// What the helper is to run.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::target) struct Plan {
    /// The interpreter: a path, or a name that is looked up.
    pub(in crate::target) interpreter: PathBuf,
    /// The script.
    pub(in crate::target) script: OsString,
    /// Values.
    pub(in crate::target) environment: Vec<(OsString, OsString)>,
    /// Programs that must exist.
    pub(in crate::target) needs: Vec<String>,
    /// Time limit.
    pub(in crate::target) time: Duration,
    /// Output limit.
    pub(in crate::target) output_bytes_max: usize,
    /// What it may do. A change gets time to clean up after itself when it is interrupted.
    pub(in crate::target) access: Access,
    /// How firmly it is to be held to that.
    pub(in crate::target) holding: Holding,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::target) struct Reply {
    /// How it ended.
    pub(in crate::target) ending: Ending,
    /// What was kept of its output.
    pub(in crate::target) text: Vec<u8>,
    /// How much was not.
    pub(in crate::target) dropped: u64,
    /// How long it took.
    pub(in crate::target) took: Duration,
    /// What it left running.
    pub(in crate::target) left: Leftovers,
    /// How firmly it was held.
    pub(in crate::target) confinement: Confinement,
}

impl Plan {
    pub(in crate::target) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.bytes(self.interpreter.as_os_str().as_bytes());
        out.bytes(self.script.as_bytes());
        out.number(self.environment.len() as u64);
        for (name, value) in &self.environment {
            out.bytes(name.as_bytes());
            out.bytes(value.as_bytes());
        }
        out.list(&self.needs);
        out.number(self.time.as_millis() as u64);
        out.number(self.output_bytes_max as u64);
        out.number(access_code(self.access));
        out.number(u64::from(self.holding.required));
        out.number(self.holding.landlock_max.map_or(u64::MAX, u64::from));
        out.0
    }

    pub(in crate::target) fn decode(message: &[u8]) -> Option<Self> {
        let mut from = Reader(message);
        Some(Self {
            interpreter: from.text()?.into(),
            script: from.text()?,
            environment: (0..from.number()?)
                .map(|_| Some((from.text()?, from.text()?)))
                .collect::<Option<_>>()?,
            needs: from.list()?,
            time: Duration::from_millis(from.number()?),
            output_bytes_max: from.number()? as usize,
            access: access_of(from.number()?),
            holding: Holding {
                required: from.number()? == 1,
                landlock_max: u8::try_from(from.number()?).ok(),
            },
        })
    }
}

impl Reply {
    pub(in crate::target) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        let (code, status, words) = match &self.ending {
            Ending::Exited(status) => (0, *status, ""),
            Ending::Signalled(signal) => (1, *signal, ""),
            Ending::TimedOut => (2, 0, ""),
            Ending::Interrupted => (3, 0, ""),
            Ending::Missing(program) => (4, 0, program.as_str()),
            Ending::Refused(why) => (5, 0, why.as_str()),
            Ending::OtherSystem(why) | Ending::NotKnown(why) => (6, 0, why.as_str()),
            Ending::NotHeld(why) => (7, 0, why.as_str()),
            Ending::TookTooMuch(what) => (8, 0, what.as_str()),
            Ending::Said(_) => (6, 0, "said by nobody"),
        };
        out.number(code);
        out.number(i64::from(status).cast_unsigned());
        out.bytes(words.as_bytes());
        out.bytes(&self.text);
        out.number(self.dropped);
        out.number(self.took.as_micros() as u64);
        out.number(u64::from(self.left.ended));
        out.number(u64::from(self.left.survived));
        match &self.confinement {
            Confinement::Free => out.number(0),
            Confinement::NotRun => out.number(3),
            Confinement::Confined(level) => {
                out.number(1);
                out.bytes(level.by.as_bytes());
                out.bytes(level.always_open.as_bytes());
                out.list(&level.holes);
                out.list(&level.opened);
            }
            Confinement::Declared(why) => {
                out.number(2);
                out.bytes(why.as_bytes());
            }
        }
        out.0
    }

    pub(in crate::target) fn decode(message: &[u8]) -> Option<Self> {
        let mut from = Reader(message);
        let (code, status) = (from.number()?, from.number()?.cast_signed() as i32);
        let words = from.words()?;
        let ending = match code {
            0 => Ending::Exited(status),
            1 => Ending::Signalled(status),
            2 => Ending::TimedOut,
            3 => Ending::Interrupted,
            4 => Ending::Missing(words),
            5 => Ending::Refused(words),
            6 => Ending::NotKnown(words),
            7 => Ending::NotHeld(words),
            8 => Ending::TookTooMuch(words),
            _ => return None,
        };
        Some(Self {
            ending,
            text: from.bytes()?.to_vec(),
            dropped: from.number()?,
            took: Duration::from_micros(from.number()?),
            left: Leftovers { ended: from.number()? as u32, survived: from.number()? as u32 },
            confinement: match from.number()? {
                0 => Confinement::Free,
                1 => Confinement::Confined(Level {
                    by: from.words()?,
                    always_open: from.words()?,
                    holes: from.list()?,
                    opened: from.list()?,
                }),
                2 => Confinement::Declared(from.words()?),
                _ => Confinement::NotRun,
            },
        })
    }
}

/// What a block may do, as a number: zero for a change, else one and a bit for each thing allowed.
pub(super) fn access_code(access: Access) -> u64 {
    match access {
        Access::Change => 0,
        Access::Read { unix, net, tmp, processes } => {
            let bits = [true, unix, net, tmp, processes].into_iter().zip(0..);
            bits.map(|(set, place)| u64::from(set) << place).sum()
        }
    }
}

/// The reverse of [`access_code`].
pub(super) fn access_of(code: u64) -> Access {
    let bit = |bit: u32| code >> bit & 1 == 1;
    if !bit(0) {
        return Access::Change;
    }
    Access::Read { unix: bit(1), net: bit(2), tmp: bit(3), processes: bit(4) }
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn list(&mut self, items: &[String]) {
        self.number(items.len() as u64);
        for item in items {
            self.bytes(item.as_bytes());
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*head))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<OsString> {
        Some(OsStr::from_bytes(self.bytes()?).to_owned())
    }

    fn words(&mut self) -> Option<String> {
        self.text()?.into_string().ok()
    }

    fn list(&mut self) -> Option<Vec<String>> {
        (0..self.number()?).map(|_| self.words()).collect()
    }
}

/// A path from bytes, whatever they are.
pub(in crate::target) fn os(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests;
