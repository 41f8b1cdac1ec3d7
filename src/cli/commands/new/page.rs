//! The text of a new page: all its parts, with the places to fill marked.

use std::fmt::Write as _;

use super::propose::{Proposal, Proposed};
use crate::runbook::{RunbookId, TO_FILL as FILL};

/// The page of a new runbook.
pub(super) fn page(id: &RunbookId, proposal: &Proposal) -> String {
    let title = id.as_str().replace('-', " ");
    let mut text = format!(
        "# {FILL}: {title}\n\n\
         {FILL}: what is broken, for whom, in two sentences.\n\n\
         - **Applies to**: {FILL}: systems and versions\n\
         - **Severity**: medium: {FILL}: who notices what\n\
         - **Risk**: low\n\
         - **Tested**: {FILL}: date and versions. Fix: **documented**\n\
         - **Tags**: {FILL}\n\n\
         ## Symptoms\n\n"
    );
    text.push_str(&symptoms(proposal));
    let _ = write!(text, "## Why it happens\n\n{FILL}\n\n");
    if !proposal.parameters.is_empty() {
        text.push_str(&parameters(&proposal.parameters));
    }
    text.push_str(&check());
    text.push_str(&fix());
    let _ = write!(text, "## If it did not help\n\n{FILL}\n\n## Sources\n\n- {FILL}\n");
    text
}

fn symptoms(proposal: &Proposal) -> String {
    if proposal.sample.is_empty() {
        return format!(
            "{FILL}: the lines of the log that show the problem, one in each line of a block like this, and a \
             piece of a real log to prove them. A problem that leaves no line needs neither.\n\n\
             ````text\n```text symptom\nthe words that never change, <name> where one does\n```\n\n\
             ```text sample\nJan  2 03:04:05 host program[6]: the line as it stood in the log\n```\n````\n\n"
        );
    }
    let fence = fence(&proposal.sample);
    let mut text = String::new();
    if proposal.signatures.is_empty() {
        let _ = write!(text, "{FILL}: no line below has enough that does not vary to be a signature.\n\n");
    } else {
        let all = if proposal.signatures.len() > 1 { " all" } else { "" };
        let lines = proposal.signatures.join("\n");
        let _ = write!(text, "{FILL}: say which lines belong to the problem; take out the others.\n\n");
        let _ = write!(text, "{fence}text symptom{all}\n{lines}\n{fence}\n\n");
    }
    let mark = if proposal.signatures.is_empty() { "" } else { " sample" };
    let _ = write!(text, "{fence}text{mark}\n{}{fence}\n\n", proposal.sample);
    if !proposal.parameters.is_empty() && !mark.is_empty() {
        for one in &proposal.parameters {
            let _ = writeln!(text, "- `{}` is {}", one.name, code(&one.value));
        }
        text.push('\n');
    }
    if !mark.is_empty() {
        let _ = write!(
            text,
            "{FILL}: lines that look alike and are no sign of it, in a block `text sample not`.\n\n"
        );
    }
    text
}

fn parameters(parameters: &[Proposed]) -> String {
    let mut text = String::from(
        "## Parameters\n\n| Name | Default | Must match | What it is |\n| --- | --- | --- | --- |\n",
    );
    for one in parameters {
        let pattern = one.kind.pattern.replace('|', "\\|");
        let _ = writeln!(text, "| `{}` | from the log | `{pattern}` | {} |", one.name, one.kind.description);
    }
    text.push('\n');
    text
}

fn check() -> String {
    format!(
        "## Check: is it so?\n\n\
         {FILL}: a command that only reads. The rules below judge what it prints; the first that holds wins.\n\n\
         ```sh check state\n\
         echo \"{FILL}\"\n\
         ```\n\n\
         - **sick** if output has `{FILL}: what a sick machine prints`\n\
         - **healthy** if output has `{FILL}: what a healthy machine prints`\n\
         - otherwise **unknown**\n\n\
         ```text output state sick from=document\n\
         {FILL}: what a sick machine prints\n\
         ```\n\n\
         ```text output state healthy from=document\n\
         {FILL}: what a healthy machine prints\n\
         ```\n\n"
    )
}

fn fix() -> String {
    format!(
        "## Fix: put it right\n\n\
         {FILL}: what it changes, and what a person notices of it.\n\n\
         ```sh fix put-right for=state risk=low rollback=put-back\n\
         echo \"{FILL}\"\n\
         ```\n\n\
         ### Undo\n\n\
         {FILL}: it puts back what was there before.\n\n\
         ```sh rollback put-back\n\
         echo \"{FILL}\"\n\
         ```\n\n"
    )
}

/// A fence that no line of the text can close.
fn fence(text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().chars().take_while(|c| *c == '`').count()).max();
    "`".repeat((longest.unwrap_or(0) + 1).max(3))
}

/// A code span around a value.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
