//! No byte from outside reaches a terminal unescaped: attacks are planted wherever text comes from, and
//! every command is asked for everything it shows to people.
//!
//! A case of `tests/cases/escapes` has `values` (the attacks, written as in the table of hostile
//! values), files in which `[ATTACKS]` stands for all of them, and `commands`. Each command runs plainly
//! and in colour; of what it shows only kb's own colours may be left out before it is looked at.

#![expect(clippy::disallowed_methods, reason = "a test makes the files that it attacks with")]

use std::fmt::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use crate::cases::{self, Case, Result};
use crate::console::Sandbox;
use crate::target::bytes;

/// Runs one file.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let attacks: Vec<Vec<u8>> = case.block("values").expect("attacks").lines().map(bytes).collect();
        let sandbox = Sandbox::new(case);
        plant(case, &sandbox, &attacks);
        let mut report = String::new();
        for command in case.block("commands").expect("commands").lines() {
            for color in ["never", "always"] {
                let found = shown(&sandbox, command, color, &attacks);
                if color == "never" || !found.starts_with("clean") {
                    let _ = writeln!(report, "{found}: {command}");
                }
            }
        }
        vec![report]
    })
}

/// Writes the files of the case anew, with the attacks in them, and one whose name is an attack.
fn plant(case: &Case, sandbox: &Sandbox, attacks: &[Vec<u8>]) {
    let joined = attacks.join(&b' ');
    // A file that is not UTF-8 is read, but nothing in it runs.
    let text: Vec<&[u8]> =
        attacks.iter().map(Vec::as_slice).filter(|attack| std::str::from_utf8(attack).is_ok()).collect();
    let text = text.join(&b' ');
    for block in &case.blocks {
        let Some(name) = block.key("file") else { continue };
        let planted = replaced(block.text.as_bytes(), "[ATTACKS]", &joined);
        let planted = replaced(&planted, "[TEXT]", &text);
        std::fs::write(sandbox.folder().join(name), planted).expect("a file");
    }
    let name = [b"name-".as_slice(), &joined[..joined.len().min(120)], b".md"].concat();
    let name = name.into_iter().filter(|byte| !b"/\0".contains(byte)).collect();
    let evil = sandbox.folder().join("runbooks").join(std::ffi::OsString::from_vec(name));
    std::fs::write(evil, "# A page\n\n```sh check x\nfalse\n```\n").expect("a file");
}

fn replaced(text: &[u8], word: &str, by: &[u8]) -> Vec<u8> {
    let word = regex::bytes::Regex::new(&regex::escape(word)).expect("an escaped word");
    word.replace_all(text, regex::bytes::NoExpand(by)).into_owned()
}

/// Runs a command and looks at what it shows.
fn shown(sandbox: &Sandbox, command: &str, color: &str, attacks: &[Vec<u8>]) -> String {
    let script = format!("kb() {{ command kb --color={color} \"$@\"; }}; {command}");
    let joined = attacks.join(&b' ').into_iter().filter(|byte| *byte != 0).collect();
    let output = sandbox
        .command("/bin/bash")
        .args(["-c", &script])
        .env("ATTACKS", std::ffi::OsString::from_vec(joined))
        .output()
        .expect("bash(1) starts");
    let mut text = output.stdout;
    text.extend(output.stderr);
    if text.is_empty() {
        return "NOTHING SHOWN".into();
    }
    match raw(&without_colors(&text)) {
        None => format!("clean, status {}", output.status.code().unwrap_or(-1)),
        Some(found) => format!("RAW {found}"),
    }
}

/// Takes away `ESC [ numbers m`, which is all that kb itself sends.
fn without_colors(text: &[u8]) -> Vec<u8> {
    let colors = regex::bytes::Regex::new("\x1b\\[[0-9;]*m").expect("a constant");
    colors.replace_all(text, b"".as_slice()).into_owned()
}

/// The first byte or character that does something to a terminal or to a reader's eye.
fn raw(text: &[u8]) -> Option<String> {
    for chunk in text.utf8_chunks() {
        let bad = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        };
        if let Some((at, c)) = chunk.valid().char_indices().find(|(_, c)| bad(*c)) {
            let start = chunk.valid().floor_char_boundary(at.saturating_sub(30));
            return Some(format!("{:?} behind {:?}", c, &chunk.valid()[start..at]));
        }
        if let [byte, ..] = chunk.invalid() {
            return Some(format!("byte {byte:#x}"));
        }
    }
    None
}
