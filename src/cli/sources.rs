//! Where runbooks come from: which folders are looked into, and in which order.
//!
//! Knows folders and `kb.toml`; reads files through `disk` only.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::env::Environment;
use super::error::CommandError;
use crate::disk;
#[cfg(feature = "book")]
use crate::disk::Stamp;
use crate::runbook::Origin;
use crate::text::{SourceFile, printable_path};

/// Runbook files with their origins, and what is worth a warning.
#[derive(Debug, Default)]
pub struct Sources {
    /// Nearest origin first.
    pub files: Vec<(Arc<SourceFile>, Origin)>,
    /// Files and folders that could not be used: sentences.
    pub warnings: Vec<String>,
}

/// Where runbooks are read from.
#[derive(Debug)]
pub struct Folders {
    /// Nearest origin first.
    pub folders: Vec<(Origin, PathBuf)>,
    /// What is wrong with them: sentences.
    pub warnings: Vec<String>,
}

/// What `kb.toml` may say: folders. Hosts, trust and commands never come from a project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    folders: Vec<PathBuf>,
}

const SYSTEM: &str = "/etc/kb/runbooks";
const PROJECT_FILE: &str = "kb.toml";
const PROJECT_FOLDER: &str = "runbooks";

/// Reads every runbook that kb knows of. `given` is `--kb` or `$KB_DIR`.
pub fn read(environment: &Environment, given: Option<&Path>) -> Result<Sources, CommandError> {
    let Folders { folders, warnings } = folders(environment, given)?;
    let mut sources = Sources { files: Vec::new(), warnings };
    let built_in: Vec<Arc<SourceFile>> = disk::built_in().into_iter().map(Arc::new).collect();
    for (origin, folder) in folders {
        sources.folder(&folder, origin, &built_in);
    }
    sources.files.extend(built_in.into_iter().map(|source| (source, Origin::BuiltIn)));
    Ok(sources)
}

/// The folders that runbooks are read from, the nearest origin first, and what is wrong with them.
pub fn folders(environment: &Environment, given: Option<&Path>) -> Result<Folders, CommandError> {
    let mut warnings = Vec::new();
    let mut folders = Vec::new();
    if let Some(folder) = given {
        if !folder.is_dir() {
            let folder = printable_path(folder);
            return Err(CommandError::usage(format!("`{folder}` is not a folder"))
                .hint("`--kb` and `$KB_DIR` name a folder with runbooks in it."));
        }
        // A warning is enough for a folder that nobody asked for by name.
        disk::try_list(folder).map_err(CommandError::usage)?;
        folders.push((Origin::Given, folder.to_owned()));
    }
    let project = project(environment.folder.as_deref(), &mut warnings);
    folders.extend(project.into_iter().map(|folder| (Origin::Project, folder)));
    let user = environment.config.as_ref().map(|config| config.join("runbooks"));
    let others = [(user, Origin::User), (Some(PathBuf::from(SYSTEM)), Origin::System)];
    let others = others.into_iter().filter_map(|(folder, origin)| Some((origin, folder?)));
    folders.extend(others.filter(|(_, folder)| folder.is_dir()));
    Ok(Folders { folders, warnings })
}

/// Looks at every file without opening it, to tell whether any changed.
#[cfg(feature = "book")]
pub fn list(environment: &Environment, given: Option<&Path>) -> Vec<(PathBuf, Stamp)> {
    let found = folders(environment, given);
    let folders = found.map(|found| found.folders).unwrap_or_default();
    folders.iter().flat_map(|(_, folder)| disk::list_runbooks(folder).files).collect()
}

impl Sources {
    /// Adds the runbooks of a folder. A copy of a built-in one, byte for byte, is that one: so the
    /// sources of kb itself can be worked in, and run, as they were built.
    fn folder(&mut self, folder: &Path, origin: Origin, built_in: &[Arc<SourceFile>]) {
        let (files, errors) = disk::read_runbooks(folder);
        let by_stem: BTreeMap<&str, &str> =
            built_in.iter().map(|source| (source.stem(), &*source.text)).collect();
        let differs = |file: &SourceFile| by_stem.get(file.stem()) != Some(&&*file.text);
        self.files.extend(files.into_iter().filter(differs).map(|file| (Arc::new(file), origin)));
        self.warnings.extend(errors.iter().map(sentence));
    }
}

/// An error and its causes as one sentence.
pub fn sentence(error: &disk::DiskError) -> String {
    format!("{}.", crate::text::printable(&super::error::causes(error).join(": ")))
}

/// The folders of the project in this folder or above.
fn project(start: Option<&Path>, warnings: &mut Vec<String>) -> Vec<PathBuf> {
    for folder in start.into_iter().flat_map(Path::ancestors) {
        let file = folder.join(PROJECT_FILE);
        if file.is_file() {
            return match project_folders(folder, &file) {
                Ok(folders) => folders,
                Err(reason) => {
                    let file = printable_path(&file);
                    warnings.push(format!("`{file}` is not used: {reason}."));
                    Vec::new()
                }
            };
        }
        let runbooks = folder.join(PROJECT_FOLDER);
        if runbooks.is_dir() {
            return vec![runbooks];
        }
    }
    Vec::new()
}

fn project_folders(base: &Path, file: &Path) -> Result<Vec<PathBuf>, String> {
    let source = disk::read_runbook(file).map_err(|error| error.to_string())?;
    let project: Project =
        toml::from_str(&source.text).map_err(|error| error.message().replace('\n', ", "))?;
    let mut folders = Vec::new();
    for folder in project.folders {
        let inside = folder.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            return Err(format!("`{}` leads out of the project", printable_path(&folder)));
        }
        let folder = base.join(folder);
        if !folder.is_dir() {
            return Err(format!("`{}` is not a folder", printable_path(&folder)));
        }
        folders.push(folder);
    }
    Ok(folders)
}

/// The folder to which `kb new` writes: the project's, else the user's own.
pub fn home_of_new(environment: &Environment) -> Option<PathBuf> {
    let mut ignored = Vec::new();
    let project = project(environment.folder.as_deref(), &mut ignored).into_iter().next();
    project.or_else(|| Some(environment.config.as_ref()?.join("runbooks")))
}

#[cfg(test)]
mod tests;
