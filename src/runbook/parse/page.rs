//! A page from end to end: which reader gets which block, in which order.

use std::sync::Arc;

use super::checks::{OutputDraft, Place};
use super::damage::{self, Damage};
use super::depend::{Draft, Drafts};
use super::mark::{Info, Kind, Mark};
use super::outline::{Block, BlockKind, Fence, Item, Outline, plain};
use super::sink::Sink;
use super::{checks, facts, fixes, front, judge, limits, mark, params, rules, runnable, sections, symptoms};
use crate::diag::Diagnostic;
use crate::runbook::{Fact, Host, Origin, Runbook, RunbookId, Section, SectionRole, slug};
use crate::text::{SourceFile, Span};

/// A marked fence with its place on the page.
struct Marked<'a> {
    mark: Mark,
    fence: &'a Fence,
    span: Span,
    section: usize,
    /// The block right after it.
    next: Option<&'a BlockKind>,
    /// Its marks are all legal.
    legal: bool,
}

/// What the readers of blocks need of the rest of the page.
struct Page<'a> {
    source: &'a SourceFile,
    hosts: Vec<Host>,
    parameters: Vec<String>,
}

/// Reads a page.
pub(super) fn read(source: &Arc<SourceFile>, origin: Origin, sink: &mut Sink) -> Runbook {
    let front = front::read(&source.text, sink);
    let outline = Outline::read(&source.text, front.end);
    let damage = damage::find(source, &outline, sink);
    let (sections, places) = sections::read(&outline.blocks, front.end, source.text.len());
    let (facts, list) = facts::read(&outline.blocks, damage.marked, sink);
    let mut runbook = empty(source, origin, &outline, front, facts, sections);
    name(&runbook, damage, sink);
    if damage.fences {
        runbook.runnable = false;
        return runbook;
    }
    if !limits::hold(source, &outline, sink) {
        runbook.runnable = false;
        return runbook;
    }
    let marked = marks(source, &outline, &places, sink);
    let drafts = if damage.marked { params::read(source, &outline.blocks, sink) } else { Vec::new() };
    let hosts = if damage.marked { facts::hosts(list, sink) } else { runbook.hosts.clone() };
    let page = Page { source, hosts, parameters: drafts.iter().map(|draft| draft.name.clone()).collect() };
    let lists = lists(&outline.blocks, &places);
    page.symptoms(&marked, &mut runbook, sink);
    let symptoms_seen = of_kind(&marked, Kind::Symptom).count();
    let mut drafts = Drafts {
        parameters: drafts,
        checks: page.checks(&marked, sink),
        fixes: page.fixes(&marked, sink),
        rollbacks: page.rollbacks(&marked, sink),
        has_symptoms: symptoms_seen > 0,
        symptom_disabled: symptoms_seen > runbook.symptoms.len(),
    };
    let outputs = page.outputs(&marked, sink);
    stray_rules(&outline.blocks, &marked, sink);
    drafts.settle(sink);
    assemble(&mut runbook, drafts, page.hosts);
    place_outputs(&mut runbook, outputs, &marked, sink);
    give_tasks(&mut runbook, &lists, &marked);
    roles(&mut runbook);
    if damage.unrunnable {
        runbook.runnable = false;
        runbook.checks.clear();
        runbook.fixes.clear();
        runbook.rollbacks.clear();
    }
    runbook
}

fn empty(
    source: &Arc<SourceFile>,
    origin: Origin,
    outline: &Outline,
    front: front::FrontMatter,
    mut facts: Vec<Fact>,
    sections: Vec<Section>,
) -> Runbook {
    let id = slug::of(source);
    let heading = outline.blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Heading { level: 1, text } => Some(plain(text)).filter(|title| !title.is_empty()),
        _ => None,
    });
    facts.extend(front.facts);
    Runbook {
        title: heading.or(front.title).unwrap_or_else(|| id.to_string()),
        id,
        source: Arc::clone(source),
        origin,
        facts,
        hosts: facts::hosts(None, &mut Sink::default()),
        parameters: Vec::new(),
        symptoms: Vec::new(),
        samples: Vec::new(),
        checks: Vec::new(),
        fixes: Vec::new(),
        rollbacks: Vec::new(),
        sections,
        runnable: true,
    }
}

/// A file of ours is called by its slug; other people's files get one made from their name.
fn name(runbook: &Runbook, damage: Damage, sink: &mut Sink) {
    if damage.marked && RunbookId::new(runbook.source.stem()).as_ref() != Some(&runbook.id) {
        let message = format!("the name of the file is no slug; it is called `{}` here", runbook.id);
        sink.push(
            Diagnostic::warning("file-slug", Span::default(), message)
                .hint("Name the file with lower-case letters, digits and `-`, after the problem."),
        );
    }
}

/// All marked fences; near misses and marks that do not count are diagnosed.
fn marks<'a>(
    source: &SourceFile,
    outline: &'a Outline,
    places: &[usize],
    sink: &mut Sink,
) -> Vec<Marked<'a>> {
    for fence in &outline.nested_fences {
        if mark::is_marked(source.slice(fence.info)) {
            let message = "marks count only on fences that stand in no list and no quote";
            sink.push(
                Diagnostic::error("mark-nested", fence.info, message)
                    .hint("Write the fence at the start of its line, after the end of the list."),
            );
        }
    }
    let mut marked = Vec::new();
    for (at, block) in outline.blocks.iter().enumerate() {
        let BlockKind::Fence(fence) = &block.kind else { continue };
        match mark::read(source.slice(fence.info), fence.info) {
            Info::Ordinary => {}
            Info::NearMiss(found) => sink.push(found),
            Info::Marked(mark, found) => {
                let before = sink.errors();
                sink.extend(found);
                let legal = sink.errors() == before;
                let next = outline.blocks.get(at + 1).map(|next| &next.kind);
                let section = places[at];
                marked.push(Marked { mark, fence, span: block.span, section, next, legal });
            }
        }
    }
    marked
}

impl<'a> Marked<'a> {
    fn place<'p>(&'p self, page: &'p Page<'_>) -> Place<'p> {
        Place {
            source: page.source,
            fence: self.fence,
            mark: &self.mark,
            hosts: &page.hosts,
            section: self.section,
            span: self.span,
        }
    }

    fn list(&self) -> Option<&'a [Item]> {
        match self.next {
            Some(BlockKind::Bullets(items)) => Some(items),
            _ => None,
        }
    }
}

fn of_kind<'m, 'a>(marked: &'m [Marked<'a>], kind: Kind) -> impl Iterator<Item = &'m Marked<'a>> {
    marked.iter().filter(move |block| block.mark.kind == kind)
}

impl Page<'_> {
    fn symptoms(&self, marked: &[Marked<'_>], runbook: &mut Runbook, sink: &mut Sink) {
        for block in of_kind(marked, Kind::Symptom) {
            let read = symptoms::symptom(&block.place(self), &self.parameters, sink);
            runbook.symptoms.extend(read.filter(|_| block.legal));
        }
        for block in of_kind(marked, Kind::Sample) {
            let place = block.place(self);
            let read = symptoms::sample(&place, block.next, &self.parameters, sink);
            runbook.samples.extend(read.filter(|_| block.legal));
        }
    }

    fn checks<'m>(&self, marked: &'m [Marked<'_>], sink: &mut Sink) -> Vec<Draft<'m, crate::runbook::Check>> {
        of_kind(marked, Kind::Check)
            .map(|block| {
                let before = sink.errors();
                let value = checks::check(&block.place(self), block.list(), sink);
                self.judge(block, sink);
                Draft::new(&block.mark, value.filter(|_| block.legal && sink.errors() == before))
            })
            .collect()
    }

    fn fixes<'m>(&self, marked: &'m [Marked<'_>], sink: &mut Sink) -> Vec<Draft<'m, crate::runbook::Fix>> {
        of_kind(marked, Kind::Fix)
            .map(|block| {
                let before = sink.errors();
                let value = fixes::fix(&block.place(self), sink);
                self.judge(block, sink);
                Draft::new(&block.mark, value.filter(|_| block.legal && sink.errors() == before))
            })
            .collect()
    }

    fn rollbacks<'m>(
        &self,
        marked: &'m [Marked<'_>],
        sink: &mut Sink,
    ) -> Vec<Draft<'m, crate::runbook::Rollback>> {
        of_kind(marked, Kind::Rollback)
            .map(|block| {
                let before = sink.errors();
                let value = fixes::rollback(&block.place(self), sink);
                self.judge(block, sink);
                Draft::new(&block.mark, value.filter(|_| block.legal && sink.errors() == before))
            })
            .collect()
    }

    fn judge(&self, block: &Marked<'_>, sink: &mut Sink) {
        let manual = block.mark.word("manual").is_some();
        if let Some(language) = runnable::language(&block.mark).filter(|_| !manual) {
            judge::script(self.source, block.fence, language, &self.parameters, sink);
        }
    }

    fn outputs(&self, marked: &[Marked<'_>], sink: &mut Sink) -> Vec<OutputDraft> {
        of_kind(marked, Kind::Output)
            .filter_map(|block| checks::output(&block.place(self), sink).filter(|_| block.legal))
            .collect()
    }
}

/// Rules that no check reads: a paragraph got between, or the mark was forgotten.
fn stray_rules(blocks: &[Block], marked: &[Marked<'_>], sink: &mut Sink) {
    let mut after_check = false;
    for block in blocks {
        if let BlockKind::Bullets(items) = &block.kind
            && !after_check
            && !marked.is_empty()
            && rules::look_like_rules(items)
        {
            sink.push(
                Diagnostic::error("rule-stray", block.span, "these rules belong to no check")
                    .hint("Rules stand right after the block of their check, with nothing between."),
            );
        }
        after_check = marked.iter().any(|m| m.span == block.span && m.mark.kind == Kind::Check);
    }
}

fn assemble(runbook: &mut Runbook, drafts: Drafts<'_>, hosts: Vec<Host>) {
    runbook.hosts = hosts;
    runbook.parameters = drafts.parameters.into_iter().filter_map(|draft| draft.parameter).collect();
    runbook.checks = drafts.checks.into_iter().filter_map(|draft| draft.value).collect();
    runbook.fixes = drafts.fixes.into_iter().filter_map(|draft| draft.value).collect();
    runbook.rollbacks = drafts.rollbacks.into_iter().filter_map(|draft| draft.value).collect();
}

/// Gives each output to its check. One of a disabled check is dropped: the check was reported.
fn place_outputs(runbook: &mut Runbook, outputs: Vec<OutputDraft>, marked: &[Marked<'_>], sink: &mut Sink) {
    for draft in outputs {
        let id = draft.check.text.as_str();
        if let Some(check) = runbook.checks.iter_mut().find(|check| check.id.as_str() == id) {
            if check.rules.is_empty() {
                let message = format!("the check `{id}` has no rules that could judge this output");
                sink.push(Diagnostic::error("output-rules", draft.check.span, message));
            } else {
                check.outputs.push(draft.output);
            }
            continue;
        }
        let named = |block: &&Marked<'_>| block.mark.names.first().is_some_and(|name| name.text == id);
        if of_kind(marked, Kind::Check).any(|block| named(&block)) {
            continue;
        }
        let found = Diagnostic::error("name-unknown", draft.check.span, format!("no check is called `{id}`"));
        let ids = of_kind(marked, Kind::Check).filter_map(|block| block.mark.names.first());
        sink.push(match super::near::nearest_word(id, ids.map(|name| name.text.as_str())) {
            Some(near) => found.hint(format!("Did you mean `{near}`?")),
            None => found.hint("Write `text output CHECK VERDICT`."),
        });
    }
}

/// Lists with tasks, with their sections.
fn lists<'a>(blocks: &'a [Block], places: &[usize]) -> Vec<(usize, &'a Block)> {
    places.iter().copied().zip(blocks).collect()
}

fn give_tasks(runbook: &mut Runbook, lists: &[(usize, &Block)], marked: &[Marked<'_>]) {
    let blocks: Vec<(usize, Span)> =
        of_kind(marked, Kind::Fix).map(|block| (block.section, block.span)).collect();
    fixes::tasks(lists, &blocks, &mut runbook.fixes);
}

/// A heading that says nothing of its role has that of what stands below it.
fn roles(runbook: &mut Runbook) {
    let checks = runbook.checks.iter().map(|check| (check.section, SectionRole::Check));
    let fixes = runbook.fixes.iter().map(|fix| (fix.section, SectionRole::Fix));
    for (section, role) in fixes.chain(checks).collect::<Vec<_>>() {
        let section = &mut runbook.sections[section];
        if section.role == SectionRole::Other {
            section.role = role;
        }
    }
}
