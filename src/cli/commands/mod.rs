//! The commands, one file each.

pub mod completions;
pub mod lint;
pub mod search;
pub mod match_logs;
pub mod list;
pub mod man;
