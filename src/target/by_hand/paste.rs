//! What a person pasted back: found between the marks, whatever the console put around it.

use crate::target::shell::{self, mark};
use crate::target::{Ending, Identity};
use crate::text::Untrusted;

/// What a paste says about one command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// How it ended.
    pub(super) ending: Ending,
    /// What it printed.
    pub(super) text: Vec<u8>,
}

/// A paste, its line ends made plain and its colours dropped.
#[derive(Debug)]
pub(super) struct Paste {
    lines: Vec<Vec<u8>>,
    mark: Vec<u8>,
}

impl Paste {
    pub(super) fn new(nonce: &str, bytes: &[u8]) -> Self {
        let lines = bytes.split(|&byte| byte == b'\n').map(clean).collect();
        Self { lines, mark: mark(nonce).into_bytes() }
    }

    /// True when its end is there.
    pub(super) fn is_complete(&self) -> bool {
        self.last("done").is_some()
    }

    /// Who the host says it is.
    pub(super) fn identity(&self) -> Option<Identity> {
        let at = self.last("who").filter(|at| at + 5 < self.lines.len())?;
        shell::identity(self.lines[at + 1..].iter().map(Vec::as_slice))
    }

    /// True when the block found itself on another host and ran nothing.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.last("elsewhere").is_some()
    }

    /// What a shell's block says about a command.
    pub(super) fn answer(&self, number: usize) -> Answer {
        let unknown = |why: &str| Answer { ending: Ending::NotKnown(why.into()), text: Vec::new() };
        let Some(begin) = self.last(&format!("begin {number}")) else {
            return unknown("the paste does not hold it");
        };
        let Some((end, status)) = self.end(begin, number) else {
            return unknown("the paste was cut before its end");
        };
        let text = self.lines[begin + 1..end].to_vec();
        for line in &text {
            if let Some(ending) = self.not_run(line, number) {
                return Answer { ending, text: Vec::new() };
            }
        }
        // The line feed ahead of the end mark is the mark's.
        Answer { ending: shell::ending(status), text: text.join(&b'\n') }
    }

    fn end(&self, begin: usize, number: usize) -> Option<(usize, i32)> {
        let wanted = format!("end {number} ");
        // The last line may be half of one: `end 0 1` of `end 0 127`.
        let whole = &self.lines[..self.lines.len().saturating_sub(1)];
        whole.iter().enumerate().skip(begin).find_map(|(at, line)| {
            let status = self.after_mark(line)?.strip_prefix(wanted.as_str())?;
            Some((at, status.trim().parse().ok()?))
        })
    }

    fn not_run(&self, line: &[u8], number: usize) -> Option<Ending> {
        let system = self.identity().map_or_else(String::new, |who| who.system);
        shell::not_run(self.after_mark(line)?, number, &system)
    }

    /// What a device's echo says about a command. It has no exit status: a refused line counts
    /// as 1.
    pub(super) fn device_answer(&self, number: usize) -> Answer {
        let unknown = |why: &str| Answer { ending: Ending::NotKnown(why.into()), text: Vec::new() };
        let Some(begin) = self.echoed(&format!("begin {number}"), 0) else {
            return unknown("the paste does not hold it");
        };
        let Some(end) = self.echoed(&format!("end {number}"), begin) else {
            return unknown("the paste was cut before its end");
        };
        let prompt = self.prompt(begin);
        let echo = |line: &&Vec<u8>| !is_prompt_line(line, &prompt);
        let text: Vec<Vec<u8>> = self.lines[begin + 1..end].iter().filter(echo).cloned().collect();
        let failed = text.iter().any(|line| is_refusal(line));
        let mut text = text.join(&b'\n');
        if !text.is_empty() {
            text.push(b'\n');
        }
        Answer { ending: Ending::Exited(i32::from(failed)), text }
    }

    /// Who a device is: its prompt tells its name, and nothing else does.
    pub(super) fn device_identity(&self, number: usize) -> Option<Identity> {
        let name = self.prompt(self.echoed(&format!("begin {number}"), 0)?);
        (!name.is_empty()).then(|| Identity {
            system: "cisco".into(),
            release: String::new(),
            host: Untrusted::new(name),
            user: "enable".into(),
        })
    }

    /// The name ahead of the prompt of the line with a mark (`asa` of `asa(config)# ! KB-…`).
    fn prompt(&self, at: usize) -> Vec<u8> {
        let line = &self.lines[at];
        let end = line.iter().position(|byte| b"(#>".contains(byte)).unwrap_or(0);
        line[..end].to_vec()
    }

    /// The last line that is this mark.
    fn last(&self, word: &str) -> Option<usize> {
        self.lines.iter().rposition(|line| {
            self.after_mark(line).is_some_and(|rest| rest.trim_end() == word)
                || (word == "done" && self.after_echoed_mark(line) == Some("done"))
        })
    }

    fn echoed(&self, word: &str, from: usize) -> Option<usize> {
        let found = self.lines[from..].iter().position(|line| self.after_echoed_mark(line) == Some(word));
        found.map(|at| at + from)
    }

    /// The words after a mark that begins its line.
    fn after_mark<'a>(&self, line: &'a [u8]) -> Option<&'a str> {
        let rest = line.trim_ascii_start().strip_prefix(self.mark.as_slice())?;
        std::str::from_utf8(rest.strip_prefix(b" ")?).ok()
    }

    /// The words after a mark that was a comment typed at a prompt.
    fn after_echoed_mark<'a>(&self, line: &'a [u8]) -> Option<&'a str> {
        let wanted = [b"! ", self.mark.as_slice(), b" "].concat();
        let at = memchr::memmem::find(line, &wanted)?;
        std::str::from_utf8(&line[at + wanted.len()..]).ok().map(str::trim_end)
    }
}

fn is_prompt_line(line: &[u8], prompt: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(prompt).filter(|_| !prompt.is_empty()) else { return false };
    matches!(rest.first(), Some(b'#' | b'>'))
        || (rest.first() == Some(&b'(') && rest.windows(2).any(|pair| pair == b")#"))
}

/// How a Cisco device says no.
pub(in crate::target) fn is_refusal(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.starts_with(b"ERROR:")
        || [&b"% Invalid"[..], b"% Incomplete", b"% Ambiguous", b"% Unknown"]
            .iter()
            .any(|word| line.starts_with(word))
}

/// A line without its CR and without escape sequences (colours, bracketed paste).
fn clean(line: &[u8]) -> Vec<u8> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != 0x1b {
            out.push(first);
        } else if let Some(parameters) = tail.strip_prefix(b"[") {
            let length = parameters.iter().position(|byte| (0x40..=0x7e).contains(byte));
            rest = length.map_or(&[][..], |length| &parameters[length + 1..]);
        }
    }
    out
}

#[cfg(test)]
mod tests;
