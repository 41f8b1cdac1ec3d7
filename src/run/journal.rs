//! The record of what was changed: append-only, one JSON record a line, written and synced before
//! and after each step.
