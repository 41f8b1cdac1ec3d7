//! For programs: one JSON record a line, with types of its own.
//!
//! Every record has `"kb": 1` and a `type`. A field may be added, never changed or removed. Bytes
//! that are not UTF-8 are shown with U+FFFD and stand, whole, in a field of the same name with
//! `_b64` behind it. What a terminal would act on is escaped. The schema is made from these types (`kb schema`) and shipped in `docs/schema`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::runbook::Origin;
use crate::text::{Untrusted, is_deceptive};

mod base64;
mod matches;
mod page;
mod past;
mod run;

pub use matches::{hits, triage};
pub use page::{cases, costs, diagnostics, list};
pub use past::past_run;
pub use run::{RunWatch, health, outcome, undo_outcome};

/// The version of the records.
const VERSION: u8 = 1;

/// One line of output.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "A record of kb, one a line")]
struct Line {
    /// The version of the records: 1.
    kb: u8,
    #[serde(flatten)]
    record: Record,
}

/// What a line may be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Record {
    Result(matches::ResultRecord),
    Summary(matches::SummaryRecord),
    Hit(matches::HitRecord),
    Runbook(page::RunbookRecord),
    Diagnostic(page::DiagnosticRecord),
    Case(page::CaseRecord),
    Cost(page::CostRecord),
    Host(run::HostRecord),
    Verdict(run::VerdictRecord),
    Fix(run::FixRecord),
    Note(run::NoteRecord),
    Outcome(run::OutcomeRecord),
    Health(run::HealthRecord),
    Past(past::PastRecord),
    Sealed(past::SealedRecord),
    Undo(run::UndoRecord),
}

/// The JSON schema of all records.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Line);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

fn write(out: &mut dyn Write, record: Record) -> io::Result<()> {
    let mut writer = serde_json::Serializer::with_formatter(&mut *out, Visible);
    Line { kb: VERSION, record }.serialize(&mut writer)?;
    out.write_all(b"\n")
}

/// Writes as `\u…` what JSON lets stand but a terminal acts on or a person cannot see: to a program it is
/// the same text.
struct Visible;

impl serde_json::ser::Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        visible(out, text)
    }
}

/// JSON of other makers' schemas, indented, as visible as ours.
pub(super) fn document(out: &mut dyn Write, document: &serde_json::Value) -> io::Result<()> {
    visible(out, &serde_json::to_string_pretty(document)?)?;
    out.write_all(b"\n")
}

/// A line feed is only between the values of a document: in a text it is escaped before it comes here.
fn visible<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    let acts = |c: char| c.is_control() && c != '\n' || is_deceptive(c);
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|&(_, c)| acts(c)) {
        out.write_all(&rest.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())
}

/// Text as JSON can hold it, and all its bytes when that loses some.
fn lossless(text: &Untrusted) -> (String, Option<String>) {
    match std::str::from_utf8(text.raw()) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(text.raw()).into_owned(), Some(base64::encode(text.raw()))),
    }
}

/// Where a runbook came from.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OriginName {
    Named,
    Given,
    Project,
    User,
    System,
    BuiltIn,
}

impl From<Origin> for OriginName {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Named => Self::Named,
            Origin::Given => Self::Given,
            Origin::Project => Self::Project,
            Origin::User => Self::User,
            Origin::System => Self::System,
            Origin::BuiltIn => Self::BuiltIn,
        }
    }
}

#[cfg(test)]
mod tests;
