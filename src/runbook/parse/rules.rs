//! Verdict rules: the bullet list right after a check.
//!
//! Reads the shape of a bullet: the verdict, the words of its conditions, the remark. What a
//! condition says is in `conditions`.

use super::conditions;
use super::outline::{Inline, Item, Style, plain};
use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::runbook::{Language, Rule, RuleVerdict};
use crate::text::{SourceFile, Span};

/// The verdicts as rules and outputs write them.
pub(in crate::runbook) const VERDICTS: &[(&str, RuleVerdict)] = &[
    ("sick", RuleVerdict::Sick),
    ("healthy", RuleVerdict::Healthy),
    ("unknown", RuleVerdict::Unknown),
    ("does not apply", RuleVerdict::DoesNotApply),
    ("refuse", RuleVerdict::Refuse),
];

/// What is no rule at all.
const SHAPE: &str = "rule-shape";

/// A part of a condition: a word, or a code span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String, Span),
    Code(String, Span),
}

impl Token {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Word(_, span) | Self::Code(_, span) => *span,
        }
    }

    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(text, _) if text == word)
    }
}

/// True when a list looks like rules, wherever it stands.
pub(super) fn look_like_rules(items: &[Item]) -> bool {
    items.iter().any(|item| {
        let first = item.text.first();
        let verdict = first.is_some_and(|first| {
            first.style == Style::Bold && VERDICTS.iter().any(|(name, _)| *name == first.text)
        });
        let second = item.text.get(1).map_or("", |second| second.text.trim_start());
        (verdict && second.starts_with("if ")) || first.is_some_and(|first| first.text.trim() == "otherwise")
    })
}

/// Reads the rules of a check; the last one must be `otherwise **unknown**`.
pub(super) fn read(
    source: &SourceFile,
    items: &[Item],
    language: Language,
    before_fix: bool,
    sink: &mut Sink,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut shapeless = false;
    for (at, item) in items.iter().enumerate() {
        let last = at + 1 == items.len();
        let rule = match rule(source, item, language) {
            Ok(rule) => rule,
            Err(found) => {
                // Once is enough for a list that was never meant to be rules.
                let again = found.rule == SHAPE && std::mem::replace(&mut shapeless, true);
                sink.extend(Some(found).filter(|_| !again));
                continue;
            }
        };
        if rule.conditions.is_empty() && !last {
            let message = "`otherwise` is the last rule";
            sink.push(Diagnostic::error("rule-otherwise", item.span, message));
        }
        if last && !rule.conditions.is_empty() {
            sink.push(no_otherwise(item.span));
        }
        if rule.verdict == RuleVerdict::Refuse && !before_fix {
            let message = "**refuse** belongs to a check that says `before=FIX`";
            sink.push(Diagnostic::error("rule-verdict", item.span, message));
        }
        if item.task.is_some() {
            sink.push(Diagnostic::error(SHAPE, item.span, "a rule is no task that can be ticked"));
        }
        if item.more {
            let message = "a rule is one paragraph";
            sink.push(
                Diagnostic::error(SHAPE, item.span, message)
                    .hint("What a person should also know goes behind a `: `."),
            );
        }
        rules.push(rule);
    }
    rules
}

fn no_otherwise(span: Span) -> Diagnostic {
    let message = "the last rule must be `- otherwise **unknown**`";
    Diagnostic::error("rule-otherwise", span, message)
        .hint("What no rule foresees is not known; add the line `- otherwise **unknown**`.")
}

fn rule(source: &SourceFile, item: &Item, language: Language) -> Result<Rule, Diagnostic> {
    let text = with_backticks(&item.text);
    let (tokens, remark) = tokens(source, &item.text);
    let mut rule =
        Rule { verdict: RuleVerdict::Unknown, conditions: Vec::new(), remark, text, span: item.span };
    let bold = item.text.iter().take_while(|inline| inline.style == Style::Bold).count();
    if bold == 0 {
        return otherwise(item, &tokens).map(|()| rule);
    }
    let said = plain(&item.text[..bold]);
    let Some((name, verdict)) = VERDICTS.iter().find(|(name, _)| *name == said) else {
        return Err(unknown_verdict(item, &said));
    };
    rule.verdict = *verdict;
    let words = name.split(' ').count();
    let Some((first, conditions)) = tokens[words.min(tokens.len())..].split_first() else {
        return Err(shape(item));
    };
    if !first.is("if") {
        return Err(shape(item));
    }
    rule.conditions = conditions::read(conditions, language, item.span)?;
    Ok(rule)
}

/// The bullet as a person reads it, code in backticks.
fn with_backticks(inlines: &[Inline]) -> String {
    let part = |inline: &Inline| match inline.style {
        Style::Code => format!("`{}`", inline.text),
        Style::Plain | Style::Bold => inline.text.clone(),
    };
    inlines.iter().map(part).collect::<String>().trim().to_owned()
}

/// `otherwise **unknown**` and nothing else: what was not foreseen is never healthy.
fn otherwise(item: &Item, tokens: &[Token]) -> Result<(), Diagnostic> {
    let [first, rest @ ..] = tokens else { return Err(shape(item)) };
    if !first.is("otherwise") {
        return Err(shape(item));
    }
    if !matches!(rest, [only] if only.is("unknown"))
        || item.text.get(1).is_none_or(|next| next.style != Style::Bold)
    {
        let message = "`otherwise` can only be **unknown**";
        return Err(Diagnostic::error("rule-otherwise", item.span, message)
            .hint("Write `- otherwise **unknown**`, and a rule of its own for each other case."));
    }
    Ok(())
}

fn shape(item: &Item) -> Diagnostic {
    let message = "this is no rule, and a list right after a check holds its rules";
    Diagnostic::error(SHAPE, item.span, message).hint(
        "Write `- **sick** if CONDITION: remark`, likewise **healthy**, **unknown**, **does not apply**, \
         last `- otherwise **unknown**`; put a sentence before a list that is something else.",
    )
}

fn unknown_verdict(item: &Item, said: &str) -> Diagnostic {
    let found = Diagnostic::error("rule-verdict", item.span, format!("**{said}** is no verdict"));
    match super::near::nearest_word(said, VERDICTS.iter().map(|(name, _)| *name)) {
        Some(near) => found.hint(format!("Did you mean **{near}**?")),
        None => found.hint("The verdicts are **sick**, **healthy**, **unknown**, **does not apply** and, in a `before=` check, **refuse**."),
    }
}

/// The words and code spans before the remark; the remark begins at the first `: ` outside code.
fn tokens(source: &SourceFile, inlines: &[Inline]) -> (Vec<Token>, Option<String>) {
    let mut tokens = Vec::new();
    for (at, inline) in inlines.iter().enumerate() {
        if inline.style == Style::Code {
            tokens.push(Token::Code(inline.text.clone(), inline.span));
            continue;
        }
        let colon = colon(&inline.text, at + 1 == inlines.len());
        words(&inline.text[..colon.unwrap_or(inline.text.len())], inline, &mut tokens);
        if let Some(colon) = colon {
            let start = inline.span.start + colon as u32 + 1;
            let end = inlines.last().map_or(start, |last| last.span.end);
            // The page's own text, so that code in a remark keeps its backticks.
            let remark = source.slice(Span { start: start.min(end), end }).trim();
            let remark = remark.split_whitespace().collect::<Vec<_>>().join(" ");
            return (tokens, (!remark.is_empty()).then_some(remark));
        }
    }
    (tokens, None)
}

/// Where the remark begins: at a colon that a blank or the end of the bullet follows.
fn colon(text: &str, last: bool) -> Option<usize> {
    text.match_indices(':').map(|(at, _)| at).find(|at| match text[at + 1..].chars().next() {
        Some(next) => next.is_whitespace(),
        None => last,
    })
}

fn words(text: &str, inline: &Inline, tokens: &mut Vec<Token>) {
    let mut at = 0;
    for word in text.split(char::is_whitespace) {
        if !word.is_empty() {
            let end = (at + word.len()).min((inline.span.end - inline.span.start) as usize);
            tokens.push(Token::Word(word.to_owned(), inline.span.part(at.min(end)..end)));
        }
        at += word.len() + 1;
    }
}
