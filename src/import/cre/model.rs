//! A file of rules as its authors write it.
//!
//! Knows the schema of the Common Reliability Enumerations; judges nothing. Keys that it does not know
//! are passed over, so that a newer schema can still be read.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// So many letters of a wrong value are shown.
const SHOWN_MAX: usize = 40;

/// A file of rules.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub(super) rules: Vec<Entry>,
    pub(super) terms: BTreeMap<String, Term>,
}

/// One rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    pub(super) cre: Cre,
    pub(super) rule: Logic,
}

/// What the rule is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Cre {
    pub(super) id: String,
    pub(super) severity: Option<u8>,
    pub(super) title: String,
    pub(super) category: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) author: Option<String>,
    pub(super) description: Option<String>,
    pub(super) impact: Option<String>,
    pub(super) impact_score: Option<u8>,
    pub(super) cause: Option<String>,
    pub(super) mitigation: Option<String>,
    pub(super) references: Vec<String>,
    pub(super) applications: Vec<Application>,
}

/// A program that the rule is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Application {
    pub(super) name: Option<String>,
    pub(super) process_name: Option<String>,
    pub(super) container_name: Option<String>,
    pub(super) version: Option<String>,
}

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Logic {
    pub(super) set: Option<Group>,
    pub(super) sequence: Option<Group>,
}

/// A set (`match`) or a sequence (`order`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    pub(super) window: Option<String>,
    pub(super) correlations: Option<Vec<String>>,
    pub(super) event: Option<Event>,
    pub(super) origin: Option<bool>,
    #[serde(rename = "match")]
    pub(super) any_order: Option<Vec<Term>>,
    pub(super) order: Option<Vec<Term>>,
    pub(super) negate: Option<Vec<Term>>,
}

/// Where the lines come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    pub(super) source: Option<String>,
    pub(super) origin: Option<bool>,
}

/// A condition: a text, or more.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Text(String),
    Number(serde_json::Number),
    Full(Box<Condition>),
}

/// By hand, since what is derived for a choice says neither what is wrong in it nor where.
impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Terms;

        impl<'de> Visitor<'de> for Terms {
            type Value = Term;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text or a condition")
            }

            fn visit_str<E>(self, text: &str) -> Result<Term, E> {
                Ok(Term::Text(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Term, E> {
                Ok(Term::Number(number.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Term, E> {
                Ok(Term::Number(number.into()))
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Term, E> {
                let finite = serde_json::Number::from_f64(number);
                finite.map(Term::Number).ok_or_else(|| E::custom("a number without an end is no text"))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Term, A::Error> {
                Condition::deserialize(MapAccessDeserializer::new(map)).map(|full| Term::Full(Box::new(full)))
            }
        }

        deserializer.deserialize_any(Terms)
    }
}

/// How often something occurs.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let whole = value.as_u64().map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    if whole.is_none() && !value.is_null() {
        let mut shown = value.to_string();
        if let Some((end, _)) = shown.char_indices().nth(SHOWN_MAX) {
            shown.replace_range(end.., "…");
        }
        return Err(D::Error::custom(format!("`count` is {shown}, and must be a whole number, 1 or more")));
    }
    Ok(whole)
}

/// A condition with all that can be said of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Condition {
    pub(super) field: Option<String>,
    pub(super) value: Option<String>,
    pub(super) jq: Option<String>,
    pub(super) regex: Option<String>,
    #[serde(deserialize_with = "count")]
    pub(super) count: Option<u32>,
    pub(super) set: Option<Group>,
    pub(super) sequence: Option<Group>,
    pub(super) window: Option<String>,
    pub(super) slide: Option<String>,
    pub(super) anchor: Option<u32>,
    pub(super) absolute: Option<bool>,
}
