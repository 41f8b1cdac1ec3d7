//! What every command works with: the surroundings, the terminal, and the runbooks.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::env::Environment;
use super::error::CommandError;
use super::memory::{self, Remembered};
use super::ui::Ui;
use super::{shelves, sources};
use crate::catalog::Sayings;
use crate::disk;
use crate::runbook::{KnowledgeBase, Origin, Runbook, RunbookId};
use crate::text::{SourceFile, printable, printable_path};

/// Warnings of one kind that are shown before the rest is counted.
const WARNINGS_MAX: usize = 5;

/// What every command works with.
#[derive(Debug)]
pub struct Context {
    /// The terminal.
    pub ui: Ui,
    /// The surroundings.
    pub environment: Environment,
    given: Option<PathBuf>,
    base: OnceLock<KnowledgeBase>,
    warned: Mutex<Vec<String>>,
}

/// The runbook that a person named, and what the last match knew of it.
#[derive(Debug)]
pub struct Named<'a> {
    /// All runbooks; one read from a named file is among them, before all others.
    pub base: Cow<'a, KnowledgeBase>,
    /// Which.
    pub id: RunbookId,
    /// Set when it was named by its number in the last match.
    pub remembered: Option<memory::Result>,
}

impl Named<'_> {
    /// The runbook.
    pub fn runbook(&self) -> &Runbook {
        self.base.get(&self.id).expect("`Context::named` found it in this base")
    }
}

impl Context {
    /// Nothing is read yet.
    pub fn new(ui: Ui, environment: Environment, given: Option<PathBuf>) -> Self {
        Self { ui, environment, given, base: OnceLock::new(), warned: Mutex::default() }
    }

    /// Every runbook that kb finds; what is wrong with the files is said once.
    pub fn base(&self) -> Result<&KnowledgeBase, CommandError> {
        if let Some(base) = self.base.get() {
            return Ok(base);
        }
        let base = self.with(Vec::new())?;
        Ok(self.base.get_or_init(|| base))
    }

    /// Every runbook that kb finds and these files, before all others.
    pub fn with(&self, named: Vec<Arc<SourceFile>>) -> Result<KnowledgeBase, CommandError> {
        let found = sources::read(&self.environment, self.given.as_deref())?;
        self.warn(&found.warnings);
        let mut files: Vec<(Arc<SourceFile>, Origin)> =
            named.into_iter().map(|source| (source, Origin::Named)).collect();
        files.extend(found.files);
        let base = KnowledgeBase::from_sources(files);
        self.warn_of_errors(&shelves::broken(&base));
        *self.warned.lock().unwrap_or_else(PoisonError::into_inner) = found.warnings;
        Ok(base)
    }

    /// What tells whether any runbook changed.
    #[cfg(feature = "book")]
    pub fn list(&self) -> Vec<(PathBuf, disk::Stamp)> {
        sources::list(&self.environment, self.given.as_deref())
    }

    /// Says a few warnings and counts the rest.
    pub fn warn(&self, warnings: &[String]) {
        few(warnings, "warning", |text| self.ui.warning(text));
    }

    /// Says a few notes and counts the rest.
    pub fn note(&self, notes: &[String]) {
        few(notes, "note", |text| self.ui.note(text));
    }

    /// What was said of the files that could not be used.
    pub fn warnings(&self) -> Vec<String> {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `--kb` or `$KB_DIR`.
    pub fn given(&self) -> Option<&Path> {
        self.given.as_deref()
    }

    /// Says what there is to say of runbooks that are used.
    pub fn say_of(&self, sayings: &Sayings) {
        self.warn(&sayings.warnings);
        self.warn_of_errors(&sayings.broken);
    }

    fn warn_of_errors(&self, files: &[PathBuf]) {
        match files {
            [] => {}
            [file] if file.exists() => {
                let file = printable_path(&self.environment.short(file));
                self.ui.warning(&format!("`{file}` has errors, which disable parts of it."));
                self.ui.hint(&format!("`kb lint {file}` shows them."));
            }
            files => {
                self.ui
                    .warning(&format!("{} runbooks have errors, which disable parts of them.", files.len()));
                self.ui.hint("`kb lint` shows them.");
            }
        }
    }

    /// Finds what a person means by a slug, an alias, a number of the last match, or a file.
    pub fn named(&self, name: &OsStr) -> Result<Named<'_>, CommandError> {
        if let Some(path) = as_file(name) {
            return self.file(path);
        }
        if let Some(number) = name.to_str().and_then(|name| name.parse::<usize>().ok()) {
            return self.numbered(number);
        }
        let base = self.base()?;
        Ok(Named { id: self.find(base, name)?, base: Cow::Borrowed(base), remembered: None })
    }

    /// The runbook with this slug or alias.
    pub fn find(&self, base: &KnowledgeBase, name: &OsStr) -> Result<RunbookId, CommandError> {
        let found = name.to_str().and_then(|name| base.find(name));
        found
            .map(|runbook| runbook.id.clone())
            .ok_or_else(|| unknown(base, &printable(&name.to_string_lossy())))
    }

    /// The first result of the last match.
    pub fn first_of_last_match(&self) -> Result<Named<'_>, CommandError> {
        self.numbered(1)
    }

    fn numbered(&self, number: usize) -> Result<Named<'_>, CommandError> {
        let remembered: Remembered = memory::recall(&self.environment)?;
        let count = remembered.results.len();
        let Some(result) = number.checked_sub(1).and_then(|at| remembered.results.into_iter().nth(at)) else {
            return Err(CommandError::usage(format!("the last match has no result {number}"))
                .hint(format!("It has {count}. `kb match` shows them with their numbers.")));
        };
        let base = self.base()?;
        match base.find(&result.runbook) {
            Some(runbook) => {
                Ok(Named { base: Cow::Borrowed(base), id: runbook.id.clone(), remembered: Some(result) })
            }
            None => Err(unknown(base, &printable(&result.runbook))
                .hint("The last match was made with other runbooks. Run `kb match` again.")),
        }
    }

    /// A runbook read from a file, before all others.
    pub fn file(&self, path: &Path) -> Result<Named<'_>, CommandError> {
        let source = self.read_named(path)?;
        let base = self.with(vec![Arc::clone(&source)])?;
        let found = base.runbooks.iter().find(|runbook| Arc::ptr_eq(&runbook.source, &source));
        let Some(id) = found.map(|runbook| runbook.id.clone()) else {
            let path = printable_path(path);
            return Err(CommandError::usage(format!("`{path}` is not used as a runbook")).hint(
                "The name of a runbook's file is `NAME.md`; NAME holds small letters, digits and `-`.",
            ));
        };
        Ok(Named { base: Cow::Owned(base), id, remembered: None })
    }

    /// Reads a file that a person named.
    pub fn read_named(&self, path: &Path) -> Result<Arc<SourceFile>, CommandError> {
        let source = disk::read_runbook(path).map_err(|error| {
            let shown = printable_path(path);
            let hint = match &error {
                disk::DiskError::Folder { .. } => format!(
                    "`kb lint {shown}` reads all of a folder; to use it, type `kb --kb {shown} list`."
                ),
                _ => "`kb list` shows the runbooks that kb finds by itself.".into(),
            };
            CommandError::usage(error).hint(hint)
        })?;
        Ok(Arc::new(source))
    }
}

/// The file that a name means, if it means one: a name with a `/` or the ending `.md`.
pub fn as_file(name: &OsStr) -> Option<&Path> {
    let path = Path::new(name);
    let bytes = name.as_encoded_bytes();
    let looks_like_one = bytes.contains(&b'/') || path.extension().is_some_and(|ending| ending == "md");
    looks_like_one.then_some(path)
}

/// The error for a name that no runbook has, with the names that are spelled nearly so.
/// The first sayings of a kind, and how many more there are.
fn few(sayings: &[String], kind: &str, say: impl Fn(&str)) {
    for saying in sayings.iter().take(WARNINGS_MAX) {
        say(saying);
    }
    if let Some(more @ 1..) = sayings.len().checked_sub(WARNINGS_MAX) {
        say(&format!("There are {more} more {kind}s of this kind."));
    }
}

fn unknown(base: &KnowledgeBase, name: &str) -> CommandError {
    let error = CommandError::usage(format!("there is no runbook `{name}`"));
    let nearest: Vec<String> = base.nearest(name).iter().take(3).map(|id| format!("`{id}`")).collect();
    let error = match nearest.as_slice() {
        [] => error,
        [one] => error.hint(format!("Did you mean {one}?")),
        [most @ .., last] => error.hint(format!("Did you mean {} or {last}?", most.join(", "))),
    };
    error.hint(format!("`kb list` shows all; `kb search {}` looks for words.", name.replace('-', " ")))
}
