//! Checks: are their verdicts shown by recorded outputs, and do they come out healthy after a fix?

use std::sync::LazyLock;

use regex::Regex;

use crate::diag::Diagnostic;
use crate::runbook::{Check, Condition, Language, RuleVerdict, Runbook, When};

/// A check with rules shows one output that it calls sick and one that it calls healthy; a
/// `before=` check one that it refuses.
pub(super) fn outputs(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for check in runbook.checks.iter().filter(|check| !check.rules.is_empty()) {
        for (verdict, name) in wanted(check) {
            if check.outputs.iter().any(|output| output.verdict == verdict) {
                continue;
            }
            let message = format!("the check `{}` has no recorded output that is {name}", check.id);
            found.push(
                Diagnostic::warning("lint-output", check.span, message)
                    .hint(format!("Add a block `text output {} {name}`.", check.id)),
            );
        }
    }
}

fn wanted(check: &Check) -> Vec<(RuleVerdict, &'static str)> {
    let rule = |verdict| check.rules.iter().any(|rule| rule.verdict == verdict);
    let mut wanted = vec![(RuleVerdict::Sick, "sick"), (RuleVerdict::Healthy, "healthy")];
    if matches!(check.when, When::Before(_)) {
        wanted.push((RuleVerdict::Refuse, "refuse"));
    }
    wanted.retain(|(verdict, _)| rule(*verdict));
    wanted
}

/// A log still holds the old lines after a good fix, and a counter its old count.
pub(super) fn history(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    static READS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x) \bjournalctl\b | \bdmesg\b | /var/log/ | \bnetstat\ +-[a-z]*s | \bnstat\b
              | \bvmstat\ +-[a-z]*[si]\b | \bconntrack\ +-S | /proc/net/stat/ | /proc/vmstat | \bshow\ log(?:ging)?\b",
        )
        .expect("a legal pattern")
    });
    for check in &runbook.checks {
        let judged = !check.rules.is_empty() && !matches!(check.when, When::Before(_));
        let Some(reads) = READS.find(&check.script.text).filter(|_| judged) else { continue };
        let asks = check.rules.iter().flat_map(|rule| &rule.conditions);
        let by_symptom = asks.into_iter().any(|condition| matches!(condition, Condition::Symptom { .. }));
        if by_symptom || check.script.text.contains("kb_since") {
            continue;
        }
        let message = format!("`{}` shows what was before the fix too", reads.as_str().trim());
        let hint = match check.script.language {
            Language::Cisco => "Judge it by `the symptom is seen`, which counts only newer records.",
            Language::Sh | Language::Bash => {
                "Judge it by `the symptom is seen`, or begin at `$kb_since` (`journalctl --since \"@$kb_since\"`)."
            }
        };
        found.push(Diagnostic::warning("lint-history", check.span, message).hint(hint));
    }
}
