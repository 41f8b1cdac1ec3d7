//! Ranked full text over short technical documents, with a tokenizer made for logs.
//!
//! Documents go in as plain text in a few fields, words or log lines come in, and documents come
//! out with a score and with what was found in them. The only user of tantivy. Knows nothing of
//! runbooks, files or terminals.
//!
//! [`tokens`] decides what a word is, [`background`] how ordinary it is, [`index`] where it stands,
//! [`source`] when it is read, [`query`] which words of a query are asked, [`passage`] where in a text
//! they are, [`bag`] whether they are in it at all.

pub mod background;
pub mod bag;
mod best;
mod directory;
pub mod index;
pub mod passage;
pub mod query;
pub mod source;
mod stored;
pub mod tokens;

pub use bag::Bag;
pub use index::{Doc, Index, IndexError, Scored};
pub use passage::Passage;
pub use query::{Query, Word};
pub use source::Source;
pub use tokens::Mode;
