//! Text that the C library writes in the language of the machine.
//!
//! kb runs its own commands with `LC_ALL=C`, but a log was written under whatever was set there. A
//! signature made of such text alone finds nothing on a machine with another language.

use std::cmp::Reverse;

use kb_scan::{Literal, required_literals};

use crate::runbook::{Pattern, Piece, Signature};
use crate::signature::expression::scan_pattern;

/// A word of so many letters beside the message says where it came from.
const WORD_CHARS_MIN: usize = 3;

/// The message that is all a signature demands, but for captures and short words.
pub(super) fn only(signature: &Signature) -> Option<&'static str> {
    match &signature.pattern {
        Pattern::Pieces(pieces) => only_message(&pieces.iter().map(text).collect::<Vec<_>>()),
        Pattern::Regex(_) => {
            let branches = required_literals(&scan_pattern(&signature.pattern, false)).ok()?;
            let text = |literal: &Literal| String::from_utf8_lossy(&literal.text()).into_owned();
            branches
                .iter()
                .find_map(|branch| only_message(&branch.literals.iter().map(text).collect::<Vec<_>>()))
        }
    }
}

fn text(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Capture { .. } | Piece::Gap => String::new(),
    }
}

fn only_message(texts: &[String]) -> Option<&'static str> {
    let text = texts.join("\n");
    let mut found: Vec<&'static str> =
        MESSAGES.iter().copied().filter(|message| text.contains(message)).collect();
    found.sort_by_key(|message| Reverse(message.len()));
    let longest = *found.first()?;
    let rest = found.iter().fold(text, |text, message| text.replace(message, "\n"));
    let beside = rest.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= WORD_CHARS_MIN);
    (!beside).then_some(longest)
}

/// What `strerror`, `gai_strerror` and `strsignal` give on Linux and the BSDs, in English.
const MESSAGES: &[&str] = &[
    ".lib section in a.out corrupted",
    "Accessing a corrupted shared library",
    "Address already in use",
    "Address family for hostname not supported",
    "Address family not supported by protocol",
    "Advertise error",
    "Argument list too long",
    "Attempting to link in too many shared libraries",
    "Authentication failure",
    "Bad address",
    "Bad file descriptor",
    "Bad font file format",
    "Bad message",
    "Bad system call",
    "Block device required",
    "Broken pipe",
    "Bus error",
    "Can not access a needed shared library",
    "Cannot allocate memory",
    "Cannot assign requested address",
    "Cannot exec a shared library directly",
    "Cannot send after transport endpoint shutdown",
    "Channel number out of range",
    "Communication error on send",
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "Destination address required",
    "Device busy",
    "Device not a stream",
    "Device not configured",
    "Device or resource busy",
    "Directory not empty",
    "Disc quota exceeded",
    "Disk quota exceeded",
    "Exchange full",
    "Exec format error",
    "File descriptor in bad state",
    "File exists",
    "File name too long",
    "File too large",
    "Floating point exception",
    "Function not implemented",
    "Host is down",
    "Identifier removed",
    "Illegal instruction",
    "Illegal seek",
    "Inappropriate ioctl for device",
    "Input/output error",
    "Interrupted system call",
    "Interrupted system call should be restarted",
    "Invalid argument",
    "Invalid cross-device link",
    "Invalid exchange",
    "Invalid or incomplete multibyte or wide character",
    "Invalid request code",
    "Invalid request descriptor",
    "Invalid slot",
    "Is a directory",
    "Is a named type file",
    "Key has been revoked",
    "Key has expired",
    "Key was rejected by service",
    "Level 2 halted",
    "Level 2 not synchronized",
    "Level 3 halted",
    "Level 3 reset",
    "Link has been severed",
    "Link number out of range",
    "Machine is not on the network",
    "Memory allocation failure",
    "Memory page has hardware error",
    "Message too long",
    "Multihop attempted",
    "Name not unique on network",
    "Name or service not known",
    "Network dropped connection on reset",
    "Network is down",
    "Network is unreachable",
    "No CSI structure available",
    "No XENIX semaphores available",
    "No address associated with hostname",
    "No anode",
    "No buffer space available",
    "No child processes",
    "No data available",
    "No locks available",
    "No medium found",
    "No message of desired type",
    "No route to host",
    "No space left on device",
    "No such device",
    "No such device or address",
    "No such file or directory",
    "No such process",
    "Non-recoverable failure in name resolution",
    "Not a XENIX named type file",
    "Not a directory",
    "Numerical argument out of domain",
    "Numerical result out of range",
    "Object is remote",
    "Operation already in progress",
    "Operation canceled",
    "Operation not permitted",
    "Operation not possible due to RF-kill",
    "Operation not supported",
    "Operation now in progress",
    "Operation timed out",
    "Out of streams resources",
    "Owner died",
    "Package not installed",
    "Permission denied",
    "Protocol driver not attached",
    "Protocol error",
    "Protocol family not supported",
    "Protocol not available",
    "Protocol not supported",
    "Protocol wrong type for socket",
    "RFS specific error",
    "Read-only file system",
    "Remote I/O error",
    "Remote address changed",
    "Required key not available",
    "Resolver internal error",
    "Resource deadlock avoided",
    "Resource temporarily unavailable",
    "Result too large",
    "Segmentation fault",
    "Servname not supported for ai_socktype",
    "Socket is already connected",
    "Socket is not connected",
    "Socket operation on non-socket",
    "Socket type not supported",
    "Software caused connection abort",
    "Srmount error",
    "Stale NFS file handle",
    "Stale file handle",
    "State not recoverable",
    "Streams pipe error",
    "Structure needs cleaning",
    "Temporary failure in name resolution",
    "Text file busy",
    "Timer expired",
    "Too many levels of symbolic links",
    "Too many links",
    "Too many open files",
    "Too many open files in system",
    "Too many references: cannot splice",
    "Too many users",
    "Trace/breakpoint trap",
    "Transport endpoint is already connected",
    "Transport endpoint is not connected",
    "Undefined error: 0",
    "Unknown error",
    "Unknown host",
    "Unknown server error",
    "Value too large for defined data type",
    "Value too large to be stored in data type",
    "Wrong medium type",
    "core dumped",
];
