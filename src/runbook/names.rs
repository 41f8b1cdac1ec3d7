//! The names of a runbook and of its parts, each a type that only holds a legal name.
//!
//! Knows their forms; knows nothing of what they name.

use std::fmt;
use std::sync::Arc;

/// The name of a runbook: the stem of its file, `[a-z0-9-]+`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunbookId(Arc<str>);

/// The name of a check, fix or rollback; unique in its file, `[a-z][a-z0-9-]*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(Arc<str>);

/// The name of a host as the runbook calls it (`guest`, `esxi`, `here`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// The name of a parameter and of the environment variable that carries it: `[a-z][a-z0-9_]*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParamName(Arc<str>);

macro_rules! name {
    ($type:ident, $pattern:literal, $legal:expr) => {
        impl $type {
            #[doc = concat!("The name, if it has the form `", $pattern, "`.")]
            pub fn new(name: &str) -> Option<Self> {
                let legal: fn(&str) -> bool = $legal;
                legal(name).then(|| Self(name.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, formatter)
            }
        }
    };
}

name!(RunbookId, "[a-z0-9-]+", |name| !name.is_empty() && name.bytes().all(is_word));
name!(BlockId, "[a-z][a-z0-9-]*", |name| starts_with_letter(name) && name.bytes().all(is_word));
name!(HostName, "[a-z][a-z0-9-]*", |name| starts_with_letter(name) && name.bytes().all(is_word));
name!(ParamName, "[a-z][a-z0-9_]*, not *_proxy", |name| starts_with_letter(name)
    && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    && !name.ends_with("_proxy"));

impl HostName {
    /// The host of a runbook without the fact `Where`: this machine.
    pub fn here() -> Self {
        Self("here".into())
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn starts_with_letter(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}
