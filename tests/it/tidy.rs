//! The law of the house, read from the files themselves: every source file is a test of its own.
//!
//! Header, length, trailing blanks, the one direction of imports; every case file is reached by a
//! runner and every runbook is built in.

#![expect(clippy::disallowed_methods, reason = "a tidy test reads the sources")]

use std::path::Path;

use crate::cases::{Failure, Result};

const LINES_MAX: usize = 500;

/// Checks one source file.
pub(crate) fn source_file(path: &Path, text: String) -> Result {
    let mut found: Vec<(usize, String)> = Vec::new();
    if !text.starts_with("//!") {
        found.push((1, "no `//!` header: what is it for, what does it know, what not".into()));
    }
    if text.lines().count() > LINES_MAX {
        found.push((LINES_MAX, format!("longer than {LINES_MAX} lines: split it by noun")));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        found.push((text.lines().count(), "no line end at the end".into()));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if line.ends_with([' ', '\t', '\r']) {
            found.push((number, "blanks at the end of the line".into()));
        }
        if line.contains(concat!("super::", "super")) {
            found.push((number, "`super` twice: name the path from `crate`".into()));
        }
    }
    if path.starts_with("src/render") || path.starts_with("src/cli") {
        found.extend(labels(&text));
    }
    if path.starts_with("src") {
        found.extend(layers(path, &text)?);
    }
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        found.iter().map(|(line, text)| format!("{}:{line}: {text}", path.display())).collect();
    Err(Failure(lines.join("\n")).into())
}

/// Paths of `crate::` that point to a module below the file's own in `lib.rs`.
fn layers(path: &Path, text: &str) -> std::result::Result<Vec<(usize, String)>, Box<dyn std::error::Error>> {
    let law = std::fs::read_to_string("src/lib.rs")?;
    let order: Vec<&str> =
        law.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(order.len() > 10, "the modules of src/lib.rs could not be read");
    let first = path.strip_prefix("src")?.components().next().ok_or("a path below src")?;
    let own = first.as_os_str().to_string_lossy();
    let own = own.strip_suffix(".rs").unwrap_or(&own);
    // `main.rs` and `lib.rs` stand above all layers.
    let Some(own_place) = order.iter().position(|module| *module == own) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for used in crate_paths(line) {
            let place = order.iter().position(|module| *module == used);
            if place.is_some_and(|place| place > own_place) {
                found.push((number, format!("`{own}` uses `{used}`, which stands below it in src/lib.rs")));
            }
        }
    }
    Ok(found)
}

/// Labels that `styles.toml` does not know: they would be shown without a look, and nobody would see.
fn labels(text: &str) -> Vec<(usize, String)> {
    const BEFORE: &[&str] = &[".label(\"", ".line(\"", ".wrapped(\"", "Piece::new(\"", "label: \""];
    let known: Vec<&str> = kb::render::style::labels().collect();
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for before in BEFORE {
            for rest in line.split(before).skip(1) {
                let label = rest.split('"').next().unwrap_or("");
                if !label.is_empty() && !known.contains(&label) {
                    found.push((number, format!("`{label}` is no label of src/render/styles.toml")));
                }
            }
        }
    }
    found
}

/// The modules that follow `crate::` in a line.
fn crate_paths(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).flat_map(|rest| {
        let group = rest.strip_prefix('{').and_then(|inner| inner.split('}').next());
        let names: Vec<&str> = match group {
            Some(inner) => inner.split(',').collect(),
            None => vec![rest],
        };
        names.into_iter().map(|name| {
            let name = name.trim();
            &name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())]
        })
    })
}

/// Checks that a file under `tests/cases` is reached by a line of the harness.
pub(crate) fn case_file(path: &Path) -> Result {
    let harness = include_str!("main.rs");
    let folder = path.parent().ok_or("a case file stands in a folder")?;
    let reached = folder.ancestors().any(|folder| {
        harness.contains(&format!("root = \"{}\"", folder.display())) && folder != Path::new("tests/cases")
    });
    if !reached {
        return Err(Failure(format!("{}: no line of tests/it/main.rs reaches it", path.display())).into());
    }
    Ok(())
}

/// Checks that a runbook of the repository is part of the binary.
pub(crate) fn runbook_file(path: &Path) -> Result {
    let built_in: Vec<String> = kb::disk::built_in().iter().map(|source| source.stem().to_owned()).collect();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name in UTF-8")?;
    let listed =
        path.extension().is_some_and(|ending| ending == "md") && built_in.iter().any(|one| one == stem);
    if !listed {
        return Err(Failure(format!("{}: not built in; runbooks are `<slug>.md`", path.display())).into());
    }
    Ok(())
}
