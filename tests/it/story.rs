//! The person and the listener of a scripted run. Both write what they hear into one story.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use kb::report::CheckResult;
use kb::run::{Answer, Approver, Consent, Event, Remedy, Task, Watch};
use kb::runbook::{BlockId, HostName, Parameter};
use kb::target::InterruptFlag;
use kb::text::Untrusted;

/// Lines in the order in which they were said.
#[derive(Clone, Default)]
pub(crate) struct Story(Rc<RefCell<String>>);

impl Story {
    pub(crate) fn add(&self, line: impl AsRef<str>) {
        let mut story = self.0.borrow_mut();
        story.push_str(line.as_ref());
        story.push('\n');
    }

    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut self.0.borrow_mut())
    }
}

/// Says what the case lets it say: `approve yes`, `value NAME=TEXT`, `task done`, `remedy undo`,
/// `agree yes`, each used up in turn. What is not there cannot be answered: no terminal.
pub(crate) struct Person {
    lines: VecDeque<String>,
    story: Story,
    interrupt: InterruptFlag,
}

impl Person {
    pub(crate) fn new(lines: Vec<String>, story: Story, interrupt: InterruptFlag) -> Self {
        Self { lines: lines.into(), story, interrupt }
    }

    fn next(&mut self, key: &str) -> Option<String> {
        let fits = |line: &String| line.split_whitespace().next() == Some(key);
        let at = self.lines.iter().position(fits)?;
        let line = self.lines.remove(at)?;
        let answer = line[key.len()..].trim().to_owned();
        if answer == "interrupt" {
            self.interrupt.store(true, Ordering::Relaxed);
            return None;
        }
        Some(answer)
    }

    fn asked(&mut self, question: &str, key: &str) -> Option<String> {
        let answer = self.next(key);
        self.story.add(format!("? {question}: {}", answer.as_deref().unwrap_or("(nobody)")));
        answer
    }
}

impl Approver for Person {
    fn approve(&mut self, consent: &Consent) -> Option<Answer> {
        tell_consent(&self.story, consent);
        let answer = self.asked(&format!("approve {}", consent.block), "approve")?;
        Some(match answer.as_str() {
            "yes" => Answer::Yes,
            "no" => Answer::No,
            "skip" => Answer::Skip,
            _ => Answer::Quit,
        })
    }

    fn value(
        &mut self,
        parameter: &Parameter,
        candidates: &[Untrusted],
        wrong: Option<&str>,
    ) -> Option<Vec<u8>> {
        let candidates: Vec<String> = candidates.iter().map(Untrusted::for_terminal).collect();
        let mut question = format!("value of {}", parameter.name);
        if !candidates.is_empty() {
            let _ = write!(question, " (one of {})", candidates.join(", "));
        }
        if let Some(wrong) = wrong {
            let _ = write!(question, " (wrong: {wrong})");
        }
        self.asked(&question, "value").map(String::into_bytes)
    }

    fn declared_checks(&mut self, host: &HostName, _: &str, scripts: &[(BlockId, &str)]) -> Option<bool> {
        let answer = self.asked(&format!("{} checks on {host} are only declared", scripts.len()), "agree")?;
        Some(answer == "yes")
    }

    fn task(&mut self, text: &str) -> Option<Task> {
        let answer = self.asked(&format!("task: {}", text.trim_end()), "task")?;
        Some(match answer.as_str() {
            "done" => Task::Done,
            "skip" => Task::Skip,
            _ => Task::Stop,
        })
    }

    fn remedy(&mut self, fix: &BlockId, can_undo: bool) -> Option<Remedy> {
        let undo = if can_undo { "" } else { ", no undo" };
        let answer = self.asked(&format!("{fix} did not hold{undo}"), "remedy")?;
        Some(match answer.as_str() {
            "wait" => Remedy::Wait,
            "undo" => Remedy::Undo,
            _ => Remedy::Keep,
        })
    }
}

/// Writes events down.
pub(crate) struct Teller {
    story: Story,
}

impl Teller {
    pub(crate) fn new(story: Story) -> Self {
        Self { story }
    }
}

impl Watch for Teller {
    fn event(&mut self, event: &Event<'_>) {
        let line = match event {
            Event::Identified { host, identity: Some(identity), .. } => {
                let name = identity.host.for_terminal();
                format!("host {host} is {name}, {}, as {}", identity.system, identity.user)
            }
            Event::Identified { host, .. } => format!("host {host} has not said who it is"),
            Event::Value(name, value, from) => format!("value {name} = {value} ({from})"),
            Event::Checking(_) => return,
            Event::Checked(result) => checked(result),
            Event::Offered(consent) => {
                self.story.add(format!("offered {}", consent.block));
                return tell_consent(&self.story, consent);
            }
            Event::Applying(block) => format!("applying {block}"),
            Event::Applied(block, output) => {
                format!("applied {block}: {}", output.for_terminal())
            }
            Event::Waiting(check, time) => format!("waiting {time:?} for check {check}"),
            Event::Fix(result) => format!("fix {}: {:?}: {}", result.fix, result.state, result.reason),
            Event::Undo(result) => format!("undo {}: {:?}: {}", result.fix, result.state, result.reason),
            Event::Trouble(host, error) => format!("trouble with {host}: {error}"),
            Event::Note(note) => format!("note: {note}"),
        };
        self.story.add(line);
    }
}

fn checked(result: &CheckResult) -> String {
    let captures: Vec<String> =
        result.captures.iter().map(|(name, value)| format!(" {name}={}", value.for_terminal())).collect();
    format!("check {}: {:?}: {}{}", result.check, result.verdict, result.reason, captures.concat())
}

fn tell_consent(story: &Story, consent: &Consent) {
    let kind = if consent.is_fix { "fix" } else { "rollback" };
    let values: Vec<String> = consent.values.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    story.add(format!(
        "  {kind} {} on {} as {}, risk {:?},{}{}",
        consent.block,
        consent.target,
        consent.user,
        consent.risk,
        if consent.reboot { " reboot," } else { "" },
        if values.is_empty() { " no values".into() } else { values.concat() }
    ));
    for line in consent.script.lines() {
        story.add(format!("  | {line}"));
    }
    let because: Vec<String> =
        consent.because.iter().map(|(check, verdict, _)| format!("{check} {verdict:?}")).collect();
    story.add(format!("  because {}", because.join(", ")));
    for result in &consent.before {
        story.add(format!("  before it: {}", checked(result)));
    }
    if let Some((id, text)) = &consent.undo {
        story.add(format!("  undone by {id}: {}", text.trim_end()));
    }
    for (after, task) in &consent.tasks {
        story.add(format!("  {} it: {task}", if *after { "after" } else { "ahead of" }));
    }
    if let Some(why) = &consent.type_host {
        story.add(format!("  type the name of the host: {why}"));
    }
}
