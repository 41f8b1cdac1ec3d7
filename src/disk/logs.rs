//! Opening logs: files as they are named, and folders of rotated logs in the order of time.
//!
//! Knows how rotated logs are named and which files are no logs; knows nothing of their lines.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::DiskError;
use super::runbooks::{Walk, open_regular};

const SNIFF_BYTES: usize = 4096;

/// A log. It is opened when it is first read and closed at its end, so that a folder of thousands
/// does not use up the open files that a process may have.
#[derive(Debug)]
pub struct LogFile {
    /// Its path.
    pub path: PathBuf,
    /// Its size on the disk, compressed if it is; `None` for a pipe.
    pub bytes: Option<u64>,
    /// When it was last written.
    pub modified: Option<jiff::Timestamp>,
    state: State,
}

#[derive(Debug)]
enum State {
    Unopened,
    Open(File),
    Done,
}

impl Read for LogFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.state, State::Unopened) {
            self.state = State::Open(File::open(&self.path)?);
        }
        let State::Open(file) = &mut self.state else { return Ok(0) };
        let count = file.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.state = State::Done;
        }
        Ok(count)
    }
}

/// Finds the logs that a person named. A named file is taken whatever it is (a pipe too); a folder
/// gives its files, rotated ones oldest first, without those that hold no text and without pipes,
/// sockets and devices.
pub fn open_logs(paths: &[PathBuf]) -> (Vec<LogFile>, Vec<DiskError>) {
    let mut logs = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => folder(path, &mut logs, &mut errors),
            Ok(metadata) if metadata.is_file() => match open_regular(path) {
                Ok(_) => logs.push(log_file(path, &metadata)),
                Err(error) => errors.push(error),
            },
            // A pipe can be opened only once, and opening it may wait: that is left to the reader.
            Ok(_) => logs.push(unopened(path, None, None)),
            Err(source) => errors.push(DiskError::io("read", path, source)),
        }
    }
    (logs, errors)
}

/// The same paths, but rotated files of one log oldest first, where the first of them is named: a shell
/// puts `messages` before `messages.1`, and `messages.10` before `messages.2`.
pub fn in_order_of_time(paths: &[PathBuf]) -> Vec<PathBuf> {
    let log = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (base, age) = rotation(&name);
        ((path.parent().map(Path::to_owned), base), age)
    };
    let mut first_named: BTreeMap<_, usize> = BTreeMap::new();
    let mut ordered = Vec::with_capacity(paths.len());
    for (at, path) in paths.iter().enumerate() {
        let (base, age) = log(path);
        let first = *first_named.entry(base).or_insert(at);
        ordered.push((first, age, path));
    }
    ordered.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    ordered.into_iter().map(|(_, _, path)| path.clone()).collect()
}

fn log_file(path: &Path, metadata: &fs::Metadata) -> LogFile {
    let modified = metadata.modified().ok().and_then(|time| jiff::Timestamp::try_from(time).ok());
    unopened(path, Some(metadata.len()), modified)
}

fn unopened(path: &Path, bytes: Option<u64>, modified: Option<jiff::Timestamp>) -> LogFile {
    LogFile { path: path.into(), bytes, modified, state: State::Unopened }
}

fn folder(path: &Path, logs: &mut Vec<LogFile>, errors: &mut Vec<DiskError>) {
    let mut walk = Walk::new(|_| true);
    walk.folder(path, 0);
    errors.append(&mut walk.errors);
    let mut files = walk.files;
    files.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (base, age) = rotation(&name);
        (path.parent().map(Path::to_owned), base, age, path.clone())
    });
    for path in files {
        match open_regular(&path) {
            Ok((file, metadata)) => match not_text(&path, &file, metadata.len()) {
                None => logs.push(log_file(&path, &metadata)),
                Some(what) => errors.push(DiskError::NotText { path, what }),
            },
            Err(DiskError::NotRegular { path, what }) => errors.push(DiskError::LeftOut { path, what }),
            Err(error) => errors.push(error),
        }
    }
}

/// How old a rotated log is; the order is the order of time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// Digits of its date (`20240131`, `2024013104`).
    Dated(String),
    /// Its number: the higher, the older.
    Numbered(Reverse<u32>),
    /// `.old`, `.bak`.
    Old,
    /// Still written.
    Live,
}

/// The name that a log and its rotated files share, and which of them it is.
fn rotation(name: &str) -> (String, Age) {
    let name = ["gz", "zst", "xz", "bz2", "lz4", "Z"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending)?.strip_suffix('.'))
        .unwrap_or(name);
    for old in [".old", ".bak"] {
        if let Some(base) = name.strip_suffix(old) {
            return (base.to_owned(), Age::Old);
        }
    }
    // The sign of a rotation stands at the end, or before the ending (`app-20240131.log`).
    let (stem, ending) = match name.strip_suffix(".log") {
        Some(stem) if split_age(stem).is_some() => (stem, ".log"),
        _ => (name, ""),
    };
    match split_age(stem) {
        Some((base, age)) => (format!("{base}{ending}"), age),
        None => (name.to_owned(), Age::Live),
    }
}

/// Splits `messages.2`, `messages-20240131`, `messages.2024-01-31-04`.
fn split_age(name: &str) -> Option<(&str, Age)> {
    let tail = name
        .rfind(|c: char| !c.is_ascii_digit() && !"-_T".contains(c))
        .map_or(0, |at| at + name[at..].chars().next().map_or(0, char::len_utf8));
    // `rfind` stops behind the last letter or dot; the age begins at the first digit behind it.
    let start = tail + name[tail..].find(|c: char| c.is_ascii_digit())?;
    let base = name[..start].trim_end_matches(['.', '-', '_']);
    let digits: String = name[start..].chars().filter(char::is_ascii_digit).collect();
    if base.is_empty() || base.len() == start {
        return None;
    }
    match digits.len() {
        8..=20 if plausible_date(&digits) => Some((base, Age::Dated(digits))),
        1..=4 if name[start..].len() == digits.len() && name[..start].ends_with('.') => {
            Some((base, Age::Numbered(Reverse(digits.parse().ok()?))))
        }
        _ => None,
    }
}

fn plausible_date(digits: &str) -> bool {
    let number = |range| digits.get(range).and_then(|part: &str| part.parse::<u32>().ok()).unwrap_or(0);
    (1980..2200).contains(&number(0..4))
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

/// Says what a file is when it holds no text: known by its name, its first bytes, or by hardly
/// holding anything but zeros and control bytes at both ends (one end of zeros is what a crash
/// leaves in a log).
fn not_text(path: &Path, file: &File, bytes: u64) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy();
    let stem = name.split(['.', '-']).next().unwrap_or("");
    match stem {
        "wtmp" | "btmp" | "utmp" | "utx" | "lastlog" | "faillog" | "tallylog" => {
            return Some("a record of logins");
        }
        _ => {}
    }
    let head = read_at(file, 0)?;
    if head.starts_with(b"LPKSHHRH") {
        return Some("a systemd journal");
    }
    if head.starts_with(b"SQLite format 3\0") {
        return Some("a database");
    }
    if is_compressed(&head) || looks_like_text(&head) {
        return None;
    }
    let tail = read_at(file, bytes.saturating_sub(SNIFF_BYTES as u64))?;
    (!looks_like_text(&tail)).then_some("a binary file")
}

fn read_at(file: &File, offset: u64) -> Option<Vec<u8>> {
    let mut buffer = vec![0; SNIFF_BYTES];
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What cannot be read is not judged here: the reader reports it.
            Err(_) => return None,
        }
    }
    buffer.truncate(done);
    Some(buffer)
}

fn is_compressed(head: &[u8]) -> bool {
    let magics: [&[u8]; 4] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"BZh"];
    magics.iter().any(|magic| head.starts_with(magic))
}

fn looks_like_text(bytes: &[u8]) -> bool {
    // UTF-16 with its mark: not read as text by the scanner, but never dropped unseen either.
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let odd = bytes.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)).count();
    odd * 10 <= bytes.len() * 3
}
