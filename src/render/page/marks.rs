//! The marks of a block in words: what renderers hide is shown above its text.
//!
//! Every word and every key is said, also those that are wrong. Whether they are wrong is no
//! business of this file.

use crate::render::style::Piece;

/// The kinds of marked blocks.
const KINDS: [&str; 6] = ["symptom", "sample", "check", "output", "fix", "rollback"];

/// How a key is said; `{}` stands for its value.
const KEYS: [(&str, &str); 19] = [
    ("after", "after the fix {}"),
    ("allow", "may use {}"),
    ("before", "before the fix {}"),
    ("count", "at least {} times"),
    ("cuts", "cuts the connection to {}"),
    ("every", "{} between tries"),
    ("exit", "exit status {}"),
    ("for", "cures {}"),
    ("from", "from a {}"),
    ("needs", "needs {}"),
    ("on", "on {}"),
    ("os", "only for {}"),
    ("recent", "looks {} back"),
    ("retry", "tried up to {} times"),
    ("risk", "{} risk"),
    ("rollback", "undone by {}"),
    ("timeout", "at most {}"),
    ("weight", "{} weight"),
    ("within", "within {}"),
];

/// How a plain word is said.
const WORDS: [(&str, &str); 10] = [
    ("all", "all of these"),
    ("anyhost", "from any hosts"),
    ("broad", "broad on purpose"),
    ("manual", "done by hand"),
    ("nocase", "in any letter case"),
    ("not", "must not match"),
    ("possible", "must be possible, not a match"),
    ("reboot", "needs a restart"),
    ("sequence", "in this order"),
    ("user=root", "as root"),
];

/// The info string of a fence in words; `None` when it says no more than a language.
pub(crate) fn in_words(info: &str) -> Option<Vec<Piece>> {
    let words = split(info);
    let (language, rest) = words.split_first()?;
    let (kind, rest) = match rest.split_first() {
        None => return None,
        Some((kind, rest)) if KINDS.contains(&kind.as_str()) => (kind, rest),
        Some(_) => return Some(vec![Piece::new("dim", info.trim())]),
    };
    // Names come first and are not keys: of the block, or of a check and the verdict of an output.
    let names = if matches!(kind.as_str(), "symptom" | "sample") { 0 } else { 2 };
    let names = rest.iter().take(names).take_while(|word| is_name(word)).count();
    let (names, keys) = rest.split_at(names);
    let mut head = kind.clone();
    for name in names {
        head.push(' ');
        head.push_str(name);
    }
    let mut said: Vec<String> = Vec::new();
    if !matches!(language.as_str(), "text" | "log" | "console") {
        said.push(language.clone());
    }
    said.extend(keys.iter().map(|word| say(word)));
    let mut pieces = vec![Piece::new("mark", head)];
    if !said.is_empty() {
        pieces.push(Piece::new("mark key", format!(": {}", said.join("; "))));
    }
    Some(pieces)
}

fn is_name(word: &str) -> bool {
    !word.contains('=') && !WORDS.iter().any(|(flag, _)| *flag == word)
}

fn say(word: &str) -> String {
    if let Some((_, said)) = WORDS.iter().find(|(flag, _)| *flag == word) {
        return (*said).to_owned();
    }
    let Some((key, value)) = word.split_once('=') else { return word.to_owned() };
    match KEYS.iter().find(|(known, _)| *known == key) {
        Some((_, said)) if !value.is_empty() => said.replace("{}", &value.replace(',', ", ")),
        _ => word.to_owned(),
    }
}

/// Words between blanks; a value in double quotes may hold blanks.
fn split(info: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in info.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
