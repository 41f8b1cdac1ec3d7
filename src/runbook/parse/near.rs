//! Which legal word was meant: edit distance for hints.

/// The nearest of some words, when it is near enough that it was probably meant.
pub(in crate::runbook) fn nearest_word<'a>(
    wrong: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = wrong.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for word in words {
        let distance = distance(&folded, &word.to_lowercase());
        // Two edits turn one short word into another; in a long one they are a slip, unless the
        // word begins otherwise (`example` is no `sample`).
        let limit = if word.len() >= 6 && word.chars().next() == folded.chars().next() { 2 } else { 1 };
        let near = distance <= limit && distance < folded.chars().count();
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, word));
        }
    }
    best.map(|(_, word)| word)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
pub(in crate::runbook) fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}
