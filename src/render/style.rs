//! Labels instead of colours: what is written says what it *is*, and `styles.toml` says how that
//! looks.
//!
//! Knows one writer, how it is painted and how wide it is. Everything that is written through
//! [`Out`] is escaped here once more, so no byte from outside reaches a terminal as it came, also
//! where a caller forgot. Knows nothing of runbooks.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::LazyLock;

use anstyle::{AnsiColor, Effects, Style};
use textwrap::WordSeparator;
use textwrap::core::Word;
use textwrap::wrap_algorithms::wrap_first_fit;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::text::printable;

/// How labels are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Not at all.
    Plain,
    /// In colour.
    Ansi,
    /// As `<<label::text>>`, for people who change `styles.toml`.
    Labels,
}

/// Every label with its look, from `styles.toml`.
static LOOKS: LazyLock<BTreeMap<String, Style>> = LazyLock::new(|| {
    let table: BTreeMap<String, String> =
        toml::from_str(include_str!("styles.toml")).expect("a test reads the shipped styles.toml");
    table.into_iter().map(|(label, look)| (label, parse_look(&look).unwrap_or_default())).collect()
});

/// The labels that `styles.toml` knows, in alphabetical order.
pub fn labels() -> impl Iterator<Item = &'static str> {
    LOOKS.keys().map(String::as_str)
}

/// The look of a label; plain when `styles.toml` does not know it.
pub fn look(label: &str) -> Style {
    LOOKS.get(label).copied().unwrap_or_default()
}

/// Text with the label that says what it is: the currency of everything that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// A label of `styles.toml`; empty for plain text.
    pub label: &'static str,
    /// The text.
    pub text: String,
}

impl Piece {
    /// Labelled text.
    pub fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into() }
    }
}

/// What can be shown where a report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// How labels are shown.
    pub paint: Paint,
    /// How many columns a line may have.
    pub width: usize,
    /// Only ASCII can be drawn (a serial console, the locale `C`).
    pub ascii: bool,
}

impl Screen {
    /// No colour, all characters.
    pub fn plain(width: usize) -> Self {
        Self { paint: Paint::Plain, width, ascii: false }
    }

    /// `symbol`, or `ascii` where only that can be drawn.
    pub fn symbol(&self, symbol: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { symbol }
    }
}

/// Where a report goes: a writer, and what can be shown there.
pub struct Out<'a> {
    to: &'a mut dyn Write,
    screen: Screen,
}

impl<'a> Out<'a> {
    /// Writes to `to`.
    pub fn new(to: &'a mut dyn Write, screen: Screen) -> Self {
        Self { to, screen }
    }

    /// How many columns a line may have.
    pub fn width(&self) -> usize {
        self.screen.width
    }

    /// What can be shown here.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Plain text; line feeds are kept, other control characters are written out.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(printable(text).as_bytes())
    }

    /// Text that is a `label`, one of those in `styles.toml`.
    pub fn label(&mut self, label: &str, text: &str) -> io::Result<()> {
        debug_assert!(label.is_empty() || LOOKS.contains_key(label), "`{label}` is not in styles.toml");
        if text.is_empty() {
            return Ok(());
        }
        let text = printable(text);
        match self.screen.paint {
            _ if label.is_empty() => self.to.write_all(text.as_bytes()),
            Paint::Plain => self.to.write_all(text.as_bytes()),
            Paint::Labels => write!(self.to, "<<{label}::{text}>>"),
            Paint::Ansi => self.ansi(look(label), &text),
        }
    }

    /// Text that was escaped before it was painted.
    pub(super) fn already_escaped(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(text.as_bytes())
    }

    /// Pieces, one after the other.
    pub fn pieces(&mut self, pieces: &[Piece]) -> io::Result<()> {
        pieces.iter().try_for_each(|piece| self.label(piece.label, &piece.text))
    }

    /// Ends the line.
    pub fn newline(&mut self) -> io::Result<()> {
        self.to.write_all(b"\n")
    }

    /// Labelled text and the end of the line.
    pub fn line(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.label(label, text)?;
        self.newline()
    }

    /// Text wrapped at the width, every line behind `indent` blanks.
    pub fn wrapped(&mut self, label: &str, indent: usize, text: &str) -> io::Result<()> {
        let blanks = " ".repeat(indent);
        for line in wrap(text, self.screen.width.saturating_sub(indent)) {
            self.text(&blanks)?;
            self.line(label, &line)?;
        }
        Ok(())
    }

    /// A head (`warning: `) and text after it, wrapped; what goes on stands two blanks further to the
    /// right than the head.
    pub fn hanging(&mut self, indent: usize, head: &[Piece], label: &str, text: &str) -> io::Result<()> {
        let used: usize = head.iter().map(|piece| columns(&piece.text)).sum();
        let room = |used: usize| self.screen.width.saturating_sub(indent + used);
        let lines = lines_of(text, room(used), room(2));
        self.text(&" ".repeat(indent))?;
        self.pieces(head)?;
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.text(&" ".repeat(indent + 2))?;
            }
            self.line(label, line)?;
        }
        Ok(())
    }

    /// Makes sure that everything written so far is on its way.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// Each line in its own escape sequences, because `less -R` forgets them at a line end.
    fn ansi(&mut self, style: Style, text: &str) -> io::Result<()> {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.to.write_all(b"\n")?;
            }
            if !line.is_empty() {
                write!(self.to, "{style}{line}{style:#}")?;
            }
        }
        Ok(())
    }
}

/// Lines of at most `width` columns (never fewer than 20), broken at blanks. A path, an option or a
/// fingerprint is there to be copied: what holds no blank stays whole, if need be in a longer line, since a
/// terminal folds what it shows and not what is copied. Code with blanks, between two backticks, stays
/// whole where it fits into a line.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    lines_of(text, width.max(20), width)
}

/// The same, with a first line of at most `first` columns.
fn lines_of(text: &str, first: usize, width: usize) -> Vec<String> {
    let width = width.max(20);
    let text = printable(text.trim_end()).replace('\t', "    ");
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let first = if lines.is_empty() { first } else { width };
        let words: Vec<Word<'_>> = words_of(line, width).into_iter().flat_map(parts_of).collect();
        for words in wrap_first_fit(&words, &[first as f64, width as f64]) {
            let line: String = words.iter().flat_map(|word| [word.word, word.whitespace]).collect();
            lines.push(line.trim_end_matches(' ').to_owned());
        }
    }
    lines
}

/// Words with the blanks behind them; the blanks that a line begins with belong to its first word.
fn words_of(line: &str, width: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = end_of_word(rest, width);
        let blanks = rest[end..].len() - rest[end..].trim_start_matches(' ').len();
        let (word, more) = rest.split_at(end + blanks);
        words.push(Word::from(word));
        rest = more;
    }
    words
}

/// Where the first word ends. Code that fits into a line is one word with what touches it.
fn end_of_word(text: &str, width: usize) -> usize {
    let blank_from = |at: usize| text[at..].find(' ').map_or(text.len(), |blank| at + blank);
    let first = blank_from(text.len() - text.trim_start_matches(' ').len());
    let mut end = first;
    while text[..end].matches('`').count() % 2 == 1 {
        let Some(close) = text[end..].find('`') else { return first };
        end = blank_from(end + close);
        if text[..end].width() > width {
            return first;
        }
    }
    end
}

/// A word of a script that writes no blanks, in the parts between which a line may break.
fn parts_of(word: Word<'_>) -> Vec<Word<'_>> {
    let wide = |c: Option<char>| c.and_then(char::width) == Some(2);
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, 0);
    for part in WordSeparator::UnicodeBreakProperties.find_words(word.word) {
        let here = wide(word[..end].chars().next_back()) || wide(word[end..].chars().next());
        if end > start && here {
            parts.push(Word::from(&word.word[start..end]));
            start = end;
        }
        end += part.word.len() + part.whitespace.len();
    }
    parts.push(Word { whitespace: word.whitespace, ..Word::from(&word.word[start..]) });
    parts
}

/// How many columns a text takes once it is escaped.
pub fn columns(text: &str) -> usize {
    printable(text).width()
}

fn parse_look(look: &str) -> Option<Style> {
    let mut style = Style::new();
    let mut bright = false;
    for word in look.split_whitespace() {
        style = match word {
            "plain" => style,
            "bold" => style.bold(),
            "dim" => style.dimmed(),
            "italic" => style.italic(),
            "underline" => style.underline(),
            "reverse" => style.effects(style.get_effects() | Effects::INVERT),
            "bright" => {
                bright = true;
                continue;
            }
            colour => style.fg_color(Some(parse_colour(colour)?.bright(bright).into())),
        };
        bright = false;
    }
    Some(style)
}

fn parse_colour(name: &str) -> Option<AnsiColor> {
    Some(match name {
        "black" => AnsiColor::Black,
        "red" => AnsiColor::Red,
        "green" => AnsiColor::Green,
        "yellow" => AnsiColor::Yellow,
        "blue" => AnsiColor::Blue,
        "magenta" => AnsiColor::Magenta,
        "cyan" => AnsiColor::Cyan,
        "white" => AnsiColor::White,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
