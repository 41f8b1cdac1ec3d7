//! How well matching names what is wrong, measured on data from outside.
//!
//! `cargo bench --bench quality -- cre RULES [OTHER]` imports a folder of Common Reliability
//! Enumerations and tries every rule on every rule's log: does it fire on its own, on how many others,
//! and is it first? What they say of logs of other systems is told too: noise, the samples of the
//! built-in runbooks, and the folder `OTHER`.
//! `cargo bench --bench quality -- suggest RULES [TEXTS…]` asks with one line of each rule's log for its
//! page, which holds neither patterns nor logs, among the texts of other folders.
//! `cargo bench --bench quality -- daily [LOGS DAYS]` counts what the built-in runbooks say of healthy
//! logs: of the noise sample, or of a folder, for each of the last days.

#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kb::import::cre::{Companions, Imported, Importer};
use kb::report::{Tier, Triage};
use kb::runbook::{KnowledgeBase, Origin};
use kb::signature::SignatureSet;
use kb::text::SourceFile;
use kb::triage::{Input, Options, triage};
use kb::{disk, proof};

#[path = "quality/suggest.rs"]
mod suggest;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["cre", rules, other @ ..] => cre(Path::new(rules), other.first().map(Path::new)),
        ["suggest", rules, texts @ ..] => {
            let rules = read(Path::new(rules));
            let texts: Vec<&Path> = texts.iter().map(Path::new).collect();
            suggest::run(&rules.iter().collect::<Vec<_>>(), &texts);
        }
        ["daily"] => daily_noise(),
        ["daily", logs, days] => daily(Path::new(logs), days.parse().expect("a number of days")),
        _ => println!("usage: quality cre RULES [OTHER] | suggest RULES [TEXTS…] | daily [LOGS DAYS]"),
    }
}

/// A rule and the log on which it must fire.
struct Rule {
    imported: Imported,
    log: Option<Vec<u8>>,
}

fn read(folder: &Path) -> Vec<Rule> {
    let noise = proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES);
    let importer = Importer::new(&noise);
    let mut rules = Vec::new();
    for file in disk::read_rules(&[folder.to_owned()]).0 {
        let companions = Companions { hit_log: file.hit_log.clone(), miss_log: file.miss_log, licence: None };
        let found = importer.import(&file.source, &companions).unwrap_or_default();
        rules
            .extend(found.into_iter().flatten().map(|imported| Rule { imported, log: file.hit_log.clone() }));
    }
    rules
}

fn cre(folder: &Path, other: Option<&Path>) {
    let rules = read(folder);
    println!(
        "{:8} {:>5} {:>4} {:>4} {:>7} {:>9} {:>5} {:>8}",
        "", "rules", "logs", "own", "foreign", "precision", "first", "possible"
    );
    let all: Vec<&Rule> = rules.iter().collect();
    row("all", &all);
    // By a hash of the name, so that a rule stays in its half whatever stands beside it.
    let (one, two): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| half(&rule.imported.name));
    row("half A", &one);
    row("half B", &two);
    elsewhere(&base(&all), other);
}

fn half(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The high bits of names that differ only at their end are alike.
    (hash ^ hash >> 7).count_ones().is_multiple_of(2)
}

fn base(rules: &[&Rule]) -> KnowledgeBase {
    let pages: Vec<(String, String)> =
        rules.iter().map(|rule| (rule.imported.id.to_string(), rule.imported.page.clone())).collect();
    knowledge(&pages)
}

fn knowledge(pages: &[(String, String)]) -> KnowledgeBase {
    let page = |(id, text): &(String, String)| {
        (Arc::new(SourceFile::new(format!("{id}.md"), text.clone())), Origin::Given)
    };
    KnowledgeBase::from_sources(pages.iter().map(page).collect())
}

/// Every rule against every log, for these rules.
fn row(name: &str, rules: &[&Rule]) {
    let base = base(rules);
    let signatures = signatures(&base);
    let (mut logs, mut own, mut foreign, mut first, mut possible) = (0, 0, 0, 0, 0);
    for rule in rules.iter().filter(|rule| rule.imported.searchable) {
        let Some(log) = &rule.log else { continue };
        logs += 1;
        let found = found(&base, &signatures, log.clone(), &proof::options());
        let is_own = |id: &kb::runbook::RunbookId| *id == rule.imported.id;
        let matches = || found.results.iter().filter(|result| result.tier == Tier::Match);
        let others: Vec<String> = matches()
            .filter(|result| !is_own(&result.runbook))
            .map(|result| result.runbook.to_string())
            .collect();
        own += usize::from(matches().any(|result| is_own(&result.runbook)));
        let leads = found.results.first().is_some_and(|result| is_own(&result.runbook));
        first += usize::from(leads);
        foreign += others.len();
        possible += found.results.len() - matches().count();
        if name == "all" && (!others.is_empty() || !leads) {
            println!(
                "    {}: {}{}",
                rule.imported.name,
                others.join(" "),
                if leads { "" } else { " (not first)" }
            );
        }
    }
    let precision = own as f64 / (own + foreign).max(1) as f64;
    println!(
        "{name:8} {:>5} {logs:>4} {own:>4} {foreign:>7} {precision:>9.2} {first:>5} {possible:>8}",
        rules.len()
    );
}

/// What fires on logs of other systems: seven samples of noise, the samples of the built-in runbooks
/// and the files of a folder.
fn elsewhere(base: &KnowledgeBase, folder: Option<&Path>) {
    let signatures = signatures(base);
    let mut logs: Vec<(String, Vec<u8>)> = Vec::new();
    for seed in 0..7 {
        logs.push((format!("noise {seed}"), proof::noise(proof::NOISE_SEED + seed, proof::NOISE_BYTES)));
    }
    for runbook in &built_in().runbooks {
        let text: Vec<&str> = runbook.samples.iter().map(|sample| sample.text.as_str()).collect();
        logs.push((format!("samples of {}", runbook.id), text.join("\n").into_bytes()));
    }
    for mut log in folder.map(|folder| disk::open_logs(&[folder.to_owned()]).0).into_iter().flatten() {
        let mut bytes = Vec::new();
        let read = log.read_to_end(&mut bytes);
        read.unwrap_or_else(|error| panic!("{}: {error}", log.path.display()));
        logs.push((log.path.display().to_string(), bytes));
    }
    let bytes: usize = logs.iter().map(|(_, bytes)| bytes.len()).sum();
    let (mut matches, mut possible) = (0, 0);
    for (name, log) in &logs {
        let found = found(base, &signatures, log.clone(), &proof::options());
        for result in &found.results {
            matches += usize::from(result.tier == Tier::Match);
            possible += usize::from(result.tier == Tier::Possible);
            println!("    {:?} {} on {name}", result.tier, result.runbook);
        }
    }
    let count = logs.len();
    println!("other systems: {count} logs, {bytes} bytes, {matches} matches, {possible} possible");
}

fn signatures(base: &KnowledgeBase) -> SignatureSet {
    SignatureSet::compile_against(base, || proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES))
}

fn found(base: &KnowledgeBase, signatures: &SignatureSet, log: Vec<u8>, options: &Options) -> Triage {
    let input = Input {
        name: PathBuf::from("-"),
        bytes: Some(log.len() as u64),
        modified: None,
        reader: Box::new(Cursor::new(log)),
    };
    triage(vec![input], base, signatures, options, &mut |_| {})
}

fn built_in() -> KnowledgeBase {
    KnowledgeBase::from_sources(
        disk::built_in().into_iter().map(|file| (Arc::new(file), Origin::BuiltIn)).collect(),
    )
}

/// The noise sample holds the lines of many systems: a day of it is one of a whole site.
fn daily_noise() {
    let base = built_in();
    let signatures = SignatureSet::compile(&base);
    println!("{:>4} {:>8} {:>7} {:>8} {:>5}", "seed", "lines", "matches", "possible", "times");
    for seed in 0..7 {
        let noise = proof::noise(proof::NOISE_SEED + seed, 6 * proof::NOISE_BYTES);
        let found = found(&base, &signatures, noise, &proof::options());
        counted(&format!("{seed:>4}"), &found);
    }
}

fn daily(folder: &Path, days: i64) {
    let base = built_in();
    let signatures = SignatureSet::compile(&base);
    let newest = disk::open_logs(&[folder.to_owned()]).0.iter().filter_map(|log| log.modified).max();
    let newest = newest.expect("a folder that holds logs");
    println!("{:10} {:>8} {:>7} {:>8} {:>5}", "day", "lines", "matches", "possible", "times");
    let back =
        |days: i64| newest.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN);
    for day in 0..days {
        let options =
            Options { now: newest, since: Some(back(day + 1)), until: Some(back(day)), ..proof::options() };
        let inputs = disk::open_logs(&[folder.to_owned()]).0.into_iter().map(|log| Input {
            name: log.path.clone(),
            bytes: log.bytes,
            modified: log.modified,
            reader: Box::new(log),
        });
        let found = triage(inputs.collect(), &base, &signatures, &options, &mut |_| {});
        counted(&back(day + 1).strftime("%F").to_string(), &found);
    }
}

fn counted(name: &str, found: &Triage) {
    let of = |tier: Tier| found.results.iter().filter(move |result| result.tier == tier);
    let lines: u64 = found.inputs.iter().map(|input| input.lines).sum();
    let times: u64 =
        of(Tier::Possible).flat_map(|result| &result.instances).map(|instance| instance.count).sum();
    println!("{name} {lines:>8} {:>7} {:>8} {times:>5}", of(Tier::Match).count(), of(Tier::Possible).count());
    for result in found.results.iter().filter(|result| result.tier != Tier::Suggestion) {
        println!("    {:?} {}", result.tier, result.runbook);
    }
}
