//! The page of a rule.
//!
//! Knows what stands where; everything that the rule's author wrote goes through `prose` first.

use std::fmt::Write as _;

use super::model::{Cre, Logic};
use super::symptoms::{Block, Mode, Step, short};
use super::{Companions, Lost, sentences};
use crate::import::prose::{code, one_line, plain, prose};

/// What the page is made of.
pub(super) struct Parts<'a> {
    pub(super) cre: &'a Cre,
    pub(super) logic: &'a Logic,
    pub(super) file: &'a str,
    pub(super) companions: &'a Companions,
    pub(super) blocks: &'a [Block],
    pub(super) lost: &'a [Lost],
    pub(super) samples: &'a [Sample],
    /// The prose of the author is shown as it is, in a block of text.
    pub(super) verbatim: bool,
}

/// A log that came with the rule.
pub(super) struct Sample {
    pub(super) text: String,
    /// It must not match.
    pub(super) not: bool,
    /// It stands here only in part.
    pub(super) excerpt: bool,
}

/// The whole page.
pub(super) fn page(parts: &Parts<'_>) -> String {
    let cre = parts.cre;
    let title = if cre.title.trim().is_empty() { &cre.id } else { &cre.title };
    let mut out = format!("# {}\n\n", one_line(title));
    facts(parts, &mut out);
    if let Some(description) = &cre.description {
        section(parts, None, description, &mut out);
    }
    symptoms(parts, &mut out);
    for (heading, text) in
        [("Why it happens", &cre.cause), ("What it does", &cre.impact), ("What helps", &cre.mitigation)]
    {
        if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
            section(parts, Some(heading), text, &mut out);
        }
    }
    samples(parts.samples, &mut out);
    sources(cre, &mut out);
    out
}

fn facts(parts: &Parts<'_>, out: &mut String) {
    let cre = parts.cre;
    let mut fact = |key: &str, text: String| {
        let text = one_line(&text);
        if !text.is_empty() {
            let _ = writeln!(out, "- **{key}**: {text}");
        }
    };
    let programs: Vec<String> = cre
        .applications
        .iter()
        .filter_map(|one| {
            let name = one.name.as_ref().or(one.process_name.as_ref()).or(one.container_name.as_ref())?;
            Some(match &one.version {
                Some(version) => format!("{name} {version}"),
                None => name.clone(),
            })
        })
        .collect();
    let groups = [&parts.logic.set, &parts.logic.sequence].into_iter().flatten();
    let mut logs: Vec<&str> = groups.filter_map(|group| group.event.as_ref()?.source.as_deref()).collect();
    logs.dedup();
    let logs = if logs.is_empty() { String::new() } else { format!("logs of {}", logs.join(", ")) };
    fact(
        "Applies to",
        [programs.join(", "), logs]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
    );
    fact("Severity", severity(cre));
    let author = cre.author.as_ref().map(|author| format!(", by {author}")).unwrap_or_default();
    fact(
        "Source",
        format!("rule {} of the Common Reliability Enumerations{author} (file {})", cre.id, parts.file),
    );
    fact(
        "Licence",
        parts.companions.licence.clone().unwrap_or_else(|| "none was found beside the rule".to_owned()),
    );
    fact("Tags", cre.tags.iter().chain(&cre.category).cloned().collect::<Vec<_>>().join(", "));
    if !parts.lost.is_empty() {
        fact("Not said here", sentences(parts.lost).join("; "));
    }
    out.push('\n');
}

/// How many facts a page was given: they stand between its title and the next empty line.
pub(super) fn facts_of(page: &str) -> usize {
    page.lines().skip(2).take_while(|line| !line.is_empty()).count()
}

fn severity(cre: &Cre) -> String {
    let (level, word) = match cre.severity {
        Some(0) => ("high", "critical"),
        Some(1) => ("high", "high"),
        Some(2) => ("medium", "medium"),
        Some(3) => ("low", "low"),
        Some(_) => ("low", "for information"),
        None => return String::new(),
    };
    match cre.impact_score {
        Some(score) => format!("{level} (the rule says {word}, impact {score} of 10)"),
        None => format!("{level} (the rule says {word})"),
    }
}

fn section(parts: &Parts<'_>, heading: Option<&str>, text: &str, out: &mut String) {
    if let Some(heading) = heading {
        let _ = write!(out, "## {heading}\n\n");
    }
    if parts.verbatim {
        fenced("text", &plain(text), out);
    } else {
        out.push_str(&prose(text));
        out.push_str("\n\n");
    }
}

fn symptoms(parts: &Parts<'_>, out: &mut String) {
    if parts.blocks.is_empty() {
        return;
    }
    out.push_str("## Symptoms\n\n");
    for block in parts.blocks {
        let _ = write!(out, "{}\n\n", sentence(block));
        let mut lines = String::new();
        for step in &block.steps {
            write_step(step, block.mode == Mode::Any, &mut lines);
        }
        fenced(&format!("text symptom{}", words(block)), &lines, out);
    }
}

/// What the block asks for, for a person.
fn sentence(block: &Block) -> String {
    let never = block.steps.iter().any(|step| step.negated);
    let wanted: Vec<&Step> = block.steps.iter().filter(|step| !step.negated).collect();
    let within = block.within.map(|within| format!(" within {}", short(within))).unwrap_or_default();
    let repeated = wanted.iter().any(|step| step.at_least > 1);
    let what = match block.mode {
        Mode::Any if repeated => format!("The line must come as often as the number says{within}"),
        Mode::Any if block.low => {
            "Healthy machines print this too, so it makes the problem only possible".to_owned()
        }
        Mode::Any if wanted.iter().map(|step| step.lines.len()).sum::<usize>() > 1 => {
            "Each of these identifies the problem".to_owned()
        }
        Mode::Any => "This line identifies the problem".to_owned(),
        Mode::All if wanted.len() == 1 => "This line identifies the problem".to_owned(),
        Mode::All => format!("All of these must be seen{within}, in any order"),
        Mode::Sequence => format!("These must be seen one after the other{within}"),
    };
    let never = if never { ", and none of those marked with `!` around them" } else { "" };
    format!("{what}{never}:")
}

fn words(block: &Block) -> String {
    let mut words = String::new();
    let more = block.steps.len() > 1;
    match block.mode {
        Mode::All if more => words.push_str(" all"),
        Mode::Sequence if more => words.push_str(" sequence"),
        _ => {}
    }
    let counted = block.steps.iter().any(|step| step.at_least > 1);
    if let Some(within) = block.within.filter(|_| more || counted) {
        let _ = write!(words, " within={}", short(within));
    }
    if block.anyhost {
        words.push_str(" anyhost");
    }
    if block.low {
        words.push_str(" weight=low");
    }
    if block.broad {
        words.push_str(" broad");
    }
    words
}

/// Alternatives stand below each other; where each line identifies, they are lines like others.
fn write_step(step: &Step, alone: bool, out: &mut String) {
    for (number, line) in step.lines.iter().enumerate() {
        let prefix = match (number, step.negated, step.at_least) {
            (_, true, _) => "! ".to_owned(),
            (0, _, count @ 2..) => format!("{{{count}}} "),
            (1.., _, count) if !alone || count > 1 => "| ".to_owned(),
            _ => String::new(),
        };
        let _ = writeln!(out, "{prefix}{line}");
    }
}

fn samples(samples: &[Sample], out: &mut String) {
    if samples.is_empty() {
        return;
    }
    out.push_str("## Logs that came with the rule\n\n");
    for sample in samples {
        let part = if sample.excerpt { " The lines that matter, of a longer one." } else { "" };
        let (words, sentence) = if sample.not {
            ("text sample not", "Not this problem:")
        } else {
            ("text sample", "The problem:")
        };
        let _ = write!(out, "{sentence}{part}\n\n");
        fenced(words, &sample.text, out);
    }
}

fn sources(cre: &Cre, out: &mut String) {
    if cre.references.is_empty() {
        return;
    }
    out.push_str("## Sources\n\n");
    for reference in &cre.references {
        let text = one_line(reference);
        let plain_address = (text.starts_with("https://") || text.starts_with("http://"))
            && !text.contains(|c: char| c.is_whitespace() || "<>`\\".contains(c));
        let _ = if plain_address { writeln!(out, "- <{text}>") } else { writeln!(out, "- {text}") };
    }
}

/// A block whose fence is longer than any in it.
fn fenced(info: &str, text: &str, out: &mut String) {
    let run = text
        .lines()
        .map(|line| line.trim_start().chars().take_while(|c| *c == '`').count())
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(run.max(2) + 1);
    let _ = write!(out, "{fence}{info}\n{}\n{fence}\n\n", text.trim_end_matches('\n'));
}

/// For a sentence of the summary.
pub(super) fn named(name: &str) -> String {
    code(name)
}
