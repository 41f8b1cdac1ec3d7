//! What a shell script does with values: enough of its grammar to say where a `$name` stands.
//!
//! Not a shell parser. It tells code from quotes, comments, here-documents and arithmetic, so that
//! the ways in which a value could become code are found and prose about them is not.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

mod commands;

pub(super) use commands::Command;

/// Where a byte of a script stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    Code,
    Single,
    Double,
    Comment,
    Arithmetic,
    HereDocument,
}

/// A script with the context of each of its bytes.
#[derive(Debug)]
pub(super) struct ShellText<'a> {
    text: &'a str,
    context: Vec<Context>,
}

/// A use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use<'a> {
    pub(super) name: &'a str,
    pub(super) at: Range<usize>,
    /// Inside `$(( ))` or `(( ))`.
    pub(super) arithmetic: bool,
    /// In code, outside all quotes.
    pub(super) bare: bool,
}

impl<'a> ShellText<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, context: Reader::new(text).read() }
    }

    /// Every `$name` and `${name…}` that the shell replaces, with lower-case names only.
    pub(super) fn uses(&self) -> Vec<Use<'a>> {
        self.text
            .match_indices('$')
            .filter(|(at, _)| !matches!(self.context[*at], Context::Single | Context::Comment))
            .filter(|(at, _)| !self.is_escaped(*at))
            .filter_map(|(at, _)| {
                let start = at + 1 + usize::from(self.text[at + 1..].starts_with(['{']));
                let name = variable(&self.text[start..])?;
                let context = self.context[at];
                let arithmetic = context == Context::Arithmetic;
                let at = at..start + name.len();
                Some(Use { name, at, arithmetic, bare: context == Context::Code })
            })
            .collect()
    }

    /// Names that stand in arithmetic without a `$`.
    pub(super) fn arithmetic_words(&self) -> Vec<(&'a str, Range<usize>)> {
        words(self.text).filter(|(_, at)| self.context[at.start] == Context::Arithmetic).collect()
    }

    /// Words of code (`eval`, `sh`), with their places.
    pub(super) fn code_words(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> {
        self.text
            .split_inclusive(|c: char| c.is_whitespace() || ";&|()`{}".contains(c))
            .scan(0, |at, part| {
                let start = *at;
                *at += part.len();
                let word = part.trim_end_matches(|c: char| c.is_whitespace() || ";&|()`{}".contains(c));
                Some((word, start..start + word.len()))
            })
            .filter(|(word, at)| !word.is_empty() && self.context[at.start] == Context::Code)
    }

    /// The argument that begins at an offset, up to the next blank outside quotes.
    pub(super) fn argument(&self, start: usize) -> Range<usize> {
        let rest = &self.text[start..];
        let skip = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let start = start + skip;
        let end = self.text[start..].char_indices().find(|(at, c)| {
            self.context[start + at] == Context::Code && (c.is_whitespace() || ";&|)".contains(*c))
        });
        start..end.map_or(self.text.len(), |(at, _)| start + at)
    }

    /// True when the shell replaces a `$` somewhere in a range.
    pub(super) fn expands(&self, range: Range<usize>) -> bool {
        let quiet = |at: usize| matches!(self.context[at], Context::Single | Context::Comment);
        range
            .into_iter()
            .any(|at| matches!(self.text.as_bytes()[at], b'$' | b'`') && !quiet(at) && !self.is_escaped(at))
    }

    /// Names that the script itself gives a value: `x=`, `for x in`, `read x y`.
    pub(super) fn assigned(&self) -> Vec<&'a str> {
        static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?m)(?:^|[\s;&|({])(?:([a-z][a-z0-9_]*)=|for[ \t]+([a-z][a-z0-9_]*)|read((?:[ \t]+[-\w]+)+))")
                .expect("a legal pattern")
        });
        let found = ASSIGNED.captures_iter(self.text).filter_map(|found| {
            found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3)).map(|group| group.as_str())
        });
        found.flat_map(str::split_whitespace).filter(|name| !name.starts_with('-')).collect()
    }

    /// How many commands there are whose failure nothing looks at: those of conditions are not
    /// counted, nor those that cannot fail.
    pub(super) fn commands(&self) -> usize {
        const TESTED: [&str; 13] = [
            "if", "elif", "while", "until", "for", "case", "set", "exit", "return", "echo", "printf", "true",
            ":",
        ];
        const SHAPE: [&str; 8] = ["then", "do", "done", "fi", "else", "esac", "{", "}"];
        let ends = |at: &usize| {
            self.context[*at] == Context::Code && matches!(self.text.as_bytes()[*at], b'\n' | b';')
        };
        let mut count = 0;
        let mut start = 0;
        let mut continued = false;
        for end in (0..self.text.len()).filter(ends).chain([self.text.len()]) {
            let code = (start..end).find(|at| {
                self.context[*at] != Context::Comment && !self.text.as_bytes()[*at].is_ascii_whitespace()
            });
            start = end + 1;
            let Some(first) = code else { continue };
            let piece = self.text.get(first..end).unwrap_or("").trim();
            let mut words = piece.split_whitespace().skip_while(|word| SHAPE.contains(word));
            let begins = words.next().is_some_and(|word| !TESTED.contains(&word));
            let text = self.context[first] != Context::HereDocument;
            count += usize::from(begins && !continued && text && !handled(piece));
            continued = piece.ends_with(['\\', '|']) || piece.ends_with("&&");
        }
        count
    }

    fn is_escaped(&self, at: usize) -> bool {
        let before = self.text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        before % 2 == 1
    }
}

/// True for a command that says itself what happens when it fails, and for a plain assignment.
fn handled(command: &str) -> bool {
    let value = command
        .split_once('=')
        .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    command.contains("||") || value.is_some_and(|(_, value)| !value.contains("$(") && !value.contains('`'))
}

/// The legal name that a text begins with.
fn variable(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
        .unwrap_or(text.len());
    let next_is_upper = text[end..].starts_with(|c: char| c.is_ascii_uppercase());
    let name = &text[..end];
    (name.starts_with(|c: char| c.is_ascii_lowercase()) && !next_is_upper).then_some(name)
}

/// The name of a variable, in the widest sense.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn words(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    text.char_indices().filter_map(move |(at, _)| {
        let inside = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        let name = variable(&text[at..]).filter(|_| !inside)?;
        Some((name, at..at + name.len()))
    })
}

/// Walks through a script with a stack of what it is inside of.
struct Reader<'a> {
    bytes: &'a [u8],
    context: Vec<Context>,
    /// What ends the innermost one is in `depth`: open brackets of each `$(` and `$((`.
    stack: Vec<(Context, u32)>,
    /// Here-documents whose bodies begin at the next line end.
    pending: Vec<(String, bool)>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let context = vec![Context::Code; text.len()];
        Self { bytes: text.as_bytes(), context, stack: vec![(Context::Code, 0)], pending: Vec::new() }
    }

    fn read(mut self) -> Vec<Context> {
        let mut at = 0;
        while at < self.bytes.len() {
            let top = self.stack.last().map_or(Context::Code, |(context, _)| *context);
            at = match top {
                Context::Double => self.double(at),
                Context::Arithmetic => self.arithmetic(at),
                _ => self.code(at),
            };
        }
        self.context
    }

    fn mark(&mut self, range: Range<usize>, context: Context) -> usize {
        let end = range.end.min(self.bytes.len());
        self.context[range.start.min(end)..end].fill(context);
        end
    }

    fn starts(&self, at: usize, text: &[u8]) -> bool {
        self.bytes[at..].starts_with(text)
    }

    /// Opens what a `$` begins; its own byte stands in what it is inside of.
    fn dollar(&mut self, at: usize, outside: Context) -> usize {
        if self.starts(at, b"$((") {
            self.stack.push((Context::Arithmetic, 0));
            return self.mark(at..at + 3, Context::Arithmetic);
        }
        if self.starts(at, b"$(") {
            self.stack.push((Context::Code, 1));
            return self.mark(at..at + 2, outside);
        }
        self.mark(at..at + 1, outside)
    }

    fn double(&mut self, at: usize) -> usize {
        match self.bytes[at] {
            b'\\' => self.mark(at..at + 2, Context::Double),
            b'$' => self.dollar(at, Context::Double),
            b'"' => {
                self.stack.pop();
                self.mark(at..at + 1, Context::Double)
            }
            _ => self.mark(at..at + 1, Context::Double),
        }
    }

    fn arithmetic(&mut self, at: usize) -> usize {
        let depth = self.stack.last_mut().map(|(_, depth)| depth);
        match (self.bytes[at], depth) {
            (b'(', Some(depth)) => *depth += 1,
            (b')', Some(depth)) if *depth > 0 => *depth -= 1,
            (b')', _) => {
                self.stack.pop();
                return self.mark(at..at + 2, Context::Arithmetic);
            }
            _ => {}
        }
        self.mark(at..at + 1, Context::Arithmetic)
    }

    fn code(&mut self, at: usize) -> usize {
        let word_start =
            at == 0 || matches!(self.bytes[at - 1], b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(');
        match self.bytes[at] {
            b'\\' => self.mark(at..at + 2, Context::Code),
            b'\'' => {
                let close = self.bytes[at + 1..].iter().position(|byte| *byte == b'\'');
                self.mark(at..close.map_or(self.bytes.len(), |close| at + close + 2), Context::Single)
            }
            b'"' => {
                self.stack.push((Context::Double, 0));
                self.mark(at..at + 1, Context::Double)
            }
            b'#' if word_start => {
                let end = self.line_end(at);
                self.mark(at..end, Context::Comment)
            }
            b'(' if word_start && self.starts(at, b"((") => {
                self.stack.push((Context::Arithmetic, 0));
                self.mark(at..at + 2, Context::Arithmetic)
            }
            b'$' => self.dollar(at, Context::Code),
            b'<' if self.starts(at, b"<<") && !self.starts(at, b"<<<") => self.here(at),
            b'<' if self.starts(at, b"<<<") => self.mark(at..at + 3, Context::Code),
            b'(' => self.bracket(at, 1),
            b')' => self.bracket(at, -1),
            b'\n' => self.bodies(at + 1),
            _ => self.mark(at..at + 1, Context::Code),
        }
    }

    fn bracket(&mut self, at: usize, step: i32) -> usize {
        if let Some((_, depth)) = self.stack.last_mut()
            && *depth > 0
        {
            *depth = depth.saturating_add_signed(step);
            if *depth == 0 {
                self.stack.pop();
            }
        }
        self.mark(at..at + 1, Context::Code)
    }

    fn line_end(&self, at: usize) -> usize {
        self.bytes[at..].iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |end| at + end)
    }

    /// `<<WORD`, `<<-'WORD'`: its body begins behind the end of this line.
    fn here(&mut self, at: usize) -> usize {
        let mut end = at + 2 + usize::from(self.starts(at, b"<<-"));
        while end < self.bytes.len() && matches!(self.bytes[end], b' ' | b'\t') {
            end += 1;
        }
        let start = end;
        while end < self.bytes.len() && !b" \t\n;&|<>()".contains(&self.bytes[end]) {
            end += 1;
        }
        let word = String::from_utf8_lossy(&self.bytes[start..end]).into_owned();
        let quoted = word.contains(['\'', '"', '\\']);
        let delimiter: String = word.chars().filter(|c| !"'\"\\".contains(*c)).collect();
        if !delimiter.is_empty() {
            self.pending.push((delimiter, quoted));
        }
        self.mark(at..end, Context::Code)
    }

    fn bodies(&mut self, mut at: usize) -> usize {
        for (delimiter, quoted) in std::mem::take(&mut self.pending) {
            let context = if quoted { Context::Single } else { Context::HereDocument };
            while at < self.bytes.len() {
                let end = self.line_end(at);
                let line = self.bytes[at..end].trim_ascii_start();
                let last = line.trim_ascii_end() == delimiter.as_bytes();
                at = self.mark(at..end + 1, context);
                if last {
                    break;
                }
            }
        }
        at
    }
}

#[cfg(test)]
mod tests;
