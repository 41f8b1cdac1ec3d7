//! Every way to damage a file is an error.

use super::*;

fn scanner() -> Scanner {
    Scanner::new(&[
        Pattern::literal("File exists"),
        Pattern::literal(b"\xff\x00\n").nocase(),
        Pattern::regex(r"(?P<unit>\w+) failed").unicode(),
    ])
    .unwrap()
}

fn with_checksum(mut body: Vec<u8>) -> Vec<u8> {
    body.extend(checksum(&body).to_le_bytes());
    body
}

#[test]
fn what_is_written_is_read() {
    let written = scanner();
    let read = Scanner::from_bytes(&written.to_bytes()).unwrap();
    assert!(read.patterns().eq(written.patterns()));
    let empty = Scanner::new(&[]).unwrap();
    assert!(Scanner::from_bytes(&empty.to_bytes()).unwrap().is_empty());
}

#[test]
fn a_file_cut_short_or_changed_anywhere_is_an_error() {
    let bytes = scanner().to_bytes();
    for length in 0..bytes.len() {
        assert!(Scanner::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            assert!(Scanner::from_bytes(&damaged).is_err(), "bit {bit} of byte {at}");
        }
    }
    assert!(Scanner::from_bytes(&[bytes.as_slice(), b"x"].concat()).is_err());
}

#[test]
fn a_hostile_file_with_a_good_checksum_is_an_error() {
    let header = |count: u64| [MAGIC.as_slice(), &count.to_le_bytes()].concat();
    let huge_length = [header(1).as_slice(), &[0], &u32::MAX.to_le_bytes()].concat();
    let not_text = [header(1).as_slice(), &[IS_REGEX], &1u32.to_le_bytes(), &[0xff]].concat();
    let broken = [header(1).as_slice(), &[IS_REGEX], &1u32.to_le_bytes(), b"("].concat();
    for body in [MAGIC.to_vec(), header(u64::MAX), header(1), huge_length, not_text] {
        assert_eq!(Scanner::from_bytes(&with_checksum(body)).unwrap_err(), FileError::Damaged);
    }
    assert!(matches!(Scanner::from_bytes(&with_checksum(broken)), Err(FileError::Build(_))));
    assert_eq!(Scanner::from_bytes(b"something else").unwrap_err(), FileError::Foreign);
}
