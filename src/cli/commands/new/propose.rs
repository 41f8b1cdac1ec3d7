//! Signatures proposed from log lines: what is left of a line when everything that varies is a
//! capture.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::{self, KINDS, Kind};
use crate::signature::clean;
use crate::text::Untrusted;
use crate::triage::shape::Shapes;

/// Signatures of one proposal; more lines than this are no longer one problem.
const SIGNATURES_MAX: usize = 6;
/// Lines of the sample.
const SAMPLE_LINES_MAX: usize = 40;
/// A signature needs so many characters in a row that do not vary.
const LITERAL_MIN: usize = 6;

/// A number needs so many characters to recur for a reason.
const RECURRING_DIGITS_MIN: usize = 3;
/// What joins numbers to one thing.
const JOINING: [char; 2] = [':', '.'];

/// What was made of the lines.
#[derive(Debug, Default)]
pub(super) struct Proposal {
    /// Signatures, as they stand in a symptom block.
    pub(super) signatures: Vec<String>,
    /// Parameters in the order of their first capture.
    pub(super) parameters: Vec<Proposed>,
    /// The lines as a sample; empty without a log.
    pub(super) sample: String,
    /// What the author should know: sentences.
    pub(super) notes: Vec<String>,
}

/// A parameter and the value that the lines gave.
#[derive(Debug)]
pub(super) struct Proposed {
    pub(super) name: String,
    pub(super) kind: &'static Kind,
    pub(super) value: String,
}

/// Proposes signatures for the lines of a log.
pub(super) fn propose(log: &[u8]) -> Proposal {
    let mut proposal = Proposal::default();
    let lines: Vec<String> = log
        .split(|byte| *byte == b'\n')
        .map(|line| Untrusted::new(clean(line).into_owned()).for_terminal())
        .filter(|line| !line.trim().is_empty())
        .collect();
    let mut shapes = Shapes::default();
    for line in &lines {
        shapes.add(line.as_bytes());
    }
    let messages: Vec<String> =
        shapes.iter().map(|shape| String::from_utf8_lossy(&shape.message).into_owned()).collect();
    let messages: Vec<&str> = messages.iter().map(|message| without_process(message)).collect();
    let mut names = Names { recurring: recurring(&messages), ..Names::default() };
    let mut left_out = 0;
    for message in messages {
        match signature(message, &mut names) {
            Some(signature) if proposal.signatures.len() < SIGNATURES_MAX => {
                if !proposal.signatures.contains(&signature) {
                    proposal.signatures.push(signature);
                }
            }
            Some(_) => left_out += 1,
            None => proposal.notes.push(format!(
                "`{}` has too little that does not vary; no signature comes from it.",
                message.trim()
            )),
        }
    }
    if left_out > 0 {
        proposal.notes.push(format!(
            "{left_out} more kinds of lines were left out; give only the lines that show the problem."
        ));
    }
    if lines.len() > SAMPLE_LINES_MAX {
        proposal.notes.push(format!("The sample holds the first {SAMPLE_LINES_MAX} lines."));
    }
    proposal.sample = lines.into_iter().take(SAMPLE_LINES_MAX).map(|line| line + "\n").collect();
    proposal.parameters = names.used;
    proposal
}

/// The message behind `program[pid]: ` and the seconds since boot of a kernel; a program without a
/// number stays, since it says something.
fn without_process(message: &str) -> &str {
    let behind = message.split_once("]: ").and_then(|(tag, rest)| {
        let (program, pid) = tag.rsplit_once('[')?;
        let is_tag = !program.contains(char::is_whitespace) && pid.bytes().all(|byte| byte.is_ascii_digit());
        (is_tag && !pid.is_empty()).then_some(rest)
    });
    let since_boot = || {
        let (clock, rest) = message.strip_prefix("kernel: [")?.split_once(']')?;
        clock.trim().parse::<f64>().is_ok().then_some(rest)
    };
    behind.or_else(since_boot).unwrap_or(message).trim_start()
}

/// Numbers that stand in lines of two kinds: they belong to the problem. One of a single line is
/// only a number, and so is a short one, which recurs by chance.
fn recurring(messages: &[&str]) -> BTreeSet<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for message in messages {
        let values: BTreeSet<&str> = kinds::find(message)
            .into_iter()
            .filter(|(kind, range)| KINDS[*kind].is_number() && range.len() >= RECURRING_DIGITS_MIN)
            .map(|(_, range)| &message[range])
            .collect();
        for value in values {
            *seen.entry(value).or_default() += 1;
        }
    }
    seen.into_iter().filter(|(_, lines)| *lines > 1).map(|(value, _)| value.to_owned()).collect()
}

/// The signature of a message; `None` when too little of it is fixed.
fn signature(message: &str, names: &mut Names) -> Option<String> {
    let found = kinds::find(message);
    let mut fixed = Vec::new();
    let mut at = 0;
    for (_, range) in &found {
        fixed.push(&message[at..range.start]);
        at = range.end;
    }
    fixed.push(&message[at..]);
    if fixed.iter().all(|text| text.trim().chars().count() < LITERAL_MIN) {
        return None;
    }
    let mut text = literal(fixed[0]);
    let mut in_this_line = Vec::new();
    // Where the last part without a name ends.
    let mut nameless = usize::MAX - 1;
    for ((kind, range), fixed) in found.iter().zip(&fixed[1..]) {
        // A name that stands twice in one line would have to be the same value each time.
        let name = names.name(&KINDS[*kind], &message[range.clone()]);
        let name = name.filter(|name| !in_this_line.contains(name));
        match &name {
            Some(name) => text.push_str(&format!("<{name}>")),
            // `1:00:01` is one thing that varies.
            None if text.len() == nameless + 1 && text.ends_with(JOINING) => text.truncate(nameless),
            None => text.push_str("<_>"),
        }
        if name.is_none() {
            nameless = text.len();
        }
        in_this_line.extend(name);
        text.push_str(&literal(fixed));
    }
    Some(at_start(text.trim()))
}

/// Fixed text as a signature writes it.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('<', "\\<").replace("...", "\\...")
}

/// At the start of a line some characters mean something.
fn at_start(text: &str) -> String {
    if text.starts_with(['/', '!', '|', '{']) { format!("\\{text}") } else { text.to_owned() }
}

/// Names for values: one value, one name.
#[derive(Debug, Default)]
struct Names {
    used: Vec<Proposed>,
    counts: BTreeMap<&'static str, usize>,
    recurring: BTreeSet<String>,
}

impl Names {
    /// The name of a value; `None` for a number that means nothing elsewhere.
    fn name(&mut self, kind: &'static Kind, value: &str) -> Option<String> {
        if kind.is_number() && !self.recurring.contains(value) {
            return None;
        }
        let known = self.used.iter().find(|used| used.kind.name == kind.name && used.value == value);
        if let Some(known) = known {
            return Some(known.name.clone());
        }
        let count = self.counts.entry(kind.name).or_insert(0);
        *count += 1;
        let name = if *count == 1 { kind.name.to_owned() } else { format!("{}_{count}", kind.name) };
        self.used.push(Proposed { name: name.clone(), kind, value: value.to_owned() });
        Some(name)
    }
}

#[cfg(test)]
mod tests;
