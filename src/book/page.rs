//! The page of one runbook: the file as written, and what a reader needs around it.
//!
//! Knows the model of a runbook and where its blocks and rules stand; the Markdown itself is written by
//! `writer`.

use std::collections::BTreeMap;

use super::html::text;
use super::writer::{self, Around, Extra, Passage, code_block};
use super::{Chapter, Pages, badges};
use crate::diag::{Located, Severity};
use crate::render::page::marks;
use crate::runbook::{BlockId, Check, Fix, RuleVerdict, Runbook, When};
use crate::text::Span;

/// The page of a runbook. `findings` is what was found wrong in its file.
pub(super) fn chapter(runbook: &Runbook, pages: &Pages<'_>, findings: &[&Located]) -> Chapter {
    let mut extra = RunbookExtra::new(runbook, pages, findings);
    let mut written = writer::write(&runbook.source.text, &mut extra);
    if written.title.is_none() {
        // A page without a heading of level 1 gets its name as one.
        let (below, words) = extra.below();
        let title = text(&runbook.title);
        written.html.insert_str(0, &format!("<h1 id=\"top\">{title}</h1>{below}"));
        let top = Passage { id: "top".into(), title: runbook.title.clone(), body: words };
        written.passages.insert(0, top);
    }
    let path = Pages::path(&runbook.id);
    Chapter::new(runbook.title.clone(), path, &written.html, written.passages)
}

/// The class and the word of a verdict.
fn verdict(verdict: RuleVerdict) -> (&'static str, &'static str) {
    match verdict {
        RuleVerdict::Sick => ("kb-sick", "sick"),
        RuleVerdict::Healthy => ("kb-healthy", "healthy"),
        RuleVerdict::Unknown => ("kb-unknown", "unknown"),
        RuleVerdict::DoesNotApply => ("kb-unknown", "does not apply"),
        RuleVerdict::Refuse => ("kb-sick", "refuse"),
    }
}

/// What stands at a place of the file.
enum Marked<'a> {
    Check(&'a BlockId),
    Fix(&'a BlockId),
    Rollback(&'a BlockId),
    Output(&'a BlockId, RuleVerdict),
}

struct RunbookExtra<'a> {
    runbook: &'a Runbook,
    pages: &'a Pages<'a>,
    findings: &'a [&'a Located],
    /// Blocks by where they begin.
    blocks: BTreeMap<u32, Marked<'a>>,
    /// Rules by where they begin.
    rules: BTreeMap<u32, RuleVerdict>,
}

impl<'a> RunbookExtra<'a> {
    fn new(runbook: &'a Runbook, pages: &'a Pages<'a>, findings: &'a [&'a Located]) -> Self {
        let mut blocks = BTreeMap::new();
        let mut rules = BTreeMap::new();
        for check in &runbook.checks {
            blocks.insert(check.span.start, Marked::Check(&check.id));
            for output in &check.outputs {
                blocks.insert(output.span.start, Marked::Output(&check.id, output.verdict));
            }
            rules.extend(check.rules.iter().map(|rule| (rule.span.start, rule.verdict)));
        }
        blocks.extend(runbook.fixes.iter().map(|fix| (fix.span.start, Marked::Fix(&fix.id))));
        blocks.extend(runbook.rollbacks.iter().map(|back| (back.span.start, Marked::Rollback(&back.id))));
        Self { runbook, pages, findings, blocks, rules }
    }

    /// What follows the title: diagnostics, badges, how to run it, its checks and fixes.
    fn below(&self) -> (String, String) {
        let mut html = String::new();
        html.push_str(&findings(self.findings));
        html.push_str(&badges::row(self.runbook));
        html.push_str(&commands(self.runbook));
        html.push_str(&steps(self.runbook));
        (html, format!(" {} ", self.runbook.id))
    }
}

impl Extra for RunbookExtra<'_> {
    fn page_of(&self, link: &str) -> Option<String> {
        self.pages.of_link(link, 1)
    }

    fn page_named(&self, code: &str) -> Option<String> {
        self.pages.of_slug(code, 1).filter(|_| code != self.runbook.id.as_str())
    }

    fn around(&self, info: &str, span: Span) -> Option<Around> {
        let said = marks::in_words(info);
        let said: String = said.iter().flatten().map(|piece| piece.text.as_str()).collect();
        let head = if said.is_empty() {
            String::new()
        } else {
            format!("<p class=\"kb-marks\">{}</p>", text(&said))
        };
        let open = |class: &str, id: Option<String>| {
            let id = id.map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
            Some(Around {
                before: format!("<div class=\"kb-block {class}\"{id}>{head}"),
                after: "</div>".into(),
                unsearched: false,
            })
        };
        match self.blocks.get(&span.start) {
            Some(Marked::Check(id)) => open("kb-check", Some(format!("check.{id}"))),
            Some(Marked::Fix(id)) => open("kb-fix", Some(format!("fix.{id}"))),
            Some(Marked::Rollback(id)) => open("kb-rollback", Some(format!("rollback.{id}"))),
            Some(Marked::Output(id, said)) => {
                let (class, word) = verdict(*said);
                Some(Around {
                    before: format!(
                        "<details class=\"kb-output {class}\"><summary>Recorded output of <code>{id}</code>: \
                         <strong>{word}</strong></summary>{head}"
                    ),
                    after: "</details>".into(),
                    unsearched: true,
                })
            }
            None if head.is_empty() => None,
            None => open("kb-plain", None),
        }
    }

    fn item_class(&self, span: Span) -> Option<&'static str> {
        let (class, _) = verdict(*self.rules.get(&span.start)?);
        Some(match class {
            "kb-sick" => "kb-rule kb-sick",
            "kb-healthy" => "kb-rule kb-healthy",
            _ => "kb-rule kb-unknown",
        })
    }

    fn below_title(&mut self) -> Option<(String, String)> {
        Some(self.below())
    }
}

/// What is wrong with the file, ahead of everything it says.
fn findings(found: &[&Located]) -> String {
    let mut worth: Vec<&&Located> =
        found.iter().filter(|found| found.diagnostic.severity > Severity::Note).collect();
    worth.sort_by_key(|found| (std::cmp::Reverse(found.diagnostic.severity), found.diagnostic.span));
    let Some(worst) = worth.first() else { return String::new() };
    let (class, lead) = match worst.diagnostic.severity {
        Severity::Error => ("kb-error", "This page has errors; what they point at does not run."),
        _ => ("kb-warning", "This page has warnings."),
    };
    let rows: String = worth.iter().map(|found| finding(found)).collect();
    let path = text(&super::file_name(&worst.source.path));
    let open = if class == "kb-error" { " open" } else { "" };
    format!(
        "<details class=\"kb-findings {class}\"{open}><summary>{lead}</summary><p><code>{path}</code></p><ul>{rows}</ul></details>"
    )
}

fn finding(found: &Located) -> String {
    let (line, column) = found.source.line_column(found.diagnostic.span.start);
    let word = match found.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let hints: String = found.diagnostic.hints.iter().map(|hint| format!("<br>{}", ticks(hint))).collect();
    let shown = found.source.line(line);
    let excerpt = if shown.trim().is_empty() { String::new() } else { code_block("text", shown) };
    format!(
        "<li><strong>{word}</strong> [{}] line {line}, column {column}: {}{hints}{excerpt}</li>",
        found.diagnostic.rule,
        ticks(&found.diagnostic.message),
    )
}

/// Text in which backticks set off code.
pub(super) fn ticks(words: &str) -> String {
    let pieces = words.split('`').enumerate();
    pieces
        .map(|(at, piece)| match at % 2 {
            0 => text(piece),
            _ => format!("<code>{}</code>", text(piece)),
        })
        .collect()
}

/// What to type to run it, one line each, ready to copy.
fn commands(runbook: &Runbook) -> String {
    if !runbook.has_blocks() {
        return String::new();
    }
    let id = &runbook.id;
    let fixes = match runbook.fixes.len() {
        0 => "Runs the checks; there is no fix to offer",
        _ => "Runs the checks, then asks before each fix",
    };
    let mut lines = vec![(format!("kb run {id}"), fixes)];
    if !runbook.fixes.is_empty() {
        lines.push((format!("kb run {id} --dry-run"), "Runs the checks, shows the fixes, changes nothing"));
    }
    if runbook.checks.iter().any(|check| !check.outputs.is_empty()) {
        lines.push((format!("kb run {id} --replay sick"), "Shows how it goes, without a machine"));
    }
    let rows: String = lines
        .iter()
        .map(|(line, says)| format!("<div class=\"kb-run\"><p>{says}:</p>{}</div>", code_block("sh", line)))
        .collect();
    format!("<div class=\"kb-runs\">{rows}</div>")
}

/// The table of checks and fixes, each a link to its block.
fn steps(runbook: &Runbook) -> String {
    if runbook.checks.is_empty() && runbook.fixes.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for check in &runbook.checks {
        rows.push_str(&check_row(runbook, check));
    }
    for fix in &runbook.fixes {
        rows.push_str(&fix_row(runbook, fix));
    }
    format!(
        "<div class=\"table-wrapper kb-steps\"><table><caption>Checks and fixes</caption><thead><tr><th>Step</th><th>What it is about</th><th>On</th><th>Says or does</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

/// The heading it stands under, without the word that every such heading begins with.
fn about(runbook: &Runbook, section: usize) -> String {
    let title = runbook.sections.get(section).map_or("", |section| section.title.as_str());
    let short = ["Check", "Fix"]
        .iter()
        .find_map(|word| title.strip_prefix(word)?.trim_start().strip_prefix(':').map(str::trim));
    text(short.unwrap_or(title))
}

fn on(host: &str, root: bool) -> String {
    let host = if host == "here" { "this machine" } else { host };
    format!("{}{}", text(host), if root { ", as root" } else { "" })
}

fn check_row(runbook: &Runbook, check: &Check) -> String {
    let mut verdicts: Vec<(&str, &str)> = check.rules.iter().map(|rule| verdict(rule.verdict)).collect();
    verdicts.sort_by_key(|(_, word)| ["sick", "healthy"].iter().position(|one| one == word).unwrap_or(9));
    verdicts.dedup();
    let mut says: Vec<String> = verdicts
        .iter()
        .map(|(class, word)| format!("<span class=\"kb-verdict {class}\">{word}</span>"))
        .collect();
    if says.is_empty() {
        says.push("shows, judges nothing".into());
    }
    match &check.when {
        When::Start => {}
        When::Before(fix) => says.push(format!("before <a href=\"#fix.{fix}\"><code>{fix}</code></a>")),
        When::After(fix) => says.push(format!("after <a href=\"#fix.{fix}\"><code>{fix}</code></a>")),
    }
    format!(
        "<tr><td><a href=\"#check.{0}\">check <code>{0}</code></a></td><td>{1}</td><td>{2}</td><td>{3}</td></tr>",
        check.id,
        about(runbook, check.section),
        on(check.script.host.as_str(), check.script.root),
        says.join(" "),
    )
}

fn fix_row(runbook: &Runbook, fix: &Fix) -> String {
    let grade = badges::of_risk(fix.risk).name();
    let mut does = vec![format!("<span class=\"kb-verdict kb-{grade}\">{grade} risk</span>")];
    if fix.script.is_none() {
        does.push("done by hand".into());
    }
    if fix.reboot {
        does.push("needs a restart".into());
    }
    if let Some(host) = &fix.cuts {
        does.push(format!("cuts the connection to {host}"));
    }
    does.push(match &fix.rollback {
        Some(id) => format!("<a href=\"#rollback.{id}\">can be undone</a>"),
        None => "is not undone by kb".into(),
    });
    format!(
        "<tr><td><a href=\"#fix.{0}\">fix <code>{0}</code></a></td><td>{1}</td><td>{2}</td><td>{3}</td></tr>",
        fix.id,
        about(runbook, fix.section),
        on(fix.host.as_str(), fix.script.as_ref().is_some_and(|script| script.root)),
        does.join(", "),
    )
}
