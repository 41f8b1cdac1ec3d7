//! `kb __exec`: the supervisor of one block.
//!
//! It reads the plan on standard input, runs the block, and writes how it ended to standard
//! output. It inherits whatever the block orphans, and it watches the other end of standard input:
//! when kb is gone, however that happened, everything the block started is ended too.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::target::{Confinement, Ending, Leftovers};

mod family;
mod hold;
mod launch;
mod supervise;
pub(super) mod wire;

/// Where programs are looked for, here and by the blocks.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The hidden command: `arguments` are those after `__exec`.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    if arguments.next().is_some_and(|stage| stage == "launch") {
        return launch::main(arguments);
    }
    let Some(plan) = read_plan() else { return ExitCode::from(2) };
    // Away from kb's terminal: what the person presses there is for kb, which says what it means.
    let _ = rustix::process::setsid();
    let reply = match missing(&plan) {
        Some(program) => not_started(Ending::Missing(program)),
        None => supervise::run(&plan)
            .unwrap_or_else(|error| not_started(Ending::Refused(format!("cannot start it: {error}")))),
    };
    let mut out = io::stdout();
    let sent = out.write_all(&reply.encode()).and_then(|()| out.flush());
    if sent.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_plan() -> Option<wire::Plan> {
    let mut length = [0; 8];
    read_exact(&mut length)?;
    let mut message = vec![0; usize::try_from(u64::from_le_bytes(length)).ok()?];
    read_exact(&mut message)?;
    wire::Plan::decode(&message)
}

/// Reads no byte more than asked for: what follows the plan is watched for, not buffered.
fn read_exact(mut into: &mut [u8]) -> Option<()> {
    while !into.is_empty() {
        match rustix::io::read(rustix::stdio::stdin(), &mut *into) {
            Ok(0) => return None,
            Ok(length) => into = &mut into[length..],
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
    Some(())
}

/// The first program that the block needs and this machine has not.
fn missing(plan: &wire::Plan) -> Option<String> {
    let interpreter = plan.interpreter.to_str().unwrap_or("sh");
    let needed = plan.needs.iter().map(String::as_str).chain([interpreter]);
    needed.into_iter().find(|program| find(program).is_none()).map(str::to_owned)
}

/// Where a program is.
fn find(program: &str) -> Option<PathBuf> {
    // A name with a slash replaces the folder it is joined to when it is absolute.
    PATH.split(':').map(|folder| PathBuf::from(folder).join(program)).find(|path| runs(path))
}

fn runs(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn not_started(ending: Ending) -> wire::Reply {
    let left = Leftovers::default();
    let confinement = Confinement::NotRun;
    wire::Reply { ending, text: Vec::new(), dropped: 0, took: std::time::Duration::ZERO, left, confinement }
}
