//! What is shown before a runbook is trusted: everything that would run, or what has changed since.

use std::io;

use similar::{ChangeTag, TextDiff};

use super::consent::script;
use crate::render::style::Out;
use crate::run::trust::pins::Pin;
use crate::runbook::{Risk, Runbook, Script};
use crate::text::printable_path;

/// Lines around a change.
const CONTEXT_LINES: usize = 3;

/// A runbook before it is trusted; `before` is its text when that was last done.
pub fn to_trust(out: &mut Out<'_>, runbook: &Runbook, before: Option<&str>) -> io::Result<()> {
    out.newline()?;
    out.line("path", &printable_path(&runbook.source.path))?;
    out.line("title", &runbook.title)?;
    match before {
        Some(before) => {
            out.wrapped("warning", 0, "It has changed since it was trusted:")?;
            difference(out, before, &runbook.source.text)
        }
        None => blocks(out, runbook),
    }
}

/// Every block that may run, with its text.
fn blocks(out: &mut Out<'_>, runbook: &Runbook) -> io::Result<()> {
    for check in &runbook.checks {
        block(out, &format!("check `{}`", check.id), &check.script)?;
    }
    for fix in &runbook.fixes {
        let risk = match fix.risk {
            Risk::Low => "low",
            Risk::Medium => "MEDIUM",
            Risk::High => "HIGH",
        };
        let reboot = if fix.reboot { ", restarts the machine" } else { "" };
        let name = format!("fix `{}`, risk {risk}{reboot}, asked before it runs", fix.id);
        if let Some(script) = &fix.script {
            block(out, &name, script)?;
        }
    }
    for rollback in &runbook.rollbacks {
        block(out, &format!("rollback `{}`, asked before it runs", rollback.id), &rollback.script)?;
    }
    Ok(())
}

fn block(out: &mut Out<'_>, name: &str, block: &Script) -> io::Result<()> {
    let root = if block.root { " as root" } else { "" };
    script(out, &format!("{name}, on `{}`{root}:", block.host), &block.text)
}

/// Old lines with `-`, new ones with `+`, a few of their neighbours. Characters that cannot be seen
/// are written out, so that two lines that look alike show why they are not.
fn difference(out: &mut Out<'_>, before: &str, now: &str) -> io::Result<()> {
    let diff = TextDiff::from_lines(before, now);
    for group in diff.grouped_ops(CONTEXT_LINES) {
        if let Some(first) = group.first() {
            out.line("dim", &format!("  line {}", first.new_range().start + 1))?;
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (label, sign) = match change.tag() {
                ChangeTag::Delete => ("fail", '-'),
                ChangeTag::Insert => ("ok", '+'),
                ChangeTag::Equal => ("dim", ' '),
            };
            let text = change.value();
            let line = text.strip_suffix('\n').unwrap_or(text).replace('\r', "\\r");
            out.line(label, format!("  {sign} {line}").trim_end())?;
            if !text.ends_with('\n') {
                out.line("dim", "    (no line end here)")?;
            }
        }
    }
    Ok(())
}

/// The list of `kb trust --list`.
pub fn pins(out: &mut Out<'_>, pins: &[Pin]) -> io::Result<()> {
    if pins.is_empty() {
        return out.line("", "Nothing is trusted by `kb trust`.");
    }
    for pin in pins {
        out.label("time", &pin.at.chars().take(10).collect::<String>())?;
        out.text("  ")?;
        out.label("dim", &pin.blake3[..pin.blake3.len().min(12)])?;
        out.text("  ")?;
        out.line("path", &printable_path(&pin.path))?;
    }
    Ok(())
}
