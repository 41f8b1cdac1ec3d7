//! The cases of matching, and the samples of every shipped runbook, once more in the matcher of the page:
//! in a real browser it must say what kb says.
//!
//! Left out are cases of what the page says it does not do: suggestions, and an archive that is cut.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kb::book::{match_page, table};
use kb::runbook::{KnowledgeBase, Origin};
use kb::signature::SignatureSet;
use kb::triage::{Input, Options, Suggest, triage};
use serde_json::{Value, json};

use crate::browser::{Browser, Look};
use crate::cases::{self, Case, Failure, Result};
use crate::matching::{self, Show};

/// One page for all of these tests; its browser ends with the process that feeds it.
static PAGE: Mutex<Option<Page>> = Mutex::new(None);

/// A page that holds the matcher and the table it was given last.
struct Page {
    browser: Browser,
    table: String,
}

/// What kb says of a line that it had to cut; the page cuts none.
const CUT: &str = "was searched in overlapping pieces.\n";

/// Runs a case file.
pub(crate) fn file(path: &Path, text: String) -> Result {
    let mut held = page();
    let Some(page) = held.as_mut() else { return Ok(()) };
    cases::check(path, &text, |case| vec![run(page, case)])
}

fn run(page: &mut Page, case: &Case) -> String {
    let first = case.blocks("log").next().expect("a `log` block");
    let expected = case.block("expect").unwrap_or("");
    if first.key("suggest").is_some() || case.blocks("log").any(|block| matching::has(block, "cut")) {
        return expected.to_owned();
    }
    let (base, said) = matching::base(case);
    let inputs = case.blocks("log").map(matching::input).collect();
    let show = Show::of(first, case.blocks("log").count());
    let found = page.ask(&base, inputs, &matching::options(first), show);
    let cut: String = expected.split_inclusive('\n').filter(|line| line.ends_with(CUT)).collect();
    format!("{said}{found}{cut}")
}

/// Matches the samples of a shipped runbook against all shipped runbooks.
pub(crate) fn samples(path: &Path, text: String) -> Result {
    let mut held = page();
    let Some(page) = held.as_mut() else { return Ok(()) };
    let shipped = kb::disk::built_in().into_iter().map(|file| (Arc::new(file), Origin::BuiltIn));
    let base = KnowledgeBase::from_sources(shipped.collect());
    let signatures = SignatureSet::compile(&base);
    let slug = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
    let runbook = base.find(slug).expect("a shipped runbook");
    assert!(!text.is_empty());
    let options = Options { suggest: Suggest::Never, ..matching::now() };
    let show = Show { times: true, score: true, ..Show::default() };
    let mut differences = String::new();
    for sample in &runbook.samples {
        let input = || Input {
            name: PathBuf::from("-"),
            reader: Box::new(std::io::Cursor::new(sample.text.clone().into_bytes())),
            bytes: None,
            modified: None,
        };
        let kb = triage(vec![input()], &base, &signatures, &options, &mut |_| {});
        let kb = matching::written(&kb, show);
        let said = page.ask(&base, vec![input()], &options, show);
        if kb != said {
            differences.push_str(&format!("kb says\n{kb}the page says\n{said}of\n{}\n", sample.text));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(Failure(differences).into()) }
}

fn page() -> MutexGuard<'static, Option<Page>> {
    let mut held = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if held.is_none()
        && let Some(mut browser) = Browser::start()
    {
        browser.open("about:blank", "about:blank", Look::default());
        let (engine, cases) = (match_page::engine(), include_str!("in_page.js"));
        let script = format!("{engine}\n{cases}\nObject.assign(globalThis, {{ kbEngine, runCase }});");
        assert_eq!(browser.ask(&script), "", "the matcher is a script");
        *held = Some(Page { browser, table: String::new() });
    }
    held
}

impl Page {
    fn ask(&mut self, base: &KnowledgeBase, inputs: Vec<Input>, options: &Options, show: Show) -> String {
        let table = serde_json::to_string(&table::table(base)).expect("a table");
        if table != self.table {
            self.browser.ask(&format!("globalThis.prepared = kbEngine().prepare({table});"));
            self.table = table;
        }
        let micros = |at: Option<jiff::Timestamp>| at.map(jiff::Timestamp::as_microsecond);
        let inputs: Vec<Value> = inputs
            .into_iter()
            .map(|mut input| {
                let mut bytes = Vec::new();
                input.reader.read_to_end(&mut bytes).expect("memory");
                json!({ "name": input.name, "bytes": encode(&bytes), "modified": micros(input.modified) })
            })
            .collect();
        let asked = json!({
            "inputs": inputs,
            "options": {
                "now": options.now.as_microsecond(), "zone": options.zone.iana_name(),
                "since": micros(options.since), "until": micros(options.until),
            },
            "show": { "most": show.most, "score": show.score, "times": show.times, "several": show.several },
        });
        self.browser.ask(&format!("return runCase({asked});"))
    }
}

/// Base64, as JavaScript reads it.
fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
