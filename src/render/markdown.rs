//! For a ticket or a chat: reports as Markdown that shows nothing but what it says.
//!
//! Text from outside stands in code, in a fence longer than any run of backticks in it, so it cannot
//! end the code and become a link, an image or a heading.

use std::io::{self, Write};

use super::human::{View, ending, plural, verdict};
use super::style::Screen;
use crate::report::{Instance, Match, RunReport, Tier, Triage};
use crate::runbook::Runbook;
use crate::text::{Untrusted, printable, printable_path};
use crate::triage::library::Found;

mod past;

pub use past::past_run;

/// Lines of evidence for each result.
const LINES: usize = 10;
/// Instances for each result.
const INSTANCES: usize = 5;

/// The report of `kb match`.
pub fn triage(out: &mut dyn Write, triage: &Triage, view: &View<'_>) -> io::Result<()> {
    let lines: u64 = triage.inputs.iter().map(|input| input.lines).sum();
    let names: Vec<String> = triage
        .inputs
        .iter()
        .take(5)
        .map(|input| {
            if input.name.as_os_str() == "-" { "a paste".into() } else { code(&printable_path(&input.name)) }
        })
        .collect();
    let more = if triage.inputs.len() > 5 { ", …" } else { "" };
    writeln!(out, "# What {} from {}{more} shows\n", plural(lines, "line"), names.join(", "))?;
    if triage.results.is_empty() {
        let all = view.unread == 0 && triage.inputs.iter().all(|input| input.error.is_none());
        return writeln!(
            out,
            "{}",
            if all {
                "No known problem."
            } else {
                "No known problem in what could be read; not everything could."
            }
        );
    }
    for (at, found) in triage.results.iter().take(view.top).enumerate() {
        result(out, at + 1, found, view)?;
    }
    Ok(())
}

fn result(out: &mut dyn Write, rank: usize, found: &Match, view: &View<'_>) -> io::Result<()> {
    let tier = match found.tier {
        Tier::Match => "match",
        Tier::Possible => "possible",
        Tier::Suggestion => "suggestion",
    };
    writeln!(out, "## {rank}. {} ({tier})\n", code(found.runbook.as_str()))?;
    writeln!(out, "{}\n", prose(&found.title))?;
    for instance in found.instances.iter().take(INSTANCES) {
        writeln!(out, "- {}", facts(instance, view))?;
    }
    for text in
        found.missing.iter().map(|missing| format!("Missing: {missing}")).chain(found.notes.iter().cloned())
    {
        writeln!(out, "- {}", prose(&text))?;
    }
    if !found.words.is_empty() {
        let words: Vec<String> = found.words.iter().map(|word| code(word)).collect();
        writeln!(out, "- Words: {}", words.join(", "))?;
    }
    let evidence: Vec<String> = found
        .instances
        .iter()
        .flat_map(|instance| &instance.evidence)
        .take(LINES)
        .map(|line| format!("{}:{}: {}", printable_path(&line.input), line.line, line.text.for_terminal()))
        .collect();
    if !evidence.is_empty() {
        writeln!(out, "\n{}", block(&evidence.join("\n")))?;
    }
    writeln!(out)
}

fn facts(instance: &Instance, view: &View<'_>) -> String {
    let mut facts = Vec::new();
    if let Some(host) = &instance.host {
        facts.push(format!("On {}", value(host)));
    }
    facts.extend(instance.captures.iter().map(|(name, text)| format!("{name} = {}", value(text))));
    facts.push(plural(instance.count, "time"));
    facts.extend(instance.last.map(|last| format!("last {}", view.moment.time(last))));
    facts.join(", ")
}

/// The report of `kb search`.
pub fn hits(out: &mut dyn Write, found: &[Found]) -> io::Result<()> {
    for (at, hit) in found.iter().enumerate() {
        writeln!(out, "{}. {}: {}", at + 1, code(hit.runbook.as_str()), prose(&hit.title))?;
    }
    Ok(())
}

/// The report of `kb run`, for a ticket.
pub fn report(out: &mut dyn Write, runbook: &Runbook, report: &RunReport) -> io::Result<()> {
    writeln!(out, "# {}: {}\n", code(report.runbook.as_str()), prose(&runbook.title))?;
    for (host, identity) in &report.identities {
        let (name, system) = (value(&identity.host), code(&identity.system));
        writeln!(out, "- Host {}: {name}, {system} {}", code(host.as_str()), code(&identity.release))?;
    }
    writeln!(out)?;
    for check in &report.checks {
        let (_, _, word) = verdict(Screen::plain(80), check.verdict);
        let (id, host) = (code(check.check.as_str()), code(check.host.as_str()));
        writeln!(out, "## Check {id} on {host}: {word}\n\n{}\n", prose(&check.reason))?;
        if !check.output.raw().is_empty() {
            writeln!(out, "{}\n", block(check.output.lines_for_terminal().trim_end()))?;
        }
    }
    for fix in &report.fixes {
        let state = format!("{:?}", fix.state).to_lowercase();
        writeln!(out, "## Fix {}: {state}\n\n{}\n", code(fix.fix.as_str()), prose(&fix.reason))?;
    }
    writeln!(out, "{}", ending(report))
}

fn value(value: &Untrusted) -> String {
    code(&value.for_terminal())
}

/// Text as code in a line.
pub fn code(text: &str) -> String {
    let text = printable(text).replace('\n', " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text as a block of code.
pub fn block(text: &str) -> String {
    let text = printable(text);
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{fence}text\n{text}\n{fence}")
}

/// Text of a runbook as prose: what Markdown would read as more than text is escaped, code spans
/// stay.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in printable(text).replace('\n', " ").split('`').enumerate() {
        if at % 2 == 1 {
            out.push_str(&code(part));
            continue;
        }
        for c in part.chars() {
            if "\\*_[]<>#|!~&".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
