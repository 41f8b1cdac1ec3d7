//! What a person reads when ssh could not log in.

use super::{known_key, no_login};
use crate::target::ssh::Destination;

fn told(said: &str) -> String {
    let known = "# Host esx1 found: line 3\nesx1 ED25519 SHA256:old/1 \n";
    no_login(said, Some(known), &Destination::parse("root@esx1:2222").expect("a place"))
}

#[test]
fn a_changed_key_says_both_places_and_what_to_do() {
    let said = "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n\
                The fingerprint for the ED25519 key sent by the remote host is\nSHA256:abc+/1.\n\
                Offending ED25519 key in /root/.ssh/known_hosts:3\nHost key verification failed.\n";
    let text = told(said);
    assert!(
        text.contains("it shows SHA256:abc+/1, and SHA256:old/1 stands in /root/.ssh/known_hosts:3."),
        "{text}"
    );
    assert!(text.contains("`ssh -p 2222 root@esx1`"), "{text}");
}

#[test]
fn an_unknown_key_says_how_to_make_it_known() {
    let said = "No ED25519 host key is known for esx1 and you have requested strict checking.\n\
                Host key verification failed.\n";
    assert!(told(said).starts_with("its host key (ED25519) is not known here."), "{}", told(said));
}

#[test]
fn otherwise_ssh_has_the_last_word() {
    assert_eq!(
        told("Warning: noise\nroot@esx1: Permission denied (publickey).\n"),
        "ssh says: root@esx1: Permission denied (publickey)."
    );
    assert_eq!(told(""), "ssh could not log in, and did not say why");
}

#[test]
fn the_key_that_was_known_is_looked_up_where_ssh_says() {
    let said = "  remove with:\n  ssh-keygen -f \"/home/a b/.ssh/known_hosts\" -R \"[esx1]:2222\"\n";
    assert_eq!(known_key(said), Some(("/home/a b/.ssh/known_hosts".into(), "[esx1]:2222".into())));
    assert_eq!(known_key("Permission denied\n"), None);
}
