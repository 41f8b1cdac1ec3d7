//! What git knows of the files of a folder. Runs `git log` with constant arguments and nothing else; a
//! folder that is under no git, and a machine without git, have no dates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Commits further back than this are not asked for: the list of what changed is about what is new.
const COMMITS_MAX: &str = "--max-count=500";

/// The day of the last commit of each file of a folder.
#[expect(clippy::disallowed_methods, reason = "git runs nothing of a runbook")]
pub fn dates(folder: &Path) -> BTreeMap<PathBuf, String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        // The configuration of a stranger's repository can name programs. `log` runs none of them, once it
        // is told to verify no signature, to fetch nothing and to show nothing in a pager.
        command.args(["--no-pager", "-c", "log.showSignature=false", "-c", "core.fsmonitor=false"]);
        command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1");
        command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
        command.env("GIT_TERMINAL_PROMPT", "0");
        let output = command.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(root) = git(&["rev-parse", "--show-toplevel"]) else { return BTreeMap::new() };
    let root = PathBuf::from(root.trim_end_matches('\n'));
    let format = "--format=%x01%cs";
    let log =
        git(&["log", COMMITS_MAX, format, "--name-only", "--no-renames", "--no-ext-diff", "-z", "--", "."]);
    read(&log.unwrap_or_default(), &root)
}

/// Days and names of a log: the first day of a name is its last commit.
fn read(log: &str, root: &Path) -> BTreeMap<PathBuf, String> {
    let mut dates = BTreeMap::new();
    for commit in log.split('\u{1}').skip(1) {
        let mut parts = commit.split(['\0', '\n']).filter(|part| !part.is_empty());
        let Some(date) = parts.next() else { continue };
        for name in parts {
            dates.entry(root.join(name)).or_insert_with(|| date.to_owned());
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_commit_of_a_file_is_its_date() {
        let log = "\u{1}2026-11-02\0\nrunbooks/a.md\0\u{1}2026-11-01\0\nrunbooks/a.md\0runbooks/b.md\0";
        let dates = read(log, Path::new("/kb"));
        assert_eq!(dates[Path::new("/kb/runbooks/a.md")], "2026-11-02");
        assert_eq!(dates[Path::new("/kb/runbooks/b.md")], "2026-11-01");
    }
}
