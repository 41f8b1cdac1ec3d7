//! Which values may be used at all, whatever the runbook says of them.

use super::VALUE_BYTES_MAX;
use crate::runbook::Parameter;

/// Why a value may not be used; `None` when it may. `on_device` asks for what can stand in a line
/// that is typed to a device.
pub fn refusal(parameter: &Parameter, value: &[u8], on_device: bool) -> Option<String> {
    let (pattern, regex) = &parameter.pattern;
    if value.len() > VALUE_BYTES_MAX {
        return Some(format!("it is longer than {VALUE_BYTES_MAX} bytes"));
    }
    if value.contains(&0) || value.contains(&b'\n') {
        return Some("it holds a line end or a NUL".into());
    }
    // An option where a name was meant.
    if value.starts_with(b"-") && !may_begin_with_dash(pattern) {
        return Some("it begins with `-`, and its pattern does not".into());
    }
    if !regex.is_match(value) {
        return Some(format!("it does not match `{pattern}`"));
    }
    if !on_device {
        return None;
    }
    let text = std::str::from_utf8(value).ok();
    let typed = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '?' | '!' | '"');
    match text {
        Some(text) if !text.is_empty() && text.chars().all(typed) => None,
        _ => Some("on a device it must hold no blank, control character, `?`, `!` or `\"`".into()),
    }
}

/// True when the pattern itself says that its first character may be `-`: by that character, or by
/// a class that lists it.
fn may_begin_with_dash(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches(['^', '(', '?', ':']);
    if pattern.starts_with('-') || pattern.starts_with("\\-") {
        return true;
    }
    let class =
        pattern.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or("", |(class, _)| class);
    !class.starts_with('^') && (class.starts_with('-') || class.ends_with('-') || class.contains("\\-"))
}
