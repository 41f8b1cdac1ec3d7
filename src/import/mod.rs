//! Other people's rules as runbooks: text in, pages and what they lose out.
//!
//! Knows the formats of others and the page of ours; opens nothing. What a stranger wrote is data: on
//! the page it is prose, a signature or a sample, and it can never become a block that runs.

pub mod cre;

mod prose;
