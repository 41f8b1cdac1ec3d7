//! Ways to a runbook for somebody who does not know its name: by symptom, system, tag, host, severity,
//! and what changed of late.
//!
//! Each is a page made from the model alone.

use std::collections::BTreeMap;

use super::badges::{self, Grade};
use super::html::text;
use super::{Changed, Chapter, Inputs, Pages};
use crate::runbook::{Runbook, Symptom, SymptomMode, Weight};

/// All of them, in the order of the table of contents.
pub(super) fn chapters(inputs: &Inputs<'_>) -> Vec<Chapter> {
    let runbooks = &inputs.base.runbooks;
    vec![
        symptoms(runbooks),
        systems(runbooks),
        tags(runbooks),
        hosts(runbooks),
        severity(runbooks),
        recent(runbooks, inputs.changed),
    ]
}

/// A page that is found by its name; the search does not list it, for it repeats what other pages say.
fn page(title: &str, file: &str, lead: &str, body: &str) -> Chapter {
    let id = super::html::anchor(title);
    let html = format!(
        "<h1 id=\"{id}\"><a class=\"header\" href=\"#{id}\">{}</a></h1><p>{lead}</p>{body}",
        text(title)
    );
    Chapter::new(title.into(), format!("find/{file}.md"), &html, Vec::new())
}

fn link(runbook: &Runbook) -> String {
    format!("<a href=\"../{}\">{}</a>", Pages::url(&runbook.id), text(&runbook.title))
}

fn heading(title: &str) -> String {
    let id = super::html::anchor(title);
    format!("<h2 id=\"{id}\"><a class=\"header\" href=\"#{id}\">{}</a></h2>", text(title))
}

fn table(head: &[&str], rows: &str) -> String {
    let head: String = head.iter().map(|name| format!("<th>{name}</th>")).collect();
    format!(
        "<div class=\"table-wrapper\"><table class=\"kb-index\"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

/// One line of a symptom block, and what it says by itself.
struct Entry<'a> {
    runbook: &'a Runbook,
    signature: &'a str,
    says: &'static str,
    key: String,
}

fn entries(runbooks: &[Runbook]) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for runbook in runbooks {
        for symptom in &runbook.symptoms {
            for step in symptom.steps.iter().filter(|step| !step.negated) {
                entries.extend(step.alternatives.iter().map(|signature| Entry {
                    runbook,
                    signature: &signature.text,
                    says: says(symptom),
                    key: key(&signature.text),
                }));
            }
        }
    }
    entries.sort_by(|a, b| (&a.key, &a.runbook.id).cmp(&(&b.key, &b.runbook.id)));
    entries
}

fn says(symptom: &Symptom) -> &'static str {
    match (symptom.weight, symptom.mode) {
        (Weight::Support, _) => "comes along with it",
        (Weight::Low, _) => "possible",
        (_, SymptomMode::Any) => "identifies it",
        (_, SymptomMode::All) => "with others, in any order",
        (_, SymptomMode::Sequence) => "a step of a sequence",
        (_, SymptomMode::Count(_)) => "when it repeats",
    }
}

/// Where a signature stands in the alphabet: by its letters and digits. Of a regex the names of its
/// groups and its classes do not count.
fn key(signature: &str) -> String {
    let mut key = String::new();
    let mut chars = signature.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '<' => while chars.next().is_some_and(|c| c != '>') {},
            '[' => while chars.next().is_some_and(|c| c != ']') {},
            '(' if chars.peek() == Some(&'?') => {
                while chars.peek().is_some_and(|c| !matches!(c, '<' | ':' | ')')) {
                    chars.next();
                }
            }
            c if c.is_alphanumeric() => key.extend(c.to_lowercase()),
            c if c.is_whitespace() && !key.is_empty() => key.push(' '),
            _ => {}
        }
    }
    key
}

fn signature_row(entry: &Entry<'_>) -> String {
    format!(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
        text(entry.signature),
        link(entry.runbook),
        entry.says
    )
}

const SIGNATURE_HEAD: [&str; 3] = ["The log says", "Runbook", "What it says by itself"];

fn symptoms(runbooks: &[Runbook]) -> Chapter {
    let mut letters: BTreeMap<char, String> = BTreeMap::new();
    let entries = entries(runbooks);
    for entry in &entries {
        let first = entry.key.chars().next().filter(char::is_ascii_alphabetic).unwrap_or('#');
        letters.entry(first.to_ascii_uppercase()).or_default().push_str(&signature_row(entry));
    }
    let name = |letter: &char| if *letter == '#' { "Other".to_owned() } else { letter.to_string() };
    let jumps: String = letters
        .keys()
        .map(|letter| format!("<a href=\"#{0}\">{1}</a> ", super::html::anchor(&name(letter)), name(letter)))
        .collect();
    let body: String = letters
        .iter()
        .map(|(letter, rows)| format!("{}{}", heading(&name(letter)), table(&SIGNATURE_HEAD, rows)))
        .collect();
    let lead = format!(
        "Every line of a log that kb looks for, in the order of its letters: {}. Or <a href=\"match.html\">paste the \
         log</a>.",
        count(entries.len(), "line")
    );
    let body = format!("<nav class=\"kb-jumps\" aria-label=\"Letters\">{jumps}</nav>{body}");
    page("Symptoms from A to Z", "symptoms", &lead, &body)
}

fn systems(runbooks: &[Runbook]) -> Chapter {
    let mut systems: BTreeMap<&str, String> = BTreeMap::new();
    for runbook in runbooks {
        let mine = entries(std::slice::from_ref(runbook));
        let rows: String = if mine.is_empty() {
            format!("<tr><td>leaves no line in a log</td><td>{}</td><td></td></tr>", link(runbook))
        } else {
            mine.iter().map(signature_row).collect()
        };
        for system in badges::systems(runbook) {
            systems.entry(system).or_default().push_str(&rows);
        }
    }
    let body: String = systems
        .iter()
        .map(|(system, rows)| format!("{}{}", heading(system), table(&SIGNATURE_HEAD, rows)))
        .collect();
    page("Symptoms by system", "systems", "The same lines, by the system that the runbook is about.", &body)
}

fn tags(runbooks: &[Runbook]) -> Chapter {
    let mut tags: BTreeMap<String, Vec<&Runbook>> = BTreeMap::new();
    for runbook in runbooks {
        for tag in badges::tags(runbook) {
            tags.entry(tag.to_lowercase()).or_default().push(runbook);
        }
    }
    let rows: String = tags
        .iter()
        .map(|(tag, runbooks)| {
            let links: Vec<String> = runbooks.iter().map(|runbook| link(runbook)).collect();
            format!("<tr><td>{}</td><td>{}</td></tr>", text(tag), links.join("<br>"))
        })
        .collect();
    page("Tags", "tags", "What their authors file them under.", &table(&["Tag", "Runbooks"], &rows))
}

fn hosts(runbooks: &[Runbook]) -> Chapter {
    let mut hosts: BTreeMap<String, String> = BTreeMap::new();
    for runbook in runbooks.iter().filter(|runbook| runbook.has_marks()) {
        for host in &runbook.hosts {
            let here = host.name.as_str() == "here";
            let name = if here { "this machine" } else { host.name.as_str() };
            let what = if here { runbook.fact("Applies to").unwrap_or("") } else { &host.description };
            hosts.entry(name.to_owned()).or_default().push_str(&format!(
                "<tr><td>{}</td><td>{}</td></tr>",
                link(runbook),
                text(what)
            ));
        }
    }
    let body: String = hosts
        .iter()
        .map(|(host, rows)| format!("{}{}", heading(host), table(&["Runbook", "What it is there"], rows)))
        .collect();
    let lead =
        "Where the checks and fixes of each runbook run, by the name that the runbook gives the machine.";
    page("Hosts", "hosts", lead, &body)
}

fn severity(runbooks: &[Runbook]) -> Chapter {
    let mut body = String::new();
    for grade in Grade::ALL {
        let rows: String = runbooks
            .iter()
            .filter(|runbook| badges::severity(runbook) == grade)
            .map(|runbook| {
                let said = runbook.fact("Severity").unwrap_or("");
                let risk = badges::risk(runbook).name();
                format!("<tr><td>{}</td><td>{}</td><td>{risk}</td></tr>", link(runbook), text(said))
            })
            .collect();
        if !rows.is_empty() {
            let name = match grade {
                Grade::High => "High",
                Grade::Medium => "Medium",
                Grade::Low => "Low",
                Grade::Other => "Not said",
            };
            body.push_str(&heading(name));
            body.push_str(&table(&["Runbook", "Severity", "Risk of the fix"], &rows));
        }
    }
    page("Severity", "severity", "The worst first.", &body)
}

fn recent(runbooks: &[Runbook], changed: &BTreeMap<crate::runbook::RunbookId, Changed>) -> Chapter {
    let mut dated: Vec<(String, &str, &Runbook)> = runbooks
        .iter()
        .filter_map(|runbook| match changed.get(&runbook.id) {
            Some(changed) => Some((changed.date.clone(), changed.how.words(), runbook)),
            None => Some((badges::tested(runbook)?.to_owned(), "tested", runbook)),
        })
        .collect();
    dated.sort_by(|a, b| (&b.0, &a.2.id).cmp(&(&a.0, &b.2.id)));
    let rows: String = dated
        .iter()
        .map(|(date, how, runbook)| {
            let path = text(&super::file_name(&runbook.source.path));
            format!(
                "<tr><td>{}</td><td>{how}</td><td>{}</td><td><code>{path}</code></td></tr>",
                text(date),
                link(runbook)
            )
        })
        .collect();
    let lead = "The newest first. A file under git is dated by its last commit, any other by its own date; a runbook \
                that came with kb by the day it was last tested.";
    page("Recently changed", "recent", lead, &table(&["Date", "What", "Runbook", "File"], &rows))
}

/// `1 line`, `2 lines`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests;
