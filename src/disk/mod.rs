//! The only reader and writer of files: runbooks, logs, and what kb itself keeps.
//!
//! Knows limits, rotation names and who may write a file; knows nothing of what is in one. A file
//! that cannot be used is an error beside the others and stops none of them.

#![expect(clippy::disallowed_methods, reason = "this module is the one that reads and writes files")]

mod built_in;
mod cache;
mod error;
mod logs;
mod private;
mod rules;
mod runbooks;
mod tree;

pub use built_in::built_in;
pub use cache::{CacheFile, Listing, Stamp, list_runbooks, local_zone, stamp, write_cache};
pub use error::DiskError;
pub use logs::{LogFile, in_order_of_time, open_logs};
pub use private::{SyncedFile, private_key, read_private, remove_private, write_private};
pub use rules::{RuleFile, read_rules};
pub use runbooks::{
    create_runbook, read_export, read_runbook, read_runbooks, real_path, replace_runbook, try_list,
};
pub use tree::{modified, read_text, read_tree, replace_tree, write_tree};

#[cfg(test)]
mod tests;
