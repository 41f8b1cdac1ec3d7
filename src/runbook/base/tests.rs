//! Slugs, origins, aliases and near misses of several files.

use super::*;
use crate::diag::Severity;

fn source(path: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new(path, text))
}

fn ids(base: &KnowledgeBase) -> Vec<&str> {
    base.runbooks.iter().map(|runbook| runbook.id.as_str()).collect()
}

const MARKED: &str = "# A\n\n```text symptom\nsomething broke badly\n```\n";

#[test]
fn the_nearer_origin_wins_and_the_other_is_reported() {
    let base = KnowledgeBase::from_sources(vec![
        (source("built-in/a.md", MARKED), Origin::BuiltIn),
        (source("/etc/kb/runbooks/a.md", MARKED), Origin::System),
        (source("mine/a.md", MARKED), Origin::Named),
    ]);
    assert_eq!(ids(&base), ["a"]);
    assert_eq!(base.runbooks[0].origin, Origin::Named);
    let shadowed: Vec<_> = base.shadowed.iter().map(|other| (other.origin, other.by_origin)).collect();
    assert_eq!(shadowed, [(Origin::System, Origin::Named), (Origin::BuiltIn, Origin::Named)]);
    assert!(base.diagnostics.is_empty());
}

#[test]
fn two_runbooks_of_one_slug_name_each_other_and_do_not_run() {
    let text = "# A\n\n```sh check a\ntrue\n```\n";
    let base = KnowledgeBase::from_sources(vec![
        (source("kb/x/a.md", text), Origin::Given),
        (source("kb/y/a.md", text), Origin::Given),
    ]);
    assert_eq!(ids(&base), ["a", "y-a"]);
    assert!(base.runbooks.iter().all(|runbook| !runbook.has_blocks()));
    let found: Vec<_> = base.diagnostics.iter().map(|found| found.diagnostic.message.as_str()).collect();
    assert!(found[0].contains("kb/y/a.md") && found[1].contains("kb/x/a.md"), "{found:?}");
    assert!(base.diagnostics.iter().all(|found| found.diagnostic.severity == Severity::Error));
}

#[test]
fn other_peoples_trees_get_names_of_their_own() {
    let page = |path: &str| (source(path, "# Page\n"), Origin::Given);
    let base = KnowledgeBase::from_sources(vec![
        page("docs/README.md"),
        page("docs/node/_index.md"),
        page("docs/node/KubeAPIDown.md"),
        page("docs/kubelet/KubeAPIDown.md"),
        page("docs/node/CPUThrottlingHigh.md"),
        page("docs/ä ö.md"),
    ]);
    assert_eq!(
        ids(&base),
        ["cpu-throttling-high", "docs", "kube-api-down", "node", "node-kube-api-down", "page"]
    );
    assert!(base.diagnostics.is_empty(), "{:?}", base.diagnostics);
    assert_eq!(base.find("CPUThrottlingHigh").map(|found| found.id.as_str()), Some("cpu-throttling-high"));
}

#[test]
fn a_page_gives_way_to_a_runbook_of_the_same_name() {
    let base = KnowledgeBase::from_sources(vec![
        (source("a/swap.md", "# Notes\n"), Origin::Given),
        (source("b/swap.md", MARKED), Origin::Given),
    ]);
    assert_eq!(base.find("swap").map(|found| found.title.as_str()), Some("A"));
    assert_eq!(ids(&base), ["a-swap", "swap"]);
}

#[test]
fn an_alias_answers_unless_it_is_a_slug() {
    let alias = |name: &str| format!("# T\n\n- **Aliases**: `{name}`, OldName\n");
    let base = KnowledgeBase::from_sources(vec![
        (source("a.md", &alias("b")), Origin::Given),
        (source("b.md", &alias("c")), Origin::Given),
    ]);
    assert_eq!(base.get(&RunbookId::new("c").unwrap()).map(|found| found.id.as_str()), Some("b"));
    assert_eq!(base.get(&RunbookId::new("b").unwrap()).map(|found| found.id.as_str()), Some("b"));
    assert_eq!(base.find("oldname").map(|found| found.id.as_str()), Some("a"));
    assert_eq!(base.diagnostics.len(), 2, "{:?}", base.diagnostics);
}

#[test]
fn a_wrong_name_gets_the_nearest() {
    let page = |path: &str| (source(path, "# Page\n"), Origin::BuiltIn);
    let base = KnowledgeBase::from_sources(vec![
        page("carp-esxi-teaming.md"),
        page("carp-esxi-promiscuous.md"),
        page("disk-full.md"),
    ]);
    let nearest = |wrong| base.nearest(wrong).into_iter().map(RunbookId::as_str).collect::<Vec<_>>();
    assert_eq!(nearest("carp-esxi-temaing"), ["carp-esxi-teaming"]);
    assert_eq!(nearest("carp"), ["carp-esxi-teaming", "carp-esxi-promiscuous"]);
    assert_eq!(nearest("full-disk"), ["disk-full"]);
    assert!(nearest("zzz").is_empty() && nearest("").is_empty());
}
