//! Whole trees of files, such as the book: written at once, read at once.
//!
//! A tree takes the place of an older one by a rename, so a reader sees the one or the other.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::DiskError;

/// Writes files below a folder; folders that are missing are made. A path that leads out is an error.
pub fn write_tree(root: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<(), DiskError> {
    for (path, bytes) in files {
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        let full = root.join(path);
        let written = || {
            if !inside {
                return Err(io::Error::other("the path leads out of the folder"));
            }
            fs::create_dir_all(full.parent().unwrap_or(root))?;
            fs::write(&full, bytes)
        };
        written().map_err(|source| DiskError::io("write", &full, source))?;
    }
    Ok(())
}

/// Reads every file below a folder, by its path in it.
pub fn read_tree(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, DiskError> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| DiskError::io("read", &folder, source);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).map_err(|source| DiskError::io("read", &path, source))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

/// Reads a file of text that kb itself wrote.
pub fn read_text(path: &Path) -> Result<String, DiskError> {
    fs::read_to_string(path).map_err(|source| DiskError::io("read", path, source))
}

/// When a file was last written.
pub fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Puts a tree in the place of what is there. What is there must be an older tree that has the file
/// `mark`, or an empty folder: a folder with anything else in it is never emptied.
pub fn replace_tree(root: &Path, mark: &str, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<(), DiskError> {
    let failed = |source| DiskError::io("write", root, source);
    let there = root.exists();
    if there && !root.join(mark).is_file() && fs::read_dir(root).map_err(failed)?.next().is_some() {
        return Err(DiskError::NotReplaced { path: root.into(), mark: mark.into() });
    }
    let above = root.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(failed)?;
    let new = tempfile::Builder::new().prefix(".kb-book-").tempdir_in(above).map_err(failed)?;
    let fresh = new.path().join("new");
    write_tree(&fresh, files)?;
    if there {
        fs::rename(root, new.path().join("old")).map_err(failed)?;
    }
    fs::rename(&fresh, root).map_err(failed)
}
