//! Reading the files of shapes. What is not a legal placeholder is text, so nothing can fail.

use super::values::{Kind, Piece};

/// Lines with one prefix.
pub(super) struct Section {
    /// How often it is picked, against the others.
    pub(super) weight: u64,
    /// What every line begins with.
    pub(super) prefix: Vec<Piece>,
    /// Never empty.
    pub(super) events: Vec<Event>,
}

/// Lines that come together.
#[derive(Default)]
pub(super) struct Event {
    pub(super) lines: Vec<Line>,
}

/// One line, or only a pause when it has no pieces.
pub(super) struct Line {
    /// Seconds that pass before it.
    pub(super) after_s: i64,
    pub(super) pieces: Vec<Piece>,
}

/// The sections of one file.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut fresh = true;
    for line in text.lines() {
        if line.starts_with("# ") {
            continue;
        }
        if let Some((weight, prefix)) = heading(line) {
            sections.push(Section { weight, prefix: pieces(prefix), events: Vec::new() });
            fresh = true;
            continue;
        }
        if line.is_empty() {
            fresh = true;
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        if fresh {
            section.events.push(Event::default());
            fresh = false;
        }
        let Some(event) = section.events.last_mut() else { continue };
        event.lines.push(parse_line(line));
    }
    sections.retain(|section| !section.events.is_empty());
    sections
}

fn heading(line: &str) -> Option<(u64, &str)> {
    let (weight, prefix) = line.strip_prefix("== ")?.split_once(' ')?;
    Some((weight.parse().ok()?, prefix.strip_suffix('|')?))
}

fn parse_line(line: &str) -> Line {
    match line.strip_prefix('@').and_then(|seconds| seconds.parse().ok()) {
        Some(after_s) => Line { after_s, pieces: Vec::new() },
        None => Line { after_s: 0, pieces: pieces(line) },
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let after = &rest[open + 1..];
        plain.push_str(&rest[..open]);
        let made = after.find('}').and_then(|close| Some((placeholder(&after[..close])?, close)));
        if let Some((piece, close)) = made {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(piece);
            rest = &after[close + 1..];
        } else {
            plain.push('{');
            rest = after;
        }
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    pieces
}

fn placeholder(inside: &str) -> Option<Piece> {
    let (slot, name) = match inside.as_bytes() {
        [letter @ b'a'..=b'z', b':', ..] => (Some(*letter), &inside[2..]),
        _ => (None, inside),
    };
    Some(Piece::Made { slot, kind: kind(name)? })
}

fn kind(name: &str) -> Option<Kind> {
    if name.contains(['{', '"', '=', ' ']) {
        return None;
    }
    if name.contains('|') {
        return Some(Kind::Choice(name.split('|').map(str::to_owned).collect()));
    }
    if let Some((low, high)) = name.split_once('-') {
        let width = if low.starts_with('0') && low.len() > 1 { low.len() } else { 0 };
        return Some(Kind::Number { low: low.parse().ok()?, high: high.parse().ok()?, width });
    }
    if let Some(digits) = name.strip_prefix("hex") {
        return Some(Kind::Hex(digits.parse().ok()?));
    }
    Kind::named(name)
}
