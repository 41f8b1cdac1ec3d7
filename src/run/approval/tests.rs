//! The invariant of this module: a change is made of a command here and nowhere else.
#![expect(clippy::disallowed_methods, reason = "reads the sources of the run")]

use std::path::{Path, PathBuf};

#[test]
fn only_an_approval_makes_a_change() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/run"));
    assert!(sources.len() > 10, "the sources of the run are read");
    for path in sources.iter().filter(|path| !path.ends_with("run/approval.rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        let word = concat!("Access::", "Change");
        assert!(!text.contains(word), "{} makes a change without an approval", path.display());
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
