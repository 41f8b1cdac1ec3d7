//! `kb __exec`: the supervisor of one block.

use std::ffi::OsString;
use std::process::ExitCode;

/// The hidden command: `arguments` are those after `__exec`.
pub fn main(_arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::FAILURE
}
