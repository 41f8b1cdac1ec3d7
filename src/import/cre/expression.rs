//! A regular expression of Go's, or a text, as lines of a symptom block.
//!
//! What is literal is written literally, alternatives become lines of their own, and "anything" at
//! an end is left out: a signature is found anywhere in a line.

use regex_syntax::ast::{Ast, LiteralKind, RepetitionKind, parse::Parser};

use crate::runbook::regexes::{self, Flavour};

/// A text as a signature; `None` when no line could hold it.
pub(super) fn text(value: &str) -> Option<String> {
    let value = value.trim_matches(['\n', '\r']);
    if value.trim().is_empty() || value.contains('\n') {
        return None;
    }
    if value.trim() != value || value.chars().any(|c| c.is_control() && c != '\t') {
        return Some(format!("/{}/", regex::escape(value)));
    }
    Some(literal(&[value.to_owned()]))
}

/// A text as it stands in a string of JSON, as a pattern.
pub(super) fn json_text(text: &str) -> String {
    let written = serde_json::Value::from(text).to_string();
    regex::escape(&written[1..written.len() - 1])
}

/// The lines of a pattern, any of which is a hit.
pub(super) fn pattern(go: &str) -> Result<Vec<String>, String> {
    let translated = translate(go);
    let ast = parse(&translated)?;
    let lines: Vec<String> =
        branches(&translated, &ast).iter().map(|branch| line(branch)).collect::<Result<_, _>>()?;
    Ok(lines)
}

/// The parts of a pattern that stand in a row with anything between them, each as lines; `None` when
/// it is one piece. A record of several lines may hold each part on another line.
pub(super) fn parts(go: &str) -> Option<Vec<String>> {
    let translated = translate(go);
    let ast = parse(&translated).ok()?;
    let [branch] = branches(&translated, &ast).try_into().ok()?;
    let ast = parse(&branch).ok()?;
    let Ast::Concat(concat) = &ast else { return None };
    let (mut parts, mut part, mut flags) = (Vec::new(), String::new(), String::new());
    for item in &concat.asts {
        let written = &branch[item.span().start.offset..item.span().end.offset];
        match item {
            Ast::Flags(_) => flags.push_str(written),
            _ if is_gap(item, true) => parts.push(std::mem::take(&mut part)),
            _ => part.push_str(written),
        }
    }
    parts.push(part);
    let lines: Vec<String> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| line(&format!("{flags}{part}")))
        .collect::<Result<_, _>>()
        .ok()?;
    (lines.len() > 1).then_some(lines)
}

fn parse(pattern: &str) -> Result<Ast, String> {
    Parser::new().parse(pattern).map_err(|error| error.kind().to_string())
}

/// One alternative as a line.
fn line(branch: &str) -> Result<String, String> {
    let ast = parse(branch)?;
    let branch = bare(branch, &ast);
    let ast = parse(branch)?;
    if let Some(pieces) = pieces(&ast).filter(|pieces| pieces.iter().any(|piece| !piece.trim().is_empty())) {
        let inner = &pieces[..pieces.len() - 1];
        let whole = pieces.first().is_some_and(|first| first.trim_start() == first)
            && pieces.last().is_some_and(|last| last.trim_end() == last);
        // A dot before three more would be read as one of the three.
        if whole && !inner.iter().any(|piece| piece.ends_with('.')) {
            return Ok(literal(&pieces));
        }
    }
    let usable = |pattern: &str| regexes::compile(pattern, Flavour::Signature { nocase: false });
    let unicode = format!("(?u){branch}");
    let (written, compiled) = match usable(branch) {
        Ok(compiled) => (branch.to_owned(), compiled),
        Err(problem) => (unicode.clone(), usable(&unicode).map_err(|_| problem.message)?),
    };
    if compiled.is_match(b"") {
        return Err("it matches every line".to_owned());
    }
    Ok(format!("/{written}/"))
}

/// The alternatives of a pattern, those in a group around all of it too, each with its flags.
fn branches(text: &str, ast: &Ast) -> Vec<String> {
    let slice = |ast: &Ast| text[ast.span().start.offset..ast.span().end.offset].to_owned();
    match ast {
        Ast::Alternation(all) => {
            let mut flags = String::new();
            let mut found = Vec::new();
            for inner in &all.asts {
                found.extend(branches(text, inner).into_iter().map(|branch| format!("{flags}{branch}")));
                // `(?i)a|b` is read as the flags and `a`, or `b`: the flags go on.
                if let Ast::Concat(concat) = inner
                    && let Some(first @ Ast::Flags(_)) = concat.asts.first()
                {
                    flags.push_str(&slice(first));
                }
            }
            found
        }
        Ast::Group(group) if group.flags().is_none_or(|flags| flags.items.is_empty()) => {
            match group.ast.as_ref() {
                inner @ Ast::Alternation(_) => branches(text, inner),
                _ => vec![slice(ast)],
            }
        }
        Ast::Concat(concat) => match concat.asts.as_slice() {
            [flags @ Ast::Flags(_), rest] => {
                branches(text, rest).into_iter().map(|branch| format!("{}{branch}", slice(flags))).collect()
            }
            _ => vec![slice(ast)],
        },
        _ => vec![slice(ast)],
    }
}

/// Without "anything" at its ends.
fn bare<'t>(text: &'t str, ast: &Ast) -> &'t str {
    let Ast::Concat(concat) = ast else { return text };
    let any = |item: &&Ast| is_gap(item, false);
    let leading = concat.asts.iter().take_while(any).count();
    let trailing = concat.asts[leading..].iter().rev().take_while(any).count();
    let kept = &concat.asts[leading..concat.asts.len() - trailing];
    match (kept.first(), kept.last()) {
        (Some(first), Some(last)) => &text[first.span().start.offset..last.span().end.offset],
        _ => text,
    }
}

/// `.*`; with `some` also `.+` and either of them in a group.
fn is_gap(ast: &Ast, some: bool) -> bool {
    match ast {
        Ast::Repetition(repetition) => {
            let any = matches!(repetition.op.kind, RepetitionKind::ZeroOrMore);
            let one = matches!(repetition.op.kind, RepetitionKind::OneOrMore);
            matches!(repetition.ast.as_ref(), Ast::Dot(_)) && (any || one && some)
        }
        Ast::Group(group) if some => is_gap(&group.ast, true),
        _ => false,
    }
}

/// The texts of a pattern that is nothing but texts with anything between them.
fn pieces(ast: &Ast) -> Option<Vec<String>> {
    let items = match ast {
        Ast::Concat(concat) => concat.asts.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut pieces = vec![String::new()];
    for item in items {
        match item {
            Ast::Literal(literal)
                if !matches!(literal.kind, LiteralKind::HexFixed(_) | LiteralKind::HexBrace(_)) =>
            {
                let readable = literal.c == '\t' || !literal.c.is_control();
                pieces.last_mut().filter(|_| readable)?.push(literal.c);
            }
            _ if is_gap(item, false) => pieces.push(String::new()),
            _ => return None,
        }
    }
    Some(pieces)
}

/// A literal signature of texts with any text between them.
fn literal(pieces: &[String]) -> String {
    let mut out = pieces.iter().map(|piece| escape(piece)).collect::<Vec<_>>().join("...");
    if out.starts_with(['/', '!', '|', '{']) {
        out.insert(0, '\\');
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("...") {
            out.push_str("\\...");
            rest = after;
            continue;
        }
        if matches!(c, '<' | '\\') {
            out.push('\\');
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Go's syntax as that of the regex crate: they differ in what may stand unescaped.
fn translate(go: &str) -> String {
    let chars: Vec<char> = go.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let mut class: Option<usize> = None;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let rest = || chars[at..].iter().collect::<String>();
        match (class, c, next) {
            (_, '\\', Some(_)) => {
                let (written, length) = backslash(&chars[at..]);
                out.push_str(&written);
                at += length;
                continue;
            }
            (Some(start), ']', _) if at > start => class = None,
            (Some(_), '[', next) if next != Some(':') => out.push('\\'),
            (Some(_), '&' | '~', _) => out.push('\\'),
            (None, '[', next) => {
                let first = at + 1 + usize::from(next == Some('^'));
                class = Some(first);
                out.extend(&chars[at..first]);
                at = first;
                if chars.get(at) == Some(&']') {
                    out.push_str("\\]");
                    at += 1;
                }
                continue;
            }
            (None, '{', _) if !counts(&rest()) || out.is_empty() => out.push('\\'),
            (None, '(', Some('?')) => {
                let rest = rest();
                let named = ["(?P<", "(?<"].iter().find_map(|start| rest.strip_prefix(start));
                if let Some((name, _)) = named.and_then(|named| named.split_once('>')) {
                    out.push_str("(?:");
                    at += rest.find('>').unwrap_or(0) + 1;
                    debug_assert!(!name.contains('>'), "cut at the first one");
                    continue;
                }
            }
            _ => {}
        }
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
        at += 1;
    }
    out
}

/// What a backslash begins, and how many characters that is.
fn backslash(chars: &[char]) -> (String, usize) {
    let all = || chars.iter().collect::<String>();
    match chars.get(1) {
        Some('Q') => {
            let quoted: String = chars[2..].iter().collect();
            let (text, end) = quoted.split_once("\\E").map_or((quoted.as_str(), 0), |(text, _)| (text, 2));
            (regex::escape(text), 2 + text.chars().count() + end)
        }
        Some(sign @ ('<' | '>' | '/' | '"' | '\'')) => (sign.to_string(), 2),
        // `\x{263a}`, `\p{Greek}`: the braces belong to it.
        Some('x' | 'p' | 'P') if chars.get(2) == Some(&'{') => {
            let end = chars.iter().position(|c| *c == '}').map_or(chars.len(), |end| end + 1);
            (all().chars().take(end).collect(), end)
        }
        Some(next) => match octal(&chars[1..]) {
            Some((code, digits)) => (format!("\\x{{{code:x}}}"), 1 + digits),
            None => (format!("\\{next}"), 2),
        },
        None => (all(), 1),
    }
}

/// `\0`, `\033`, `\12`: a character by its number, and how many digits that is. A single digit from 1
/// on would name a group, which Go does not have.
fn octal(chars: &[char]) -> Option<(u32, usize)> {
    let digits: Vec<u32> = chars.iter().take(3).map_while(|c| c.to_digit(8)).collect();
    let named = digits.len() == 1 && digits[0] > 0;
    (!digits.is_empty() && !named)
        .then(|| (digits.iter().fold(0, |code, digit| code * 8 + digit), digits.len()))
}

/// `{3}`, `{3,}`, `{3,5}`.
fn counts(rest: &str) -> bool {
    let Some((inner, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return false };
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}

#[cfg(test)]
mod tests;
