//! Signatures: the symptom lines of all runbooks, found in blocks of log text.
//!
//! Knows runbooks and `kb_scan`; knows nothing of files, times, hosts or ranks.
//!
//! A log line is judged by its *cleaned* form ([`clean`]): no carriage returns at its end, no ANSI
//! escape sequences. [`SignatureSet::scan`] takes raw blocks all the same. Where a block holds no
//! escape character, which is nearly always, it is searched as it is (the scanner itself leaves out
//! carriage returns at the end of a line). Lines that hold one are cleaned into a buffer and searched
//! there, in their place among the others, so a signature is found exactly on the lines whose
//! cleaned form it matches, in order. [`SignatureSet::confirm`] then gives the captured values of
//! one cleaned line.
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
mod lint;
mod set;
mod stored;
mod weak;

pub use clean::clean;
pub use cost::{Cost, costs};
pub use expression::{capture_name, scan_pattern};
pub use lint::lint;
pub use set::{Captured, Disabled, Place, Searching, SignatureHit, SignatureSet};
