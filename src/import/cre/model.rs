//! A file of rules as its authors write it.
//!
//! Knows the schema of the Common Reliability Enumerations; judges nothing. Keys that it does not know
//! are passed over, so that a newer schema can still be read.

use std::collections::BTreeMap;

use serde::Deserialize;

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
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Term {
    Text(String),
    Number(serde_json::Number),
    Full(Box<Condition>),
}

/// A condition with all that can be said of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Condition {
    pub(super) field: Option<String>,
    pub(super) value: Option<String>,
    pub(super) jq: Option<String>,
    pub(super) regex: Option<String>,
    pub(super) count: Option<u32>,
    pub(super) set: Option<Group>,
    pub(super) sequence: Option<Group>,
    pub(super) window: Option<String>,
    pub(super) slide: Option<String>,
    pub(super) anchor: Option<u32>,
    pub(super) absolute: Option<bool>,
}
