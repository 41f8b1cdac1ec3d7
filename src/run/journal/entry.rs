//! What a record of the journal may say. These types are its format: a field may be added, never
//! changed, so that old journals stay readable.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Entry<'a> {
    /// The first record of a run.
    Run {
        /// Its slug.
        runbook: Cow<'a, str>,
        /// Where the runbook came from.
        origin: String,
        /// Why it may run (`built-in`, `system`, `named`, `pinned`).
        #[serde(default)]
        ground: Cow<'a, str>,
        /// Where the file really is, links followed; none for a built-in one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// The hash of its text.
        #[serde(default)]
        blake3: String,
        /// Who runs it.
        who: Cow<'a, str>,
        /// The version of kb.
        version: Cow<'a, str>,
        /// When the run began.
        began: String,
        /// The run whose change this one undoes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<Cow<'a, str>>,
    },
    /// Who a host says it is.
    Host {
        /// As the runbook calls it.
        host: Cow<'a, str>,
        /// What it is bound to.
        target: Cow<'a, str>,
        /// `SYSTEM RELEASE`.
        system: String,
        /// Its own name.
        name: String,
        /// The user that commands run as.
        user: String,
    },
    /// Somebody agreed to the checks of a host on which nothing holds them to reading.
    Agreed {
        /// As the runbook calls it.
        host: Cow<'a, str>,
        /// What it is bound to.
        target: Cow<'a, str>,
        /// Which checks.
        checks: Vec<String>,
        /// Who agreed.
        who: Cow<'a, str>,
        /// `asked` or `flag`.
        agreed: Cow<'a, str>,
        /// The words of the command line that agreed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flag: Option<String>,
    },
    /// A value that blocks use from here on.
    Value {
        /// With its name, a secret masked.
        value: Setting,
        /// Where it came from (`given`, `log`, `check`, `page`, `asked`, `record`).
        from: Cow<'a, str>,
    },
    /// What a check said.
    Verdict {
        /// Which.
        check: Cow<'a, str>,
        /// `sick`, `healthy`, …
        verdict: Cow<'a, str>,
        /// Why.
        reason: String,
    },
    /// A change starts.
    Begin {
        /// `fix`, `rollback` or `manual`.
        kind: Cow<'a, str>,
        /// What runs.
        block: Block<'a>,
        /// `low`, `medium` or `high`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        risk: Option<Cow<'a, str>>,
        /// Values, secrets masked.
        values: Vec<Setting>,
        /// `asked` or `flag`.
        agreed: Cow<'a, str>,
        /// What would undo it.
        undo: Option<Block<'a>>,
    },
    /// A change is over.
    End {
        /// Which.
        block: Cow<'a, str>,
        /// How it ended.
        ending: String,
        /// It ended without an error.
        #[serde(default)]
        good: bool,
        /// The end of what it printed.
        output: String,
    },
    /// What became of a fix.
    Fix {
        /// Which.
        fix: Cow<'a, str>,
        /// `held`, `failed`, …
        state: Cow<'a, str>,
        /// Why.
        reason: Cow<'a, str>,
    },
    /// A person was told of a run that was cut off, and did not go on with it, or undid it.
    Told {
        /// Which run.
        of: Cow<'a, str>,
    },
    /// A run that was cut off goes on.
    Continued {
        /// Who runs it.
        who: Cow<'a, str>,
        /// The version of kb.
        version: Cow<'a, str>,
    },
    /// The last record of a run.
    Outcome {
        /// `held`, `interrupted`, …
        outcome: Cow<'a, str>,
    },
    /// What a later kb wrote.
    #[serde(other)]
    Other,
}

/// A block as it ran, complete enough to be run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block<'a> {
    /// Its name.
    pub id: Cow<'a, str>,
    /// The host as the runbook calls it.
    pub host: Cow<'a, str>,
    /// `sh`, `bash`, `cisco` or `manual`.
    pub language: Cow<'a, str>,
    /// Runs as root.
    pub root: bool,
    /// Its time limit in seconds.
    pub timeout_s: u64,
    /// The exact text; for a device with the values in it.
    pub text: String,
    /// For a device with values in the text: the text of the page, which they are put into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// A secret was in the text and is not here: it cannot be run from this record alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// As text, masked when it is secret; a byte that is not UTF-8 became U+FFFD.
    pub value: String,
    /// The bytes in hexadecimal, where the text does not tell them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// It is a secret, and not here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

impl Setting {
    /// A value, or the mask that stands in its place.
    pub fn new(name: &str, value: &[u8], mask: Option<String>) -> Self {
        let text = String::from_utf8_lossy(value);
        let lossy = mask.is_none() && text.as_bytes() != value;
        Self {
            name: name.to_owned(),
            hex: lossy.then(|| hexadecimal(value)),
            secret: mask.is_some(),
            value: mask.unwrap_or_else(|| text.into_owned()),
        }
    }

    /// The bytes; `None` for a secret, and for hexadecimal that is none.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        if self.secret {
            return None;
        }
        let Some(hex) = &self.hex else { return Some(self.value.clone().into_bytes()) };
        let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
        pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
