//! Values as assignments for a shell, so that no byte of them is ever read as code.

use std::fmt::Write as _;

/// A line may be so long: a terminal in line mode cuts longer ones, on some systems early.
const LINE_BYTES_MAX: usize = 200;

/// `NAME='VALUE'` and its export. Lines end in a line feed.
pub(in crate::target) fn assignment(name: &str, value: &[u8]) -> String {
    let plain = value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    let value = if plain { quoted(value) } else { octal(value) };
    format!("{name}={value}\nexport {name}\n")
}

/// In single quotes, in pieces on lines of their own when it is long.
pub(in crate::target) fn quoted(value: &[u8]) -> String {
    let pieces = value.chunks(LINE_BYTES_MAX / 4).map(|piece| {
        let text: String = piece.iter().map(|&byte| char::from(byte)).collect();
        format!("'{}'", text.replace('\'', r"'\''"))
    });
    let pieces: Vec<String> = pieces.collect();
    if pieces.is_empty() { "''".into() } else { pieces.join("\\\n") }
}

/// Bytes that a terminal might act on are spelled out for `printf`.
fn octal(value: &[u8]) -> String {
    let pieces = value.chunks(LINE_BYTES_MAX / 4).map(|piece| {
        let mut text = String::new();
        for &byte in piece {
            if byte.is_ascii_alphanumeric() {
                text.push(char::from(byte));
            } else {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
        format!("'{text}'")
    });
    format!("$(printf {})", pieces.collect::<Vec<_>>().join("\\\n"))
}
