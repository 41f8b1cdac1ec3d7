//! The user's own `config.toml`: where hosts are.
//!
//! It is read from the user's configuration folder alone; nothing of a project or a runbook adds to it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::hosts::Place;
use crate::cli::env::Environment;
use crate::cli::error::CommandError;
use crate::disk;
use crate::text::{printable, printable_path};

const FILE: &str = "config.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// What a runbook calls a host, and where it is.
    #[serde(default)]
    hosts: BTreeMap<String, String>,
}

/// Where the configuration says that a host is.
pub(super) fn host(environment: &Environment, name: &str) -> Result<Option<Place>, CommandError> {
    let Some(path) = environment.config.as_ref().map(|folder| folder.join(FILE)) else { return Ok(None) };
    if !path.exists() {
        return Ok(None);
    }
    let shown = printable_path(&environment.short(&path));
    let source = disk::read_runbook(&path).map_err(CommandError::usage)?;
    let config: Config = toml::from_str(&source.text).map_err(|error| {
        let why = printable(&error.message().replace('\n', ", "));
        CommandError::usage(format!("`{shown}` cannot be used: {why}"))
            .hint("It holds `[hosts]`, and in it lines like `esxi = \"root@esx1\"`.")
    })?;
    let Some(place) = config.hosts.get(name) else { return Ok(None) };
    let wrong = || {
        CommandError::usage(format!("`{shown}` binds `{name}` to `{}`, which is no place", printable(place)))
            .hint("A place is `here`, `by-hand`, or `[user@]host[:port]` for ssh.")
    };
    Place::parse(place).map(Some).ok_or_else(wrong)
}
