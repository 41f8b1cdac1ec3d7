//! From an output to a verdict, by the rules of the page and those fixed by kb. Pure.
//!
//! What kb fixes comes first: a program that is missing, a time limit, a signal, a refusal, a host
//! that cannot be reached are unknown, whatever the rules would say of the text. Could not tell is
//! never healthy.

use std::fmt::Write as _;

use crate::report::{CheckResult, Verdict};
use crate::runbook::{Check, ParamName, Rule, RuleVerdict};
use crate::target::{Confinement, Ending, Output, Said};
use crate::text::Untrusted;

mod holds;

/// What a judgement rests on besides the output.
pub struct Context<'a> {
    /// Says whether the runbook's signatures are in a text (and recent enough).
    pub symptom_seen: &'a dyn Fn(&[u8]) -> bool,
    /// The value of a parameter, for `<name>` in the rules of a device.
    pub value: &'a dyn Fn(&ParamName) -> Option<Vec<u8>>,
}

/// Judges one output of a check.
pub fn judge(check: &Check, output: Output, context: &Context<'_>) -> CheckResult {
    let mut judgement = match &output.ending {
        Ending::Exited(status @ (126 | 127)) => Judgement::unknown(missing(*status, &output.text)),
        Ending::Exited(_) => by_rules(check, &output, context),
        Ending::Said(said) => by_word(check, *said),
        Ending::OtherSystem(system) => Judgement {
            verdict: Verdict::DoesNotApply,
            ..Judgement::unknown(format!("it is for {} only; this is {system}", check.os.join(", ")))
        },
        other => Judgement::unknown(why_not(check, other)),
    };
    if check.rules.is_empty() {
        judgement.verdict = Verdict::Shown;
    }
    if output.left.survived > 0 {
        let survived = output.left.survived;
        let _ = write!(judgement.reason, "; {survived} of its processes could not be ended");
    }
    CheckResult {
        check: check.id.clone(),
        host: check.script.host.clone(),
        verdict: judgement.verdict,
        reason: judgement.reason,
        rule: judgement.rule,
        captures: judgement.captures,
        exit: match output.ending {
            Ending::Exited(status) => Some(status),
            _ => None,
        },
        refused: matches!(output.ending, Ending::Refused(_)),
        said_by_you: matches!(output.ending, Ending::Said(_)),
        output: output.text,
        dropped: output.dropped,
        confinement: output.confinement,
        took: output.took,
    }
}

/// The result of a check that was not run, and why.
pub fn not_run(check: &Check, reason: impl Into<String>) -> CheckResult {
    let nobody = Context { symptom_seen: &|_| false, value: &|_| None };
    let output = Output::without_text(Ending::NotKnown(reason.into()), Confinement::NotRun);
    judge(check, output, &nobody)
}

/// The verdict of a whole runbook: sick when any check is, else unknown when any is, does not
/// apply when no check does, else healthy. Nothing to judge by is unknown.
pub fn overall<'a>(results: impl IntoIterator<Item = &'a CheckResult>) -> Verdict {
    let (mut healthy, mut unknown, mut elsewhere) = (false, false, false);
    for result in results {
        match result.verdict {
            Verdict::Sick => return Verdict::Sick,
            Verdict::Unknown | Verdict::Refuse => unknown = true,
            Verdict::Healthy => healthy = true,
            Verdict::DoesNotApply => elsewhere = true,
            Verdict::Shown => {}
        }
    }
    match (unknown, healthy, elsewhere) {
        (false, true, _) => Verdict::Healthy,
        (false, false, true) => Verdict::DoesNotApply,
        _ => Verdict::Unknown,
    }
}

/// The verdict of a rule as that of a check.
pub fn of_rule(verdict: RuleVerdict) -> Verdict {
    match verdict {
        RuleVerdict::Sick => Verdict::Sick,
        RuleVerdict::Healthy => Verdict::Healthy,
        RuleVerdict::Unknown => Verdict::Unknown,
        RuleVerdict::DoesNotApply => Verdict::DoesNotApply,
        RuleVerdict::Refuse => Verdict::Refuse,
    }
}

/// What a person is asked where no output can be had: each rule but the last, which is what holds
/// when none is answered with yes.
pub fn questions(check: &Check) -> Vec<String> {
    let asked = check.rules.iter().filter(|rule| !rule.conditions.is_empty());
    asked.map(|rule| format!("Is it so: {}?", condition_text(rule))).collect()
}

struct Judgement {
    verdict: Verdict,
    reason: String,
    rule: Option<usize>,
    captures: Vec<(ParamName, Untrusted)>,
}

impl Judgement {
    fn unknown(reason: String) -> Self {
        Self { verdict: Verdict::Unknown, reason, rule: None, captures: Vec::new() }
    }
}

fn by_rules(check: &Check, output: &Output, context: &Context<'_>) -> Judgement {
    let view = holds::View::new(output, context);
    let held = check.rules.iter().position(|rule| view.all_hold(&rule.conditions));
    let Some((number, rule)) = held.map(|number| (number, &check.rules[number])) else {
        let reason = if check.rules.is_empty() { "it has no rules" } else { "none of its rules holds" };
        return Judgement::unknown(reason.into());
    };
    let mut judgement = Judgement {
        verdict: of_rule(rule.verdict),
        reason: reason(rule),
        rule: Some(number),
        captures: view.captures(&check.rules, number),
    };
    if output.dropped > 0 {
        let note = format!("{} bytes of its output were not kept", output.dropped);
        // The rule may hold only because what it forbids was in the part that is gone.
        if judgement.verdict == Verdict::Healthy {
            judgement.verdict = Verdict::Unknown;
        }
        judgement.reason = format!("{} ({note})", judgement.reason);
    }
    judgement
}

fn by_word(check: &Check, said: Said) -> Judgement {
    let asked = check.rules.iter().enumerate().filter(|(_, rule)| !rule.conditions.is_empty());
    let Some((number, rule)) = said.rule.and_then(|number| asked.clone().nth(number)) else {
        return Judgement::unknown("you said that none of its rules holds, or that you cannot tell".into());
    };
    Judgement {
        verdict: of_rule(rule.verdict),
        reason: format!("said by you: {}", reason(rule)),
        rule: Some(number),
        captures: Vec::new(),
    }
}

fn reason(rule: &Rule) -> String {
    let condition = condition_text(rule);
    match (&rule.remark, rule.conditions.is_empty()) {
        (Some(remark), true) => remark.clone(),
        (Some(remark), false) => format!("{remark} ({condition})"),
        (None, true) => "none of the rules above it holds".into(),
        (None, false) => condition.to_owned(),
    }
}

/// The bullet without its verdict and its remark.
fn condition_text(rule: &Rule) -> &str {
    let text = rule.text.split_once(" if ").map_or(rule.text.as_str(), |(_, rest)| rest);
    let remark = rule.remark.as_deref().unwrap_or("");
    text.strip_suffix(remark).and_then(|text| text.trim_end().strip_suffix(':')).unwrap_or(text)
}

fn missing(status: i32, text: &Untrusted) -> String {
    let what = if status == 127 { "a program is missing" } else { "a program cannot be run" };
    let said = text.raw().split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).rfind(|line| !line.is_empty());
    match said {
        Some(said) => format!("{what}: {}", Untrusted::new(said).for_terminal()),
        None => format!("{what} (exit status {status})"),
    }
}

fn why_not(check: &Check, ending: &Ending) -> String {
    match ending {
        Ending::Signalled(signal) => format!("it was ended by signal {signal}"),
        Ending::TimedOut => format!("it was stopped at its time limit ({:?})", check.script.timeout),
        Ending::Interrupted => "it was interrupted".into(),
        Ending::Missing(program) => format!("`{program}` is missing"),
        Ending::Refused(why) | Ending::NotKnown(why) => why.clone(),
        Ending::NotHeld(why) => {
            format!("it was not run: {why}; without `--require-confined` it runs as far as it can be held")
        }
        Ending::TookTooMuch(what) => format!("it was stopped: {what}"),
        Ending::Exited(_) | Ending::OtherSystem(_) | Ending::Said(_) => String::new(),
    }
}
