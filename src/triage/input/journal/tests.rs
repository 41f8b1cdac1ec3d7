//! What an export may hold too much of.

use std::io::{self, Read};

use super::{Export, FEEDS_KEPT};

const BEGINNING: &[u8] = b"__CURSOR=a\n__REALTIME_TIMESTAMP=1384254060000000\n";
const MESSAGE: &[u8] = b"MESSAGE=refused\n";
const FIELD_BYTES: u64 = 64 << 20;

/// A field that holds nothing but line feeds.
fn feeds() -> impl Read + Send {
    let head = [&b"FIELD\n"[..], &FIELD_BYTES.to_le_bytes()].concat();
    io::Cursor::new(head).chain(io::repeat(b'\n').take(FIELD_BYTES + 1))
}

#[test]
fn line_feeds_in_a_field_take_no_memory_and_count() {
    let before = Box::new(BEGINNING.chain(feeds()).chain(feeds()).chain(MESSAGE));
    let after = Box::new(BEGINNING.chain(MESSAGE).chain(feeds()).chain(feeds()));
    for (source, line) in [(before as Box<dyn Read + Send>, true), (after, false)] {
        let mut export = Export::new(source);
        let mut buffer = vec![0; 64 << 10];
        let (mut fed, mut at, mut text) = (0, 0, Vec::<u8>::new());
        loop {
            let read = export.read(&mut buffer).unwrap();
            assert!(export.ready.text.capacity() < 4 * FEEDS_KEPT);
            if read == 0 {
                break;
            }
            fed += super::count(&buffer[..read]);
            let said = buffer[..read].iter().filter(|byte| **byte != b'\n');
            text.extend(said);
            if !text.is_empty() && at == 0 {
                at = fed;
            }
        }
        assert_eq!(text, b"1384254060.000000  unknown: refused");
        // What begins the entry, and each field with its name, its length and its end.
        let length = FIELD_BYTES.to_le_bytes();
        let field = 2 + FIELD_BYTES as usize + super::count(&length);
        assert_eq!(fed, 3 + 2 * field);
        assert_eq!(at > field, line);
    }
}
