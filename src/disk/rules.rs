//! Other people's rules: YAML files with the logs and the licence that lie beside them.
//!
//! Knows how such files are named; knows nothing of what is in one.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::DiskError;
use super::runbooks::{Folders, Walk, open_regular, read};
use crate::text::SourceFile;

const RULES_BYTES_MAX: u64 = 1 << 20;
const LOG_BYTES_MAX: u64 = 16 << 20;
const LICENCE_BYTES_MAX: u64 = 64 << 10;
/// So many folders above a rule a licence is looked for.
const LICENCE_FOLDERS_MAX: usize = 4;

/// A file of rules.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// The file.
    pub source: Arc<SourceFile>,
    /// A person named it; it was not met in a folder.
    pub named: bool,
    /// The `test.log` beside it.
    pub hit_log: Option<Vec<u8>>,
    /// The `test-fp.log` beside it.
    pub miss_log: Option<Vec<u8>>,
    /// The text of the nearest file `LICENSE` beside or above it.
    pub licence: Option<String>,
}

/// Reads files of rules and all those below folders, sorted by path within each.
pub fn read_rules(paths: &[PathBuf]) -> (Vec<RuleFile>, Vec<DiskError>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    let mut folders = Folders::default();
    for path in paths {
        if !path.is_dir() {
            files.push((path.clone(), true));
            continue;
        }
        let mut walk = Walk::new(is_yaml);
        walk.folder(path, 0);
        errors.append(&mut walk.errors);
        files.extend(walk.files.into_iter().map(|file| (file, false)));
    }
    let mut rules = Vec::new();
    for (path, named) in files {
        let mut beside = |name: &str| match beside(&path.with_file_name(name)) {
            Ok(log) => log,
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let (hit_log, miss_log) = (beside("test.log"), beside("test-fp.log"));
        match read(&path, RULES_BYTES_MAX, &mut folders) {
            Ok(source) => {
                let licence = licence(&path);
                rules.push(RuleFile { source: Arc::new(source), named, hit_log, miss_log, licence });
            }
            Err(error) => errors.push(error),
        }
    }
    (rules, errors)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|ending| matches!(ending, "yaml" | "yml"))
}

/// The log beside a rule. It goes onto the page, so a link of somebody else's making is not followed.
fn beside(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    if path.is_symlink() {
        return Err(DiskError::NotRegular { path: path.into(), what: "a symbolic link" });
    }
    optional(path, LOG_BYTES_MAX)
}

/// The bytes of a file; `None` when there is none.
fn optional(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, DiskError> {
    if !path.exists() {
        return Ok(None);
    }
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|source| DiskError::io("read", path, source))?;
    if bytes.len() as u64 > bytes_max {
        return Err(DiskError::TooLong { path: path.into(), bytes_max });
    }
    Ok(Some(bytes))
}

fn licence(path: &Path) -> Option<String> {
    let folders = path.ancestors().skip(1).take(LICENCE_FOLDERS_MAX);
    let names = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"];
    let files = folders.flat_map(|folder| names.map(|name| folder.join(name)));
    let mut texts = files.filter_map(|file| optional(&file, LICENCE_BYTES_MAX).ok().flatten());
    texts.next().map(|text| String::from_utf8_lossy(&text).into_owned())
}
