//! What depends on what: names that nothing has, and blocks that are disabled because what they
//! need is.

use std::collections::{BTreeMap, BTreeSet};

use super::mark::{Kind, Mark, Word};
use super::near::nearest_word;
use super::params::ParamDraft;
use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::runbook::{BlockId, Check, Condition, Fix, Rollback, ValueSource, When};

/// A block on the page, and what became of it.
#[derive(Debug)]
pub(super) struct Draft<'a, T> {
    pub(super) mark: &'a Mark,
    /// `None` when an error disables it.
    pub(super) value: Option<T>,
    /// Parameters whose values it takes.
    needs: BTreeSet<String>,
}

impl<'a, T> Draft<'a, T> {
    pub(super) fn new(mark: &'a Mark, value: Option<T>) -> Self {
        Self { mark, value, needs: BTreeSet::new() }
    }

    /// The ID as written, legal or not.
    fn id(&self) -> &str {
        self.mark.names.first().map_or("", |name| name.text.as_str())
    }

    fn disable(&mut self, found: Diagnostic, sink: &mut Sink) {
        self.value = None;
        sink.push(found);
    }
}

/// Everything on a page that can depend on something else.
pub(super) struct Drafts<'a> {
    pub(super) parameters: Vec<ParamDraft>,
    pub(super) checks: Vec<Draft<'a, Check>>,
    pub(super) fixes: Vec<Draft<'a, Fix>>,
    pub(super) rollbacks: Vec<Draft<'a, Rollback>>,
    /// The page has symptom blocks.
    pub(super) has_symptoms: bool,
    /// One of them is disabled, so "the symptom is not seen" would say too much.
    pub(super) symptom_disabled: bool,
}

impl Drafts<'_> {
    /// Disables what names something that is not there, then what needs something disabled, until
    /// nothing changes.
    pub(super) fn settle(&mut self, sink: &mut Sink) {
        self.note_needs();
        self.duplicates(sink);
        self.sources(sink);
        self.names(sink);
        self.symptoms(sink);
        self.circles(sink);
        while self.spread(sink) {}
    }

    /// Looks once for each parameter in each block.
    fn note_needs(&mut self) {
        let names: BTreeSet<&str> = self.parameters.iter().map(|draft| draft.name.as_str()).collect();
        let used = |uses: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            names.iter().filter(|name| uses(name)).map(|name| (*name).to_owned()).collect()
        };
        for draft in &mut self.checks {
            draft.needs =
                draft.value.as_ref().map_or_else(BTreeSet::new, |check| used(&|name| check.uses(name)));
        }
        for draft in &mut self.fixes {
            let script = draft.value.as_ref().and_then(|fix| fix.script.as_ref());
            draft.needs = script.map_or_else(BTreeSet::new, |script| used(&|name| script.uses(name)));
        }
        for draft in &mut self.rollbacks {
            let script = draft.value.as_ref().map(|rollback| &rollback.script);
            draft.needs = script.map_or_else(BTreeSet::new, |script| used(&|name| script.uses(name)));
        }
    }

    fn marks(&self) -> Vec<(&Mark, &str)> {
        let checks = self.checks.iter().map(|draft| (draft.mark, draft.id()));
        let fixes = self.fixes.iter().map(|draft| (draft.mark, draft.id()));
        let rollbacks = self.rollbacks.iter().map(|draft| (draft.mark, draft.id()));
        let mut all: Vec<_> = checks.chain(fixes).chain(rollbacks).filter(|(_, id)| !id.is_empty()).collect();
        all.sort_by_key(|(mark, _)| mark.span);
        all
    }

    /// Of two blocks with one ID neither can be meant.
    fn duplicates(&mut self, sink: &mut Sink) {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut twice: BTreeSet<String> = BTreeSet::new();
        for (mark, id) in self.marks() {
            if !seen.insert(id.to_owned()) {
                twice.insert(id.to_owned());
                let at = mark.names.first().map_or(mark.span, |name| name.span);
                let message = format!("the ID `{id}` is used twice");
                sink.push(
                    Diagnostic::error("id-twice", at, message)
                        .hint("IDs are unique in the file, whatever the kind; both blocks are disabled."),
                );
            }
        }
        let lives = |id: &str| !twice.contains(id);
        self.checks
            .iter_mut()
            .for_each(|draft| draft.value = draft.value.take().filter(|v| lives(v.id.as_str())));
        self.fixes
            .iter_mut()
            .for_each(|draft| draft.value = draft.value.take().filter(|v| lives(v.id.as_str())));
        self.rollbacks
            .iter_mut()
            .for_each(|draft| draft.value = draft.value.take().filter(|v| lives(v.id.as_str())));
    }

    /// `from CHECK`: the check is there and one of its rules has a group of that name.
    fn sources(&mut self, sink: &mut Sink) {
        for draft in &mut self.parameters {
            let Some(parameter) = &draft.parameter else { continue };
            let source = parameter.sources.iter().find_map(|source| match source {
                ValueSource::Check(check) => Some(check.clone()),
                _ => None,
            });
            let Some(check) = source else { continue };
            let name = parameter.name.as_str();
            let found = match self.checks.iter().find(|other| other.id() == check.as_str()) {
                None => {
                    let message = format!("no check is called `{check}`");
                    let found = Diagnostic::error("name-unknown", draft.span, message);
                    Some(near(found, check.as_str(), self.checks.iter().map(Draft::id)))
                }
                // A disabled check is reported once, when its loss spreads.
                Some(other) => other.value.as_ref().filter(|check| !gives(check, name)).map(|_| {
                    let message = format!("no rule of the check `{check}` has a group `{name}`");
                    Diagnostic::error("parameter-source", draft.span, message).hint(format!(
                        "Write for instance `output matches` with `(?<{name}>…)` in its regex."
                    ))
                }),
            };
            if let Some(found) = found {
                sink.push(found);
                draft.parameter = None;
            }
        }
    }

    /// Names behind `for=`, `rollback=`, `before=`, `after=`.
    fn names(&mut self, sink: &mut Sink) {
        let ids: Vec<(Kind, String)> =
            self.marks().into_iter().map(|(mark, id)| (mark.kind, id.to_owned())).collect();
        let mut wrong = |mark: &Mark, key: &str, kind: Kind| -> bool {
            let Some(value) = mark.key(key) else { return false };
            let found: Vec<Diagnostic> = value
                .text
                .split(',')
                .filter_map(|name| unknown_name(name.trim(), value, kind, &ids))
                .collect();
            let any = !found.is_empty();
            sink.extend(found);
            any
        };
        for draft in &mut self.checks {
            let bad = [wrong(draft.mark, "before", Kind::Fix), wrong(draft.mark, "after", Kind::Fix)];
            draft.value = draft.value.take().filter(|_| !bad.contains(&true));
        }
        for draft in &mut self.fixes {
            let bad = [wrong(draft.mark, "for", Kind::Check), wrong(draft.mark, "rollback", Kind::Rollback)];
            draft.value = draft.value.take().filter(|_| !bad.contains(&true));
        }
        self.starting_checks(sink);
    }

    /// A fix cures what is found at the start, not what is looked at before or after it.
    fn starting_checks(&mut self, sink: &mut Sink) {
        let start = |checks: &[Draft<'_, Check>], id: &BlockId| {
            let check = checks.iter().filter_map(|draft| draft.value.as_ref()).find(|check| check.id == *id);
            check.is_none_or(|check| check.when == When::Start && !check.rules.is_empty())
        };
        for draft in &mut self.fixes {
            let late =
                draft.value.as_ref().and_then(|fix| fix.cures.iter().find(|id| !start(&self.checks, id)));
            if let Some(id) = late.cloned() {
                let at = draft.mark.key("for").map_or(draft.mark.span, |value| value.span);
                let message = format!("the check `{id}` gives no verdict at the start");
                let hint = "`for=` names checks that have rules and neither `before=` nor `after=`.";
                draft.disable(Diagnostic::error("fix-for", at, message).hint(hint), sink);
            }
        }
    }

    /// Checks that ask for the symptom need all symptom blocks.
    fn symptoms(&mut self, sink: &mut Sink) {
        for draft in &mut self.checks {
            let asks = |check: &Check| conditions(check).any(|c| matches!(c, Condition::Symptom { .. }));
            if !draft.value.as_ref().is_some_and(asks) {
                continue;
            }
            if !self.has_symptoms {
                let message = "\"the symptom is seen\" in a file that has no symptom block";
                draft.disable(Diagnostic::error("condition", draft.mark.span, message), sink);
            } else if self.symptom_disabled {
                let found = disabled(draft.mark, "a symptom block is");
                draft.disable(found, sink);
            }
        }
    }

    /// A check cannot wait for a value that it gives itself, directly or by other checks.
    fn circles(&mut self, sink: &mut Sink) {
        let source = |name: &String| {
            let draft = self.parameters.iter().find(|draft| draft.name == *name)?;
            source_check(draft).map(BlockId::as_str)
        };
        let alive = self.checks.iter().filter(|draft| draft.value.is_some());
        let waits_for: BTreeMap<&str, Vec<&str>> =
            alive.map(|draft| (draft.id(), draft.needs.iter().filter_map(source).collect())).collect();
        let in_circle = |start: &&str| {
            let mut open: Vec<&str> = waits_for[*start].clone();
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            while let Some(next) = open.pop() {
                if seen.insert(next) {
                    open.extend(waits_for.get(next).into_iter().flatten());
                }
            }
            seen.contains(*start)
        };
        let circular: BTreeSet<String> =
            waits_for.keys().filter(|id| in_circle(id)).map(|id| (*id).to_owned()).collect();
        for draft in &mut self.checks {
            if draft.value.is_some() && circular.contains(draft.id()) {
                let message = format!("the check `{}` needs a value that comes from itself", draft.id());
                draft.disable(Diagnostic::error("value-circle", draft.mark.span, message), sink);
            }
        }
    }

    /// One round of disabling; true when something changed.
    fn spread(&mut self, sink: &mut Sink) -> bool {
        let lost = Lost::of(self);
        let before = sink.errors();
        for draft in &mut self.parameters {
            let gone = source_check(draft).filter(|check| lost.checks.contains(check.as_str())).cloned();
            if let (Some(check), Some(_)) = (gone, &draft.parameter) {
                draft.parameter = None;
                let message =
                    format!("the parameter `{}` is disabled, because the check `{check}` is", draft.name);
                sink.push(
                    Diagnostic::error("disabled-with", draft.span, message).hint("Repair the check first."),
                );
            }
        }
        for draft in &mut self.checks {
            let reason = draft.value.as_ref().and_then(|check| lost.by_check(check, &draft.needs));
            if let Some(reason) = reason {
                let found = disabled(draft.mark, &reason);
                draft.disable(found, sink);
            }
        }
        for draft in &mut self.rollbacks {
            if let Some(reason) = lost.value_of(&draft.needs).filter(|_| draft.value.is_some()) {
                let found = disabled(draft.mark, &reason);
                draft.disable(found, sink);
            }
        }
        for draft in &mut self.fixes {
            let reason = draft.value.as_ref().and_then(|fix| lost.by_fix(fix, &draft.needs));
            if let Some(reason) = reason {
                let found = disabled(draft.mark, &reason);
                draft.disable(found, sink);
            }
        }
        sink.errors() > before
    }
}

/// What is disabled so far, by name.
struct Lost {
    checks: BTreeSet<String>,
    rollbacks: BTreeSet<String>,
    parameters: BTreeSet<String>,
    /// Disabled `before=` and `after=` checks, with their fix: without them it is not guarded, or
    /// not proved.
    guards: BTreeMap<String, String>,
    fixes: BTreeSet<String>,
}

impl Lost {
    fn of(drafts: &Drafts<'_>) -> Self {
        fn ids<T>(drafts: &[Draft<'_, T>]) -> BTreeSet<String> {
            drafts.iter().filter(|draft| draft.value.is_none()).map(|draft| draft.id().to_owned()).collect()
        }
        let gone = drafts.checks.iter().filter(|draft| draft.value.is_none());
        let guards = gone.flat_map(|draft| {
            let fix = |key| draft.mark.key(key).map(|fix: &Word| (fix.text.clone(), draft.id().to_owned()));
            [fix("before"), fix("after")].into_iter().flatten()
        });
        let parameters = drafts.parameters.iter().filter(|draft| draft.parameter.is_none());
        Self {
            checks: ids(&drafts.checks),
            rollbacks: ids(&drafts.rollbacks),
            fixes: ids(&drafts.fixes),
            parameters: parameters.map(|draft| draft.name.clone()).collect(),
            guards: guards.collect(),
        }
    }

    fn value_of(&self, needs: &BTreeSet<String>) -> Option<String> {
        let name = needs.intersection(&self.parameters).next()?;
        Some(format!("the parameter `{name}` is"))
    }

    fn by_check(&self, check: &Check, needs: &BTreeSet<String>) -> Option<String> {
        if let Some(reason) = self.value_of(needs) {
            return Some(reason);
        }
        let (When::Before(fix) | When::After(fix)) = &check.when else { return None };
        self.fixes.contains(fix.as_str()).then(|| format!("the fix `{fix}` is"))
    }

    fn by_fix(&self, fix: &Fix, needs: &BTreeSet<String>) -> Option<String> {
        if let Some(check) = fix.cures.iter().find(|check| self.checks.contains(check.as_str())) {
            return Some(format!("the check `{check}` is"));
        }
        if let Some(rollback) = fix.rollback.as_ref().filter(|id| self.rollbacks.contains(id.as_str())) {
            return Some(format!("the rollback `{rollback}` is"));
        }
        if let Some(check) = self.guards.get(fix.id.as_str()) {
            return Some(format!("the check `{check}` is"));
        }
        self.value_of(needs)
    }
}

fn disabled(mark: &Mark, reason: &str) -> Diagnostic {
    let id = mark.names.first().map_or("", |name| name.text.as_str());
    let message = format!("the {} `{id}` is disabled, because {reason}", mark.kind.spec().name);
    Diagnostic::error("disabled-with", mark.span, message).hint("Repair that first.")
}

fn source_check(draft: &ParamDraft) -> Option<&BlockId> {
    draft.parameter.as_ref()?.sources.iter().find_map(|source| match source {
        ValueSource::Check(check) => Some(check),
        _ => None,
    })
}

fn unknown_name(name: &str, value: &Word, kind: Kind, ids: &[(Kind, String)]) -> Option<Diagnostic> {
    if ids.iter().any(|(of, id)| *of == kind && id == name) {
        return None;
    }
    let message = format!("no {} is called `{name}`", kind.spec().name);
    let found = Diagnostic::error("name-unknown", value.span, message);
    if let Some((other, _)) = ids.iter().find(|(_, id)| id == name) {
        return Some(found.hint(format!("`{name}` is a {}.", other.spec().name)));
    }
    Some(near(found, name, ids.iter().filter(|(of, _)| *of == kind).map(|(_, id)| id.as_str())))
}

fn near<'a>(found: Diagnostic, wrong: &str, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    match nearest_word(wrong, names) {
        Some(near) => found.hint(format!("Did you mean `{near}`?")),
        None => found,
    }
}

fn conditions(check: &Check) -> impl Iterator<Item = &Condition> {
    check.rules.iter().flat_map(|rule| &rule.conditions)
}

/// True when a rule of the check captures a value of this name.
fn gives(check: &Check, name: &str) -> bool {
    conditions(check).any(|condition| match condition {
        Condition::Matches(regex) | Condition::Group { regex, .. } => {
            regex.text.contains(&format!("(?<{name}>")) || regex.text.contains(&format!("(?P<{name}>"))
        }
        _ => false,
    })
}
