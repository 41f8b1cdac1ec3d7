//! What a log points to: ranked runbooks, each with the lines and signatures that say so.

use std::io;
use std::ops::Range;
use std::path::Path;

use super::{Moment, cut, plural};
use crate::render::style::{Out, Piece, columns};
use crate::report::{Evidence, Instance, Match, Tier, Triage};
use crate::text::{Untrusted, printable_path};

/// How a triage is shown.
pub struct View<'a> {
    /// The present and the zone.
    pub moment: &'a Moment,
    /// Scores with their parts, every instance.
    pub explain: bool,
    /// Show at most so many results.
    pub top: usize,
    /// Nothing less sure than this was asked for.
    pub floor: Tier,
    /// Results that are less sure than that.
    pub hidden: usize,
    /// Inputs that could not even be opened.
    pub unread: usize,
}

/// Instances of one result that are shown without `--explain`.
const INSTANCES: usize = 3;
/// Lines of one instance that are shown.
const LINES: usize = 4;
/// A long line of a log is folded to so many, and cut beyond.
const LINE_FOLDS: usize = 3;
/// Above so many lines of input, *possible* results are folded to a line each.
const LARGE_INPUT_LINES: u64 = 1_000;
/// Where text below a result begins.
const INDENT: &str = "   ";

/// The report of `kb match`.
pub fn triage(out: &mut Out<'_>, triage: &Triage, view: &View<'_>) -> io::Result<()> {
    let lines: u64 = triage.inputs.iter().map(|input| input.lines).sum();
    let shown = &triage.results;
    if shown.is_empty() {
        return nothing(out, triage, lines, view);
    }
    for (at, found) in shown.iter().take(view.top).enumerate() {
        let folded = found.tier != Tier::Match && lines > LARGE_INPUT_LINES && !view.explain;
        if at > 0 && !(folded && shown[at - 1].tier != Tier::Match) {
            out.newline()?;
        }
        if folded { fold(out, at + 1, found, view)? } else { result(out, at + 1, found, view)? }
    }
    if let Some(more @ 1..) = shown.len().checked_sub(view.top) {
        out.newline()?;
        out.line("dim", &format!("{} not shown; `--top 0` shows all.", plural(more as u64, "more result")))?;
    }
    Ok(())
}

/// One line for a result: what it is, when, and what is missing.
fn fold(out: &mut Out<'_>, rank: usize, found: &Match, view: &View<'_>) -> io::Result<()> {
    head(out, rank, found)?;
    let mut rest = String::new();
    if let Some(instance) = found.instances.first() {
        let count: u64 = found.instances.iter().map(|instance| instance.count).sum();
        rest = format!("  {}", seen(instance, count, view.moment));
    }
    out.text(&rest)?;
    out.newline()?;
    if let Some(missing) = found.missing.first() {
        out.text(INDENT)?;
        out.line("missing", &cut(missing, out.width().saturating_sub(INDENT.len())))?;
    }
    Ok(())
}

fn result(out: &mut Out<'_>, rank: usize, found: &Match, view: &View<'_>) -> io::Result<()> {
    head(out, rank, found)?;
    if view.explain {
        out.label("score", &format!("  score {:.1}", found.score.total))?;
    }
    out.newline()?;
    out.wrapped("title", INDENT.len(), &found.title)?;
    if !found.words.is_empty() {
        out.wrapped("", INDENT.len(), &format!("words: {}", found.words.join(", ")))?;
    }
    let several = found.instances.len() > 1;
    let limit = if view.explain { usize::MAX } else { INSTANCES };
    for instance in found.instances.iter().take(limit) {
        if several {
            out.newline()?;
        }
        show_instance(out, instance, view)?;
    }
    if let Some(more @ 1..) = found.instances.len().checked_sub(limit) {
        out.text(INDENT)?;
        let more = plural(more as u64, "more occurrence");
        out.line("dim", &format!("{more} with other hosts or values; `--explain` shows all."))?;
    }
    for missing in &found.missing {
        labelled(out, "missing", "missing: ", missing)?;
    }
    for note in &found.notes {
        labelled(out, "note", "note: ", note)?;
    }
    if view.explain {
        explain(out, found)?;
    }
    Ok(())
}

fn head(out: &mut Out<'_>, rank: usize, found: &Match) -> io::Result<()> {
    out.label("rank", &format!("{rank}"))?;
    out.text(if rank < 10 { "  " } else { " " })?;
    let (label, word) = match found.tier {
        Tier::Match => ("tier match", "MATCH"),
        Tier::Possible => ("tier possible", "possible"),
        Tier::Suggestion => ("tier suggestion", "suggestion"),
    };
    out.label(label, word)?;
    out.text("  ")?;
    out.label("runbook id", found.runbook.as_str())
}

fn show_instance(out: &mut Out<'_>, instance: &Instance, view: &View<'_>) -> io::Result<()> {
    let mut facts = Vec::new();
    if let Some(host) = &instance.host {
        facts.push(format!("on {}", host.for_terminal()));
    }
    facts.push(seen(instance, instance.count, view.moment));
    out.wrapped("", INDENT.len(), &facts.join(", "))?;
    for (name, value) in &instance.captures {
        out.text(INDENT)?;
        out.label("value name", name.as_str())?;
        out.text(" = ")?;
        out.line("value", &cut(&value.for_terminal(), out.width().saturating_sub(INDENT.len() + 20)))?;
    }
    // Why it is not used stands in the notes.
    for (name, value) in &instance.refused {
        out.text(INDENT)?;
        out.label("value name", name.as_str())?;
        out.text(" = ")?;
        out.label("value", &cut(&value.for_terminal(), out.width().saturating_sub(INDENT.len() + 30)))?;
        out.line("warning", "  (not used)")?;
    }
    evidence(out, &instance.evidence)
}

/// `3 times, last 20 s ago (2013-11-12 11:25:54)`
fn seen(instance: &Instance, count: u64, moment: &Moment) -> String {
    let times = match count {
        0 => "seen".to_owned(),
        1 => "once".to_owned(),
        count => format!("{} times", super::grouped(count)),
    };
    let Some(last) = instance.last else { return times };
    let time = moment.time(last);
    match moment.ago(last) {
        Some(ago) => format!("{times}, last {ago} ({time})"),
        None => format!("{times}, last {time}"),
    }
}

/// Lines of a log: where, the line with the hit marked, the signature. What fits stands behind its
/// place; what does not gets a line of its own.
fn evidence(out: &mut Out<'_>, lines: &[Evidence]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    out.newline()?;
    let indent = INDENT.len() + 2;
    let own_room = out.width().saturating_sub(indent);
    let beside = |line: &Evidence| {
        let used = INDENT.len() + columns(&place(line)) + 2;
        used + columns(&line.text.for_terminal()) <= out.width()
    };
    let all_beside = lines.iter().take(LINES).all(beside);
    let mut named: Vec<&str> = Vec::new();
    for line in lines.iter().take(LINES) {
        out.text(INDENT)?;
        out.label("path", &place(line))?;
        out.text(if all_beside { "  " } else { "\n" })?;
        if !all_beside {
            out.text(&" ".repeat(indent))?;
        }
        folded(
            out,
            &highlighted(&line.text, &line.hit, own_room * LINE_FOLDS - own_room / 2),
            own_room,
            indent,
        )?;
        // A signature is named once.
        if !named.contains(&line.signature.as_str()) {
            out.text(&" ".repeat(indent))?;
            let corner = out.screen().symbol("└ ", "by ");
            out.line("signature", &format!("{corner}{}", cut(&line.signature, own_room.saturating_sub(3))))?;
        }
        named.push(&line.signature);
    }
    if let Some(more @ 1..) = lines.len().checked_sub(LINES) {
        out.text(INDENT)?;
        out.line("dim", &format!("and {}", plural(more as u64, "more line")))?;
    }
    Ok(())
}

fn place(line: &Evidence) -> String {
    if line.input == Path::new("-") {
        return format!("line {}", line.line);
    }
    format!("{}:{}", printable_path(&line.input), line.line)
}

/// A line with the hit marked, cut around the hit to so many columns.
fn highlighted(line: &Untrusted, hit: &Range<usize>, room: usize) -> [Piece; 3] {
    let raw = line.raw();
    let (start, end) = (hit.start.min(raw.len()), hit.end.clamp(hit.start.min(raw.len()), raw.len()));
    let shown = |range: Range<usize>| Untrusted::new(&raw[range]).for_terminal().replace('\t', " ");
    let (before, found, after) = (shown(0..start), shown(start..end), shown(end..raw.len()));
    let pieces = |before, found, after| {
        [Piece::new("log", before), Piece::new("hit", found), Piece::new("log", after)]
    };
    if columns(&before) + columns(&found) + columns(&after) <= room {
        return pieces(before, found, after);
    }
    if columns(&found) > room {
        return pieces(String::new(), cut(&found, room), String::new());
    }
    let rest = room.saturating_sub(columns(&found));
    // What stands before a hit (time, host, program) says more than what stands behind it.
    let room_before = columns(&before).min(rest.saturating_sub(columns(&after).min(rest / 4)));
    let before = if columns(&before) > room_before { cut_front(&before, room_before) } else { before };
    let after = cut(&after, rest.saturating_sub(columns(&before)));
    pieces(before, found, after)
}

/// Writes pieces as one line, folded at so many columns behind an indent; at a blank where there is
/// one near.
fn folded(out: &mut Out<'_>, pieces: &[Piece], room: usize, indent: usize) -> io::Result<()> {
    let mut rest: Vec<(char, &'static str)> =
        pieces.iter().flat_map(|piece| piece.text.chars().map(|c| (c, piece.label))).collect();
    loop {
        let end = fold_at(&rest, room);
        let blank = usize::from(end < rest.len() && rest[end - 1].0 == ' ');
        for run in rest[..end - blank].chunk_by(|a, b| a.1 == b.1) {
            out.label(run[0].1, &run.iter().map(|(c, _)| c).collect::<String>())?;
        }
        out.newline()?;
        rest.drain(..end);
        if rest.is_empty() {
            return Ok(());
        }
        out.text(&" ".repeat(indent))?;
    }
}

/// How many characters the first line takes.
fn fold_at(text: &[(char, &'static str)], room: usize) -> usize {
    let mut used = 0;
    let fits = |(c, _): &&(char, &'static str)| {
        used += columns(c.encode_utf8(&mut [0; 4]));
        used <= room
    };
    let end = text.iter().take_while(fits).count().max(1);
    if end >= text.len() {
        return text.len();
    }
    let near = end.saturating_sub(room / 3);
    text[near..end].iter().rposition(|(c, _)| *c == ' ').map_or(end, |at| near + at + 1)
}

/// The end of a text, with `…` where something is missing.
fn cut_front(text: &str, room: usize) -> String {
    if room == 0 {
        return String::new();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = 1;
    for c in text.chars().rev() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        if used + wide > room {
            break;
        }
        used += wide;
        kept.push(c);
    }
    kept.push('…');
    kept.into_iter().rev().collect()
}

/// The sum that the score is.
fn explain(out: &mut Out<'_>, found: &Match) -> io::Result<()> {
    let whose = if found.instances.len() > 1 { ", of the host and values that say the most" } else { "" };
    out.text(INDENT)?;
    out.line("dim", &format!("score (bits: how rare the words are){whose}:"))?;
    for (what, part) in &found.score.parts {
        out.text(INDENT)?;
        out.line("score", &format!("{part:+6.1}  {what}"))?;
    }
    out.text(INDENT)?;
    out.line("score", &format!("{:>6}  together", format!("={:.1}", found.score.total)))
}

fn labelled(out: &mut Out<'_>, label: &'static str, head: &str, text: &str) -> io::Result<()> {
    let room = out.width().saturating_sub(INDENT.len() + head.len());
    for (at, line) in crate::render::style::wrap(text, room).iter().enumerate() {
        out.text(INDENT)?;
        if at == 0 {
            out.label(label, head)?;
        } else {
            out.text(&" ".repeat(head.len()))?;
        }
        out.line("", line)?;
    }
    Ok(())
}

/// Nothing was found: said plainly only when everything was read.
fn nothing(out: &mut Out<'_>, triage: &Triage, lines: u64, view: &View<'_>) -> io::Result<()> {
    let broken = view.unread + triage.inputs.iter().filter(|input| input.error.is_some()).count();
    let what = match view.floor {
        Tier::Match => "No match",
        Tier::Possible => "Nothing matched, not even in part",
        Tier::Suggestion => "Nothing matched",
    };
    let lines = plural(lines, "line");
    if view.hidden > 0 {
        let hidden = plural(view.hidden as u64, "less sure result");
        out.line("title", &format!("{what} in {lines}; `--tier` hides {hidden}."))?;
        return Ok(());
    }
    if broken == 0 {
        return out.line("title", &format!("{what}: {lines} read, no known problem in them."));
    }
    out.line("title", &format!("No known problem in the {lines} that could be read; not everything could."))
}
