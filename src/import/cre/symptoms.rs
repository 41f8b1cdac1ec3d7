//! The logic of a rule as symptom blocks.
//!
//! Knows both formats; does not try the result. What ours cannot say becomes a [`Lost`].

use std::collections::BTreeMap;
use std::time::Duration;

use super::Lost;
use super::expression;
use super::model::{Condition, Group, Logic, Term};
use super::negate::Reach;

/// Terms that name each other are followed so far.
const DEPTH_MAX: usize = 8;
/// What happens at one moment has one stamp, to the second.
pub(super) const MOMENT: Duration = Duration::from_secs(1);
/// Steps of one block.
const STEPS_MAX: usize = 64;

/// How the steps of a block combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Any,
    All,
    Sequence,
}

/// A symptom block in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) mode: Mode,
    pub(super) within: Option<Duration>,
    pub(super) anyhost: bool,
    pub(super) broad: bool,
    /// By itself it makes the problem only possible.
    pub(super) low: bool,
    pub(super) steps: Vec<Step>,
}

/// A line of it with its alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) negated: bool,
    pub(super) at_least: u32,
    pub(super) lines: Vec<String>,
    /// The parts of the pattern, when it is one that has several.
    pub(super) parts: Option<Vec<String>>,
}

impl Block {
    /// One line that stands for the problem, whatever it says.
    pub(super) fn line(line: &str) -> Self {
        let steps = vec![Step::line(line)];
        Self { mode: Mode::Any, within: None, anyhost: false, broad: true, low: false, steps }
    }
}

impl Step {
    fn never(line: &str) -> Self {
        Self { negated: true, ..Self::line(line) }
    }

    pub(super) fn line(line: &str) -> Self {
        Self { negated: false, at_least: 1, lines: vec![line.to_owned()], parts: None }
    }
}

/// What is gathered on the way.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    terms: &'a BTreeMap<String, Term>,
    pub(super) lost: Vec<Lost>,
    /// A part that must be seen cannot be said: what is left would say something else.
    pub(super) unsaid: bool,
}

/// The blocks of a rule, taken strictly and without context.
pub(super) fn blocks<'a>(logic: &Logic, terms: &'a BTreeMap<String, Term>) -> (Vec<Block>, Reading<'a>) {
    let mut reading = Reading { terms, lost: Vec::new(), unsaid: false };
    let mut blocks = Vec::new();
    if logic.set.is_some() && logic.sequence.is_some() {
        reading.lose("set and sequence", "each of the two identifies by itself");
    }
    for (group, mode) in [(&logic.set, Mode::All), (&logic.sequence, Mode::Sequence)] {
        let Some(group) = group else { continue };
        reading.unsaid = false;
        let block = reading.group(group, mode);
        if !reading.unsaid && block.steps.iter().any(|step| !step.negated) {
            blocks.push(block);
        }
    }
    if blocks.is_empty() && reading.lost.is_empty() {
        reading.lose("empty rule", "it holds no condition");
    }
    (blocks, reading)
}

impl Reading<'_> {
    fn lose(&mut self, construct: &'static str, how: &str) {
        let lost = Lost { construct, how: how.to_owned() };
        if !self.lost.contains(&lost) {
            self.lost.push(lost);
        }
    }

    fn group(&mut self, group: &Group, mode: Mode) -> Block {
        self.options(group);
        let conditions = group.order.iter().chain(&group.any_order).flatten();
        let mut steps: Vec<Step> = conditions.flat_map(|term| self.steps(term, mode, 0)).collect();
        if steps.len() > STEPS_MAX {
            self.lose("long rule", "it has more conditions than a block holds");
            self.unsaid = true;
            steps.truncate(STEPS_MAX);
        }
        let wanted = steps.len();
        let simple = wanted == 1 && steps[0].at_least == 1;
        let window = group.window.as_deref().and_then(|window| self.window(window));
        let forbidden: Vec<&Term> = group.negate.iter().flatten().collect();
        let (mode, within) = match (wanted, forbidden.is_empty()) {
            (1, true) => (Mode::Any, window.filter(|_| !simple)),
            // Of one condition with others that must not occur around it, only a set can say the time.
            (1, false) => (Mode::All, Some(window.unwrap_or_else(|| self.around(&forbidden)))),
            _ => (mode, window),
        };
        let mut block = Block { mode, within, anyhost: false, broad: false, low: false, steps };
        for term in forbidden {
            self.negate(term, &mut block, wanted);
        }
        block
    }

    /// How far the conditions that must not occur reach around one line, of a rule without a window.
    fn around(&self, forbidden: &[&Term]) -> Duration {
        let conditions = forbidden.iter().filter_map(|term| match self.named(term) {
            Some(Term::Full(condition)) => Reach::of(condition),
            _ => None,
        });
        conditions.map(Reach::beside).fold(MOMENT, Duration::max)
    }

    fn options(&mut self, group: &Group) {
        let origin = group.origin == Some(true)
            || group.event.as_ref().is_some_and(|event| event.origin == Some(true));
        if origin {
            self.lose("origin", "which source takes the blame is not said");
        }
        if group.correlations.as_ref().is_some_and(|list| !list.is_empty()) {
            self.lose("correlations", "lines need not agree in these fields");
        }
    }

    fn window(&mut self, text: &str) -> Option<Duration> {
        let window = go_duration(text);
        if window.is_none() {
            self.lose("window", "it is no time, so there is no limit");
        }
        window.filter(|window| !window.is_zero())
    }

    /// The steps of a condition: several when it is a group itself.
    fn steps(&mut self, term: &Term, mode: Mode, depth: usize) -> Vec<Step> {
        let condition = match term {
            Term::Text(name) => match self.terms.get(name) {
                Some(named) if depth < DEPTH_MAX => return self.steps(&named.clone(), mode, depth + 1),
                _ => return self.step(Some(name), None, 1),
            },
            Term::Number(number) => return self.step(Some(&number.to_string()), None, 1),
            Term::Full(condition) => condition,
        };
        if let Some((group, inner)) = nested(condition) {
            if depth == DEPTH_MAX {
                self.unsaid("nested conditions", "they are too deep");
                return Vec::new();
            }
            self.options(group);
            let conditions: Vec<&Term> = group.order.iter().chain(&group.any_order).flatten().collect();
            if conditions.len() > 1 && inner != mode {
                self.lose(
                    "nested conditions",
                    "their lines count in the order and the time of the outer ones",
                );
            }
            if group.negate.as_ref().is_some_and(|negate| !negate.is_empty()) {
                self.lose("nested negate", "what must not occur inside is not looked for");
            }
            return conditions.into_iter().flat_map(|term| self.steps(term, mode, depth + 1)).collect();
        }
        if let Some(program) = &condition.jq {
            let Some(lines) = super::jq::lines(program) else {
                self.unsaid("jq", "only fields that have a value, or hold a text, can be said of JSON");
                return Vec::new();
            };
            self.lose("jq", "a field of that name and value may stand at any depth of the JSON");
            let at_least = condition.count.unwrap_or(1).clamp(1, 1_000_000);
            return vec![Step { negated: false, at_least, lines, parts: None }];
        }
        if condition.field.is_some() {
            self.lose("field", "the text may stand anywhere in the line");
        }
        let count = condition.count.unwrap_or(1).clamp(1, 1_000_000);
        self.step(condition.value.as_deref(), condition.regex.as_deref(), count)
    }

    fn step(&mut self, value: Option<&str>, regex: Option<&str>, at_least: u32) -> Vec<Step> {
        let (lines, parts) = match (value, regex) {
            (Some(value), _) => {
                let Some(line) = expression::text(value) else {
                    self.unsaid("value", "no line can hold it");
                    return Vec::new();
                };
                (vec![line], None)
            }
            (None, Some(regex)) => match expression::pattern(regex) {
                Ok(lines) => (lines, expression::parts(regex)),
                Err(why) => {
                    self.unsaid("regex", &format!("{} is none that kb has: {why}", shown(regex)));
                    return Vec::new();
                }
            },
            (None, None) => {
                self.unsaid("condition", "it holds neither a value nor a regex");
                return Vec::new();
            }
        };
        vec![Step { negated: false, at_least, lines, parts }]
    }

    fn unsaid(&mut self, construct: &'static str, how: &str) {
        self.lose(construct, how);
        self.unsaid = true;
    }

    /// Puts a condition that must not occur where ours says about the same.
    fn negate(&mut self, term: &Term, block: &mut Block, wanted: usize) {
        let condition = match self.named(term) {
            Some(Term::Full(condition)) => condition.as_ref().clone(),
            _ => Condition::default(),
        };
        // A part that cannot be said only makes the rule less careful.
        let before = std::mem::take(&mut self.unsaid);
        let found = self.steps(term, block.mode, 0);
        self.unsaid = before;
        let lines: Vec<Step> =
            found.iter().flat_map(|step| step.lines.iter().map(|line| Step::never(line))).collect();
        let Some(first) = lines.first().map(|step| shown(&step.lines[0])) else { return };
        let reach = Reach::of(&condition).unwrap_or_else(|| {
            self.lose("slide", "a time of a condition that must not occur is none, so it is passed over");
            Reach::default()
        });
        if block.mode != Mode::Sequence {
            let here = block.within.map_or_else(
                || "anywhere in the log".to_owned(),
                |within| format!("within {} before and after them", short(within)),
            );
            let among = if wanted == 1 { "at the moment of the line" } else { "among the lines" };
            let rule = if reach.is_among() { among.to_owned() } else { reach.words() };
            let constructs = reach.constructs(&condition);
            for construct in if constructs.is_empty() { vec!["negate"] } else { constructs } {
                self.lose(construct, &format!("{first} must not come {rule}; here: {here}"));
            }
            block.steps.extend(lines);
            return;
        }
        let places = reach.places(wanted, block.within);
        for construct in reach.constructs(&condition) {
            let here = places.words(block.within);
            self.lose(construct, &format!("{first} must not come {}; here: {here}", reach.words()));
        }
        let mut steps = Vec::new();
        let mut seen = 0;
        if places.before {
            steps.extend(lines.iter().cloned());
        }
        // Those that are there already stay where they are.
        for step in block.steps.drain(..) {
            if !step.negated {
                seen += 1;
            }
            let here =
                !step.negated && (places.between.contains(&(seen - 1)) || (seen == wanted && places.after));
            steps.push(step);
            if here {
                steps.extend(lines.iter().cloned());
            }
        }
        block.steps = steps;
    }

    /// The term that a name stands for.
    fn named<'t>(&'t self, term: &'t Term) -> Option<&'t Term> {
        match term {
            Term::Text(name) => self.terms.get(name),
            other => Some(other),
        }
    }
}

/// A signature in a sentence.
pub(super) fn shown(line: &str) -> String {
    const CHARS_MAX: usize = 50;
    let line = line.replace('`', "'");
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("`{}…`", line[..end].trim_end()),
        None => format!("`{line}`"),
    }
}

fn nested(condition: &Condition) -> Option<(&Group, Mode)> {
    let set = condition.set.as_ref().map(|group| (group, Mode::All));
    set.or_else(|| condition.sequence.as_ref().map(|group| (group, Mode::Sequence)))
}

/// `1m30s`, `500ms`; `None` when it is no time.
pub(super) fn go_duration(text: &str) -> Option<Duration> {
    const UNITS: &[(&str, f64)] = &[
        ("ns", 1e-9),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
        ("d", 86400.0),
    ];
    let mut rest = text.trim();
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..end])?;
        seconds += number * unit;
        rest = &rest[end..];
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|found| *found <= Duration::from_hours(366 * 24))
}

/// A duration as a runbook writes it.
pub(super) fn short(within: Duration) -> String {
    let millis = within.as_millis().max(1);
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    match units.iter().find(|(unit, _)| millis.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", millis / unit),
        None => format!("{millis}ms"),
    }
}
