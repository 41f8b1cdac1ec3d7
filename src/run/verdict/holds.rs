//! Whether the conditions of a rule hold for an output, and what its named groups captured.

use std::borrow::Cow;

use regex::bytes::Regex;

use super::Context;
use crate::runbook::regexes::{Flavour, compile};
use crate::runbook::{Comparison, Condition, OutputRegex, ParamName, Rule};
use crate::target::{Ending, Output};
use crate::text::Untrusted;

/// An output as the rules see it.
pub(super) struct View<'a> {
    exit: Option<i32>,
    text: &'a [u8],
    context: &'a Context<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(output: &'a Output, context: &'a Context<'a>) -> Self {
        let exit = match output.ending {
            Ending::Exited(status) => Some(status),
            _ => None,
        };
        Self { exit, text: output.text.raw(), context }
    }

    pub(super) fn all_hold(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| self.holds(condition))
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Exit { status, negated } => {
                self.exit.is_some_and(|exit| (exit == *status) != *negated)
            }
            Condition::Has { text, negated } => {
                let wanted = self.filled_in(text, |value| value);
                memchr::memmem::find(self.text, &wanted).is_some() != *negated
            }
            Condition::Matches(regex) => self.compiled(regex).is_some_and(|regex| regex.is_match(self.text)),
            Condition::Empty { negated } => self.text.trim_ascii().is_empty() != *negated,
            Condition::Group { regex, test } => self
                .compiled(regex)
                .and_then(|regex| regex.captures(self.text)?.get(1).map(|group| group.as_bytes().to_vec()))
                .is_some_and(|value| compares(&value, test)),
            Condition::Lines { regex, test } => {
                let Some(regex) = self.compiled(regex) else { return false };
                compares(self.count_lines(&regex).to_string().as_bytes(), test)
            }
            Condition::Json { pointer, value } => self.json(pointer).is_some_and(|found| same(&found, value)),
            Condition::Symptom { seen } => (self.context.symptom_seen)(self.text) == *seen,
        }
    }

    fn count_lines(&self, regex: &Regex) -> usize {
        let text = self.text.strip_suffix(b"\n").unwrap_or(self.text);
        if text.is_empty() {
            return 0;
        }
        text.split(|&byte| byte == b'\n')
            .filter(|line| regex.is_match(line.strip_suffix(b"\r").unwrap_or(line)))
            .count()
    }

    fn json(&self, pointer: &str) -> Option<String> {
        let document: serde_json::Value = serde_json::from_slice(self.text).ok()?;
        match document.pointer(pointer)? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
            plain => Some(plain.to_string()),
        }
    }

    /// On a device `<name>` stands for a value; elsewhere the regex is compiled already.
    fn compiled<'r>(&self, regex: &'r OutputRegex) -> Option<Cow<'r, Regex>> {
        if let Some(regex) = &regex.regex {
            return Some(Cow::Borrowed(regex));
        }
        let text =
            self.filled_in(&regex.text, |value| regex::escape(&String::from_utf8_lossy(&value)).into_bytes());
        compile(std::str::from_utf8(&text).ok()?, Flavour::Output).ok().map(Cow::Owned)
    }

    /// The text with the values of the parameters it names in angle brackets; a name without a
    /// value stays as it is.
    fn filled_in(&self, text: &str, as_written: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            let (before, tail) = rest.split_at(at);
            out.extend_from_slice(before.as_bytes());
            let named = tail[1..]
                .split_once('>')
                .and_then(|(name, after)| Some(((self.context.value)(&ParamName::new(name)?)?, after)));
            if let Some((value, after)) = named {
                out.extend(as_written(value));
                rest = after;
            } else {
                out.push(b'<');
                rest = &tail[1..];
            }
        }
        out.extend_from_slice(rest.as_bytes());
        out
    }

    /// What the named groups captured: those of the rule that held, then those of the others for
    /// names it has not. Every different value is kept, so that none is taken for the only one.
    pub(super) fn captures(&self, rules: &[Rule], held: usize) -> Vec<(ParamName, Untrusted)> {
        let mut found = self.captures_of(&rules[held]);
        for rule in rules {
            let more = self.captures_of(rule);
            let fresh: Vec<_> =
                more.into_iter().filter(|(name, _)| !found.iter().any(|(known, _)| known == name)).collect();
            found.extend(fresh);
        }
        found
    }

    fn captures_of(&self, rule: &Rule) -> Vec<(ParamName, Untrusted)> {
        let mut found: Vec<(ParamName, Untrusted)> = Vec::new();
        for condition in &rule.conditions {
            let (Condition::Matches(regex) | Condition::Group { regex, .. } | Condition::Lines { regex, .. }) =
                condition
            else {
                continue;
            };
            let Some(regex) = self.compiled(regex) else { continue };
            for hit in regex.captures_iter(self.text) {
                for name in regex.capture_names().flatten() {
                    let (Some(group), Some(name)) = (hit.name(name), ParamName::new(name)) else { continue };
                    let one = (name, Untrusted::new(group.as_bytes()));
                    if !found.contains(&one) {
                        found.push(one);
                    }
                }
            }
        }
        found
    }
}

fn compares(value: &[u8], test: &Comparison) -> bool {
    let found = String::from_utf8_lossy(value);
    let number = decimal(&found);
    match test {
        Comparison::Is(wanted) => same(&found, wanted),
        Comparison::IsNot(unwanted) => !same(&found, unwanted),
        Comparison::AtLeast(bound) => number.is_some_and(|number| number >= *bound),
        Comparison::AtMost(bound) => number.is_some_and(|number| number <= *bound),
        Comparison::Above(bound) => number.is_some_and(|number| number > *bound),
        Comparison::Below(bound) => number.is_some_and(|number| number < *bound),
    }
}

/// Equal as decimals when both are, else as text.
fn same(one: &str, other: &str) -> bool {
    if one.trim() == other.trim() {
        return true;
    }
    match (decimal(one), decimal(other)) {
        (Some(one), Some(other)) => one.partial_cmp(&other) == Some(std::cmp::Ordering::Equal),
        _ => false,
    }
}

/// Digits with a sign and a point; not `inf`, `nan` or `1e9`, which are words.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    text.bytes().all(digits).then(|| text.parse().ok()).flatten()
}
