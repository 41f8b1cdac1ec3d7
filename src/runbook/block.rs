//! The model of what can run: checks, fixes and rollbacks, with the outputs recorded for them.
//!
//! Plain data; nothing here knows how a block is run.

use std::time::Duration;

use super::{BlockId, Condition, HostName, OutputRegex, Risk, Rule, RuleVerdict};
use crate::text::Span;

/// The language of a block that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `/bin/sh`.
    Sh,
    /// `bash`.
    Bash,
    /// Lines for a Cisco device; `<name>` is replaced by a value.
    Cisco,
}

/// What a check may reach besides reading files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is one word of `allow=`")]
pub struct Allow {
    /// Unix sockets.
    pub unix: bool,
    /// TCP.
    pub net: bool,
    /// A private temporary folder.
    pub tmp: bool,
    /// What other processes have open.
    pub processes: bool,
}

/// What every block that runs has in common.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its language.
    pub language: Language,
    /// The bytes that run: exactly those of the page.
    pub text: String,
    /// The host it runs on.
    pub host: HostName,
    /// Needs root.
    pub root: bool,
    /// Its time limit.
    pub timeout: Duration,
}

/// A read-only diagnostic.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub id: BlockId,
    /// What runs.
    pub script: Script,
    /// First match wins; empty: the output is only shown.
    pub rules: Vec<Rule>,
    /// Recorded outputs.
    pub outputs: Vec<RecordedOutput>,
    /// `os=`: `uname -s` in lower case; empty: any.
    pub os: Vec<String>,
    /// `needs=`: programs that must exist.
    pub needs: Vec<String>,
    /// `allow=`.
    pub allow: Allow,
    /// `recent=`: how far back "the symptom is seen" looks before any fix; 10 min when not said.
    pub recent: Duration,
    /// `retry=`: how often it is tried again after a fix until it is healthy.
    pub retry: u32,
    /// `every=`: the pause between tries.
    pub every: Duration,
    /// When it runs.
    pub when: When,
    /// The heading it stands under: an index into [`Runbook::sections`].
    pub section: usize,
    /// The block.
    pub span: Span,
}

/// When a check runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// At the start, and again after a fix for it.
    Start,
    /// Ahead of the consent for this fix, and again straight before it.
    Before(BlockId),
    /// After this fix only.
    After(BlockId),
}

/// An output that a check's rules must judge so.
#[derive(Clone, Debug)]
pub struct RecordedOutput {
    /// The verdict it must get.
    pub verdict: RuleVerdict,
    /// The exit status; 0 when not said.
    pub exit: i32,
    /// Copied from a machine, or from a document.
    pub from_machine: bool,
    /// The text.
    pub text: String,
    /// The block.
    pub span: Span,
}

/// A change.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Its name.
    pub id: BlockId,
    /// What runs; `None` for a `manual` fix, which is shown and done by the person.
    pub script: Option<Script>,
    /// The text of the block as written, also for a `manual` fix.
    pub text: String,
    /// The host it is about.
    pub host: HostName,
    /// All of these checks must be sick; empty: any sick check.
    pub cures: Vec<BlockId>,
    /// What undoes it.
    pub rollback: Option<BlockId>,
    /// How dangerous it is.
    pub risk: Risk,
    /// The machine must be restarted for it.
    pub reboot: bool,
    /// The host to which the connection is lost while it runs.
    pub cuts: Option<HostName>,
    /// What a person does, in page order: `false` before the block, `true` after it.
    pub tasks: Vec<(bool, String)>,
    /// The heading it stands under: an index into [`Runbook::sections`].
    pub section: usize,
    /// The block.
    pub span: Span,
}

/// What undoes a fix.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// Its name.
    pub id: BlockId,
    /// What runs.
    pub script: Script,
    /// The block.
    pub span: Span,
}

impl Script {
    /// True when the text of the block takes the value of a parameter, also in the single-quoted
    /// text that it hands to another shell or to `awk`.
    pub fn uses(&self, name: &str) -> bool {
        if self.language == Language::Cisco {
            return self.text.contains(&format!("<{name}>"));
        }
        let text = self.text.as_str();
        if !text.contains(name) {
            return false;
        }
        let ends = |at: usize| !text[at..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let named = |form: String| text.match_indices(&form).any(|(at, form)| ends(at + form.len()));
        ["$", "${", "${#", "${!", "printenv "].iter().any(|before| named(format!("{before}{name}")))
            || text.contains(&format!("\"{name}\""))
            || text.contains(&format!("'{name}'"))
    }
}

impl Check {
    /// True when the check takes the value of a parameter: in its block, or on a device also in
    /// its rules.
    pub fn uses(&self, name: &str) -> bool {
        let place = format!("<{name}>");
        let group =
            |text: &str| text.contains(&format!("(?{place}")) || text.contains(&format!("(?P{place}"));
        let conditions = self.rules.iter().flat_map(|rule| &rule.conditions);
        let device = self.script.language == Language::Cisco;
        self.script.uses(name)
            || device
                && conditions.into_iter().any(|condition| match condition {
                    Condition::Has { text, .. } => text.contains(&place),
                    Condition::Matches(OutputRegex { text, .. })
                    | Condition::Group { regex: OutputRegex { text, .. }, .. }
                    | Condition::Lines { regex: OutputRegex { text, .. }, .. } => {
                        text.contains(&place) && !group(text)
                    }
                    _ => false,
                })
    }
}
