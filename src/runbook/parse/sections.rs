//! Sections: every heading with what stands below it, and what it is for.

use super::outline::{Block, BlockKind, plain};
use crate::runbook::{Section, SectionRole};
use crate::text::Span;

/// First words of headings and the role they give.
const ROLES: &[(SectionRole, &[&str])] = &[
    (SectionRole::Symptoms, &["symptom", "symptoms", "meaning"]),
    (
        SectionRole::Check,
        &[
            "check",
            "checks",
            "diagnosis",
            "diagnose",
            "diagnostic",
            "diagnostics",
            "verify",
            "investigation",
            "troubleshooting",
        ],
    ),
    (
        SectionRole::Fix,
        &[
            "fix",
            "fixes",
            "fixing",
            "mitigation",
            "mitigate",
            "resolution",
            "resolve",
            "remedy",
            "remediation",
            "solution",
            "workaround",
            "repair",
        ],
    ),
    (SectionRole::Undo, &["undo", "rollback", "revert"]),
    (SectionRole::Parameters, &["parameters"]),
    (SectionRole::Sources, &["source", "sources", "reference", "references", "links"]),
];

/// The sections of a page, and the section that each block stands in.
pub(super) fn read(blocks: &[Block], start: usize, end: usize) -> (Vec<Section>, Vec<usize>) {
    let mut sections: Vec<Section> = Vec::new();
    let mut places = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let BlockKind::Heading { level, text } = &block.kind {
            close(&mut sections, block.span.start);
            let title = plain(text);
            let role = if *level == 1 && !sections.iter().any(|section| section.level == 1) {
                SectionRole::Other
            } else {
                role(&title)
            };
            sections.push(Section { level: *level, title, role, span: block.span });
        } else if sections.is_empty() {
            let span = Span { start: start as u32, end: block.span.end };
            sections.push(Section { level: 0, title: String::new(), role: SectionRole::Other, span });
        }
        places.push(sections.len() - 1);
    }
    close(&mut sections, end as u32);
    (sections, places)
}

fn close(sections: &mut [Section], end: u32) {
    if let Some(last) = sections.last_mut() {
        last.span.end = end;
    }
}

/// By one of its first three words: "Check the port group", "Quick fix".
fn role(title: &str) -> SectionRole {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(3);
    let of = |word: &str| ROLES.iter().find(|(_, words)| words.contains(&word)).map(|(role, _)| *role);
    words.into_iter().find_map(of).unwrap_or(SectionRole::Other)
}
