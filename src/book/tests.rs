//! Every link of the book leads to a page and a place of it; nothing in a page is a tag of its author.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regex::Regex;

use super::*;
use crate::disk;
use crate::runbook::Origin;
use crate::text::SourceFile;

fn items(sources: Vec<SourceFile>) -> Vec<Item> {
    let sources = sources.into_iter().map(|source| (Arc::new(source), Origin::BuiltIn)).collect();
    let base = KnowledgeBase::from_sources(sources);
    contents(&Inputs {
        base: &base,
        findings: &base.diagnostics,
        changed: &BTreeMap::new(),
        commands: "# Commands",
    })
}

#[test]
fn every_link_leads_to_a_place() {
    let items = items(disk::built_in());
    let ids = Regex::new(" id=\"([^\"]*)\"").expect("constant");
    let mut places: BTreeSet<String> = BTreeSet::new();
    for chapter in chapters(&items) {
        let page = chapter.path.replace(".md", ".html");
        let mut own = BTreeSet::new();
        for id in ids.captures_iter(&chapter.content) {
            assert!(own.insert(id[1].to_owned()), "{page}: two places are called `{}`", &id[1]);
            places.insert(format!("{page}#{}", &id[1]));
        }
        places.insert(page);
    }
    let links = Regex::new("href=\"([^\"]*)\"").expect("constant");
    let mut dead = Vec::new();
    let mut seen = 0;
    for chapter in chapters(&items) {
        let page = chapter.path.replace(".md", ".html");
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in links.captures_iter(&chapter.content) {
            let link = &link[1];
            if link.starts_with("http") || link.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let full = match (link.strip_prefix("../"), link.strip_prefix('#')) {
                (Some(rest), _) => rest.to_owned(),
                (_, Some(_)) => format!("{page}{link}"),
                _ if folder.is_empty() => link.to_owned(),
                _ => format!("{folder}/{link}"),
            };
            if !places.contains(&full) {
                dead.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(seen > 500, "{seen}");
    assert_eq!(dead, [""; 0]);
}

#[test]
fn every_page_is_one_line() {
    for chapter in chapters(&items(disk::built_in())) {
        assert!(!chapter.content.contains('\n') && !chapter.content.contains('{'), "{}", chapter.path);
    }
}

#[test]
fn a_base_without_runbooks_is_a_book() {
    assert!(chapters(&items(Vec::new())).any(|chapter| chapter.path == "index.md"));
}

#[test]
fn a_runbook_without_a_title_has_its_name_as_one() {
    let items = items(vec![SourceFile::new("built-in/no-title.md", "Only prose.\n")]);
    let page = chapters(&items).find(|chapter| chapter.path == "runbooks/no-title.md").expect("a page");
    assert!(page.content.contains("<h1 id=\"top\">no-title</h1>"), "{}", page.content);
}
