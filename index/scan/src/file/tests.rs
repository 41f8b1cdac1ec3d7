//! Every way to damage a file is an error; a forged file is at worst a scanner of other things.

use super::*;
use crate::{Hit, Pattern};

fn scanner() -> Scanner {
    Scanner::new(&[
        Pattern::literal("File exists"),
        Pattern::literal(b"\xff\x00\n").nocase(),
        Pattern::literal("MASTER -> BACKUP").nocase(),
        Pattern::regex(r"(?P<unit>\w+) failed").unicode(),
        Pattern::regex(r"link[ \t]+state|carp\d+ link .*DOWN"),
        Pattern::regex(r"^\d+$"),
        Pattern::literal("up"),
    ])
    .unwrap()
}

const TEXT: &[u8] = b"ifconfig: File exists\n17\r\ncarp0 link  state DOWN\nunit failed up\nmaster -> backup";

fn hits(scanner: &Scanner) -> Vec<Hit> {
    let mut hits = Vec::new();
    scanner.scan(TEXT, &mut |hit| hits.push(hit));
    hits
}

#[test]
fn what_is_written_is_read() {
    let written = scanner();
    let read = Scanner::from_bytes(written.to_bytes()).unwrap();
    assert!(read.patterns().eq(written.patterns()));
    assert_eq!(read.to_bytes(), written.to_bytes());
    assert_eq!(hits(&read), hits(&written));
    assert_eq!(hits(&read).len(), 7);
    let empty = Scanner::new(&[]).unwrap();
    assert!(Scanner::from_bytes(empty.to_bytes()).unwrap().is_empty());
}

#[test]
fn nothing_is_compiled_before_a_line_calls_for_it() {
    let compiled =
        |scanner: &Scanner| format!("{scanner:?}").split_once("compiled: ").unwrap().1[..1].to_owned();
    let read = Scanner::from_bytes(scanner().to_bytes()).unwrap();
    assert_eq!(compiled(&read), "0");
    read.scan(b"nothing of it is here\nnor in this line, linked or stateless, 17", &mut |_| {});
    assert_eq!(compiled(&read), "1", "only what is tried on every line");
    read.scan(b"sshd.service failed", &mut |_| {});
    assert_eq!(compiled(&read), "2");
}

#[test]
fn a_file_cut_short_or_changed_anywhere_is_an_error() {
    let bytes = scanner().to_bytes();
    for length in 0..bytes.len() {
        assert!(Scanner::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(Scanner::from_bytes(damaged).is_err(), "byte {at}");
    }
    assert!(Scanner::from_bytes([bytes.as_slice(), b"x"].concat()).is_err());
    assert_eq!(Scanner::from_bytes(*b"something else").unwrap_err(), FileError::Foreign);
}

#[test]
fn a_forged_file_never_panics() {
    let patterns = [
        Pattern::literal("MASTER -> BACKUP").nocase(),
        Pattern::regex(r"link[ \t]+state|carp\d+ link .*DOWN"),
        Pattern::regex(r"^\d+$"),
        Pattern::literal("up"),
    ];
    let bytes = Scanner::new(&patterns).unwrap().to_bytes();
    let body = &bytes[..bytes.len() - 8];
    let mut accepted = 0;
    // The long tables of bits are zero nearly everywhere, and alike.
    for at in (MAGIC.len()..body.len()).filter(|at| body[*at] != 0 || at % 13 == 0) {
        for forged in [0, 0xff, body[at].wrapping_add(1), body[at] ^ 0x20] {
            let mut forgery = body.to_vec();
            forgery[at] = forged;
            forgery.extend(checksum(&forgery).to_le_bytes());
            if let Ok(scanner) = Scanner::from_bytes(forgery) {
                hits(&scanner);
                accepted += 1;
            }
        }
    }
    assert!(accepted > 0, "some forgeries are well formed");
}

#[test]
fn needles_that_no_scanner_makes_are_damage() {
    let bytes = Scanner::new(&[Pattern::regex(r"Qlink[ \t]+state")]).unwrap().to_bytes();
    let needle = b"Qlink state";
    let at = bytes.windows(needle.len()).rposition(|bytes| bytes == needle).unwrap();
    for forged in [b"\nlink state", b"Qlink stat ", b" link state", b"Qlin  state", b"Qlink\tstate"] {
        let mut forgery = bytes[..bytes.len() - 8].to_vec();
        forgery[at..at + needle.len()].copy_from_slice(forged);
        forgery.extend(checksum(&forgery).to_le_bytes());
        assert_eq!(Scanner::from_bytes(forgery).unwrap_err(), FileError::Damaged, "{forged:?}");
    }
}

#[test]
fn lists_that_end_too_early_are_damage() {
    for body in [vec![], vec![0; 3], vec![0xff; 4], vec![0xff; 400], vec![0; 400]] {
        let mut forgery = [MAGIC.as_slice(), &body].concat();
        forgery.extend(checksum(&forgery).to_le_bytes());
        assert_eq!(Scanner::from_bytes(forgery).unwrap_err(), FileError::Damaged);
    }
}
