//! Signatures: the symptom lines of all runbooks, found in blocks of log text.
//!
//! Knows runbooks and `kb_scan`; knows nothing of files, times, hosts or ranks.
//!
//! A log line is judged by what it *says* ([`Said`]): its *cleaned* form ([`clean`]: no carriage
//! returns at its end, no ANSI escape sequences), and of a JSON object the message in it, without
//! escapes. [`SignatureSet::scan`] takes raw blocks all the same. Where a block holds no escape
//! character and no object, which is nearly always, it is searched as it is (the scanner itself leaves
//! out carriage returns at the end of a line). What the other lines say is put into a buffer and
//! searched there, in its place among the others, so a signature is found exactly on the lines that
//! say something it matches, in order. [`SignatureSet::confirm`] then gives the captured values of one
//! part of what a line says.
//!
//! **What a signature may not be.** Some findings of [`lint`] are errors, and an error disables its
//! block. [`SignatureSet::compile`] leaves out the blocks that are wrong in themselves (no literal
//! text to find them by, too long); [`SignatureSet::compile_against`] leaves out also those that a
//! healthy log would set off. [`SignatureSet::disabled`] says which blocks those are and why. The
//! shipped runbooks are proved against the noise sample by the tests, so the second is worth its
//! time for other people's runbooks only, and asks for the sample only when there are any.

mod clean;
mod cost;
mod expression;
#[cfg(test)]
mod fixtures;
pub(crate) mod json;
mod lint;
mod renew;
mod said;
mod set;
mod stored;
mod weak;

pub use clean::clean;
pub use cost::{Cost, costs};
pub use expression::{capture_name, scan_pattern};
pub use lint::lint;
pub use said::{Part, Said};
pub use set::{Captured, Disabled, Place, Searching, SignatureHit, SignatureSet};
