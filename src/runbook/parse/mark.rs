//! The marks on a fence: `LANG KIND [ID] [word ...] [key=value ...]`.
//!
//! Knows which words and keys each kind takes, and what a near miss looks like; does not know what
//! the values mean. The table [`KINDS`] is the whole vocabulary.

use super::near::nearest_word;
use crate::diag::Diagnostic;
use crate::text::Span;

/// What a marked block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::runbook) enum Kind {
    Symptom,
    Sample,
    Check,
    Output,
    Fix,
    Rollback,
}

/// What one kind takes after its name.
#[derive(Debug)]
pub(in crate::runbook) struct KindSpec {
    pub(in crate::runbook) kind: Kind,
    pub(in crate::runbook) name: &'static str,
    /// What must follow, in words.
    pub(in crate::runbook) names: &'static [&'static str],
    pub(in crate::runbook) words: &'static [&'static str],
    pub(in crate::runbook) keys: &'static [&'static str],
}

/// The six kinds.
pub(in crate::runbook) const KINDS: &[KindSpec] = &[
    KindSpec {
        kind: Kind::Symptom,
        name: "symptom",
        names: &[],
        words: &["all", "sequence", "nocase", "anyhost", "broad"],
        keys: &["count", "within", "weight"],
    },
    KindSpec { kind: Kind::Sample, name: "sample", names: &[], words: &["possible", "not"], keys: &[] },
    KindSpec {
        kind: Kind::Check,
        name: "check",
        names: &["an ID"],
        words: &[],
        keys: &[
            "on", "timeout", "user", "os", "needs", "allow", "recent", "retry", "every", "before", "after",
        ],
    },
    KindSpec {
        kind: Kind::Output,
        name: "output",
        names: &["the ID of its check", "a verdict"],
        words: &[],
        keys: &["exit", "from"],
    },
    KindSpec {
        kind: Kind::Fix,
        name: "fix",
        names: &["an ID"],
        words: &["reboot", "manual"],
        keys: &["for", "rollback", "on", "user", "risk", "cuts", "timeout"],
    },
    KindSpec { kind: Kind::Rollback, name: "rollback", names: &["an ID"], words: &[], keys: &["on", "user"] },
];

/// More words than this after a fence are no marks.
const TOKENS_MAX: usize = 64;

/// Languages whose blocks might be meant to run, so that a near miss of a kind after them is worth
/// a word. After any other language an unknown word is none of our business.
const NEAR_LANGUAGES: &[&str] = &["sh", "bash", "shell", "console", "zsh", "ksh", "cisco", "text", "log"];

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::runbook) struct Word {
    pub(in crate::runbook) text: String,
    pub(in crate::runbook) span: Span,
}

/// A fence that is marked.
#[derive(Clone, Debug)]
pub(in crate::runbook) struct Mark {
    pub(in crate::runbook) language: Word,
    pub(in crate::runbook) kind: Kind,
    /// The words that must follow the kind; fewer when some are missing (which is diagnosed).
    pub(in crate::runbook) names: Vec<Word>,
    pub(in crate::runbook) words: Vec<Word>,
    pub(in crate::runbook) keys: Vec<(Word, Word)>,
    /// The whole info string.
    pub(in crate::runbook) span: Span,
}

/// What an info string says.
#[derive(Debug)]
pub(in crate::runbook) enum Info {
    /// An ordinary block: shown, copied, never run.
    Ordinary,
    /// An ordinary block that looks as if it was meant to be marked.
    NearMiss(Diagnostic),
    /// A marked block, with what is wrong with its marks.
    Marked(Mark, Vec<Diagnostic>),
}

impl Kind {
    /// Its row of the vocabulary.
    pub(in crate::runbook) fn spec(self) -> &'static KindSpec {
        KINDS.iter().find(|spec| spec.kind == self).expect("every kind has a row")
    }
}

impl Mark {
    /// The value of a key.
    pub(in crate::runbook) fn key(&self, name: &str) -> Option<&Word> {
        self.keys.iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    /// A word, where it stands.
    pub(in crate::runbook) fn word(&self, name: &str) -> Option<&Word> {
        self.words.iter().find(|word| word.text == name)
    }
}

/// True when an info string has the name of a kind in its second place.
pub(super) fn is_marked(info: &str) -> bool {
    let second = info.split_whitespace().nth(1);
    second.is_some_and(|second| KINDS.iter().any(|spec| spec.name == second))
}

/// Reads an info string that stands at `span`.
pub(in crate::runbook) fn read(info: &str, span: Span) -> Info {
    let mut tokens = split(info, span);
    let surplus = tokens.get(TOKENS_MAX).map(|token| token.word.span);
    tokens.truncate(TOKENS_MAX);
    let Some(second) = tokens.get(1) else { return kind_without_language(&tokens) };
    let Some(spec) = KINDS.iter().find(|spec| spec.name == second.word.text) else {
        return near_miss(&tokens[0].word, &second.word);
    };
    let mut diagnostics = Vec::new();
    for strange in info.char_indices().filter(|(_, c)| "\\&".contains(*c) || c.is_control()) {
        if strange.1 != '\t' {
            let at = span.part(strange.0..strange.0 + strange.1.len_utf8());
            let message = "a backslash, `&` or control character after the marks of a fence";
            diagnostics.push(
                Diagnostic::error("info-character", at, message)
                    .hint("Renderers of Markdown replace it; write the value without it."),
            );
        }
    }
    let mut mark = Mark {
        language: tokens[0].word.clone(),
        kind: spec.kind,
        names: Vec::new(),
        words: Vec::new(),
        keys: Vec::new(),
        span,
    };
    for token in &tokens[2..] {
        place(token, spec, &mut mark, &mut diagnostics);
    }
    if let Some(surplus) = surplus {
        let message = format!("more than {TOKENS_MAX} words after a fence");
        diagnostics.push(Diagnostic::error("info-word", surplus, message));
    }
    missing_names(spec, &second.word, &mark, &mut diagnostics);
    Info::Marked(mark, diagnostics)
}

/// One blank-separated part of an info string.
struct Token {
    /// The word, or the key.
    word: Word,
    /// Behind the `=`, quotes cut.
    value: Option<Word>,
    /// A quote that never ends.
    unbalanced: bool,
}

fn split(info: &str, span: Span) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(skip) = info[at..].find(|c: char| !c.is_whitespace()) {
        let start = at + skip;
        let rest = &info[start..];
        let word_end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let word = Word { text: rest[..word_end].to_owned(), span: span.part(start..start + word_end) };
        if !rest[word_end..].starts_with('=') {
            at = start + word_end;
            tokens.push(Token { word, value: None, unbalanced: false });
            continue;
        }
        let value_start = start + word_end + 1;
        let (text, end, unbalanced) = value(info, value_start);
        let span = span.part(value_start..end);
        tokens.push(Token { word, value: Some(Word { text, span }), unbalanced });
        at = end;
    }
    tokens
}

/// A value up to the next blank, or in quotes; where it ends; whether its quote is missing.
fn value(info: &str, start: usize) -> (String, usize, bool) {
    let rest = &info[start..];
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        return (rest[..end].to_owned(), start + end, rest[..end].contains('"'));
    };
    match quoted.find('"') {
        Some(end) => {
            let after = start + end + 2;
            let glued = info[after..].starts_with(|c: char| !c.is_whitespace());
            (quoted[..end].to_owned(), after, glued)
        }
        None => (quoted.to_owned(), info.len(), true),
    }
}

fn place(token: &Token, spec: &KindSpec, mark: &mut Mark, diagnostics: &mut Vec<Diagnostic>) {
    let word = &token.word;
    if token.unbalanced {
        let span = Span { start: word.span.start, ..token.value.as_ref().unwrap_or(word).span };
        let message = format!("the quotes of `{}=` do not fit", word.text);
        diagnostics.push(
            Diagnostic::error("info-quote", Span { end: span.end.max(word.span.end), ..span }, message)
                .hint("Write a value with blanks as `key=\"first second\"`."),
        );
        return;
    }
    if let Some(value) = &token.value {
        place_key(word, value, spec, mark, diagnostics);
        return;
    }
    if spec.words.contains(&word.text.as_str()) {
        if mark.word(&word.text).is_some() {
            diagnostics.push(repeated(word));
        }
        mark.words.push(word.clone());
    } else if mark.names.len() < spec.names.len() && mark.words.is_empty() && mark.keys.is_empty() {
        mark.names.push(word.clone());
    } else {
        diagnostics.push(unknown_word(word, spec));
    }
}

fn place_key(key: &Word, value: &Word, spec: &KindSpec, mark: &mut Mark, diagnostics: &mut Vec<Diagnostic>) {
    if !spec.keys.contains(&key.text.as_str()) {
        diagnostics.push(unknown_key(key, spec));
        return;
    }
    if mark.key(&key.text).is_some() {
        diagnostics.push(repeated(key));
    }
    if value.text.is_empty() {
        let message = format!("`{}=` has no value", key.text);
        let span = Span { end: value.span.end, ..key.span };
        diagnostics.push(Diagnostic::error("info-value", span, message));
    }
    mark.keys.push((key.clone(), value.clone()));
}

fn repeated(word: &Word) -> Diagnostic {
    Diagnostic::error("info-repeated", word.span, format!("`{}` is said twice", word.text))
        .hint("Leave one of them out.")
}

fn unknown_word(word: &Word, spec: &KindSpec) -> Diagnostic {
    let message = format!("`{}` is no word of `{}`", word.text, spec.name);
    let found = Diagnostic::error("info-word", word.span, message);
    if spec.keys.contains(&word.text.as_str()) {
        return found.hint(format!("`{}` takes a value: write `{}=VALUE`.", word.text, word.text));
    }
    if let Some(other) = KINDS.iter().find(|other| other.words.contains(&word.text.as_str())) {
        return found.hint(format!("`{}` is a word of `{}`.", word.text, other.name));
    }
    let words = || spec.words.iter().chain(spec.keys).copied();
    match nearest_word(&word.text, words()) {
        Some(near) if spec.keys.contains(&near) => found.hint(format!("Did you mean `{near}=VALUE`?")),
        Some(near) => found.hint(format!("Did you mean `{near}`?")),
        None => found.hint(vocabulary(spec)),
    }
}

fn unknown_key(key: &Word, spec: &KindSpec) -> Diagnostic {
    let message = format!("`{}=` is no key of `{}`", key.text, spec.name);
    let found = Diagnostic::error("info-key", key.span, message);
    if spec.words.contains(&key.text.as_str()) {
        return found.hint(format!("`{}` stands alone, without a value.", key.text));
    }
    let owners: Vec<String> = KINDS
        .iter()
        .filter(|other| other.keys.contains(&key.text.as_str()))
        .map(|other| format!("`{}`", other.name))
        .collect();
    if !owners.is_empty() {
        return found.hint(format!("`{}=` is a key of {}.", key.text, owners.join(" and ")));
    }
    match nearest_word(&key.text, spec.keys.iter().copied()) {
        Some(near) => found.hint(format!("Did you mean `{near}=`?")),
        None => found.hint(vocabulary(spec)),
    }
}

/// All that a kind takes, as a sentence.
fn vocabulary(spec: &KindSpec) -> String {
    let words = spec.words.iter().map(|word| format!("`{word}`"));
    let keys = spec.keys.iter().map(|key| format!("`{key}=`"));
    let all: Vec<String> = words.chain(keys).collect();
    if all.is_empty() {
        return format!("`{}` takes nothing more.", spec.name);
    }
    format!("`{}` takes {}.", spec.name, all.join(", "))
}

fn missing_names(spec: &KindSpec, kind: &Word, mark: &Mark, diagnostics: &mut Vec<Diagnostic>) {
    let Some(missing) = spec.names.get(mark.names.len()) else { return };
    let at = mark.names.last().map_or(kind.span, |last| last.span);
    let example = match mark.kind {
        Kind::Output => "Write for instance `text output CHECK sick`.".to_owned(),
        _ => format!("Write for instance `{} {} some-name`.", mark.language.text, spec.name),
    };
    diagnostics.push(
        Diagnostic::error("info-missing", at, format!("`{}` needs {missing} after it", kind.text))
            .hint(example),
    );
}

fn kind_without_language(tokens: &[Token]) -> Info {
    let Some(first) = tokens.first() else { return Info::Ordinary };
    // `output` alone is a language of some documentation systems.
    let Some(spec) = KINDS.iter().find(|spec| spec.name == first.word.text && spec.name != "output") else {
        return Info::Ordinary;
    };
    let language = match spec.kind {
        Kind::Symptom | Kind::Sample | Kind::Output => "text",
        Kind::Check | Kind::Fix | Kind::Rollback => "sh",
    };
    let message = format!("`{}` stands where the language belongs, so this is an ordinary block", spec.name);
    Info::NearMiss(
        Diagnostic::error("info-language", first.word.span, message)
            .hint(format!("Write `{language} {}`.", spec.name)),
    )
}

fn near_miss(language: &Word, second: &Word) -> Info {
    if language.text == second.text || !NEAR_LANGUAGES.contains(&language.text.as_str()) {
        return kind_first(language);
    }
    let Some(near) = nearest_word(&second.text, KINDS.iter().map(|spec| spec.name)) else {
        return kind_first(language);
    };
    let message = format!("`{}` is no kind, so this is an ordinary block", second.text);
    Info::NearMiss(
        Diagnostic::error("info-kind", second.span, message).hint(format!("Did you mean `{near}`?")),
    )
}

/// `check routed`: the language was forgotten.
fn kind_first(first: &Word) -> Info {
    let token = Token { word: first.clone(), value: None, unbalanced: false };
    kind_without_language(std::slice::from_ref(&token))
}
