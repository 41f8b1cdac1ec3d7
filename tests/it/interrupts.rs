//! Ctrl-C in a terminal, at many moments of a run with a fix: what was started is ended, the terminal
//! is as it was, the journal says how far it came, the exit status is 130.

#![expect(clippy::disallowed_methods, reason = "a test starts the program it tests and reads its files")]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::cases::{self, Case, Result};
use crate::console::Sandbox;
use crate::target::{until, with_marker};

/// From one moment to the next.
const STEP: Duration = Duration::from_millis(110);
/// So many moments are tried.
const MOMENTS: u32 = 10;

/// Plays each case at every moment, once with one Ctrl-C and once with two.
pub(crate) fn file(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let mut seen = 0;
        for moment in 0..MOMENTS {
            seen += u32::from(interrupted(case, STEP * moment, 1 + moment % 2));
        }
        vec![format!("interrupted in the fix at least once: {}\n", seen > 0)]
    })
}

/// One run; true when the fix had begun.
fn interrupted(case: &Case, moment: Duration, presses: u32) -> bool {
    let sandbox = Sandbox::new(case);
    let marker = format!("kb-interrupt-{}", sandbox.folder().display());
    let command =
        "trap : INT; stty -g >before; kb run ./page.md --yes mends; echo $? >status; stty -g >after";
    let mut child = sandbox
        .command("script")
        .args(["-qefc", command, "/dev/null"])
        .env("TERM", "dumb")
        .env("MARKER", &marker)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script(1) starts");
    let mut keys = child.stdin.take().expect("a pipe");
    let mut screen = child.stdout.take().expect("a pipe");
    let shown = Arc::new(Mutex::new(String::new()));
    let text = Arc::clone(&shown);
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = screen.read(&mut bytes) {
            text.lock().expect("nobody panics with it").push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    });
    let screen = || shown.lock().expect("nobody panics with it").clone();
    let read = |name: &str| std::fs::read_to_string(sandbox.folder().join(name)).unwrap_or_default();
    // From here on kb listens.
    assert!(until(|| screen().contains("The flag says broken")), "it does not begin");
    std::thread::sleep(moment);
    for _ in 0..presses {
        let _ = keys.write_all(b"\x03");
        std::thread::sleep(Duration::from_millis(60));
    }
    assert!(until(|| !read("after").is_empty()), "it does not end, at {moment:?}:\n{}", screen());
    child.wait().expect("it ends");
    reader.join().expect("it reads");
    let screen = screen();
    let status = read("status");
    assert_eq!(status.trim(), "130", "at {moment:?}:\n{screen}");
    assert_eq!(read("before"), read("after"), "the terminal is not as it was, at {moment:?}");
    assert!(until(|| with_marker(&marker) == 0), "something is left, at {moment:?}");
    let journal = sandbox.folder().join("../state/kb/journal.jsonl");
    let journal = std::fs::read_to_string(journal).unwrap_or_default();
    let begun = journal.contains("\"record\":\"begin\"");
    if !journal.is_empty() {
        assert!(
            journal.trim_end().lines().last().is_some_and(|line| line.contains("interrupted")),
            "{journal}"
        );
    }
    assert!(!sandbox.folder().join("second").exists(), "the rest of the plan was started, at {moment:?}");
    begun
}
