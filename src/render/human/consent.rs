//! A change as it must be seen before anybody says yes to it: where, as whom, what exactly, why, how
//! dangerous, how it is undone, how far it was ever tried.

use std::io;

use super::run::{OUTPUT_LINES, check, output, verdict};
use crate::render::style::{Out, wrap};
use crate::run::Consent;
use crate::runbook::Risk;

/// Where the second column begins.
const COLUMN: usize = 12;

/// A reason may quote long patterns.
const REASON_COLUMNS_MAX: usize = 130;

/// Shows everything that a person agrees to.
pub fn consent(out: &mut Out<'_>, consent: &Consent) -> io::Result<()> {
    for result in &consent.before {
        check(out, result, None, false)?;
        output(out, &result.output, result.dropped, OUTPUT_LINES)?;
    }
    out.newline()?;
    out.text(if consent.is_fix { "Fix " } else { "Undo " })?;
    out.label("block id", consent.block.as_str())?;
    out.text(" of ")?;
    out.line("runbook id", consent.runbook.as_str())?;
    row(out, "where", "", &place(consent))?;
    if let Some(why) = &consent.type_host {
        row(out, "CAUTION", "risk high", why)?;
    }
    for caution in &consent.cautions {
        row(out, "CAUTION", "risk high", caution)?;
    }
    row(out, "as", "", &consent.user)?;
    let (label, risk) = risk(consent.risk);
    row(out, "risk", label, risk)?;
    if consent.reboot {
        row(out, "restart", "risk high", "the machine is restarted")?;
    }
    if let Some(host) = &consent.cuts {
        row(out, "cuts", "risk high", &format!("the connection to `{host}` is lost while it runs"))?;
    }
    for (check, found, reason) in &consent.because {
        let (label, symbol, word) = verdict(out.screen(), *found);
        head(out, "because")?;
        out.label("block id", check.as_str())?;
        out.text(" is ")?;
        out.line(label, &format!("{symbol} {word}"))?;
        // The whole reason stands with the check's verdict above.
        rest(out, "", &super::cut(reason, REASON_COLUMNS_MAX))?;
    }
    for (at, (name, value)) in consent.values.iter().enumerate() {
        head(out, if at == 0 { "values" } else { "" })?;
        out.label("value name", name.as_str())?;
        out.text(" = ")?;
        out.line("value", value)?;
    }
    if let Some(what) = &consent.puts_back {
        row(out, "puts back", "", what)?;
    }
    match &consent.undo {
        Some((rollback, _)) => row(out, "undo", "", &format!("`{rollback}`, shown below"))?,
        None if consent.manual => row(out, "undo", "", "by hand, as the page says")?,
        None if consent.is_fix => row(out, "undo", "risk high", "kb cannot undo it")?,
        None => {}
    }
    let tested = consent.tested.as_deref().unwrap_or("the runbook does not say");
    row(out, "tested", "", tested)?;
    row(out, "from", "", &consent.origin)?;
    for (after, task) in &consent.tasks {
        row(out, if *after { "then you" } else { "first you" }, "", task)?;
    }
    let title =
        if consent.manual { "For a person to do; kb never runs it:" } else { "This runs, byte for byte:" };
    script(out, title, &consent.script)?;
    if let Some((_, text)) = &consent.undo {
        script(out, "This would undo it:", text)?;
    }
    Ok(())
}

fn place(consent: &Consent) -> String {
    let bound = format!("`{}`, {}", consent.host, consent.target);
    match &consent.identity {
        Some(identity) => {
            let name = identity.host.for_terminal();
            format!("{bound}: it says it is {name}, {} {}", identity.system, identity.release)
        }
        None => format!("{bound}: it has not said who it is"),
    }
}

fn risk(risk: Risk) -> (&'static str, &'static str) {
    match risk {
        Risk::Low => ("risk low", "low: interrupts nothing, undone in one step"),
        Risk::Medium => ("risk medium", "MEDIUM: may interrupt a service for moments, or widens access"),
        Risk::High => ("risk high", "HIGH: interrupts a service, or cannot be undone in one step"),
    }
}

fn row(out: &mut Out<'_>, name: &str, label: &str, text: &str) -> io::Result<()> {
    let lines = wrap(text, out.width().saturating_sub(COLUMN));
    for (at, line) in lines.iter().enumerate() {
        head(out, if at == 0 { name } else { "" })?;
        out.line(label, line)?;
    }
    Ok(())
}

fn rest(out: &mut Out<'_>, label: &str, text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { row(out, "", label, text) }
}

fn head(out: &mut Out<'_>, name: &str) -> io::Result<()> {
    out.label("dim", &format!("  {name:<width$}", width = COLUMN - 2))
}

/// A script as it is: never wrapped, never cut, since consent is for these bytes.
pub fn script(out: &mut Out<'_>, title: &str, text: &str) -> io::Result<()> {
    let bar = out.screen().symbol("  │ ", "  | ");
    out.newline()?;
    out.text("  ")?;
    out.line("strong", title)?;
    for line in text.trim_end_matches('\n').split('\n') {
        out.label("output bar", bar)?;
        out.line("script", line)?;
    }
    Ok(())
}
