//! Facts: the first bullet list under the H1, and the hosts that the fact `Where` names.

use super::near::nearest_word;
use super::outline::{Block, BlockKind, Inline, Item, Style, cover, plain};
use super::sink::Sink;
use crate::diag::Diagnostic;
use crate::runbook::{Fact, Host, HostName, Risk};
use crate::text::Span;

/// The facts that kb knows. Others are shown, and searched, like these.
const KEYS: &[&str] = &[
    "Applies to",
    "Where",
    "Needs",
    "Severity",
    "Risk",
    "Tested",
    "Status",
    "Aliases",
    "Source",
    "Sources",
    "Tags",
    "Owner",
];

/// Words of a description and what `uname -s` prints there, in lower case; `None`: has no `uname`.
const SYSTEMS: &[(&str, Option<&str>)] = &[
    ("freebsd", Some("freebsd")),
    ("opnsense", Some("freebsd")),
    ("pfsense", Some("freebsd")),
    ("truenas core", Some("freebsd")),
    ("freenas", Some("freebsd")),
    ("openbsd", Some("openbsd")),
    ("netbsd", Some("netbsd")),
    ("dragonfly", Some("dragonfly")),
    ("macos", Some("darwin")),
    ("mac os x", Some("darwin")),
    ("os x", Some("darwin")),
    ("esxi", Some("vmkernel")),
    ("xenserver", Some("linux")),
    ("xcp-ng", Some("linux")),
    ("dom0", Some("linux")),
    ("proxmox", Some("linux")),
    ("linux", Some("linux")),
    ("debian", Some("linux")),
    ("ubuntu", Some("linux")),
    ("rhel", Some("linux")),
    ("red hat", Some("linux")),
    ("fedora", Some("linux")),
    ("centos", Some("linux")),
    ("rocky", Some("linux")),
    ("almalinux", Some("linux")),
    ("suse", Some("linux")),
    ("opensuse", Some("linux")),
    ("arch", Some("linux")),
    ("alpine", Some("linux")),
    ("solaris", Some("sunos")),
    ("illumos", Some("sunos")),
    ("cisco", None),
    ("asa", None),
    ("ios", None),
];

const RISKS: &[(&str, Risk)] = &[("low", Risk::Low), ("medium", Risk::Medium), ("high", Risk::High)];

/// The facts of a page, and the list they stand in with the texts of its items.
pub(super) fn read<'a>(
    blocks: &'a [Block],
    marked: bool,
    sink: &mut Sink,
) -> (Vec<Fact>, Option<&'a [Item]>) {
    let Some(items) = list(blocks) else { return (Vec::new(), None) };
    let mut facts: Vec<Fact> = Vec::new();
    for item in items {
        let Some((key, value)) = split(&item.text) else { continue };
        if facts.iter().any(|fact| fact.key.eq_ignore_ascii_case(&key)) && marked {
            let message = format!("the fact `{key}` stands here twice");
            sink.push(Diagnostic::warning("fact-twice", item.span, message).hint("The first one is used."));
        }
        if marked {
            sink.extend(misspelled(&key, &item.text));
            sink.extend(unknown_level(&key, value, item.span));
        }
        facts.push(Fact { key, text: text_after_colon(value), span: item.span });
    }
    (facts, Some(items))
}

/// The first bullet list between the H1 and the next heading.
fn list(blocks: &[Block]) -> Option<&[Item]> {
    let title = blocks.iter().position(|block| matches!(block.kind, BlockKind::Heading { level: 1, .. }))?;
    let below = blocks[title + 1..].iter();
    below.take_while(|block| !matches!(block.kind, BlockKind::Heading { .. })).find_map(|block| match &block
        .kind
    {
        BlockKind::Bullets(items) => Some(items.as_slice()),
        _ => None,
    })
}

/// A bold key with its colon inside or behind the bold text, and the rest.
fn split(text: &[Inline]) -> Option<(String, &[Inline])> {
    let bold = text.iter().take_while(|inline| inline.style == Style::Bold).count();
    let (key, rest) = text.split_at(bold);
    let key = plain(key);
    if let Some(key) = key.strip_suffix(':') {
        return (!key.is_empty()).then(|| (key.trim().to_owned(), rest));
    }
    let colon = rest.first().is_some_and(|next| next.text.trim_start().starts_with(':'));
    (colon && !key.is_empty()).then_some((key, rest))
}

fn misspelled(key: &str, text: &[Inline]) -> Option<Diagnostic> {
    if KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        return None;
    }
    let near = nearest_word(key, KEYS.iter().copied())?;
    let message = format!("`{key}` is no fact that kb knows");
    Some(
        Diagnostic::warning("fact-unknown", text.first()?.span, message)
            .hint(format!("Did you mean `{near}`?")),
    )
}

fn unknown_level(key: &str, value: &[Inline], span: Span) -> Option<Diagnostic> {
    let wanted = ["Risk", "Severity"].into_iter().find(|known| known.eq_ignore_ascii_case(key))?;
    if level(&text_after_colon(value)).is_some() {
        return None;
    }
    let message = format!("the fact `{wanted}` begins with none of `low`, `medium`, `high`");
    Some(Diagnostic::warning("fact-level", cover(value).unwrap_or(span), message))
}

/// The level that a fact begins with (`medium: every machine on the port group …`).
pub(in crate::runbook) fn level(text: &str) -> Option<Risk> {
    let word: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    RISKS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word)).map(|(_, risk)| *risk)
}

fn text_after_colon(value: &[Inline]) -> String {
    plain(value).trim_start_matches(':').trim().to_owned()
}

/// The hosts that a page names; `here` alone when it has no such fact.
pub(super) fn hosts(items: Option<&[Item]>, sink: &mut Sink) -> Vec<Host> {
    let here = || vec![Host { name: HostName::here(), description: String::new(), system: None }];
    let clause = items.unwrap_or_default().iter().find_map(|item| {
        let (key, value) = split(&item.text)?;
        key.eq_ignore_ascii_case("Where").then_some((item, value))
    });
    let Some((item, value)) = clause else { return here() };
    let mut hosts: Vec<Host> = Vec::new();
    for (name, description) in clauses(value) {
        let Some(host) = HostName::new(&name.text) else {
            let message = format!("`{}` is no legal name of a host", name.text);
            sink.push(
                Diagnostic::error("where-name", name.span, message)
                    .hint("A name has lower-case letters, digits and `-`, and begins with a letter."),
            );
            continue;
        };
        if hosts.iter().any(|known| known.name == host) {
            let message = format!("the host `{host}` is named twice");
            sink.push(Diagnostic::error("where-name", name.span, message));
            continue;
        }
        let system = system(&description).or_else(|| system(&name.text));
        hosts.push(Host { name: host, description, system });
    }
    if hosts.is_empty() {
        let message = "the fact `Where` names no host";
        sink.push(Diagnostic::error("where-empty", item.span, message).hint(
            "Write for instance ``**Where**: `guest` is the FreeBSD machine; `esxi` is its host``, or leave the fact out for this machine.",
        ));
    }
    hosts
}

/// A code span followed by a verb begins a clause; its description reaches to the next one.
fn clauses(value: &[Inline]) -> Vec<(&Inline, String)> {
    let begins: Vec<usize> = (0..value.len()).filter(|at| begins_clause(value, *at)).collect();
    let ends = begins.iter().copied().skip(1).chain([value.len()]);
    begins
        .iter()
        .zip(ends)
        .map(|(begin, end)| {
            let description = plain(&value[begin + 1..end]);
            let description = description.trim_end_matches([';', '.', ',', ' ']);
            let description = description.strip_suffix(" and").unwrap_or(description);
            (&value[*begin], description.trim_end_matches([';', ',', ' ']).to_owned())
        })
        .collect()
}

fn begins_clause(value: &[Inline], at: usize) -> bool {
    if value[at].style != Style::Code {
        return false;
    }
    let next = value.get(at + 1).map_or("", |next| next.text.trim_start());
    let verb = ["is ", "are ", "runs ", ":", "="].iter().any(|verb| next.starts_with(verb));
    // At the start of the fact or of a clause a name alone is enough: a person can read it.
    let first = value[..at].iter().all(|before| before.text.trim_matches([':', ' ']).is_empty());
    let after_break = at > 0 && value[at - 1].text.trim_end().ends_with(';');
    verb || first || after_break
}

/// The system that a description names.
fn system(description: &str) -> Option<String> {
    let text = description.to_lowercase();
    let named = |word: &str| {
        text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let after = text[at + word.len()..].chars().next().is_none_or(|c| !c.is_alphabetic());
            before && after
        })
    };
    let (_, system) = SYSTEMS.iter().find(|(word, _)| named(word))?;
    system.map(str::to_owned)
}
