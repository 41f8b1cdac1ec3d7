//! What a block may not do even when its shape is right: checks that prove nothing, scripts in which
//! a value could become code.
//!
//! These are errors, found for every runbook that is read, not only for those that are linted.

use std::ops::Range;

use super::outline::Fence;
use super::sink::Sink;
use super::{programs, runnable};
use crate::diag::Diagnostic;
use crate::runbook::shell::ShellText;
use crate::runbook::{Check, Comparison, Condition, Language, RuleVerdict, When};
use crate::text::{SourceFile, Span};

const SHELLS: &[&str] = &["sh", "bash", "dash", "ksh", "zsh", "ash", "csh", "tcsh", "fish", "su"];

/// How far around a place is looked, so that a hostile block costs no more than its length.
const NEAR: usize = 512;

/// Judges the rules of a check.
pub(super) fn check(check: &Check, mark: Span, sink: &mut Sink) {
    for rule in &check.rules {
        if rule.verdict == RuleVerdict::Healthy && !rule.conditions.iter().any(proves) {
            let message = "this rule calls healthy what may only be silent";
            sink.push(Diagnostic::error("rule-healthy", rule.span, message).hint(
                "Add a condition that the output must meet (`output has`, `output matches`, a value); \
                 `exit is 0`, an empty output or a missing symptom alone prove nothing.",
            ));
        }
    }
    let has = |verdict| check.rules.iter().any(|rule| rule.verdict == verdict);
    let one_way = !has(RuleVerdict::Sick) || !has(RuleVerdict::Healthy);
    if !check.rules.is_empty() && one_way && !matches!(check.when, When::Before(_)) {
        let missing = if has(RuleVerdict::Sick) { "healthy" } else { "sick" };
        let message = format!("the check `{}` can never come out {missing}", check.id);
        sink.push(Diagnostic::error("check-one-way", mark, message).hint(format!(
            "Add a rule `- **{missing}** if …`; a check that is only shown has no rules at all."
        )));
    }
}

/// True for a condition that an empty or a broken output cannot meet.
fn proves(condition: &Condition) -> bool {
    match condition {
        Condition::Has { negated, .. } | Condition::Empty { negated } => {
            *negated == matches!(condition, Condition::Empty { .. })
        }
        Condition::Matches(regex) => regex.regex.as_ref().is_none_or(|regex| !regex.is_match(b"")),
        Condition::Group { .. } | Condition::Json { .. } => true,
        Condition::Lines { test, .. } => match test {
            Comparison::Is(count) => count.parse::<f64>().is_ok_and(|count| count > 0.0),
            Comparison::AtLeast(count) => *count > 0.0,
            Comparison::Above(count) => *count >= 0.0,
            Comparison::IsNot(count) => count.parse::<f64>().is_ok_and(|count| count == 0.0),
            Comparison::AtMost(_) | Comparison::Below(_) => false,
        },
        Condition::Exit { .. } | Condition::Symptom { .. } => false,
    }
}

/// Judges the text of a block; `parameters` are all names of the table, legal or not.
pub(super) fn script(
    source: &SourceFile,
    fence: &Fence,
    language: Language,
    parameters: &[String],
    sink: &mut Sink,
) {
    let text = super::text_of(source, fence);
    let at = |range: Range<usize>| place(source, fence, range);
    for (name, range) in templates(&text) {
        let message = format!("`{{{{{name}}}}}` pastes a value into the text of a block");
        sink.push(Diagnostic::error("value-pasted", at(range), message).hint(match language {
            Language::Cisco => format!("Write `<{name}>`."),
            Language::Sh | Language::Bash => {
                format!("Write `\"${name}\"`: a value is an environment variable.")
            }
        }));
    }
    if language == Language::Cisco {
        for (name, range) in runnable::placeholders(&text) {
            if !parameters.iter().any(|parameter| parameter == name) {
                let message = format!("`<{name}>` is no parameter");
                sink.push(
                    Diagnostic::error("placeholder-unknown", at(range), message)
                        .hint("Add a row to the table under \"Parameters\"."),
                );
            }
        }
        return;
    }
    let shell = ShellText::new(&text);
    let values = programs::tainted(&text, &shell, parameters);
    evaluations(&text, &shell, &at, sink);
    programs::judge(&shell, &values, SHELLS, &at, sink);
    arithmetic(&shell, &values, &at, sink);
    variable_names(&text, &shell, &values, &at, sink);
}

/// `eval`, and a shell that is given a text with values in it.
fn evaluations(text: &str, shell: &ShellText<'_>, at: &dyn Fn(Range<usize>) -> Span, sink: &mut Sink) {
    // Where the last shell was called; its options follow on the same line.
    let mut shell_at: Option<usize> = None;
    for (word, range) in shell.code_words() {
        if word == "eval" {
            let message = "`eval` makes code of values";
            sink.push(
                Diagnostic::error("value-evaluated", at(range), message)
                    .hint("Write the command itself, with each value as `\"$name\"`."),
            );
            continue;
        }
        if SHELLS.contains(&word.rsplit('/').next().unwrap_or(word)) {
            shell_at = Some(range.end);
            continue;
        }
        let option = word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        let same_command =
            shell_at.is_some_and(|end| !text[end..range.start].contains(['\n', ';', '|', '&']));
        if !option || !same_command {
            continue;
        }
        let argument = shell.argument(range.end);
        if shell.expands(argument.clone()) {
            let message =
                format!("`{}` is a script in which a value becomes code", text[argument.clone()].trim());
            sink.push(
                Diagnostic::error("value-evaluated", at(argument), message).hint(
                    "Put the script in single quotes: the values reach it as environment variables too.",
                ),
            );
        }
    }
}

/// In arithmetic a shell takes the text of a value for an expression, which may run commands.
fn arithmetic(
    shell: &ShellText<'_>,
    parameters: &[String],
    at: &dyn Fn(Range<usize>) -> Span,
    sink: &mut Sink,
) {
    let with_sign = shell.uses().into_iter().filter(|used| used.arithmetic).map(|used| (used.name, used.at));
    for (name, range) in with_sign.chain(shell.arithmetic_words()) {
        if parameters.iter().any(|parameter| parameter == name) {
            let message = format!("arithmetic on the value `{name}` can run code that is in it");
            sink.push(
                Diagnostic::error("value-arithmetic", at(range), message).hint(
                    "Let `awk -v` or `expr` calculate, or compare with `[ \"$a\" -gt \"$b\" ]` in `sh`.",
                ),
            );
        }
    }
}

/// Commands of the shell that take a value for the name of a variable.
fn variable_names(
    text: &str,
    shell: &ShellText<'_>,
    parameters: &[String],
    at: &dyn Fn(Range<usize>) -> Span,
    sink: &mut Sink,
) {
    let is_value = |name: &str| parameters.iter().any(|parameter| parameter == name);
    for used in shell.uses().into_iter().filter(|used| is_value(used.name)) {
        let near = &text[text.floor_char_boundary(used.at.start.saturating_sub(NEAR))..used.at.start];
        let line = near.rfind(['\n', ';', '|', '&']).map_or(0, |end| end + 1);
        let mut words = near[line..].split_whitespace();
        let command = words.next().unwrap_or("");
        let names = match command {
            "declare" | "typeset" | "let" | "unset" => true,
            "printf" | "test" | "[" | "[[" => {
                words.rfind(|word| *word != "\"").is_some_and(|last| last == "-v")
            }
            _ => false,
        };
        if names {
            let message = format!("`{command}` takes the value `{}` for the name of a variable", used.name);
            sink.push(
                Diagnostic::error("value-evaluated", at(used.at), message)
                    .hint("Use a variable with a fixed name."),
            );
        }
    }
    for (start, _) in text.match_indices("${!") {
        let name = text[start + 3..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next();
        if let Some(name) = name.filter(|name| is_value(name)) {
            let message = format!("`${{!{name}}}` takes the value `{name}` for the name of a variable");
            sink.push(
                Diagnostic::error("value-evaluated", at(start..start + 3 + name.len()), message)
                    .hint("Use a variable with a fixed name."),
            );
        }
    }
    compared(text, shell, &is_value, at, sink);
}

/// `[[ $x -eq 1 ]]` calculates; `[ "$x" -eq 1 ]` does not.
fn compared(
    text: &str,
    shell: &ShellText<'_>,
    is_value: &dyn Fn(&str) -> bool,
    at: &dyn Fn(Range<usize>) -> Span,
    sink: &mut Sink,
) {
    let uses = shell.uses();
    for (start, _) in text.match_indices("[[ ") {
        let near = text.floor_char_boundary(start + NEAR);
        let end = text[start..near].find("]]").map_or(near, |end| start + end);
        let calculates =
            ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"].iter().any(|op| text[start..end].contains(op));
        if !calculates {
            continue;
        }
        let first = uses.partition_point(|used| used.at.start < start);
        let inside = uses[first..].iter().take_while(|used| used.at.start < end);
        if let Some(used) = inside.into_iter().find(|used| is_value(used.name)) {
            let message = format!(
                "`[[ ]]` calculates with the value `{}`, which can run code that is in it",
                used.name
            );
            sink.push(
                Diagnostic::error("value-arithmetic", at(used.at.clone()), message)
                    .hint("Write `[ \"$a\" -eq \"$b\" ]`, which only compares numbers."),
            );
        }
    }
}

/// `{{ name }}`; the templates of other programs (`{{.State}}`, `{{end}}`) are none of ours.
fn templates(text: &str) -> Vec<(&str, Range<usize>)> {
    text.match_indices("{{")
        .filter_map(|(at, _)| {
            let inner = &text[at + 2..text.floor_char_boundary(at + NEAR)];
            let inner = &inner[..inner.find("}}")?];
            let name = inner.trim();
            let ours = crate::runbook::ParamName::new(name).is_some() && !matches!(name, "end" | "else");
            ours.then(|| (name, at..at + inner.len() + 4))
        })
        .collect()
}

/// Where a range of the text of a block stands in the file.
fn place(source: &SourceFile, fence: &Fence, range: Range<usize>) -> Span {
    let mut start = 0;
    for line in &fence.lines {
        let length = source.slice(*line).len() + 1;
        if range.start < start + length {
            let from = (range.start - start).min(length - 1);
            return line.part(from..(range.end - start).min(length - 1).max(from));
        }
        start += length;
    }
    fence.open
}
