//! Fixes with the tasks of their sections, and rollbacks.

use std::time::Duration;

use super::checks::Place;
use super::mark::Word;
use super::outline::{Block, BlockKind, plain};
use super::sink::Sink;
use super::{runnable, values};
use crate::diag::Diagnostic;
use crate::runbook::{BlockId, Fix, Risk, Rollback};
use crate::text::Span;

const TIMEOUT: Duration = Duration::from_mins(10);
const RISKS: &[(&str, Risk)] = &[("low", Risk::Low), ("medium", Risk::Medium), ("high", Risk::High)];

/// Reads a fix; `None` when an error disables it. Its tasks are added later.
pub(super) fn fix(place: &Place<'_>, sink: &mut Sink) -> Option<Fix> {
    let before = sink.errors();
    let mark = place.mark;
    let id = mark.names.first().and_then(|word| runnable::block_id(word, sink));
    let common = runnable::common(place.source, place.fence, mark, place.hosts, sink);
    let manual = mark.word("manual").is_some();
    let cures = ids(mark.key("for"), sink);
    let rollback = mark.key("rollback").and_then(|word| runnable::block_id(word, sink));
    let cuts = mark.key("cuts").and_then(|word| runnable::known_host(word, place.hosts, sink));
    let risk = values::choice(mark, "risk", RISKS, sink);
    if mark.key("risk").is_none() {
        let message = "a fix says how dangerous it is";
        sink.push(Diagnostic::error("fix-risk", mark.span, message).hint(
            "Add `risk=low` (interrupts nothing, undone in one step), `risk=medium` (a short interruption, or \
             widens what others may do) or `risk=high` (an interruption, or not undone in one step).",
        ));
    }
    for key in ["user", "timeout"].iter().filter(|_| manual) {
        if let Some(value) = mark.key(key) {
            let message = format!("`{key}=` says nothing of a `manual` fix, which kb does not run");
            sink.push(Diagnostic::error("info-value", value.span, message).hint("Leave it out."));
        }
    }
    let (text, host) = (common.text.clone(), common.host.clone());
    let script = if manual { None } else { common.script(TIMEOUT) };
    if sink.errors() > before {
        return None;
    }
    Some(Fix {
        id: id?,
        script,
        text,
        host: host?,
        cures,
        rollback,
        risk: risk?,
        reboot: mark.word("reboot").is_some(),
        cuts,
        tasks: Vec::new(),
        section: place.section,
        span: place.span,
    })
}

fn ids(list: Option<&Word>, sink: &mut Sink) -> Vec<BlockId> {
    let Some(list) = list else { return Vec::new() };
    let mut at = 0;
    let mut ids = Vec::new();
    for part in list.text.split(',') {
        let word = Word { text: part.trim().to_owned(), span: list.span.part(at..at + part.len()) };
        at += part.len() + 1;
        ids.extend(runnable::block_id(&word, sink));
    }
    ids
}

/// Reads a rollback; `None` when an error disables it.
pub(super) fn rollback(place: &Place<'_>, sink: &mut Sink) -> Option<Rollback> {
    let before = sink.errors();
    let id = place.mark.names.first().and_then(|word| runnable::block_id(word, sink));
    let common = runnable::common(place.source, place.fence, place.mark, place.hosts, sink);
    let (id, script) = (id?, common.script(TIMEOUT)?);
    (sink.errors() == before).then_some(Rollback { id, script, span: place.span })
}

/// Gives each task to the fix whose block stands above it in its section, or to the first one below.
/// `blocks` are the fences of all fixes, disabled ones too: their tasks belong to nobody else.
pub(super) fn tasks(lists: &[(usize, &Block)], blocks: &[(usize, Span)], fixes: &mut [Fix]) {
    for (section, list) in lists {
        let (BlockKind::Bullets(items) | BlockKind::Numbered(items)) = &list.kind else { continue };
        for item in items.iter().filter(|item| item.task.is_some()) {
            let here = || blocks.iter().filter(|(own, _)| own == section).map(|(_, span)| *span);
            let above = here().rfind(|span| span.start < item.span.start);
            let Some(owner) = above.or_else(|| here().next()) else { continue };
            if let Some(fix) = fixes.iter_mut().find(|fix| fix.span == owner) {
                fix.tasks.push((above.is_some(), plain(&item.text)));
            }
        }
    }
}
