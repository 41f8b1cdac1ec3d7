//! The last match, remembered so that the next command is `kb run 1`: no value of a log needs to be
//! typed or pasted.
//!
//! One file of mode 0600 in the state folder, versioned, replaced as a whole. Damage to it costs a
//! new `kb match`, nothing else.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::env::Environment;
use super::error::{CommandError, Failed};
use crate::disk;
use crate::report::Triage;
use crate::text::Untrusted;

const VERSION: u32 = 1;
const BYTES_MAX: u64 = 4 << 20;
/// Instances of one result that are remembered.
const INSTANCES_MAX: usize = 50;

/// The last match.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Remembered {
    version: u32,
    /// In the order of their numbers.
    pub results: Vec<Result>,
}

/// One result of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Result {
    /// The slug.
    pub runbook: String,
    /// Newest first.
    pub instances: Vec<Instance>,
}

/// One instance: bytes as they came from the log, so they need not be UTF-8.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Instance {
    host: Option<Vec<u8>>,
    captures: Vec<(String, Vec<u8>)>,
}

impl Instance {
    /// The host that the log names.
    pub fn host(&self) -> Option<Untrusted> {
        self.host.clone().map(Untrusted::new)
    }

    /// What the signatures captured.
    pub fn captures(&self) -> impl Iterator<Item = (&str, Untrusted)> {
        self.captures.iter().map(|(name, value)| (name.as_str(), Untrusted::new(value.clone())))
    }
}

/// Remembers a match in the order of its results.
pub fn remember(environment: &Environment, triage: &Triage) -> std::result::Result<(), CommandError> {
    let Some(path) = path(environment) else { return Ok(()) };
    let results = triage.results.iter().map(|found| Result {
        runbook: found.runbook.to_string(),
        instances: found.instances.iter().take(INSTANCES_MAX).map(instance).collect(),
    });
    let remembered = Remembered { version: VERSION, results: results.collect() };
    let text = serde_json::to_vec(&remembered).map_err(CommandError::usage)?;
    disk::write_cache(&path, &text).map_err(CommandError::usage)
}

fn instance(found: &crate::report::Instance) -> Instance {
    Instance {
        host: found.host.as_ref().map(|host| host.raw().to_vec()),
        captures: found
            .captures
            .iter()
            .map(|(name, value)| (name.to_string(), value.raw().to_vec()))
            .collect(),
    }
}

/// The last match.
pub fn recall(environment: &Environment) -> std::result::Result<Remembered, CommandError> {
    const HINT: &str = "Match a log first: `kb match FILE`.";
    let nothing = || CommandError::usage("there is no last match to take the number from").hint(HINT);
    let path = path(environment).ok_or_else(nothing)?;
    let bytes =
        disk::read_private(&path, BYTES_MAX).map_err(|error| CommandError::usage(error).hint(HINT))?;
    let bytes = bytes.ok_or_else(nothing)?;
    let damaged = |source: serde_json::Error| {
        CommandError::usage(Failed::new("read the last match, which is damaged", source.into())).hint(HINT)
    };
    let remembered: Remembered = serde_json::from_slice(&bytes).map_err(damaged)?;
    if remembered.version != VERSION {
        return Err(CommandError::usage("the last match was written by another version of kb").hint(HINT));
    }
    Ok(remembered)
}

fn path(environment: &Environment) -> Option<PathBuf> {
    Some(environment.state.as_ref()?.join("last-match.json"))
}
