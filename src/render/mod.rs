//! How things look: for people, for programs, for tickets.
//!
//! Everything here writes to a writer it was given; nobody prints. Knows the results (`report`,
//! `runbook`, `diag`), never the terminal, the environment or the clock.

pub mod style;
pub mod page;
pub mod human;
pub mod json;
pub mod markdown;
pub mod diagnostics;
pub mod junit;
pub mod nagios;
