//! The few programs in `jq` that a signature can say: values of fields, all of which one line holds.
//!
//! `.kind == "Pod" and .reason == "Evicted"`, `select(.msg | contains("no space"))`. Everything else
//! computes something, and is not guessed at.

use super::expression::json_text;

/// Each order of so many fields is an alternative of its own.
const FIELDS_MAX: usize = 3;

/// Lines any of which is a hit; `None` when the program asks for more than values of fields.
pub(super) fn lines(program: &str) -> Option<Vec<String>> {
    let mut program = program.trim();
    while let Some(inner) = within(program) {
        program = inner;
    }
    let fields: Vec<String> = program.split(" and ").map(field).collect::<Option<_>>()?;
    if fields.len() > FIELDS_MAX {
        return None;
    }
    let lines = orders(&fields).into_iter().map(|order| format!("/{}/", order.join(".*")));
    Some(lines.collect())
}

/// Without brackets or `select` around all of it.
fn within(program: &str) -> Option<&str> {
    let inner = program.strip_prefix("select").unwrap_or(program).trim_start();
    let inner = inner.strip_prefix('(')?.strip_suffix(')')?;
    // `(a) and (b)` begins and ends with brackets that are no pair.
    let mut depth = 0_i32;
    let closes_early = inner.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth < 0
    });
    (!closes_early).then_some(inner.trim())
}

/// One condition on one field.
fn field(condition: &str) -> Option<String> {
    let mut condition = condition.trim();
    while let Some(inner) = within(condition) {
        condition = inner;
    }
    if let Some((path, value)) = condition.split_once("==") {
        let (key, value) = (key(path)?, value.trim());
        let value = match quoted(value) {
            Some(text) => format!("\"{}\"", json_text(&text)),
            None if matches!(value, "true" | "false" | "null") || value.parse::<i64>().is_ok() => {
                format!("{value}\\b")
            }
            None => return None,
        };
        return Some(format!("\"{key}\"\\s*:\\s*{value}"));
    }
    let (path, call) = condition.split_once('|')?;
    let text = call.trim().strip_prefix("contains(")?.strip_suffix(')')?;
    let (key, text) = (key(path)?, json_text(&quoted(text.trim())?));
    Some(format!("\"{key}\"\\s*:\\s*\"(?:[^\"\\\\]|\\\\.)*{text}"))
}

/// The last name of a path such as `.involvedObject.kind`.
fn key(path: &str) -> Option<String> {
    let names = path.trim().strip_prefix('.')?;
    let legal = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    names.split('.').all(legal).then(|| names.rsplit('.').next().unwrap_or(names).to_owned())
}

/// The text of a JSON string that is all of this.
fn quoted(text: &str) -> Option<String> {
    text.starts_with('"')
        .then(|| serde_json::from_str(text).ok())
        .flatten()
        .filter(|text: &String| !text.is_empty())
}

fn orders(fields: &[String]) -> Vec<Vec<String>> {
    if fields.len() < 2 {
        return vec![fields.to_vec()];
    }
    let mut orders = Vec::new();
    for at in 0..fields.len() {
        let mut rest = fields.to_vec();
        let first = rest.remove(at);
        for mut order in self::orders(&rest) {
            order.insert(0, first.clone());
            orders.push(order);
        }
    }
    orders
}

#[cfg(test)]
mod tests;
