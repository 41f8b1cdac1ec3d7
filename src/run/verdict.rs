//! From an output to a verdict, by the rules of the page and those fixed by kb. Pure.

use crate::report::{CheckResult, Verdict};
use crate::runbook::{Check, ParamName};
use crate::target::Output;

/// What a judgement rests on besides the output.
pub struct Context<'a> {
    /// Says whether the runbook's signatures are in a text (and recent enough).
    pub symptom_seen: &'a dyn Fn(&[u8]) -> bool,
    /// The value of a parameter, for `<name>` in the rules of a device.
    pub value: &'a dyn Fn(&ParamName) -> Option<String>,
}

/// Judges one output of a check.
pub fn judge(check: &Check, output: Output, _context: &Context<'_>) -> CheckResult {
    CheckResult {
        check: check.id.clone(),
        host: check.script.host.clone(),
        verdict: Verdict::Unknown,
        reason: "not judged".into(),
        rule: None,
        captures: Vec::new(),
        output: output.text,
        dropped: output.dropped,
        exit: None,
        confinement: output.confinement,
        said_by_you: false,
        took: output.took,
    }
}

/// The verdict of a whole runbook: sick when any check is, else unknown when any is, does not
/// apply when no check does, else healthy.
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
