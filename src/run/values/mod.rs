//! The values of a runbook's parameters: where they come from, whether they may be used, and how
//! they reach a block.
//!
//! A value is data. It goes to a block as an environment variable and in no other way; only on a
//! device without a shell is `<name>` replaced, after a stricter check. Secrets are known here and
//! shown nowhere.

use std::collections::BTreeMap;

use crate::run::secrets::{MASK, Scrubber, TagKey};
use crate::run::{Approver, plan};
use crate::runbook::{BlockId, Check, Language, ParamName, Parameter, Runbook, Script, ValueSource};
use crate::text::Untrusted;

mod rules;

pub use rules::refusal;

/// A value may be so long.
pub const VALUE_BYTES_MAX: usize = 4096;
/// A person may give a value that is refused so often.
const TRIES: u32 = 5;

/// What is known before the run.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// What the signatures captured, in the order of the log; several values of one name are asked
    /// about.
    pub log: Vec<(ParamName, Untrusted)>,
    /// The host that the log names.
    pub log_host: Option<Untrusted>,
    /// `--set NAME=VALUE`.
    pub set: Vec<(ParamName, Vec<u8>)>,
    /// `--secret-file NAME=PATH`, read by the caller, one line end cut.
    pub secrets: Vec<(ParamName, Vec<u8>)>,
    /// What a past run, which goes on or is undone, used.
    pub recorded: Vec<(ParamName, Vec<u8>)>,
    /// What the tags of secrets are made with; none: they have no tags.
    pub tag_key: Option<TagKey>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameFrom {
    /// `--set` or `--secret-file`.
    Given,
    /// A signature captured it.
    Log,
    /// A rule of this check captured it.
    Check(BlockId),
    /// The table of the runbook.
    Page,
    /// A person typed it.
    Asked,
    /// A past run used it.
    Record,
    /// A sample of the page says it; in a rehearsal only.
    Sample,
    /// Made up, because nothing runs; in a rehearsal only.
    MadeUp,
}

impl CameFrom {
    /// For the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Log => "log",
            Self::Check(_) => "check",
            Self::Page => "page",
            Self::Asked => "asked",
            Self::Record => "record",
            Self::Sample | Self::MadeUp => "rehearsal",
        }
    }

    /// For a person.
    pub fn words(&self) -> String {
        match self {
            Self::Given => "given on the command line".into(),
            Self::Log => "from the log".into(),
            Self::Check(check) => format!("from check `{check}`"),
            Self::Page => "from the page".into(),
            Self::Asked => "typed".into(),
            Self::Record => "as it was in that run".into(),
            Self::Sample => "from a sample of the page".into(),
            Self::MadeUp => "made up, since nothing runs".into(),
        }
    }
}

/// A value that may be used.
#[derive(Clone)]
pub struct Value {
    bytes: Vec<u8>,
    /// Masked wherever it would be shown.
    pub secret: bool,
    /// Where it came from.
    pub from: CameFrom,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Value({} {})", self.shown(), self.from.words())
    }
}

impl Value {
    /// The bytes, for a block.
    pub fn raw(&self) -> &[u8] {
        &self.bytes
    }

    /// For a person: escaped, or masked.
    pub fn shown(&self) -> String {
        if self.secret { MASK.into() } else { Untrusted::new(self.bytes.clone()).for_terminal() }
    }
}

/// Why a parameter has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// There is nobody to ask.
    Nobody,
    /// It comes from this check, which has not given it.
    Check(BlockId),
    /// A given value may not be used, and why.
    Refused(String),
}

/// The values of a run so far. One that has been used never changes: what was there before a fix
/// is what its rollback puts back.
#[derive(Debug, Default)]
pub struct Values {
    known: BTreeMap<ParamName, Value>,
    candidates: BTreeMap<ParamName, Vec<(Untrusted, CameFrom)>>,
    /// Values that were found and may not be used, with the reason: to be said, once.
    pub refused: Vec<(ParamName, String)>,
    scrubber: Scrubber,
}

impl Values {
    /// What is known before anything runs. A value that is given and may not be used is an error;
    /// one that the log holds is only not used.
    pub fn new(runbook: &Runbook, given: &Given) -> Result<Self, (ParamName, String)> {
        let mut values = Self { scrubber: Scrubber::new(given.tag_key.clone()), ..Self::default() };
        for (name, bytes) in given.set.iter().chain(&given.secrets) {
            let secret_file = given.secrets.iter().any(|(secret, _)| secret == name);
            let value = admit_given(runbook, name, bytes, secret_file).map_err(|why| (name.clone(), why))?;
            values.know(name, value);
        }
        for (name, bytes) in &given.recorded {
            // What the page no longer knows, no block of it takes.
            let Some(parameter) = runbook.parameter(name) else { continue };
            let value =
                admit(runbook, parameter, bytes, CameFrom::Record).map_err(|why| (name.clone(), why))?;
            values.know(name, value);
        }
        for (name, found) in &given.log {
            if runbook.parameter(name).is_some_and(|parameter| parameter.sources.contains(&ValueSource::Log))
            {
                values.offer(runbook, name, found, &CameFrom::Log);
            }
        }
        Ok(values)
    }

    /// Takes note of what a check captured, for parameters that come from it.
    pub fn captured(&mut self, runbook: &Runbook, check: &BlockId, captures: &[(ParamName, Untrusted)]) {
        let source = ValueSource::Check(check.clone());
        for (name, found) in captures {
            let parameter = runbook.parameter(name);
            if parameter.is_some_and(|parameter| parameter.sources.contains(&source)) {
                self.offer(runbook, name, found, &CameFrom::Check(check.clone()));
            }
        }
    }

    fn offer(&mut self, runbook: &Runbook, name: &ParamName, found: &Untrusted, from: &CameFrom) {
        let Some(parameter) = runbook.parameter(name) else { return };
        if let Some(why) = refusal(parameter, found.raw(), on_device(runbook, name)) {
            let note = (name.clone(), format!("{} {}: {why}", found.for_terminal(), from.words()));
            if !self.refused.contains(&note) {
                self.refused.push(note);
            }
            return;
        }
        let candidates = self.candidates.entry(name.clone()).or_default();
        if !candidates.iter().any(|(known, _)| known == found) {
            candidates.push((found.clone(), from.clone()));
        }
    }

    /// The value of a parameter, if it is settled.
    pub fn get(&self, name: &ParamName) -> Option<&Value> {
        self.known.get(name)
    }

    /// All settled values.
    pub fn all(&self) -> impl Iterator<Item = (&ParamName, &Value)> {
        self.known.iter()
    }

    /// True when a parameter can only be settled after a check has run.
    pub fn waits_for_check(&self, parameter: &Parameter) -> bool {
        let from_check = |source: &ValueSource| matches!(source, ValueSource::Check(_));
        !self.known.contains_key(&parameter.name)
            && !self.candidates.contains_key(&parameter.name)
            && parameter.sources.iter().any(from_check)
    }

    /// True when nothing that the block takes from this check is missing.
    pub fn has_all_from(&self, runbook: &Runbook, giver: &BlockId, check: &Check) -> bool {
        let source = ValueSource::Check(giver.clone());
        let wanted =
            used_by_check(runbook, check).into_iter().filter(|parameter| parameter.sources.contains(&source));
        wanted.into_iter().all(|parameter| parameter.sources.len() > 1 || !self.waits_for_check(parameter))
    }

    /// Settles a parameter: a given value, the only candidate of the first source that has one,
    /// the page, a person. Several different candidates are put before the person; the first is
    /// never just taken.
    pub fn settle(
        &mut self,
        runbook: &Runbook,
        parameter: &Parameter,
        approver: &mut dyn Approver,
    ) -> Result<&Value, Lack> {
        let name = &parameter.name;
        if !self.known.contains_key(name) {
            let value = self.find(runbook, parameter, approver)?;
            self.know(name, value);
        }
        Ok(&self.known[name])
    }

    /// Settles a parameter without asking anybody, for a run in which nothing happens: what a page
    /// does not know is taken from its samples, or made up.
    pub fn rehearse(&mut self, runbook: &Runbook, parameter: &Parameter) -> &Value {
        let name = &parameter.name;
        if !self.known.contains_key(name) {
            let value = match self.without_asking(runbook, parameter) {
                Some(Ok(value)) => value,
                _ => of_sample(runbook, parameter),
            };
            self.know(name, value);
        }
        &self.known[name]
    }

    /// Settles a parameter when its value is known without asking anybody.
    pub fn settle_found(&mut self, runbook: &Runbook, parameter: &Parameter) {
        if self.known.contains_key(&parameter.name) {
            return;
        }
        if let Some(Ok(value)) = self.without_asking(runbook, parameter) {
            self.know(&parameter.name, value);
        }
    }

    fn find(
        &self,
        runbook: &Runbook,
        parameter: &Parameter,
        approver: &mut dyn Approver,
    ) -> Result<Value, Lack> {
        match self.without_asking(runbook, parameter) {
            Some(found) => found.map_err(Lack::Refused),
            None => ask(runbook, parameter, self.candidates(parameter), approver),
        }
    }

    fn candidates(&self, parameter: &Parameter) -> &[(Untrusted, CameFrom)] {
        self.candidates.get(&parameter.name).map_or(&[][..], Vec::as_slice)
    }

    /// The value of the first source that has one; none when it has several.
    fn without_asking(&self, runbook: &Runbook, parameter: &Parameter) -> Option<Result<Value, String>> {
        for source in &parameter.sources {
            if let ValueSource::Literal(text) = source {
                return Some(admit(runbook, parameter, text.as_bytes(), CameFrom::Page));
            }
            let of_source = |from: &CameFrom| match (source, from) {
                (ValueSource::Log, CameFrom::Log) => true,
                (ValueSource::Check(wanted), CameFrom::Check(check)) => wanted == check,
                _ => false,
            };
            let mut fitting = self.candidates(parameter).iter().filter(|(_, from)| of_source(from));
            match (fitting.next(), fitting.next()) {
                (Some((only, from)), None) => {
                    return Some(admit(runbook, parameter, only.raw(), from.clone()));
                }
                (Some(_), Some(_)) => return None,
                (None, _) => {}
            }
        }
        None
    }

    fn know(&mut self, name: &ParamName, value: Value) {
        if value.secret {
            self.scrubber.learn(&value.bytes);
        }
        self.known.insert(name.clone(), value);
    }

    /// A text without the secrets in it, those that a run knows and those that look like one.
    pub fn scrub(&self, text: &Untrusted) -> Untrusted {
        Untrusted::new(self.scrubber.all(text.raw()))
    }

    /// A text that is shown because it will run: only what a run knows as secret is masked.
    pub fn scrub_known(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.scrubber.known(text.as_bytes())).into_owned()
    }

    /// What is recorded in the place of a value that is secret, or looks it.
    pub fn mask(&self, value: &Value) -> Option<String> {
        let secret = value.secret || self.scrubber.is_secret(&value.bytes);
        secret.then(|| self.scrubber.mask(&value.bytes))
    }
}

fn ask(
    runbook: &Runbook,
    parameter: &Parameter,
    candidates: &[(Untrusted, CameFrom)],
    approver: &mut dyn Approver,
) -> Result<Value, Lack> {
    let waiting = parameter.sources.iter().find_map(|source| match source {
        ValueSource::Check(check) if candidates.is_empty() => Some(check.clone()),
        _ => None,
    });
    let shown: Vec<Untrusted> = candidates.iter().map(|(value, _)| value.clone()).collect();
    let mut wrong = None;
    for _ in 0..TRIES {
        let Some(bytes) = approver.value(parameter, &shown, wrong.as_deref()) else {
            return Err(waiting.map_or(Lack::Nobody, Lack::Check));
        };
        match admit(runbook, parameter, &bytes, CameFrom::Asked) {
            Ok(value) => return Ok(value),
            Err(why) => wrong = Some(why),
        }
    }
    Err(Lack::Refused(wrong.unwrap_or_default()))
}

fn admit(runbook: &Runbook, parameter: &Parameter, bytes: &[u8], from: CameFrom) -> Result<Value, String> {
    match refusal(parameter, bytes, on_device(runbook, &parameter.name)) {
        Some(why) => Err(why),
        None => Ok(Value { bytes: bytes.to_vec(), secret: parameter.secret, from }),
    }
}

/// True when a parameter may have this value, whatever it came from.
pub fn may_be(runbook: &Runbook, name: &ParamName, bytes: &[u8]) -> bool {
    let parameter = runbook.parameter(name);
    parameter.is_some_and(|it| !it.secret && refusal(it, bytes, on_device(runbook, name)).is_none())
}

fn of_sample(runbook: &Runbook, parameter: &Parameter) -> Value {
    let mut values = runbook.samples.iter().flat_map(|sample| &sample.values);
    let found = values.find(|(name, ..)| *name == parameter.name);
    let (bytes, from) = match found {
        Some((_, value, _)) => (value.clone(), CameFrom::Sample),
        None => (parameter.name.as_str().to_uppercase(), CameFrom::MadeUp),
    };
    Value { bytes: bytes.into_bytes(), secret: parameter.secret, from }
}

fn admit_given(
    runbook: &Runbook,
    name: &ParamName,
    bytes: &[u8],
    secret_file: bool,
) -> Result<Value, String> {
    let Some(parameter) = runbook.parameter(name) else {
        return Err(format!("`{}` has no parameter of this name", runbook.id));
    };
    if parameter.secret && !secret_file {
        return Err("a secret is not given on the command line, where others can read it; use `--secret-file`, or be asked".into());
    }
    admit(runbook, parameter, bytes, CameFrom::Given)
}

/// True when the value is put into the text of a block for a device.
fn on_device(runbook: &Runbook, name: &ParamName) -> bool {
    plan::scripts(runbook).any(|script| script.language == Language::Cisco && script.uses(name.as_str()))
}

/// The parameters that a block uses. A block gets no other value.
pub fn used<'a>(runbook: &'a Runbook, script: &Script) -> Vec<&'a Parameter> {
    runbook.parameters.iter().filter(|parameter| script.uses(parameter.name.as_str())).collect()
}

/// The parameters that a check uses, those in the rules of a device too.
pub fn used_by_check<'a>(runbook: &'a Runbook, check: &Check) -> Vec<&'a Parameter> {
    runbook.parameters.iter().filter(|parameter| check.uses(parameter.name.as_str())).collect()
}

/// The text of a block for a device with its values in it. Names that are no parameters stay.
pub fn fill_in(text: &str, value: impl Fn(&ParamName) -> Option<Vec<u8>>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('<') {
        out.push_str(before);
        let named =
            tail.split_once('>').and_then(|(name, after)| Some((value(&ParamName::new(name)?)?, after)));
        if let Some((value, after)) = named {
            out.push_str(&String::from_utf8_lossy(&value));
            rest = after;
        } else {
            out.push('<');
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}
