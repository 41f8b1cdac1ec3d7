//! The only reader and writer of files: runbooks, logs, and what kb itself keeps.
//!
//! Knows limits, rotation names and who may write a file; knows nothing of what is in one. A file
//! that cannot be used is an error beside the others and stops none of them.

#![expect(clippy::disallowed_methods, reason = "this module is the one that reads and writes files")]

mod built_in;
mod error;
mod logs;
mod private;
mod runbooks;

pub use built_in::built_in;
pub use error::DiskError;
pub use logs::{LogFile, open_logs};
pub use private::{SyncedFile, read_private, remove_private, write_private};
pub use runbooks::{create_runbook, read_runbook, read_runbooks, real_path};

#[cfg(test)]
mod tests;
