//! The first page: what this book holds, and the ways in.

use super::finding::count;
use super::writer::Passage;
use super::{Chapter, Inputs};

/// The first page.
pub(super) fn chapter(inputs: &Inputs<'_>) -> Chapter {
    let runbooks = &inputs.base.runbooks;
    let signatures: usize = runbooks
        .iter()
        .flat_map(|runbook| &runbook.symptoms)
        .flat_map(|symptom| &symptom.steps)
        .map(|step| step.alternatives.len())
        .sum();
    let checks: usize = runbooks.iter().map(|runbook| runbook.checks.len()).sum();
    let fixes: usize = runbooks.iter().map(|runbook| runbook.fixes.len()).sum();
    let ways = [
        (
            "find/match.html",
            "Match a log",
            "paste the lines that frighten you, get the runbook that explains them",
        ),
        ("find/symptoms.html", "Symptoms from A to Z", "every line that kb looks for in a log"),
        ("find/systems.html", "Symptoms by system", "the same lines for FreeBSD, Linux, ESXi and the others"),
        ("find/tags.html", "Tags", "what the authors file them under"),
        ("find/hosts.html", "Hosts", "where checks and fixes run"),
        ("find/severity.html", "Severity", "the worst first"),
        ("find/recent.html", "Recently changed", "what is new"),
    ];
    let ways: String = ways
        .iter()
        .map(|(url, name, what)| format!("<li><a href=\"{url}\">{name}</a>: {what}</li>"))
        .collect();
    let html = format!(
        "<h1 id=\"runbooks\"><a class=\"header\" href=\"#runbooks\">Runbooks</a></h1>\
         <p>{}: {} of log lines, {}, {}. Each page is written for a person, and each is run and proved by \
         <code>kb</code>: its checks say <em>sick</em>, <em>healthy</em> or <em>unknown</em>, and a fix is offered only \
         where they say <em>sick</em>.</p>\
         <h2 id=\"something-is-broken\"><a class=\"header\" href=\"#something-is-broken\">Something is broken</a></h2>\
         <ul>{ways}</ul>\
         <p>Or press <kbd>s</kbd> and type a word, an error code, a part of a message.</p>\
         <h2 id=\"how-to-read-a-page\"><a class=\"header\" href=\"#how-to-read-a-page\">How to read a page</a></h2>\
         <p>A marked block says above its text what it is: a <em>symptom</em> is looked for in logs, a <em>check</em> only \
         reads, a <em>fix</em> changes something and is asked about first. The rules below a check give its verdict. \
         Recorded outputs are folded; open one to see what <em>sick</em> and <em>healthy</em> look like.</p>\
         <p>New here? <a href=\"tutorial.html\">Your first runbook in ten minutes</a>.</p>",
        count(runbooks.len(), "runbook"),
        count(signatures, "signature"),
        count(checks, "check"),
        count(fixes, "fix").replace("fixs", "fixes"),
    );
    let passage = Passage { id: "runbooks".into(), title: "Runbooks".into(), body: String::new() };
    Chapter::new("Runbooks".into(), "index.md".into(), &html, vec![passage])
}
