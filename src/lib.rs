//! `kb`: log lines in, ranked runbooks out; a runbook in, a plan, a run and a report out.
//!
//! The modules stand in reading order, and **a module may use only modules above it**
//! (`tests/it/tidy.rs` holds that). The crates `kb-scan` and `kb-text` stand outside and know
//! nothing of runbooks.

pub mod text;
pub mod diag;
pub mod disk;
pub mod target;
pub mod runbook;
pub mod report;
pub mod signature;
pub mod triage;
pub mod catalog;
pub mod run;
pub mod proof;
pub mod import;
pub mod render;
#[cfg(feature = "book")]
pub mod book;
pub mod cli;
