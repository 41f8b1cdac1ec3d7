//! The values of a runbook's parameters: where they come from, whether they may be used, and how
//! they reach a block.
//!
//! A value is data. It goes to a block as an environment variable and in no other way; only on a
//! device without a shell is `<name>` replaced, after a stricter check.

use crate::runbook::ParamName;
use crate::text::Untrusted;

/// A value may be so long.
pub const VALUE_BYTES_MAX: usize = 4096;

/// What is known before the run.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// What the signatures captured, in the order of the log; several values of one name are asked
    /// about.
    pub log: Vec<(ParamName, Untrusted)>,
    /// The host that the log names.
    pub log_host: Option<Untrusted>,
    /// `--set NAME=VALUE`.
    pub set: Vec<(ParamName, Vec<u8>)>,
    /// `--secret-file NAME=PATH`, read by the caller, one line end cut.
    pub secrets: Vec<(ParamName, Vec<u8>)>,
}
