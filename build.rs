//! Builds the runbooks into the binary: one `include_str!` for each file under `runbooks/`, so that
//! adding a runbook touches no Rust.

#![expect(clippy::disallowed_methods, reason = "a build script reads the tree and its own environment")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let folder = root.join("runbooks");
    let mut code = String::from("&[\n");
    for file in markdown_files(&folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", file.display().to_string());
    }
    code.push_str("]\n");
    println!("cargo::rerun-if-changed=runbooks");
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(out.join("built_in.rs"), code)
}

/// The runbooks, sorted. A tree without the folder builds a `kb` that knows none.
fn markdown_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "md") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
