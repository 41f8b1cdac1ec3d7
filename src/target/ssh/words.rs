//! What `ssh` says when it cannot log in, in the words of a person who must do something about it.

use regex::Regex;

use super::destination::Destination;

/// Of what ssh says so much is read.
pub(super) const BYTES_MAX: u64 = 64 * 1024;

/// Where the key stands that a host had: the file, and the name of the host in it.
pub(super) fn known_key(said: &str) -> Option<(String, String)> {
    let place = find(said, r#"ssh-keygen -f "([^"]+)" -R"#)?;
    Some((place, find(said, r#"-R "([^"]+)""#)?))
}

/// Why there was no login. `said` is safe to show; `known` is what `ssh-keygen` prints of the key that
/// the host had.
pub(super) fn no_login(said: &str, known: Option<&str>, destination: &Destination) -> String {
    if said.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        let print = |text| find(text, r"SHA256:[A-Za-z0-9+/=]+");
        let offered = print(said).unwrap_or_else(|| "one that ssh does not tell".into());
        let had = known.and_then(print).unwrap_or_else(|| "another one".into());
        let place = find(said, r"Offending \S+ key in (.+)").unwrap_or_else(|| "the known hosts".into());
        return format!(
            "its host key is not the one that is known here: it shows {offered}, and {had} stands in \
             {place}. Nothing was sent. If the host got a new key for a reason that you know, log in once by \
             yourself (`{}`): ssh says how to put the new key in the place of the old",
            destination.as_typed()
        );
    }
    if let Some(kind) = find(said, r"No (\S+) host key is known for") {
        return format!(
            "its host key ({kind}) is not known here. Nothing was sent. Log in once by yourself (`{}`) and \
             compare the fingerprint that ssh shows",
            destination.as_typed()
        );
    }
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [] => "ssh could not log in, and did not say why".into(),
        [.., last] => format!("ssh says: {last}"),
    }
}

/// The first group of the first match, or all of it.
fn find(text: &str, pattern: &str) -> Option<String> {
    let found = Regex::new(pattern).ok()?.captures(text)?;
    let found = found.get(1).or_else(|| found.get(0))?;
    Some(found.as_str().trim().trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests;
