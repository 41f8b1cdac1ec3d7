//! Tests of the identity of hosts.

use super::*;
use crate::runbook::HostName;

fn identity(system: &str, host: &str) -> Identity {
    Identity { system: system.into(), release: "1".into(), host: Untrusted::new(host), user: "root".into() }
}

fn says(system: Option<&str>, here: &str, log: Option<&str>, others: &[&str]) -> Option<String> {
    let host = Host { name: HostName::here(), description: String::new(), system: system.map(str::to_owned) };
    let here = identity("linux", here);
    let others: Vec<Identity> = others.iter().map(|name| identity("linux", name)).collect();
    let all: Vec<&Identity> = others.iter().chain([&here]).collect();
    let log = log.map(Untrusted::new);
    mismatch(&host, &here, log.as_ref(), &all)
}

#[test]
fn nothing_said_nothing_typed() {
    assert_eq!(says(None, "a", None, &[]), None);
    assert_eq!(says(Some("linux"), "a", None, &[]), None);
}

#[test]
fn another_system() {
    let reason = says(Some("freebsd"), "a", None, &[]).unwrap();
    assert!(reason.contains("runs freebsd") && reason.contains("runs linux"), "{reason}");
}

#[test]
fn the_host_of_the_log() {
    assert_eq!(says(None, "router-a.example.org", Some("router-a"), &[]), None);
    assert_eq!(says(None, "Router-A", Some("router-a.example.org"), &[]), None);
    assert!(says(None, "router-b", Some("router-a"), &[]).is_some());
    assert!(says(None, "router-a.example.net", Some("router-a.example.org"), &[]).is_some());
}

#[test]
fn the_log_is_of_another_host_of_this_run() {
    assert_eq!(says(None, "esx1", Some("router-a"), &["router-a"]), None);
}
