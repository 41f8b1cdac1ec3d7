//! The surroundings of the process: variables, folders, the clock, the zone. The only reader of the
//! environment.
//!
//! Everything is read once at the start; the rest of `cli` works on the values, so a test can make
//! its own.

#![expect(
    clippy::disallowed_methods,
    reason = "this module is the one that reads the environment and the clock"
)]

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::disk;

/// Root's runs are the machine's own history, so they stand with its logs.
const ROOT_JOURNAL: &str = "/var/log/kb";
/// Where the list of what root trusts is kept.
const ROOT_TRUST: &str = "/var/lib/kb";

/// What kb knows of its surroundings.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The folder in which kb was started, where it can be known.
    pub folder: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME/kb`.
    pub config: Option<PathBuf>,
    /// `$KB_STATE_DIR`, else `$XDG_STATE_HOME/kb`.
    pub state: Option<PathBuf>,
    /// `$XDG_CACHE_HOME/kb`.
    pub cache: Option<PathBuf>,
    /// Where the journal of runs and its locks are kept: for root `/var/log/kb`, where nothing else
    /// is said.
    pub journal: Option<PathBuf>,
    /// Where it is kept what `kb trust` was said to: for root `/var/lib/kb`, where nothing else is
    /// said, since under `sudo` the home may still be that of another user.
    pub trust: Option<PathBuf>,
    /// The process runs as root.
    pub root: bool,
    /// Who runs it, for records: `alice`, `root (by sudo of alice)`.
    pub who: String,
    /// The file of kb itself, or why it cannot be known.
    pub program: Result<PathBuf, String>,
    /// `$KB_LANDLOCK_MAX`: behave as on an older kernel, which only takes away.
    pub landlock_max: Option<u8>,
    /// What the terminal is and what the user wants of it.
    pub terminal: TerminalWishes,
    /// The time.
    pub now: Timestamp,
    /// The same, by the clock of this machine whatever `KB_NOW` says: what stamps of files are held
    /// against.
    pub clock: Timestamp,
    /// The zone of this machine.
    pub zone: TimeZone,
}

/// Variables that say how a terminal is to be used.
#[derive(Clone, Debug, Default)]
pub struct TerminalWishes {
    /// Colour is not wanted (`NO_COLOR`) or wanted everywhere (`CLICOLOR_FORCE`).
    pub color: Option<bool>,
    /// `TERM` is `dumb`.
    pub dumb: bool,
    /// `COLUMNS`.
    pub columns: Option<usize>,
    /// `PAGER`; empty or `cat`: none.
    pub pager: Option<String>,
    /// The locale is not UTF-8, so only ASCII is drawn.
    pub ascii: bool,
}

impl Environment {
    /// Reads the surroundings of this process.
    pub fn read() -> Self {
        let home = folder_from("HOME");
        let under_home = |name: &str, otherwise: &str| {
            let base = folder_from(name).or_else(|| Some(home.as_ref()?.join(otherwise)));
            base.map(|base| base.join("kb"))
        };
        let root = rustix::process::geteuid().is_root();
        let told = folder_from("KB_STATE_DIR");
        let state = under_home("XDG_STATE_HOME", ".local/state");
        Self {
            folder: env::current_dir().ok(),
            config: under_home("XDG_CONFIG_HOME", ".config"),
            // Under `sudo` the home may be another user's, who could not remove what root leaves there.
            cache: under_home("XDG_CACHE_HOME", ".cache")
                .filter(|_| !root || env::var_os("SUDO_USER").is_none()),
            trust: told
                .clone()
                .or_else(|| if root { Some(PathBuf::from(ROOT_TRUST)) } else { state.clone() }),
            journal: told
                .clone()
                .or_else(|| if root { Some(PathBuf::from(ROOT_JOURNAL)) } else { state.clone() }),
            state: told.or(state),
            home,
            root,
            who: who(),
            program: env::current_exe().map_err(|error| error.to_string()),
            landlock_max: env::var("KB_LANDLOCK_MAX").ok().and_then(|text| text.parse().ok()),
            terminal: TerminalWishes::read(),
            now: now(),
            clock: Timestamp::now(),
            zone: zone(),
        }
    }

    /// A path from the root on, links not followed.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.as_ref().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    /// A path as a person would type it: relative to this folder, or with `~`.
    pub fn short(&self, path: &Path) -> PathBuf {
        let below = |base: &Option<PathBuf>| Some(path.strip_prefix(base.as_ref()?).ok()?.to_owned());
        if let Some(short) = below(&self.folder).filter(|short| !short.as_os_str().is_empty()) {
            return short;
        }
        below(&self.home).map_or_else(|| path.to_owned(), |rest| Path::new("~").join(rest))
    }
}

impl TerminalWishes {
    fn read() -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| text(name));
        Self {
            color: match (text("NO_COLOR"), text("CLICOLOR_FORCE")) {
                (Some(_), _) => Some(false),
                (None, Some(value)) if value != "0" => Some(true),
                _ => None,
            },
            dumb: text("TERM").is_some_and(|value| value == "dumb"),
            columns: text("COLUMNS").and_then(|value| value.parse().ok()).filter(|columns| *columns > 0),
            pager: env::var("PAGER").ok(),
            ascii: locale.is_some_and(|locale| {
                let locale = locale.to_ascii_lowercase().replace('-', "");
                !locale.contains("utf8")
            }),
        }
    }
}

/// The time, or the one of `KB_NOW`, by which a report on an old log can be had again as it was.
pub fn now() -> Timestamp {
    let told = env::var("KB_NOW").ok().and_then(|text| text.parse().ok());
    told.unwrap_or_else(Timestamp::now)
}

/// The zone of this machine, without a look at all the zones there are.
fn zone() -> TimeZone {
    match env::var_os("TZ") {
        Some(named) if named == "UTC" => return TimeZone::UTC,
        Some(_) => return TimeZone::system(),
        None => {}
    }
    let local = disk::local_zone().and_then(|(name, rules)| TimeZone::tzif(&name, &rules).ok());
    local.unwrap_or_else(TimeZone::system)
}

/// How many processors there are for this process.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The names in the environment are what the person says; the user id is what the system says.
fn who() -> String {
    let uid = rustix::process::geteuid();
    let name = |variable: &str| env::var(variable).ok().filter(|name| !name.is_empty());
    match (uid.is_root(), name("SUDO_USER")) {
        (true, Some(person)) => format!("root (by sudo of {})", crate::text::printable(&person)),
        (true, None) => "root".to_owned(),
        (false, _) => {
            let person = name("USER").or_else(|| name("LOGNAME"));
            person.map_or_else(|| format!("user {}", uid.as_raw()), |name| crate::text::printable(&name))
        }
    }
}

/// An absolute folder from a variable; XDG wants relative ones ignored.
fn folder_from(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value: &OsString| !value.is_empty())
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}
