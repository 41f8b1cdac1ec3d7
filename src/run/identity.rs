//! Is this host the one that the runbook and the log speak of? Pure.

use crate::runbook::Host;
use crate::target::Identity;
use crate::text::Untrusted;

/// Why the name of a host must be typed before anything is changed on it: it is another system
/// than the runbook says, or no host of the run is the one that the log names.
pub fn mismatch(
    host: &Host,
    here: &Identity,
    log_host: Option<&Untrusted>,
    all: &[&Identity],
) -> Option<String> {
    if let Some(system) = host.system.as_ref().filter(|system| **system != here.system) {
        return Some(format!(
            "the runbook says that `{}` runs {system}, but this host runs {}",
            host.name,
            Untrusted::new(here.system.as_bytes()).for_terminal()
        ));
    }
    let named = log_host.filter(|named| !all.iter().any(|one| is_same(named, &one.host)))?;
    Some(format!(
        "the log speaks of host `{}`, but this one is `{}`",
        named.for_terminal(),
        here.host.for_terminal()
    ))
}

/// The same name, letter case aside; where one of them is without a domain, the first part counts.
pub fn is_same(one: &Untrusted, other: &Untrusted) -> bool {
    let (one, other) = (one.raw().to_ascii_lowercase(), other.raw().to_ascii_lowercase());
    let first = |name: &[u8]| name.split(|&byte| byte == b'.').next().unwrap_or(b"").to_vec();
    if one.contains(&b'.') && other.contains(&b'.') { one == other } else { first(&one) == first(&other) }
}

#[cfg(test)]
mod tests;
