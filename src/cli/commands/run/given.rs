//! What is known before a run: values from the log, from `--set`, from files of secrets.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::cli::args::Run;
use crate::cli::commands::match_logs;
use crate::cli::context::{Context, Named};
use crate::cli::error::CommandError;
use crate::disk;
use crate::run::secrets::TagKey;
use crate::run::values::{Given, VALUE_BYTES_MAX};
use crate::runbook::{ParamName, Parameter, Runbook};
use crate::text::{Untrusted, printable};

/// Gathers values; whether they may be used is judged by the run.
pub(super) fn gather(context: &Context, args: &Run, named: &Named<'_>) -> Result<Given, CommandError> {
    let runbook = named.runbook();
    let mut given = match &args.from_log {
        Some(path) => from_log(context, path, named)?,
        None => from_memory(named),
    };
    given.set = set(runbook, &args.set)?;
    given.secrets = secrets(runbook, &args.secret_file)?;
    if !(args.dry_run || args.replay.is_some()) {
        given.tag_key = tag_key(context);
    }
    Ok(given)
}

/// What `--set` gives.
pub fn set(runbook: &Runbook, words: &[OsString]) -> Result<Vec<(ParamName, Vec<u8>)>, CommandError> {
    let read = |text: &OsString| {
        let (parameter, value) = assignment(runbook, text, "--set NAME=VALUE")?;
        let name = &parameter.name;
        if parameter.secret {
            return Err(CommandError::usage(format!(
                "`{name}` is a secret, which `--set` would show to others"
            ))
            .hint(format!("`--secret-file {name}=PATH` reads it from a file.")));
        }
        Ok((name.clone(), value))
    };
    words.iter().map(read).collect()
}

/// What `--secret-file` gives.
pub fn secrets(runbook: &Runbook, files: &[OsString]) -> Result<Vec<(ParamName, Vec<u8>)>, CommandError> {
    let read = |text: &OsString| {
        let (parameter, path) = assignment(runbook, text, "--secret-file NAME=PATH")?;
        Ok((parameter.name.clone(), secret(Path::new(OsStr::from_bytes(&path)))?))
    };
    files.iter().map(read).collect()
}

/// The key of the tags of secrets, kept beside the journal. Without one they have no tags.
pub fn tag_key(context: &Context) -> Option<TagKey> {
    let state = context.environment.journal.as_ref()?;
    disk::private_key(&state.join("tags.key")).ok().map(TagKey::new)
}

/// The values of the last match, when the runbook was named by its number there.
fn from_memory(named: &Named<'_>) -> Given {
    let mut given = Given::default();
    let Some(remembered) = &named.remembered else { return given };
    let mut hosts: Vec<Untrusted> = Vec::new();
    for instance in &remembered.instances {
        hosts.extend(instance.host());
        let captures = instance.captures();
        let known = captures.filter_map(|(name, value)| Some((ParamName::new(name)?, value)));
        add(&mut given, known);
    }
    given.log_host = one_host(hosts);
    given
}

fn from_log(context: &Context, path: &Path, named: &Named<'_>) -> Result<Given, CommandError> {
    let triage = match_logs::of_file(context, &named.base, path)?;
    let mut given = Given::default();
    let Some(found) = triage.results.into_iter().find(|found| found.runbook == named.id) else {
        context.ui.warning(&format!("The log shows nothing of `{}`; no value comes from it.", named.id));
        return Ok(given);
    };
    let mut hosts = Vec::new();
    for instance in found.instances {
        hosts.extend(instance.host);
        add(&mut given, instance.captures.into_iter());
    }
    given.log_host = one_host(hosts);
    Ok(given)
}

/// Each value once: several different ones are asked about, the same one many times is not.
fn add(given: &mut Given, values: impl Iterator<Item = (ParamName, Untrusted)>) {
    for value in values {
        if !given.log.contains(&value) {
            given.log.push(value);
        }
    }
}

/// The host that the log names, when it names one.
fn one_host(mut hosts: Vec<Untrusted>) -> Option<Untrusted> {
    hosts.sort();
    hosts.dedup();
    if hosts.len() == 1 { hosts.pop() } else { None }
}

fn assignment<'a>(
    runbook: &'a Runbook,
    text: &OsStr,
    form: &str,
) -> Result<(&'a Parameter, Vec<u8>), CommandError> {
    let bytes = text.as_bytes();
    let shown = printable(&text.to_string_lossy());
    let Some(at) = memchr::memchr(b'=', bytes) else {
        return Err(CommandError::usage(format!("`{shown}` is not of the form `{form}`")));
    };
    let name = String::from_utf8_lossy(&bytes[..at]);
    let found = runbook.parameters.iter().find(|parameter| parameter.name.as_str() == name);
    let parameter = found.ok_or_else(|| {
        let names: Vec<String> = runbook.parameters.iter().map(|known| format!("`{}`", known.name)).collect();
        let error = CommandError::usage(format!("`{}` has no parameter `{}`", runbook.id, printable(&name)));
        if names.is_empty() { error } else { error.hint(format!("It has {}.", names.join(", "))) }
    })?;
    Ok((parameter, bytes[at + 1..].to_vec()))
}

/// The first line of a file that nobody else could have written.
fn secret(path: &Path) -> Result<Vec<u8>, CommandError> {
    let bytes = disk::read_private(path, VALUE_BYTES_MAX as u64 + 2).map_err(CommandError::usage)?;
    let mut bytes = bytes.ok_or_else(|| {
        let path = crate::text::printable_path(path);
        CommandError::usage(format!("there is no file `{path}`"))
    })?;
    if let Some(end) = memchr::memchr(b'\n', &bytes) {
        bytes.truncate(end);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Ok(bytes)
}
