//! Where to log in: `[user@]host[:port]`.

use std::fmt;
use std::process::Command as Process;

/// A place to log in, checked so that no part of it is taken for an option or reaches a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// `[user@]host`.
    login: String,
    port: Option<u16>,
}

impl Destination {
    /// Reads `[user@]host[:port]`; an IPv6 address with a port stands in brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let (user, rest) = text.rsplit_once('@').map_or((None, text), |(user, rest)| (Some(user), rest));
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => match rest.split_once(']')? {
                (host, "") => (host, None),
                (host, port) => (host, Some(port.strip_prefix(':')?)),
            },
            None if rest.matches(':').count() == 1 => {
                rest.split_once(':').map(|(host, port)| (host, Some(port)))?
            }
            None => (rest, None),
        };
        let port = match port {
            Some(port) => Some(port.parse().ok().filter(|&port| port != 0)?),
            None => None,
        };
        if !is_legal(host, ".:%_-") || !user.is_none_or(|user| is_legal(user, "._-+$\\")) {
            return None;
        }
        let login = user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}"));
        Some(Self { login, port })
    }

    /// What a person types to log in there.
    pub(super) fn as_typed(&self) -> String {
        match self.port {
            Some(port) => format!("ssh -p {port} {}", self.login),
            None => format!("ssh {}", self.login),
        }
    }

    /// The last options, and where to log in.
    pub(super) fn add_to(&self, process: &mut Process) {
        if let Some(port) = self.port {
            process.args(["-p", &port.to_string()]);
        }
        process.arg("--").arg(&self.login);
    }
}

fn is_legal(name: &str, others: &str) -> bool {
    name.chars().next().is_some_and(|first| first != '-')
        && name.len() <= 255
        && name.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.login.contains(':')) {
            (Some(port), false) => write!(formatter, "{}:{port}", self.login),
            (Some(port), true) => match self.login.split_once('@') {
                Some((user, host)) => write!(formatter, "{user}@[{host}]:{port}"),
                None => write!(formatter, "[{}]:{port}", self.login),
            },
            (None, _) => formatter.write_str(&self.login),
        }
    }
}

#[cfg(test)]
mod tests;
