//! What a reader must know before anything else, as a row of badges: severity, risk, hosts, tested when,
//! restart.
//!
//! Reads the facts of a runbook as its author wrote them; the same readings group runbooks in the lists.

use super::html::text;
use crate::runbook::{Risk, Runbook};

/// How bad the problem is, as its author says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    High,
    Medium,
    Low,
    /// Not said, or in other words.
    Other,
}

impl Grade {
    pub(super) const ALL: [Self; 4] = [Self::High, Self::Medium, Self::Low, Self::Other];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Other => "not said",
        }
    }

    fn read(fact: &str) -> Self {
        let word = fact.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
        match word.to_ascii_lowercase().as_str() {
            "critical" | "high" | "page" => Self::High,
            "medium" | "warning" | "moderate" => Self::Medium,
            "low" | "info" | "minor" => Self::Low,
            _ => Self::Other,
        }
    }
}

/// The fact `Severity`.
pub(super) fn severity(runbook: &Runbook) -> Grade {
    runbook.fact("Severity").map_or(Grade::Other, Grade::read)
}

/// The highest risk of its fixes; what the page says where no fix is known.
pub(super) fn risk(runbook: &Runbook) -> Grade {
    let highest = runbook.fixes.iter().map(|fix| fix.risk).max();
    highest.map_or_else(|| runbook.fact("Risk").map_or(Grade::Other, Grade::read), of_risk)
}

pub(super) fn of_risk(risk: Risk) -> Grade {
    match risk {
        Risk::Low => Grade::Low,
        Risk::Medium => Grade::Medium,
        Risk::High => Grade::High,
    }
}

/// The date in the fact `Tested`.
pub(super) fn tested(runbook: &Runbook) -> Option<&str> {
    let fact = runbook.fact("Tested")?;
    let date = fact.get(..10)?;
    let digits = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    digits.then_some(date)
}

/// How far the fix was ever tried, as the fact `Tested` says in bold; of several words the least.
fn how_far(runbook: &Runbook) -> Option<&'static str> {
    let fact = runbook.facts.iter().find(|fact| fact.key.eq_ignore_ascii_case("Tested"))?;
    let written = runbook.source.slice(fact.span);
    ["documented", "stand-in", "real"].into_iter().find(|word| written.contains(&format!("**{word}**")))
}

/// Systems of its hosts, as a person calls them, that of the first host first; `Any system` where nothing
/// is said.
pub(super) fn systems(runbook: &Runbook) -> Vec<&'static str> {
    let known = runbook.hosts.iter().filter_map(|host| host.system.as_deref());
    let checked = runbook.checks.iter().flat_map(|check| check.os.iter().map(String::as_str));
    let mut systems: Vec<&str> = known.chain(checked).filter_map(named).collect();
    if systems.is_empty() {
        let said = runbook.fact("Applies to").unwrap_or("");
        systems.extend(said.split(|c: char| !c.is_alphanumeric()).filter_map(named));
    }
    if systems.is_empty() {
        systems.push("Any system");
    }
    let mut seen = std::collections::BTreeSet::new();
    systems.retain(|system| seen.insert(*system));
    systems
}

/// Systems by the words that name them, in lower case.
const SYSTEMS: &[(&str, &str)] = &[
    ("vmkernel", "VMware ESXi"),
    ("esxi", "VMware ESXi"),
    ("freebsd", "FreeBSD"),
    ("openbsd", "OpenBSD"),
    ("netbsd", "NetBSD"),
    ("dragonfly", "DragonFly"),
    ("linux", "Linux"),
    ("darwin", "macOS"),
    ("macos", "macOS"),
    ("cisco", "Cisco"),
    ("asa", "Cisco"),
    ("ios", "Cisco"),
    ("sunos", "Solaris"),
    ("windows", "Windows"),
];

fn named(system: &str) -> Option<&'static str> {
    let system = system.to_lowercase();
    SYSTEMS.iter().find(|(word, _)| *word == system).map(|(_, name)| *name)
}

/// The tags of a runbook, as written.
pub(super) fn tags(runbook: &Runbook) -> Vec<&str> {
    let fact = runbook.fact("Tags").unwrap_or("");
    fact.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect()
}

/// The row; nothing for a page that says nothing of the kind.
pub(super) fn row(runbook: &Runbook) -> String {
    let mut badges: Vec<String> = Vec::new();
    let mut badge = |class: &str, name: &str, value: &str| {
        badges.push(format!(
            "<li class=\"kb-badge {class}\"><span class=\"kb-badge-name\">{name}</span> {}</li>",
            text(value)
        ));
    };
    if let grade @ (Grade::High | Grade::Medium | Grade::Low) = severity(runbook) {
        badge(&format!("kb-{}", grade.name()), "Severity", grade.name());
    }
    if let grade @ (Grade::High | Grade::Medium | Grade::Low) = risk(runbook) {
        badge(&format!("kb-{}", grade.name()), "Risk of the fix", grade.name());
    }
    if runbook.has_marks() {
        let hosts: Vec<&str> = runbook.hosts.iter().map(|host| host.name.as_str()).collect();
        let hosts = if hosts == ["here"] { "this machine".to_owned() } else { hosts.join(", ") };
        badge("", if runbook.hosts.len() > 1 { "Hosts" } else { "Host" }, &hosts);
    }
    match (tested(runbook), how_far(runbook)) {
        (Some(date), Some(how)) => badge("", "Tested", &format!("{date}, {how}")),
        (Some(date), None) => badge("", "Tested", date),
        (None, _) if runbook.has_blocks() => badge("kb-medium", "Tested", "not said"),
        (None, _) => {}
    }
    if runbook.fixes.iter().any(|fix| fix.reboot) {
        badge("kb-medium", "Restart", "a fix needs one");
    }
    if let Some(status) = runbook.fact("Status") {
        badge("kb-medium", "Status", status);
    }
    if badges.is_empty() {
        return String::new();
    }
    format!("<ul class=\"kb-badges\" aria-label=\"At a glance\">{}</ul>", badges.concat())
}
