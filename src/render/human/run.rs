//! A run as a person follows it: hosts, values, each check with its verdict, each fix, the outcome.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{cut, origin, plural, span};
use crate::render::style::{Out, Piece, Screen, columns};
use crate::report::{CheckResult, FixResult, FixState, Outcome, RunReport, Verdict};
use crate::run::{Event, Watch};
use crate::runbook::{BlockId, HostName, Runbook};
use crate::target::{Confinement, Identity};
use crate::text::Untrusted;

/// Lines of output that are shown below a verdict.
pub(super) const OUTPUT_LINES: usize = 12;
/// The same where all is well.
const OUTPUT_LINES_HEALTHY: usize = 3;
/// Checks that take longer than this say so.
const SLOW_SECONDS: u64 = 2;

/// Follows a run on a screen.
pub struct RunWatch<'a> {
    to: &'a mut dyn Write,
    screen: Screen,
    runbook: &'a Runbook,
    replayed: bool,
    /// A check was shown, so a host that follows stands apart.
    below_a_check: bool,
    /// What was said last of how firmly checks are held.
    confinement: Option<String>,
    /// The first failure to write; the run goes on without a reader.
    pub failed: Option<io::Error>,
}

impl<'a> RunWatch<'a> {
    /// Watches a run of this runbook; each piece of text is written through at once.
    pub fn new(to: &'a mut dyn Write, screen: Screen, runbook: &'a Runbook, replayed: bool) -> Self {
        Self { to, screen, runbook, replayed, below_a_check: false, confinement: None, failed: None }
    }

    fn show(&mut self, show: impl FnOnce(&mut Out<'_>) -> io::Result<()>) {
        if self.failed.is_none() {
            let mut out = Out::new(self.to, self.screen);
            self.failed = show(&mut out).and_then(|()| out.flush()).err();
        }
    }

    fn checked(&mut self, result: &CheckResult) {
        // Once is enough, but for what this kernel cannot hold.
        let (how, again) = match &result.confinement {
            Confinement::Confined(level) => (Some(level.to_string()), !level.holes.is_empty()),
            Confinement::Declared(how) => (Some(how.clone()), false),
            Confinement::Free | Confinement::NotRun => (None, false),
        };
        let news = how.filter(|how| !self.replayed && (again || self.confinement.as_ref() != Some(how)));
        let (runbook, replayed) = (self.runbook, self.replayed);
        self.show(|out| {
            check(out, result, Some(runbook), replayed)?;
            news.as_ref().map_or(Ok(()), |news| out.wrapped("confinement", 2, news))?;
            let healthy = matches!(result.verdict, Verdict::Healthy | Verdict::DoesNotApply);
            let lines = if healthy { OUTPUT_LINES_HEALTHY } else { OUTPUT_LINES };
            output(out, &result.output, result.dropped, lines)
        });
        self.below_a_check = true;
        if news.is_some() {
            self.confinement = news;
        }
    }
}

impl Watch for RunWatch<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Identified { host, target, identity } => {
                let apart = std::mem::take(&mut self.below_a_check);
                self.show(|out| {
                    if apart {
                        out.newline()?;
                    }
                    identified(out, host, target, *identity)
                });
            }
            Event::Value(name, value, from) => {
                let name = Piece::new("value name", name.as_str());
                let head = [name, Piece::new("", " = "), Piece::new("value", cut(value, 60))];
                self.show(|out| out.hanging(2, &head, "dim", &format!("  {from}")));
            }
            Event::Checked(result) => self.checked(result),
            Event::Offered(consent) => self.show(|out| super::consent(out, consent)),
            Event::Applying(block) => self.show(|out| {
                out.newline()?;
                out.text("Running ")?;
                out.label("block id", block.as_str())?;
                out.text(" ...\n")
            }),
            Event::Applied(_, text) => self.show(|out| output(out, text, 0, OUTPUT_LINES)),
            Event::Waiting(check, pause) => {
                self.show(|out| out.line("dim", &format!("  `{check}` is tried again in {}.", span(*pause))));
            }
            Event::Fix(result) => self.show(|out| fix(out, result)),
            Event::Undo(result) => self.show(|out| super::undo::undone(out, result)),
            Event::Trouble(host, error) => {
                let text = format!(": host `{host}`: {error}.");
                self.show(|out| out.hanging(0, &[Piece::new("warning", "warning")], "", &text));
            }
            Event::Note(text) => self.show(|out| out.wrapped("dim", 2, text)),
            Event::Checking(_) => {}
        }
    }
}

/// What is about to run: the runbook, its checks and its fixes.
pub fn plan(out: &mut Out<'_>, runbook: &Runbook) -> io::Result<()> {
    out.line("runbook id", runbook.id.as_str())?;
    out.wrapped("title", 0, &runbook.title)?;
    let mut facts = vec![origin(runbook.origin).to_owned()];
    facts.push(plural(runbook.checks.len() as u64, "check"));
    facts.push(match runbook.fixes.len() {
        0 => "no fix".to_owned(),
        1 => "1 fix, asked before it runs".to_owned(),
        many => format!("{many} fixes, each asked before it runs"),
    });
    out.wrapped("dim", 0, &facts.join("; "))?;
    if let Some(tested) = runbook.fact("Tested") {
        out.wrapped("dim", 0, &format!("tested: {tested}"))?;
    }
    out.newline()
}

fn identified(
    out: &mut Out<'_>,
    called: &HostName,
    target: &str,
    identity: Option<&Identity>,
) -> io::Result<()> {
    let head = [Piece::new("", "host "), Piece::new("host", called.as_str())];
    let mut text = format!(": {target}");
    if let Some(Identity { system, release, host, user }) = identity {
        let _ = write!(text, ", {}, {system} {release}, user {user}", host.for_terminal());
    }
    out.hanging(2, &head, "", &text)
}

/// A verdict: a symbol, a word and a label, so that no meaning hangs on colour.
pub fn verdict(screen: Screen, verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Sick => ("verdict sick", screen.symbol("✗", "x"), "SICK"),
        Verdict::Healthy => ("verdict healthy", screen.symbol("✓", "+"), "healthy"),
        Verdict::Unknown => ("verdict unknown", "?", "unknown"),
        Verdict::DoesNotApply => ("verdict none", "-", "does not apply"),
        Verdict::Refuse => ("verdict sick", screen.symbol("✗", "x"), "REFUSED"),
        Verdict::Shown => ("verdict none", "-", "shown"),
    }
}

/// The verdict of a check, and why.
pub fn check(
    out: &mut Out<'_>,
    result: &CheckResult,
    runbook: Option<&Runbook>,
    replayed: bool,
) -> io::Result<()> {
    let (label, symbol, word) = verdict(out.screen(), result.verdict);
    out.newline()?;
    out.label(label, &format!("{symbol} {word}"))?;
    out.text("  ")?;
    out.label("block id", result.check.as_str())?;
    let mut facts = Vec::new();
    if result.host.as_str() != "here" {
        facts.push(format!("on {}", result.host));
    }
    if result.took.as_secs() >= SLOW_SECONDS {
        facts.push(span(result.took));
    }
    let held = match (&result.confinement, result.said_by_you) {
        _ if replayed => "replayed",
        (_, true) => "said by you",
        (Confinement::Confined(level), _) if level.holes.is_empty() => "confined",
        (Confinement::Confined(_), _) => "confined in part",
        (Confinement::Declared(_), _) => "declared read-only",
        (Confinement::Free, _) => "not confined",
        (Confinement::NotRun, _) => "not run",
    };
    facts.push(held.to_owned());
    out.line("confinement", &format!("  ({})", facts.join(", ")))?;
    why(out, result, runbook)
}

/// The remark of the rule that held, and the rule itself in a line; or what kept kb from telling.
fn why(out: &mut Out<'_>, result: &CheckResult, runbook: Option<&Runbook>) -> io::Result<()> {
    let found = runbook.and_then(|runbook| runbook.check(&result.check));
    let rules = found.map_or(&[][..], |check| &check.rules);
    let Some(rule) = result.rule.and_then(|at| rules.get(at)) else {
        return out.wrapped("reason", 2, &result.reason);
    };
    let Some(remark) = &rule.remark else { return out.wrapped("reason", 2, &result.reason) };
    out.wrapped("reason", 2, remark)?;
    let conditions = rule.text.strip_suffix(remark.as_str()).unwrap_or(&rule.text);
    let conditions = conditions.trim_end_matches([':', ' ']);
    out.line("dim", &format!("  {}", cut(&format!("rule: {conditions}"), out.width().saturating_sub(2))))
}

/// What a block printed, behind a bar; the middle of a long one is left out and counted.
pub(super) fn output(out: &mut Out<'_>, text: &Untrusted, dropped: u64, lines_max: usize) -> io::Result<()> {
    let text = text.lines_for_terminal();
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let bar = out.screen().symbol("  │ ", "  | ");
    let room = out.width().saturating_sub(columns(bar));
    let line = |out: &mut Out<'_>, line: &str| {
        out.label("output bar", bar)?;
        // A long line is wrapped, not cut: what a verdict rests on must be there to read.
        let mut first = true;
        for part in hard_wrap(line, room) {
            if !first {
                out.label("output bar", bar)?;
            }
            first = false;
            out.line("output", &part)?;
        }
        Ok::<(), io::Error>(())
    };
    if lines.len() <= lines_max + 1 {
        lines.iter().try_for_each(|text| line(out, text))?;
    } else {
        let head = lines_max.div_ceil(2);
        let tail = lines.len() - (lines_max - head);
        lines[..head].iter().try_for_each(|text| line(out, text))?;
        out.label("output bar", bar)?;
        out.line("dim", &format!("({} more)", plural((tail - head) as u64, "line")))?;
        lines[tail..].iter().try_for_each(|text| line(out, text))?;
    }
    if dropped > 0 {
        out.label("output bar", bar)?;
        out.line("dim", &format!("({} in the middle were not kept)", plural(dropped, "byte")))?;
    }
    Ok(())
}

/// Cuts a line into parts of so many columns; five at most, since a line can be a megabyte.
fn hard_wrap(line: &str, room: usize) -> Vec<String> {
    let line = line.replace('\t', "    ");
    if columns(&line) <= room {
        return vec![line];
    }
    let mut parts = vec![String::new()];
    let mut used = 0;
    for c in line.chars() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        if used + wide > room {
            if parts.len() == 5 {
                parts[4].pop();
                parts[4].push('…');
                break;
            }
            parts.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn fix(out: &mut Out<'_>, result: &FixResult) -> io::Result<()> {
    let (label, word) = match result.state {
        FixState::Offered => ("outcome open", "offered"),
        FixState::Unneeded => ("verdict none", "not needed"),
        FixState::Declined => ("outcome open", "declined"),
        FixState::Skipped => ("outcome open", "skipped"),
        FixState::Applied => ("outcome open", "applied"),
        FixState::Held => ("outcome good", "HELD"),
        FixState::Failed => ("outcome bad", "DID NOT HOLD"),
        FixState::Undone => ("outcome bad", "UNDONE"),
        FixState::Unknown => ("outcome bad", "STATE NOT KNOWN"),
    };
    of_fix(out, &result.fix, (label, word), &result.reason)
}

/// What became of a fix, in a word that stands out, and why.
pub(super) fn of_fix(
    out: &mut Out<'_>,
    fix: &BlockId,
    (label, word): (&'static str, &str),
    reason: &str,
) -> io::Result<()> {
    out.newline()?;
    out.text("Fix ")?;
    out.label("block id", fix.as_str())?;
    out.text(": ")?;
    out.line(label, word)?;
    out.wrapped("reason", 2, reason)
}

/// The last line: how it ended, and what to type next. `name` is what was typed after `kb run`.
pub fn outcome(out: &mut Out<'_>, report: &RunReport, name: &str, replayed: bool) -> io::Result<()> {
    let label = match report.outcome {
        Outcome::Healthy | Outcome::Held | Outcome::DoesNotApply => "outcome good",
        Outcome::Sick | Outcome::Undone | Outcome::Broken => "outcome bad",
        Outcome::Unknown | Outcome::NoRight | Outcome::Declined | Outcome::Interrupted => "outcome open",
    };
    out.newline()?;
    out.wrapped(label, 0, &ending(report))?;
    if replayed {
        out.wrapped("dim", 0, "Replayed from the outputs that the runbook records; nothing ran.")?;
    }
    let offered = report.fixes.iter().any(|fix| fix.state == FixState::Offered);
    let next = if offered && report.outcome == Outcome::Sick {
        Some(format!("Next: `kb run {name}` in a terminal asks before it runs the fix."))
    } else {
        next(report.outcome, name)
    };
    next.map_or(Ok(()), |next| out.wrapped("dim", 0, &next))
}

/// How a run ended, a sentence.
pub fn ending(report: &RunReport) -> String {
    let unknown = report.checks.iter().filter(|result| result.verdict == Verdict::Unknown);
    let unknown: Vec<String> = unknown.map(|result| format!("`{}`", result.check)).collect();
    let text = match report.outcome {
        Outcome::Healthy => "Healthy: nothing to do.",
        Outcome::Held if !unknown.is_empty() => {
            let (checks, are) = if unknown.len() == 1 { ("check", "is") } else { ("checks", "are") };
            return format!(
                "Fixed: what was sick is healthy now; {checks} {} {are} unknown.",
                unknown.join(", ")
            );
        }
        Outcome::Held => "Fixed: the checks are healthy now.",
        Outcome::DoesNotApply => "Does not apply to this system.",
        Outcome::Sick => "Sick, and not fixed.",
        Outcome::Unknown => "Could not tell.",
        Outcome::NoRight => "Could not tell: a right is missing.",
        Outcome::Undone => "The fix did not hold and was undone.",
        Outcome::Broken => "The fix did not hold and was not undone, or its state is not known.",
        Outcome::Declined => "Declined: nothing more was changed.",
        Outcome::Interrupted => "Interrupted.",
    };
    text.to_owned()
}

fn next(outcome: Outcome, name: &str) -> Option<String> {
    Some(match outcome {
        Outcome::Healthy | Outcome::Held | Outcome::DoesNotApply => return None,
        Outcome::Sick => format!("Next: `kb show {name}` reads what to do by hand."),
        Outcome::Unknown => format!("Next: `kb show {name}` reads how to check by hand."),
        Outcome::NoRight => format!("Next: run kb as root, or `kb show {name}` reads how to check by hand."),
        Outcome::Undone => format!("Next: `kb show {name}` reads what else can be tried."),
        Outcome::Broken => {
            format!(
                "Next: look at the machine; `kb show {name}` says what the fix changes and how to undo it."
            )
        }
        Outcome::Declined => format!("Next: `kb run {name}` asks again."),
        Outcome::Interrupted => format!("Next: `kb run {name}` runs the checks again."),
    })
}
