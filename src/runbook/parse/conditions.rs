//! Conditions of a rule: the words behind `if`, joined by `and`.
//!
//! The grammar is the one of the format reference, word for word; there is no `or`.

use super::rules::Token;
use crate::diag::Diagnostic;
use crate::runbook::regexes::{self, Flavour};
use crate::runbook::{Comparison, Condition, Language, OutputRegex};
use crate::text::Span;

const FORMS: &str = "The conditions are `exit is N`, `output has` CODE, `output lacks` CODE, `output matches` CODE, \
                     `output is empty`, `output is not empty`, CODE `is N`, `lines matching` CODE `is N`, `json` CODE \
                     `is` CODE, `the symptom is seen`, `the symptom is not seen`; numbers also `is not N`, `is N or \
                     more`, `is N or less`, `is above N`, `is below N`.";

/// Reads conditions; `rule` is the bullet they stand in.
pub(super) fn read(tokens: &[Token], language: Language, rule: Span) -> Result<Vec<Condition>, Diagnostic> {
    if let Some(or) = or_between(tokens) {
        return Err(Diagnostic::error("condition", or.span(), "there is no `or` between conditions")
            .hint("Write two rules with the same verdict."));
    }
    tokens
        .split(|token| token.is("and"))
        .map(|part| condition(part, language, cover(part).unwrap_or(rule)))
        .collect()
}

/// An `or` that is not part of `or more`, `or less`.
fn or_between(tokens: &[Token]) -> Option<&Token> {
    let number = |next: Option<&Token>| next.is_some_and(|next| next.is("more") || next.is("less"));
    (0..tokens.len()).find(|at| tokens[*at].is("or") && !number(tokens.get(at + 1))).map(|at| &tokens[at])
}

fn cover(tokens: &[Token]) -> Option<Span> {
    Some(Span { start: tokens.first()?.span().start, end: tokens.last()?.span().end })
}

fn condition(tokens: &[Token], language: Language, span: Span) -> Result<Condition, Diagnostic> {
    let words: Vec<&str> = tokens
        .iter()
        .map(|token| match token {
            Token::Word(word, _) => word.as_str(),
            // No word can hold a blank, so code never passes for one.
            Token::Code(..) => "a code",
        })
        .collect();
    let code = |at: usize| match &tokens[at] {
        Token::Code(text, span) => (text.as_str(), *span),
        Token::Word(..) => ("", span),
    };
    let symptom = |seen| Ok(Condition::Symptom { seen });
    match words.as_slice() {
        ["exit", "is", status] => exit(status, false, span),
        ["exit", "is", "not", status] => exit(status, true, span),
        ["output", "has", "a code"] => has(code(2), false),
        ["output", "lacks", "a code"] => has(code(2), true),
        ["output", "matches", "a code"] => Ok(Condition::Matches(regex(code(2), language, Groups::Any)?)),
        ["output", "is", "empty"] => Ok(Condition::Empty { negated: false }),
        ["output", "is", "not", "empty"] => Ok(Condition::Empty { negated: true }),
        ["the", "symptom", "is", "seen"] => symptom(true),
        ["the", "symptom", "is", "not", "seen"] => symptom(false),
        ["json", "a code", "is", "a code"] => json(code(1), code(3)),
        ["lines", "matching", "a code", "is", ..] => Ok(Condition::Lines {
            regex: regex(code(2), language, Groups::Any)?,
            test: numeric(comparison(&tokens[4..], span)?, span)?,
        }),
        ["a code", "is", ..] => Ok(Condition::Group {
            regex: regex(code(0), language, Groups::One)?,
            test: comparison(&tokens[2..], span)?,
        }),
        _ => Err(unknown(&words, span)),
    }
}

fn unknown(words: &[&str], span: Span) -> Diagnostic {
    if words.is_empty() {
        return Diagnostic::error("condition", span, "a condition is missing").hint(FORMS);
    }
    let found = Diagnostic::error("condition", span, "this is no condition");
    match words {
        ["output", "has" | "lacks" | "matches", ..] => {
            found.hint(format!("Write what the `{}` stands for as one code span.", words[1]))
        }
        ["output", "contains" | "includes", ..] => found.hint("Write `output has` CODE."),
        ["output", "does", "not", ..] => found.hint("Write `output lacks` CODE."),
        _ => found.hint(FORMS),
    }
}

fn exit(status: &str, negated: bool, span: Span) -> Result<Condition, Diagnostic> {
    match status.parse::<u8>() {
        Ok(status) => Ok(Condition::Exit { status: i32::from(status), negated }),
        Err(_) => Err(Diagnostic::error("condition", span, "an exit status is a number from 0 to 255")),
    }
}

fn has((text, span): (&str, Span), negated: bool) -> Result<Condition, Diagnostic> {
    if text.trim().is_empty() {
        let message = "every output holds blanks";
        return Err(Diagnostic::error("condition", span, message).hint("Write `output is not empty`."));
    }
    Ok(Condition::Has { text: text.to_owned(), negated })
}

fn json((pointer, place): (&str, Span), (value, _): (&str, Span)) -> Result<Condition, Diagnostic> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        let message = format!("`{pointer}` is no JSON pointer");
        return Err(Diagnostic::error("condition", place, message)
            .hint("It begins with `/`, for instance `/status/phase`."));
    }
    Ok(Condition::Json { pointer: pointer.to_owned(), value: value.to_owned() })
}

/// How many groups a regex of a condition has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Groups {
    Any,
    One,
}

fn regex((text, span): (&str, Span), language: Language, groups: Groups) -> Result<OutputRegex, Diagnostic> {
    // The value of a parameter stands in its place at run time, as text without a meaning.
    let stand_in = match language {
        Language::Cisco => super::runnable::without_placeholders(text),
        Language::Sh | Language::Bash => None,
    };
    let tried = stand_in.as_deref().unwrap_or(text);
    let compiled = regexes::compile(tried, Flavour::Output).map_err(|problem| {
        let message = format!("not a regular expression: {}", problem.message);
        Diagnostic::error("condition-regex", span, message)
    })?;
    if groups == Groups::One && compiled.captures_len() != 2 {
        let message = format!("a compared regex has one group, and this has {}", compiled.captures_len() - 1);
        return Err(Diagnostic::error("condition-regex", span, message)
            .hint("Put round brackets around the value, and write `(?:` for other groups."));
    }
    Ok(OutputRegex { text: text.to_owned(), regex: stand_in.is_none().then_some(compiled) })
}

fn comparison(tokens: &[Token], span: Span) -> Result<Comparison, Diagnostic> {
    let values: Vec<&str> = tokens
        .iter()
        .map(|token| match token {
            Token::Word(text, _) | Token::Code(text, _) => text.as_str(),
        })
        .collect();
    let compared: fn(f64) -> Comparison = match values.as_slice() {
        ["not", value] => return Ok(Comparison::IsNot((*value).to_owned())),
        [value] => return Ok(Comparison::Is((*value).to_owned())),
        [_, "or", "more"] => Comparison::AtLeast,
        [_, "or", "less"] => Comparison::AtMost,
        ["above", _] => Comparison::Above,
        ["below", _] => Comparison::Below,
        _ => return Err(Diagnostic::error("condition", span, "this is no comparison").hint(FORMS)),
    };
    let value = if matches!(values[0], "above" | "below") { values[1] } else { values[0] };
    decimal(value).map(compared).ok_or_else(|| not_a_number(value, span))
}

/// The comparison, when it is with a number.
fn numeric(comparison: Comparison, span: Span) -> Result<Comparison, Diagnostic> {
    match &comparison {
        Comparison::Is(value) | Comparison::IsNot(value) if decimal(value).is_none() => {
            Err(not_a_number(value, span))
        }
        _ => Ok(comparison),
    }
}

fn not_a_number(value: &str, span: Span) -> Diagnostic {
    Diagnostic::error("condition", span, format!("`{value}` is no number"))
        .hint("A number is written in decimals, without a unit: `2`, `0.5`, `-3`.")
}

/// Digits with at most one point and a sign; no `inf`, no `1e9`.
fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && digits.starts_with(|c: char| c.is_ascii_digit())).then(|| text.parse().ok())?
}
