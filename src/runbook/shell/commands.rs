//! The simple commands of a script: their words, what they write by redirection, what they are piped
//! from.

use std::ops::Range;

use super::{Context, ShellText};

/// One simple command.
#[derive(Debug)]
pub(in crate::runbook) struct Command<'a> {
    /// Its words as written, without redirections.
    pub(in crate::runbook) words: Vec<&'a str>,
    /// Where each word stands.
    pub(in crate::runbook) places: Vec<Range<usize>>,
    /// Files that are opened for writing (`> file`).
    pub(in crate::runbook) written: Vec<&'a str>,
    /// It reads what the command before it writes.
    pub(in crate::runbook) piped: bool,
}

impl<'a> ShellText<'a> {
    /// Every simple command, in the order written; those of `$( )` are among them.
    pub(in crate::runbook) fn simple_commands(&self) -> Vec<Command<'a>> {
        let mut commands = Vec::new();
        let mut piped = false;
        let mut start = 0;
        let bytes = self.text.as_bytes();
        let substitutes = |at: usize| {
            bytes[at] == b'('
                && at > 0
                && bytes[at - 1] == b'$'
                && self.context.get(at + 1) == Some(&Context::Code)
        };
        let ends = |at: usize| {
            substitutes(at) || self.context[at] == Context::Code && b"\n;&|(){}`".contains(&bytes[at])
        };
        let is_redirection = |at: usize| {
            let after = |signs: &[u8]| at > 0 && signs.contains(&bytes[at - 1]);
            match bytes[at] {
                b'&' => after(b"<>") || bytes.get(at + 1) == Some(&b'>'),
                b'|' => after(b">"),
                _ => false,
            }
        };
        // `\;` is a word of `find`.
        let ends = |at: usize| ends(at) && !(bytes[at] == b';' && self.is_escaped(at));
        let is_brace_of_name = |at: usize| matches!(bytes[at], b'{' | b'}') && !self.stands_alone(at);
        for end in (0..bytes.len())
            .filter(|&at| ends(at) && !is_redirection(at) && !is_brace_of_name(at))
            .chain([bytes.len()])
        {
            if end > start {
                let command = self.command(start..end, piped);
                if !command.words.is_empty() || !command.written.is_empty() {
                    commands.push(command);
                }
            }
            if end < bytes.len() {
                let single = bytes[end] == b'|'
                    && bytes.get(end + 1) != Some(&b'|')
                    && (end == 0 || bytes[end - 1] != b'|');
                let goes_on = piped && matches!(bytes[end], b'\n') && self.text[start..end].trim().is_empty();
                piped = single || goes_on;
            }
            start = end + 1;
        }
        commands
    }

    fn stands_alone(&self, at: usize) -> bool {
        let blank = |byte: Option<&u8>| byte.is_none_or(|byte| b" \t\n;".contains(byte));
        let bytes = self.text.as_bytes();
        blank(at.checked_sub(1).and_then(|before| bytes.get(before))) && blank(bytes.get(at + 1))
    }

    fn command(&self, range: Range<usize>, piped: bool) -> Command<'a> {
        let mut command = Command { words: Vec::new(), places: Vec::new(), written: Vec::new(), piped };
        // An operator of a redirection ended the piece before: what it is, and its file is still to come.
        let mut operator: Option<bool> = None;
        let mut compares = false;
        for place in self.words_of(range) {
            compares = (compares || &self.text[place.clone()] == "[[") && &self.text[place.clone()] != "]]";
            let pieces = if compares { vec![(place, false)] } else { self.pieces(place) };
            for (place, is_operator) in pieces {
                let piece = &self.text[place.clone()];
                if is_operator {
                    // Behind `<<<` stands a text, not a file.
                    operator = (piece != "<<<").then(|| piece.contains('>'));
                    continue;
                }
                match operator.take() {
                    Some(true) => command.written.push(piece),
                    Some(false) => {}
                    None => {
                        command.words.push(piece);
                        command.places.push(place);
                    }
                }
            }
        }
        command
    }

    /// Takes the operators of redirections out of a word: `a>b` is three pieces, and `2>&1` two, of which
    /// the second is `&1`. True for an operator.
    fn pieces(&self, word: Range<usize>) -> Vec<(Range<usize>, bool)> {
        let bytes = self.text.as_bytes();
        let is_sign = |at: usize| {
            self.context[at] == Context::Code && b"<>".contains(&bytes[at]) && !self.is_escaped(at)
        };
        let mut pieces = Vec::new();
        let mut from = word.start;
        while let Some(sign) = (from..word.end).find(|at| is_sign(*at)) {
            let before = &self.text[from..sign];
            // The number of a descriptor, or the `&` of both streams.
            let own = before == "&" || before.bytes().all(|byte| byte.is_ascii_digit());
            if !own {
                pieces.push((from..sign, false));
            }
            let end = (sign..word.end).find(|at| !(is_sign(*at) || bytes[*at] == b'|')).unwrap_or(word.end);
            pieces.push((if own { from } else { sign }..end, true));
            from = end;
        }
        if from < word.end {
            pieces.push((from..word.end, false));
        }
        pieces
    }

    /// Runs of what is no blank outside quotes, without comments and bodies of here-documents.
    fn words_of(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut words = Vec::new();
        let mut open: Option<usize> = None;
        for at in range.clone() {
            let gap = match self.context[at] {
                Context::Code => bytes[at].is_ascii_whitespace(),
                Context::Comment | Context::HereDocument => true,
                // A quoted body stands in no word; a quoted word begins with its quote.
                Context::Single => open.is_none() && bytes[at] != b'\'',
                Context::Double | Context::Arithmetic => false,
            };
            match (gap, open) {
                (false, None) => open = Some(at),
                (true, Some(from)) => {
                    words.push(from..at);
                    open = None;
                }
                _ => {}
            }
        }
        words.extend(open.map(|from| from..range.end));
        words.retain(|word| self.text.is_char_boundary(word.start) && self.text.is_char_boundary(word.end));
        words
    }
}
