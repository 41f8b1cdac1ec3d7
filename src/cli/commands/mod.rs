//! The commands, one file each.

pub mod completions;
pub mod doctor;
pub mod history;
pub mod lint;
pub mod list;
pub mod man;
pub mod match_logs;
pub mod new;
pub mod run;
pub mod search;
pub mod show;
pub mod test;
pub mod trust;
