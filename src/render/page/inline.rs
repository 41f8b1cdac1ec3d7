//! Runs of labelled text, wrapped at a width.

use unicode_width::UnicodeWidthChar as _;

use crate::render::style::{Piece, columns};
use crate::text::printable;

/// A code span up to this width is not torn at its blanks.
const CODE_COLUMNS_WHOLE: usize = 40;

/// One line of labelled text.
pub(super) type Line = Vec<Piece>;

/// What must not be torn apart: letters between two blanks, in as many styles as they have.
struct Word {
    pieces: Vec<Piece>,
    columns: usize,
    /// Blanks ahead of it; several only inside a code span.
    gap: usize,
    /// The author broke the line ahead of it.
    breaks: bool,
}

/// How many columns a line takes.
pub(super) fn width(line: &[Piece]) -> usize {
    line.iter().map(|piece| columns(&piece.text)).sum()
}

/// How many columns the longest word takes, and all of it in one line.
pub(super) fn extent(text: &[Piece]) -> (usize, usize) {
    let words = words_of(text);
    let longest = words.iter().map(|word| word.columns).max().unwrap_or(0);
    let whole = wrap(text, usize::MAX);
    (longest, whole.iter().map(|line| width(line)).max().unwrap_or(0))
}

/// Lines of at most `width` columns. A longer word has a line of its own and stays whole, unless
/// it is of a script that writes no blanks.
pub(super) fn wrap(text: &[Piece], width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line::new();
    let mut used = 0_usize;
    for word in words_of(text) {
        let begins = used > 0 && (word.breaks || used.saturating_add(word.gap + word.columns) > width);
        if begins {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 && word.gap > 0 {
            push_gap(&mut line, &word);
            used += word.gap;
        }
        used += word.columns;
        for piece in word.pieces {
            push(&mut line, piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn words_of(text: &[Piece]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    let mut gap = 0;
    let mut breaks = false;
    for piece in text {
        if piece.text == "\n" {
            (open, breaks) = (false, true);
            continue;
        }
        let shown = printable(&piece.text);
        let whole = piece.label == "code" && columns(&shown) <= CODE_COLUMNS_WHOLE;
        for part in shown.split_inclusive(|c: char| c.is_whitespace() && !whole) {
            let letters = if whole { part } else { part.trim_end_matches(char::is_whitespace) };
            for letters in pieces_of(letters) {
                let wide = !whole && letters.chars().next().is_some_and(is_wide);
                if !open || wide {
                    words.push(Word { pieces: Vec::new(), columns: 0, gap, breaks });
                    (gap, breaks) = (0, false);
                }
                open = true;
                if let Some(word) = words.last_mut() {
                    word.columns += columns(letters);
                    word.pieces.push(Piece::new(piece.label, letters));
                }
            }
            if letters.len() < part.len() {
                gap = if piece.label == "code" { gap + 1 } else { 1 };
                open = false;
            }
        }
    }
    words
}

/// A wide letter is a word by itself, so that lines can break beside it.
fn pieces_of(letters: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in letters.char_indices() {
        if is_wide(c) && at > start {
            pieces.push(&letters[start..at]);
            start = at;
        }
        if is_wide(c) {
            pieces.push(&letters[at..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    if start < letters.len() {
        pieces.push(&letters[start..]);
    }
    pieces
}

fn is_wide(c: char) -> bool {
    c.is_alphabetic() && c.width() == Some(2)
}

/// Blanks between words of one style have that style, so that an underline is not torn.
fn push_gap(line: &mut Line, word: &Word) {
    let before = line.last().map_or("", |piece| piece.label);
    let after = word.pieces.first().map_or("", |piece| piece.label);
    push(line, Piece::new(if before == after { before } else { "" }, " ".repeat(word.gap)));
}

fn push(line: &mut Line, piece: Piece) {
    match line.last_mut() {
        Some(last) if last.label == piece.label => last.text.push_str(&piece.text),
        _ => line.push(piece),
    }
}
