//! Tables fitted to a width: columns side by side where they fit, else one value a line.

use pulldown_cmark::Alignment;

use super::inline::{self, Line};
use super::tree::Row;
use crate::render::style::{Piece, Screen};

/// Blanks between two columns.
const GAP: usize = 2;

/// A column is not made narrower than this for the sake of another.
const COLUMN_MIN: usize = 6;

/// Long text in a column narrower than this is a tower of words.
const READABLE: usize = 16;

/// The lines of a table that is at most `width` wide.
pub(super) fn lay_out(
    aligns: &[Alignment],
    head: &Row,
    rows: &[Row],
    width: usize,
    screen: Screen,
) -> Vec<Line> {
    let head: Row = head.iter().map(|cell| relabel(cell, "table head")).collect();
    let Some(widths) = fit(&head, rows, width) else { return stacked(&head, rows, width) };
    let mut lines = row_lines(&head, &widths, aligns);
    let rule: Vec<String> = widths.iter().map(|&width| screen.symbol("─", "-").repeat(width)).collect();
    lines.push(vec![Piece::new("table line", rule.join(&" ".repeat(GAP)))]);
    let rows: Vec<Vec<Line>> = rows.iter().map(|row| row_lines(row, &widths, aligns)).collect();
    let airy = rows.iter().any(|row| row.len() > 1);
    for (at, row) in rows.into_iter().enumerate() {
        if airy && at > 0 {
            lines.push(Line::new());
        }
        lines.extend(row);
    }
    lines
}

/// The width of each column; `None` when the words do not fit beside each other in a readable way.
fn fit(head: &Row, rows: &[Row], width: usize) -> Option<Vec<usize>> {
    let columns = head.len();
    let mut least = vec![1; columns];
    let mut most = vec![1; columns];
    for row in std::iter::once(head).chain(rows) {
        for (at, cell) in row.iter().enumerate().take(columns) {
            let (longest, whole) = inline::extent(cell);
            least[at] = longest.max(least[at]);
            most[at] = whole.max(most[at]);
        }
    }
    let room = width.checked_sub(GAP * columns.saturating_sub(1))?;
    if most.iter().sum::<usize>() <= room {
        return Some(most);
    }
    for (least, most) in least.iter_mut().zip(&most) {
        *least = (*least).max(COLUMN_MIN.min(*most));
    }
    let mut spare = room.checked_sub(least.iter().sum())?;
    // Column by column, the one that lacks most gets one more.
    let mut widths = least;
    while spare > 0 {
        let lacking = (0..columns).max_by_key(|&at| (most[at] - widths[at], std::cmp::Reverse(at)))?;
        widths[lacking] += 1;
        spare -= 1;
    }
    let squeezed = widths.iter().zip(&most).any(|(&width, &most)| width < READABLE && most > 3 * width);
    (!squeezed).then_some(widths)
}

fn row_lines(row: &Row, widths: &[usize], aligns: &[Alignment]) -> Vec<Line> {
    let empty = Vec::new();
    let cells: Vec<Vec<Line>> = widths
        .iter()
        .enumerate()
        .map(|(at, &width)| inline::wrap(row.get(at).unwrap_or(&empty), width))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let mut line = Line::new();
        for (at, (cell, &width)) in cells.iter().zip(widths).enumerate() {
            if at > 0 {
                line.push(Piece::new("", " ".repeat(GAP)));
            }
            let text = cell.get(number).map_or(&[][..], Vec::as_slice);
            let spare = width.saturating_sub(inline::width(text));
            let before = match aligns.get(at) {
                Some(Alignment::Right) => spare,
                Some(Alignment::Center) => spare / 2,
                _ => 0,
            };
            line.push(Piece::new("", " ".repeat(before)));
            line.extend_from_slice(text);
            line.push(Piece::new("", " ".repeat(spare - before)));
        }
        line
    };
    (0..height).map(line).collect()
}

/// Each cell in a line of its own behind the head of its column; the first is not indented.
fn stacked(head: &Row, rows: &[Row], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            lines.push(Line::new());
        }
        for (at, cell) in row.iter().enumerate() {
            let mut text = head.get(at).cloned().unwrap_or_default();
            text.push(Piece::new("table head", ": "));
            text.extend_from_slice(cell);
            let indent = if at == 0 { 0 } else { GAP };
            for (number, mut line) in
                inline::wrap(&text, width.saturating_sub(2 * GAP)).into_iter().enumerate()
            {
                let indent = if number == 0 { indent } else { 2 * GAP };
                line.insert(0, Piece::new("", " ".repeat(indent)));
                lines.push(line);
            }
        }
    }
    lines
}

fn relabel(cell: &[Piece], label: &'static str) -> Vec<Piece> {
    cell.iter().map(|piece| Piece::new(label, piece.text.as_str())).collect()
}
