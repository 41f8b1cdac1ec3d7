//! The commands, one file each.

pub mod completions;
pub mod list;
pub mod man;
