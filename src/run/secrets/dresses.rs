//! How a known secret may stand in an output: as it is, quoted, escaped, or encoded by a tool on its way.

use std::fmt::Write as _;

/// Shorter secrets are looked for only as they are: their encodings occur by chance.
const ENCODED_BYTES_MIN: usize = 4;
/// A piece of base64 in the middle of another must be so long.
const PIECE_BYTES_MIN: usize = 6;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Everything to look for.
pub(super) fn of(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut dresses = vec![secret.to_vec()];
    if secret.len() >= ENCODED_BYTES_MIN {
        dresses.extend([
            escaped(secret, |byte| byte == b'\'', |_| r"'\''".into()),
            escaped(secret, |byte| matches!(byte, b'"' | b'\\'), |byte| format!("\\{}", byte as char)),
            escaped(
                secret,
                |byte| matches!(byte, b'"' | b'\\' | b'$' | b'`'),
                |byte| format!("\\{}", byte as char),
            ),
            escaped(secret, |byte| !is_plain(byte) && byte.is_ascii(), |byte| format!("\\{}", byte as char)),
            escaped(secret, |byte| !is_plain(byte), |byte| format!("%{byte:02X}")),
            escaped(secret, |byte| !is_plain(byte), |byte| format!("%{byte:02x}")),
            escaped(secret, |byte| !is_plain(byte) && byte != b' ', |byte| format!("%{byte:02X}"))
                .into_iter()
                .map(|byte| if byte == b' ' { b'+' } else { byte })
                .collect(),
            escaped(secret, |byte| b"&<>\"'".contains(&byte), html),
            hexadecimal(secret, false),
            hexadecimal(secret, true),
        ]);
        for alphabet in [STANDARD, FOR_URLS] {
            dresses.extend((0..3).map(|offset| base64(secret, offset, alphabet)));
        }
        dresses.retain(|dress| dress.len() >= ENCODED_BYTES_MIN);
    }
    dresses
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}

fn escaped(secret: &[u8], wanted: impl Fn(u8) -> bool, escape: impl Fn(u8) -> String) -> Vec<u8> {
    let mut out = Vec::with_capacity(secret.len());
    for &byte in secret {
        if wanted(byte) {
            out.extend_from_slice(escape(byte).as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn html(byte: u8) -> String {
    let name = match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        _ => "&#39;",
    };
    name.to_owned()
}

fn hexadecimal(secret: &[u8], upper: bool) -> Vec<u8> {
    let text = secret.iter().fold(String::new(), |mut text, byte| {
        let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
        text
    });
    text.into_bytes()
}

/// The part of its base64 that does not depend on what stands before and after it, when it begins
/// `offset` bytes into a group of three.
fn base64(secret: &[u8], offset: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let mut bits = vec![0; offset];
    bits.extend_from_slice(secret);
    let whole = bits.len() * 8 / 6;
    let digit = |at: usize| {
        let bit = at * 6;
        let byte = |at: usize| u16::from(bits.get(at).copied().unwrap_or(0));
        let pair = byte(bit / 8) << 8 | byte(bit / 8 + 1);
        alphabet[usize::from(pair >> (10 - bit % 8) & 63)]
    };
    // A digit that holds bits of the bytes before is left out.
    let first = (offset * 8).div_ceil(6);
    let piece: Vec<u8> = (first..whole).map(digit).collect();
    if piece.len() < PIECE_BYTES_MIN { Vec::new() } else { piece }
}
