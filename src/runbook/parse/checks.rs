//! Checks with their rules and recorded outputs.

use std::time::Duration;

use super::mark::{Mark, Word};
use super::outline::{Fence, Item};
use super::sink::Sink;
use super::{rules, runnable, values};
use crate::diag::Diagnostic;
use crate::runbook::{Allow, BlockId, Check, Host, Language, RecordedOutput, RuleVerdict, When};
use crate::text::{SourceFile, Span};

const TIMEOUT: Duration = Duration::from_secs(30);
const RECENT: Duration = Duration::from_mins(10);
const EVERY: Duration = Duration::from_secs(5);
const RETRY_MAX: u32 = 10_000;

/// A marked block, and what its readers need of the page.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) fence: &'a Fence,
    pub(super) mark: &'a Mark,
    pub(super) hosts: &'a [Host],
    pub(super) section: usize,
    pub(super) span: Span,
}

/// Reads a check; `None` when an error disables it. Its outputs are added later.
pub(super) fn check(place: &Place<'_>, list: Option<&[Item]>, sink: &mut Sink) -> Option<Check> {
    let before = sink.errors();
    let mark = place.mark;
    let id = mark.names.first().and_then(|word| runnable::block_id(word, sink));
    let common = runnable::common(place.source, place.fence, mark, place.hosts, sink);
    let language = common.language.unwrap_or(Language::Sh);
    let when = when(mark, sink);
    let before_fix = matches!(when, When::Before(_));
    let rules = match list {
        Some(items) => rules::read(place.source, items, language, before_fix, sink),
        None => Vec::new(),
    };
    let word = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && !b"'\"`$\\;&|<>()".contains(&b))
    };
    let texts = |words: Vec<Word>| words.into_iter().map(|word| word.text).collect();
    let system = |name: &str| BlockId::new(name).is_some();
    let os = texts(values::list(
        mark,
        "os",
        system,
        "names as `uname -s` prints them, in lower case, between commas",
        sink,
    ));
    let needs = texts(values::list(mark, "needs", word, "names of programs between commas", sink));
    let allow = allow(mark, sink);
    let recent = values::duration(mark, "recent", sink).unwrap_or(RECENT);
    let retry = values::number(mark, "retry", 1..=RETRY_MAX, sink).unwrap_or(0);
    let every = values::duration(mark, "every", sink);
    if let Some(every) = mark.key("every").filter(|_| retry == 0 && mark.key("retry").is_none()) {
        let message = "`every=` says nothing without `retry=`";
        sink.push(Diagnostic::error("info-value", every.span, message).hint("Add `retry=N`."));
    }
    if language == Language::Cisco {
        device_keys(mark, sink);
        device_lines(place, sink);
    }
    let (id, script) = (id?, common.script(TIMEOUT)?);
    let check = Check {
        id,
        script,
        rules,
        outputs: Vec::new(),
        os,
        needs,
        allow,
        recent,
        retry,
        every: every.unwrap_or(EVERY),
        when,
        section: place.section,
        span: place.span,
    };
    // A rule that could not be read may be the one that a judge would miss.
    if sink.errors() == before {
        super::judge::check(&check, mark.span, sink);
    }
    (sink.errors() == before).then_some(check)
}

fn when(mark: &Mark, sink: &mut Sink) -> When {
    let mut id = |key| mark.key(key).and_then(|word| runnable::block_id(word, sink));
    let (before, after) = (id("before"), id("after"));
    match (before, after) {
        (Some(_), Some(_)) => {
            let message = "a check runs `before=` a fix or `after=` it, not both";
            sink.push(Diagnostic::error("info-value", mark.span, message).hint("Write two checks."));
            When::Start
        }
        (Some(fix), None) => When::Before(fix),
        (None, Some(fix)) => When::After(fix),
        (None, None) => When::Start,
    }
}

fn allow(mark: &Mark, sink: &mut Sink) -> Allow {
    let legal = |word: &str| matches!(word, "unix" | "net" | "tmp" | "processes");
    let wanted = "`unix`, `net`, `tmp` or `processes`, with commas between them";
    let words = values::list(mark, "allow", legal, wanted, sink);
    let has = |name: &str| words.iter().any(|word| word.text == name);
    let allow = Allow { unix: has("unix"), net: has("net"), tmp: has("tmp"), processes: has("processes") };
    if allow.tmp && allow.processes {
        let message = "a check has a folder to write in (`tmp`) or looks into processes, not both";
        sink.push(Diagnostic::error("info-value", mark.span, message).hint("Write two checks."));
    }
    allow
}

/// A device has no `uname`, no programs and no kernel that could confine a check.
fn device_keys(mark: &Mark, sink: &mut Sink) {
    for key in ["os", "needs", "allow"] {
        if let Some(value) = mark.key(key) {
            let message = format!("`{key}=` says nothing on a device");
            sink.push(Diagnostic::error("info-value", value.span, message).hint("Leave it out."));
        }
    }
}

/// On a device only the first word of a line tells whether it reads.
fn device_lines(place: &Place<'_>, sink: &mut Sink) {
    const READS: [&str; 4] = ["show", "ping", "more", "dir"];
    const WRITES: [&str; 3] = ["redirect", "tee", "append"];
    for line in &place.fence.lines {
        let text = place.source.slice(*line);
        let Some(first) = text.split_whitespace().next() else { continue };
        let writes = text.split('|').skip(1).any(|part| {
            part.split_whitespace()
                .next()
                .is_some_and(|word| WRITES.iter().any(|write| write.starts_with(word)))
        });
        if !READS.contains(&first) || writes {
            let message = format!("`{}` may change the device", text.trim());
            sink.push(Diagnostic::error("device-line", *line, message).hint(
                "A check on a device uses `show`, `ping`, `more` and `dir`, written out, and writes no file.",
            ));
        }
    }
}

/// An output as it stands on the page, with the ID of its check.
pub(super) struct OutputDraft {
    pub(super) check: Word,
    pub(super) output: RecordedOutput,
}

/// Reads a recorded output; `None` when an error disables it.
pub(super) fn output(place: &Place<'_>, sink: &mut Sink) -> Option<OutputDraft> {
    let before = sink.errors();
    let Place { source, fence, mark, span, .. } = *place;
    let verdict = mark.names.get(1).and_then(|word| verdict(word, sink));
    let exit = values::number(mark, "exit", 0..=255, sink).unwrap_or(0);
    let from = values::choice(mark, "from", &[("machine", true), ("document", false)], sink);
    let [check, _] = mark.names.as_slice() else { return None };
    let output = RecordedOutput {
        verdict: verdict?,
        exit: exit as i32,
        from_machine: from.unwrap_or(false),
        text: super::text_of(source, fence),
        span,
    };
    (sink.errors() == before).then(|| OutputDraft { check: check.clone(), output })
}

/// A verdict after `output CHECK`: `does-not-apply` as one word.
fn verdict(word: &Word, sink: &mut Sink) -> Option<RuleVerdict> {
    let spoken = word.text.replace('-', " ");
    let found = rules::VERDICTS.iter().find(|(name, _)| *name == spoken);
    if found.is_none() {
        let message = format!("`{}` is no verdict", word.text);
        let found = Diagnostic::error("output-verdict", word.span, message);
        let names = rules::VERDICTS.iter().map(|(name, _)| *name);
        sink.push(match super::near::nearest_word(&spoken, names) {
            Some(near) => found.hint(format!("Did you mean `{}`?", near.replace(' ', "-"))),
            None => found.hint("Write `sick`, `healthy`, `unknown`, `does-not-apply` or `refuse`."),
        });
    }
    found.map(|(_, verdict)| *verdict)
}
