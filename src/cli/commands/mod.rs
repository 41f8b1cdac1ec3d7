//! The commands, one file each.

#[cfg(feature = "book")]
pub mod book;
pub mod completions;
pub mod doctor;
pub mod history;
pub mod import;
pub mod index;
pub mod lint;
pub mod list;
pub mod man;
pub mod match_logs;
pub mod new;
#[cfg(not(feature = "book"))]
pub mod no_book;
pub mod run;
pub mod search;
pub mod show;
pub mod test;
pub mod trust;
pub mod undo;
