//! Decompression and character encoding, recognised by the first bytes.
//!
//! Everything streams, so an archive that unpacks to far more than its size costs time, not
//! memory. A damaged or cut archive gives what could be read and then the error.

use std::io::{self, Read};

use super::journal::{Export, is_export};
use super::packed::unpacked;
use super::utf16::{Utf16, unit_order};

/// Enough for every mark looked for.
const SNIFF_BYTES: usize = 16;
/// What a format of text is recognised by: a paste may begin with other lines.
const TEXT_BYTES: usize = 4 << 10;

/// The text behind a reader: decompressed, as UTF-8 where a byte order mark said otherwise.
pub(super) fn text(reader: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let (head, reader) = sniff(reader, SNIFF_BYTES)?;
    if let Some(what) = foreign(&head) {
        return Err(io::Error::new(io::ErrorKind::Unsupported, what));
    }
    let plain = unpacked(&head, reader)?;
    let (head, mut plain) = sniff(plain, TEXT_BYTES)?;
    Ok(match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => {
            plain.read_exact(&mut [0; 3])?;
            plain
        }
        head if let Some(order) = unit_order(head) => Box::new(Utf16::new(plain, order)),
        head if is_export(head) => Box::new(Export::new(plain)),
        head if head.get(257..262) == Some(b"ustar") => {
            let what = "it is a tar archive, which was searched as one text, and what is packed in it was not; \
                unpack it and name the folder";
            let error = io::Error::new(io::ErrorKind::Unsupported, what);
            Box::new(plain.chain(Failing(Some(error))))
        }
        _ => plain,
    })
}

/// The first bytes, and a reader that still gives them.
fn sniff(mut reader: Box<dyn Read + Send>, bytes: usize) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::with_capacity(bytes);
    let read = reader.by_ref().take(bytes as u64).read_to_end(&mut head);
    if head.is_empty() {
        read?;
        return Ok((head, reader));
    }
    // An error after the first bytes comes back at the next read, when they have been used.
    let failed: Box<dyn Read + Send> = match read {
        // A terminal would ask for its end a second time.
        Ok(_) if head.len() < bytes => Box::new(io::empty()),
        Ok(_) => reader,
        Err(error) => Box::new(Failing(Some(error))),
    };
    Ok((head.clone(), Box::new(io::Cursor::new(head).chain(failed))))
}

struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Things that are no log, and would only seem to hold nothing.
fn foreign(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some("is a zip archive, which kb does not read; unpack it first"),
        [b'7', b'z', 0xbc, 0xaf, ..] => Some("is a 7z archive, which kb does not read; unpack it first"),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => {
            Some("is a rar archive, which kb does not read; unpack it first")
        }
        [b'E', b'l', b'f', b'F', b'i', b'l', b'e', 0, ..] => {
            Some("is a log of Windows events, which kb does not read; export it as text first")
        }
        [0x5d, 0, 0, ..] | [b'L', b'Z', b'I', b'P', 1, ..] => {
            Some("is compressed with lzma or lzip, which kb does not read; unpack it first")
        }
        [4, 0x22, 0x4d, 0x18, ..] => Some("is lz4, which kb does not read; unpack it first"),
        [0x1f, 0x9d, ..] => Some("is compressed with `compress`, which kb does not read; unpack it first"),
        [b'L', b'P', b'K', b'S', b'H', b'H', b'R', b'H', ..] => {
            Some("is a journal file; use `journalctl --file=FILE | kb match`")
        }
        _ => None,
    }
}
