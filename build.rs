//! Builds the runbooks and the manual into the binary: one `include_str!` for each file, so that adding
//! one touches no Rust.

#![expect(clippy::disallowed_methods, reason = "a build script reads the tree and its own environment")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let runbooks = files(&root.join("runbooks"), &|path| is_markdown(path) && !path.contains('/'))?;
    let manual = files(&root.join("book/src"), &|path| is_markdown(path) && path != "SUMMARY.md")?;
    fs::write(out.join("built_in.rs"), list(&runbooks))?;
    fs::write(out.join("manual.rs"), list(&manual))?;
    for watched in ["runbooks", "book/src", "build.rs"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    Ok(())
}

fn is_markdown(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending == "md")
}

/// A slice of (path below its folder, text) as Rust.
fn list(files: &[(String, PathBuf)]) -> String {
    let mut code = String::from("&[\n");
    for (name, file) in files {
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string());
    }
    code.push_str("]\n");
    code
}

/// The files below a folder that are wanted, sorted by path. A tree without the folder builds a `kb` that
/// has none.
fn files(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop().filter(|next| next.is_dir()) {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            if wanted(&name) && !name.starts_with('.') {
                found.push((name, path));
            }
        }
    }
    found.sort();
    Ok(found)
}
