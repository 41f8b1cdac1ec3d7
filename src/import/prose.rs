//! A stranger's Markdown as harmless prose.
//!
//! It keeps lists, emphasis, links and code, and loses what would speak to kb or to a browser:
//! headings, info strings, raw HTML, links that are not to the web.

use std::fmt::Write as _;

use crate::text::is_deceptive;

/// What may stand behind a fence: none of these is a kind of block.
const LANGUAGES: &[&str] = &[
    "bash",
    "c",
    "console",
    "css",
    "diff",
    "dockerfile",
    "go",
    "hcl",
    "html",
    "ini",
    "java",
    "javascript",
    "js",
    "json",
    "kotlin",
    "lua",
    "makefile",
    "nginx",
    "php",
    "promql",
    "python",
    "ruby",
    "rust",
    "sh",
    "shell",
    "sql",
    "text",
    "toml",
    "typescript",
    "xml",
    "yaml",
    "yml",
];
/// Of one text so much is kept.
const CHARS_MAX: usize = 64 << 10;

/// The text as Markdown of ours, without a line feed at its end.
pub(super) fn prose(text: &str) -> String {
    let text = plain(text);
    let mut out = String::new();
    let mut fence: Option<Fence> = None;
    for line in text.trim_end().lines() {
        let line = line.trim_end();
        let (before, ticks) = fence_start(line);
        match (&fence, ticks) {
            (Some(open), Some(found)) if open.closed_by(&found) => {
                fence = None;
                let _ = writeln!(out, "{before}{}", found.run());
            }
            (None, Some(found)) => {
                let language = found.info.split_whitespace().next().unwrap_or_default().to_lowercase();
                let known = LANGUAGES.iter().find(|known| **known == language).unwrap_or(&"text");
                let _ = writeln!(out, "{before}{}{known}", found.run());
                fence = Some(found);
            }
            // A line in a block that could open another one, by whatever a reader takes for its bounds.
            (Some(_), Some(found)) => {
                let _ = writeln!(out, "{before}\u{200a}{}{}", found.run(), found.info);
            }
            (Some(_), None) => {
                let _ = writeln!(out, "{line}");
            }
            (None, None) => {
                out.push_str(&harmless(line));
                out.push('\n');
            }
        }
    }
    if let Some(open) = fence {
        out.push_str(&open.run());
        out.push('\n');
    }
    out.trim_matches('\n').to_owned()
}

/// The text on one line, safe as a title, in a fact or in a list.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    harmless(&plain(&words.join(" ")))
}

/// A text as a code span.
pub(super) fn code(text: &str) -> String {
    let text = plain(text).replace(['\n', '`'], " ");
    format!("`{}`", text.trim())
}

/// Without characters that a terminal or a reader would stumble over.
pub(super) fn plain(text: &str) -> String {
    let visible = |c: &char| *c == '\n' || !(c.is_control() || is_deceptive(*c));
    text.replace('\t', "    ").chars().filter(visible).take(CHARS_MAX).collect()
}

struct Fence {
    sign: char,
    count: usize,
    info: String,
}

impl Fence {
    fn run(&self) -> String {
        self.sign.to_string().repeat(self.count)
    }

    fn closed_by(&self, other: &Self) -> bool {
        other.sign == self.sign && other.count >= self.count && other.info.is_empty()
    }
}

/// What stands before a fence, and the fence, when the line is one: at the top, in a list or quoted.
fn fence_start(line: &str) -> (&str, Option<Fence>) {
    let rest =
        line.trim_start_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || ">*+-.)".contains(c));
    let before = &line[..line.len() - rest.len()];
    let Some(sign) = rest.chars().next().filter(|c| matches!(c, '`' | '~')) else { return (before, None) };
    let count = rest.chars().take_while(|c| *c == sign).count();
    let info = rest[count..].trim();
    let inline = sign == '`' && info.contains('`');
    let found = count >= 3 && !inline;
    (before, found.then(|| Fence { sign, count, info: info.to_owned() }))
}

/// One line of prose.
fn harmless(line: &str) -> String {
    let bare = line.trim_start();
    let indent = &line[..line.len() - bare.len()];
    let mut out = indent.to_owned();
    let rule = !bare.is_empty() && bare.chars().all(|c| "=-_* ".contains(c)) && bare.len() > 1;
    let heading = bare.starts_with('#');
    let reference = bare.starts_with('[') && bare.contains("]:");
    if rule || heading || reference {
        out.push('\\');
    }
    // Without a partner a tick would swallow what follows; three of them are no fence here.
    let paired = bare.matches('`').count().is_multiple_of(2) && !bare.contains("```");
    let mut in_code = false;
    let mut rest = bare;
    while let Some(c) = rest.chars().next() {
        let target = rest.strip_prefix("](");
        match c {
            '`' if paired => {
                in_code = !in_code;
                out.push(c);
            }
            '`' => out.push_str("\\`"),
            '<' if !in_code => out.push_str("\\<"),
            ']' if !in_code
                && target.is_some_and(|to| !to.starts_with("http://") && !to.starts_with("https://")) =>
            {
                out.push_str("\\]");
            }
            _ => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests;
