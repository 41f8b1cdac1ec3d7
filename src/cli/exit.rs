//! Exit statuses: one enum for each kind of command, and the same table as help text. That of `kb run`
//! is `report::Outcome`.

use std::process::ExitCode;

/// `kb match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MatchExit {
    /// A signature hit.
    Hit = 0,
    /// None did.
    None = 1,
    /// Some input could not be read to its end.
    Error = 2,
}

/// `kb search`, `list`, `show`, `new`, `lint`, `test`, `book`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FoundExit {
    /// Found, or nothing wrong.
    Good = 0,
    /// Not found, or something is wrong.
    Bad = 1,
}

/// `kb doctor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DoctorExit {
    /// Every check that applies says healthy.
    Healthy = 0,
    /// A check says sick.
    Sick = 1,
    /// None says sick, but one could not tell; or none applied.
    Unknown = 3,
}

/// `kb trust`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TrustExit {
    /// Everything named is trusted now, or is no longer.
    Good = 0,
    /// There was nothing to take back.
    Bad = 1,
    /// The person said no to some of it.
    Declined = 10,
}

/// `kb undo`, where nothing was asked; the rest is `report::UndoOutcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UndoExit {
    /// There is nothing to undo.
    Nothing = 1,
}

/// `kb import`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ImportExit {
    /// Every rule is a runbook that says all of it.
    Good = 0,
    /// Something could not be said, or a rule does not keep what its logs promise.
    Partly = 1,
    /// A file or a rule could not be read, or a page not written.
    Error = 2,
}

macro_rules! statuses {
    ($($type:ident),+) => {
        $(impl From<$type> for ExitCode {
            fn from(status: $type) -> Self {
                Self::from(status as u8)
            }
        })+
    };
}

statuses!(MatchExit, FoundExit, DoctorExit, TrustExit, UndoExit, ImportExit);

/// For the long help of `kb`.
pub const HELP: &str = "\
Exit statuses:
  kb match                  0 a signature hit, 1 none did, 2 error
  kb run                    0 healthy, held or does not apply; 1 sick and not fixed;
                            2 usage or a broken runbook; 3 unknown; 4 the fix did not
                            hold and was undone; 5 the fix did not hold and was not
                            undone, or its state is not known; 10 declined; 75 locked;
                            77 not trusted or no right; 130 interrupted
  kb doctor                 0 all healthy; 1 something is sick; 2 error; 3 unknown, or
                            no check applied
  kb trust                  0 trusted; 1 nothing to take back; 2 error; 10 declined;
                            77 another user's file that would run as root
  kb undo                   0 undone; 1 nothing to undo, or nobody could be asked; 2 usage;
                            5 not undone, or its state is not known; 10 declined; 75
                            locked; 77 another user's file, or another host; 130
                            interrupted
  kb import                 0 every rule in full; 1 some of it could not be said; 2 error
  kb search, list, history, 0 found or nothing wrong; 1 not found or something wrong;
  show, new, lint, test     2 error

A reader that goes away (`kb list | head -1`) is not an error.

Folders:
  Runbooks are read from --kb DIR or $KB_DIR, from `runbooks/` or the folders named in
  `kb.toml` in this folder or above, from $XDG_CONFIG_HOME/kb/runbooks, from
  /etc/kb/runbooks, and from the program itself. The first of two with one name is used.
  The last match, what is trusted and the journal are kept in $XDG_STATE_HOME/kb (what root
  trusts in /var/lib/kb, root's journal in /var/log/kb), or all in $KB_STATE_DIR.";

/// For the long help of `kb match`.
pub const MATCH_HELP: &str = "\
Examples:
  kb match                                  Paste, then Ctrl-D
  kb match /var/log                         A folder with its rotated and compressed logs
  kb match --since 1h /var/log/messages     Only the last hour
  dmesg | kb match                          What another program prints
  kb match --format json app.log | jq .runbook

In a folder:
  What holds no text is left out, and so is what is no file (a pipe, a socket, a device); the
  latter is said, and is read where you name it yourself. A link that leads nowhere is an
  input that could not be read: the log may be on a disk that is not there.

Exit statuses:
  0  a signature hit: a match or a possible one (with `--tier match` only a match)
  1  no signature hit
  2  an input could not be read to its end, or wrong usage";

/// For the long help of `kb run`.
pub const RUN_HELP: &str = "\
Examples:
  kb run 1                                        The first result of the last `kb match`
  kb run disk-full                                Check, then ask before any fix
  kb run disk-full --dry-run                      Check, show the fixes, change nothing
  kb run carp-esxi-teaming --replay sick          Watch it without a machine
  kb run carp-esxi-teaming --on esxi=by-hand      You run the blocks on `esxi` and paste
  kb run ./my-runbook.md                          Your own file
  kb run disk-full --continue                     Go on with the run that was cut off

Exit statuses:
   0  healthy, held, or does not apply
   1  sick and not fixed
   2  wrong usage, a value is missing, or the runbook is broken
   3  could not tell
   4  the fix did not hold and was undone
   5  the fix did not hold and was not undone, or its state is not known
  10  declined
  75  another run of this runbook holds the lock
  77  the runbook is not trusted, or a right is missing
 130  interrupted";

/// For the long help of `kb import cre`.
pub const IMPORT_HELP: &str = "\
A rule becomes one page: its logic as signatures, its prose as text, the `test.log` beside it as a
sample and `test-fp.log` as one that must not match. Nothing of it can run. What kb has no word for
(`anchor`, `slide`, `origin`, `jq` and others) is listed by rule and stands on its page.

Examples:
  kb import cre ./cre/rules --into runbooks
  kb import cre rule.yaml --into /tmp/pages && kb test --kb /tmp/pages

Exit statuses:
  0  every rule is a runbook that says all of it
  1  some of it could not be said, or a rule does not fire on its own log
  2  a file could not be read or written, or is no rule";

/// For the long help of `kb doctor`.
pub const DOCTOR_HELP: &str = "\
The checks run confined and in parallel; nothing is changed and nobody is asked.

Examples:
  kb doctor                                  What of all that kb knows is wrong here?
  kb doctor --require-confined               Only what the kernel holds to reading
  kb doctor --format nagios --timeout 30s    One service of a monitoring server

Exit statuses:
  0  every check that applies says healthy
  1  a check says sick
  2  error
  3  none says sick, but one could not tell; or no check applied

With `--format nagios` the states of a service:
  0  OK: every check that applies says healthy
  1  WARNING: what is sick is called `low` by its runbook
  2  CRITICAL: something else is sick
  3  UNKNOWN: none says sick, but one could not tell; or no check applied";

/// For the long help of `kb trust`.
pub const TRUST_HELP: &str = "\
What may run without it: what is built in, root's /etc/kb/runbooks, and a file of your own that you
name and nobody else may change. Anything else runs only as long as it is, byte for byte, what you
trusted; after a change the difference is shown and you are asked again.

Examples:
  kb trust runbooks                  Ask for each runbook of a project
  kb trust --yes runbooks/x.md       Without a question, for scripts
  kb trust --list
  kb trust --remove runbooks

Exit statuses:
   0  everything named is trusted now, or is no longer
   1  there was nothing to take back
   2  error
  10  you said no
  77  it is another user's file and would run as root";

/// For the long help of `kb undo`.
pub const UNDO_HELP: &str = "\
What runs is the rollback as it was recorded, with the values and the `$kb_run` of that run, after you
have seen it and said yes; then the checks of the runbook say what is true. A change is undone on the
host it was made on. Of a file only one of your own that nobody else may change is used.

Examples:
  kb history                                  The runs and their numbers
  kb undo 3 --dry-run                         Show what would run
  kb undo 3                                   Ask for each rollback, the newest change first
  kb undo 3 --yes put-back                    Without a question, for scripts
  kb history 3 --format json > run.json       Take a run along ...
  kb undo run.json                            ... and undo it where its journal is not

Exit statuses:
   0  undone (or shown, with --dry-run)
   1  there is nothing to undo, or nobody could be asked
   2  wrong usage, or the record is incomplete
   5  a rollback went wrong, or its state is not known
  10  declined, or not all of it undone
  75  a run of this runbook holds the lock
  77  it is another user's file, or another host
 130  interrupted";

/// For the long help of the commands that find things.
pub const FOUND_HELP: &str = "\
Exit statuses:
  0  found, or nothing wrong
  1  not found, or something is wrong
  2  error";

/// For the long help of `kb search`.
pub const SEARCH_HELP: &str = "\
Examples:
  kb search nfs mount freebsd
  kb search 'No such file or directory'
  kb search Net.ReversePathFwdCheckPromisc

Exit statuses:
  0  something was found
  1  nothing was found
  2  error";

/// For the long help of `kb new`.
pub const NEW_HELP: &str = "\
Examples:
  kb new nfs-mount-refused                            An empty page with all its parts
  kb new --from-log excerpt.log nfs-mount-refused     Signatures proposed from log lines
  journalctl -n 5 | kb new --from-log - unit-fails    The same from standard input

Exit statuses:
  0  the page was written
  2  error";

/// For the long help of `kb book build`.
pub const BOOK_BUILD_HELP: &str = "\
The book holds every runbook that kb finds, an index by symptom, tag, host and severity, and the
manual. It needs no server and asks no other host for anything.

Examples:
  kb book build                          Writes `book-html`; open `book-html/index.html`
  kb book build --dest-dir /var/www/kb   For a web server
  kb --kb runbooks book build --open     With the runbooks of this folder first

Exit statuses:
  0  the book was written
  2  error";

/// For the long help of `kb book serve`.
pub const BOOK_SERVE_HELP: &str = "\
Listens on this machine only. Ctrl-C ends it.

Examples:
  kb book serve                    http://127.0.0.1:3000/
  kb book serve --port 0 --open    Any free port, and the browser with it

Exit statuses:
  0  ended by Ctrl-C
  2  error";

/// For the long help of `kb book preprocess`.
pub const PREPROCESS_HELP: &str = "\
In `book.toml`:
  [preprocessor.kb]
  command = \"kb mdbook\"

Exit statuses:
  0  done; for `supports`: yes
  1  for `supports`: no
  2  error";
