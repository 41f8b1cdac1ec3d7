//! A past run for a ticket: how it ended first, then what was found and done, in order.

use std::io::{self, Write};

use super::{block, code, prose};
use crate::run::journal::Entry;
use crate::run::journal::past::{PastRun, moment};

/// Everything that a run recorded.
pub fn past_run(out: &mut dyn Write, run: &PastRun) -> io::Result<()> {
    let outcome = run.outcome().unwrap_or("no end was recorded");
    writeln!(out, "# {}, run {}: {}\n", code(run.runbook()), run.number, prose(outcome))?;
    let mut story = Story { out, listing: false };
    for record in &run.records {
        story.entry(&moment(&record.at), &record.entry)?;
    }
    if run.outcome().is_none() {
        story.paragraph(&format!("**No end was recorded.** {}", prose(&run.what_is_known().join(" "))))?;
    }
    Ok(())
}

/// Items stand together, whatever else apart.
struct Story<'a> {
    out: &'a mut dyn Write,
    listing: bool,
}

impl Story<'_> {
    fn item(&mut self, text: &str) -> io::Result<()> {
        self.listing = true;
        writeln!(self.out, "- {text}")
    }

    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        if std::mem::take(&mut self.listing) {
            writeln!(self.out)?;
        }
        writeln!(self.out, "{text}\n")
    }

    fn entry(&mut self, at: &str, entry: &Entry<'_>) -> io::Result<()> {
        match entry {
            Entry::Run { origin, who, version, undoes, .. } => {
                if undoes.is_some() {
                    self.item("It undoes a change of an earlier run.")?;
                }
                self.item(&format!("{at}: begun by {}, from {}, kb {version}", code(who), code(origin)))
            }
            Entry::Continued { who, .. } => self.item(&format!("{at}: continued by {}", code(who))),
            Entry::Host { host, target, system, name, user } => self.item(&format!(
                "host {}: {}, {}, {}, user {}",
                code(host),
                prose(target),
                code(name),
                prose(system),
                code(user)
            )),
            Entry::Agreed { host, target, checks, who, flag, .. } => {
                let how =
                    flag.as_ref().map_or_else(|| "when asked".into(), |flag| format!("by {}", code(flag)));
                let checks: Vec<String> = checks.iter().map(|check| code(check)).collect();
                self.item(&format!(
                    "{at}: {} agreed {how} to the checks on {} ({}), which nothing there holds to reading: {}",
                    code(who),
                    code(host),
                    prose(target),
                    checks.join(", ")
                ))
            }
            Entry::Value { value, from } => {
                self.item(&format!("value {} = {} ({})", code(&value.name), code(&value.value), prose(from)))
            }
            Entry::Verdict { check, verdict, reason } => {
                self.item(&format!("{at}: check {}: **{}**: {}", code(check), prose(verdict), prose(reason)))
            }
            Entry::Begin { .. } => self.begin(at, entry),
            Entry::End { block: id, ending, output, .. } => {
                self.item(&format!("{at}: {}: {}", code(id), prose(ending)))?;
                let output = output.trim_end();
                if output.is_empty() { Ok(()) } else { self.text("It printed:", output) }
            }
            Entry::Fix { fix, state, reason } => {
                self.item(&format!("{at}: fix {}: **{}**: {}", code(fix), prose(state), prose(reason)))
            }
            Entry::Outcome { outcome } => self.paragraph(&format!("{at}: ended: **{}**.", prose(outcome))),
            Entry::Told { .. } | Entry::Other => Ok(()),
        }
    }

    fn begin(&mut self, at: &str, entry: &Entry<'_>) -> io::Result<()> {
        let Entry::Begin { kind, block: what, risk, values, agreed, undo } = entry else { return Ok(()) };
        self.paragraph(&format!("## {} {} on {}", prose(kind), code(&what.id), code(&what.host)))?;
        let root = if what.root { ", as root" } else { "" };
        let risk = risk.as_ref().map_or_else(String::new, |risk| format!(", risk {}", prose(risk)));
        let agreed = if agreed == "flag" { "agreed to by `--yes`" } else { "agreed to when asked" };
        self.item(&format!("{at}: started{root}{risk}, {agreed}"))?;
        for value in values {
            self.item(&format!("{} = {}", code(&value.name), code(&value.value)))?;
        }
        self.text("What ran:", what.text.trim_end())?;
        match undo {
            Some(undo) => {
                self.text(&format!("What would undo it ({}):", code(&undo.id)), undo.text.trim_end())
            }
            None => Ok(()),
        }
    }

    fn text(&mut self, title: &str, text: &str) -> io::Result<()> {
        self.paragraph(title)?;
        writeln!(self.out, "{}\n", block(text))
    }
}
