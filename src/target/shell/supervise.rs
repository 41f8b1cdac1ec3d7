//! One command with a supervisor around it, for a host whose standard input and output are ours.
//!
//! The supervisor is plain POSIX sh: nothing is installed there. It ends the command at its time
//! limit and when the life line, its standard input, ends: so nothing outlives a kb that is gone.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};

use crate::target::{Access, Command};

/// What a host is told to run, whatever comes: it looks for a line with a length, then reads so many
/// bytes, and runs them. A byte at a time, so that nothing behind them is eaten. Every login shell
/// takes it: it holds nothing that csh, fish or a restricted shell reads in a way of its own.
pub(in crate::target) const CONSTANT: &str = r#"sh -c 'while IFS= read -r n; do case $n in KB=*) eval "$(dd bs=1 count="${n#KB=}" 2>/dev/null)"; exit;; esac; done'"#;

/// A message as [`CONSTANT`] takes it. The empty lines ahead are for start-up files that read a line.
pub(in crate::target) fn framed(text: &str) -> Vec<u8> {
    format!("\n\n\n\nKB={}\n{text}", text.len()).into_bytes()
}

/// Only says who the host is.
pub(in crate::target) fn who(nonce: &str) -> String {
    format!("{}kb_mark done\n", super::opening(nonce))
}

/// What says on standard error that sudo went on.
pub(in crate::target) const ROOT_SIGN: &str = "KB-IS-ROOT";

/// Becomes root, says so, and then does with the rest of standard input as [`CONSTANT`] does. `ask`:
/// sudo may ask, in words on standard error, and reads the answer; nothing else may be sent by then.
pub(in crate::target) fn by_sudo(ask: bool) -> String {
    let way = if ask { "-S" } else { "-n" };
    let constant = CONSTANT.replacen("while", &format!("echo {ROOT_SIGN} >&2; while"), 1);
    format!("exec sudo {way} -- {constant}\n")
}

/// Takes one message after the other until standard input ends: the next one comes when the answer to
/// the last one is whole.
pub(in crate::target) fn many() -> String {
    format!("while {NEXT}; do :; done\n")
}

/// [`CONSTANT`], which fails where there is nothing more to read.
const NEXT: &str = r#"sh -c 'while IFS= read -r n; do case $n in KB=*) eval "$(dd bs=1 count="${n#KB=}" 2>/dev/null)"; exit 0;; esac; done; exit 1'"#;

/// One command, supervised. `host` is what the host called itself before: on another one nothing
/// runs.
pub(in crate::target) fn remote(nonce: &str, command: &Command, host: &[u8]) -> String {
    let seconds = command.time.as_millis().div_ceil(1000);
    // What carries this word in its environment was started by the command, however it hides.
    let word = format!("{:016x}", RandomState::new().hash_one(nonce));
    let mut out = super::opening(nonce);
    out.push_str(&super::only_on(host));
    let _ = writeln!(out, "kb_word={word}; kb_seconds={seconds}");
    let _ = writeln!(out, "kb_tidy={}", if command.access == Access::Change { "" } else { "yes" });
    out.push_str(&super::define(nonce, 0, command, "$kb_session ", super::Secrets::Sent));
    out.push_str(SUPERVISOR);
    out
}

/// A session of its own, so that all of it can be ended; where there is no `setsid`, `timeout`
/// makes a group (and on FreeBSD ends every descendant). What a change leaves running stays: it
/// may be the service that it was to start.
const SUPERVISOR: &str = r#"exec 3<&0 </dev/null 2>/dev/null
kb_session=
if command -v setsid >/dev/null; then kb_session=setsid
elif timeout -k 1 2 true; then kb_session="timeout -k 1 $((kb_seconds + 1))"; fi
kb_others() {
  for kb_file in $(grep -ls "KB_BLOCK=$kb_word" /proc/[0-9]*/environ); do
    kb_file=${kb_file#/proc/}; echo ${kb_file%/environ}
  done
}
kb_kill() {
  kill -$1 -$kb_pid; kill -$1 $kb_pid
  for kb_other in $(kb_others); do kill -$1 $kb_other; done
}
kb_stop() { kb_why=${kb_why:-$1}; kb_kill TERM; sleep 1; kb_kill KILL; kb_kill KILL; }
kb_why=; kb_left=0; kb_pid=
trap 'kb_stop late' USR1; trap 'kb_stop cut' USR2
kb_mark begin 0
( KB_BLOCK=$kb_word; export KB_BLOCK; kb_do ) & kb_pid=$!
( trap 'kill $kb_sleep; exit' TERM; sleep $kb_seconds 3<&- 4>&- & kb_sleep=$!; wait $kb_sleep; kill -USR1 $$ ) >/dev/null 3<&- 4>&- & kb_timer=$!
( while IFS= read -r kb_line; do :; done; kill -USR2 $$ ) <&3 >/dev/null 4>&- & kb_life=$!
exec 3<&-
wait $kb_pid; kb_status=$?
trap '' USR1 USR2
kill $kb_timer $kb_life; wait $kb_life
if [ "$kb_tidy" ] && [ -z "$kb_why" ]; then
  kb_left=$(kb_others | grep -c .)
  kb_kill KILL; [ "$kb_left" = 0 ] || kb_kill KILL
fi
kb_mark end 0 $kb_status ${kb_why:-ended} $kb_left
kb_mark done
"#;
