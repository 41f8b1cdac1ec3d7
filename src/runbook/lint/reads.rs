//! Checks read: words by which the tools that runbooks use are known to write.
//!
//! A table for a person's slips, not a sandbox: on this machine the kernel holds a check, but over ssh,
//! by hand and elsewhere there is only this and the author's word. What is not in the table is not
//! judged.

use crate::diag::Diagnostic;
use crate::runbook::shell::{Command, ShellText};
use crate::runbook::{Check, Language, Runbook};

/// How a tool is known to write.
enum Writes {
    /// Always.
    Always,
    /// With one of these words.
    Words(&'static [&'static str]),
    /// Unless one of these is among its words.
    Unless(&'static [&'static str]),
    /// Unless a word holds one of these.
    UnlessPart(&'static [&'static str]),
    /// With a word that is no option.
    Operand,
    /// With an assignment (`name=value`), or one of these words.
    Assigns(&'static [&'static str]),
}

use Writes::{Always, Assigns, Operand, Unless, UnlessPart, Words};

const FILES: &[&str] = &[
    "rm", "rmdir", "mv", "cp", "mkdir", "ln", "touch", "chmod", "chown", "chgrp", "truncate", "install",
    "mktemp", "tee", "mknod", "mkfifo", "setfacl", "chattr", "unlink", "shred",
];

const TOOLS: &[(&[&str], Writes)] = &[
    (FILES, Always),
    (
        &[
            "reboot",
            "halt",
            "poweroff",
            "umount",
            "insmod",
            "rmmod",
            "kldload",
            "kldunload",
            "swapoff",
            "useradd",
            "userdel",
            "usermod",
            "logger",
            "renice",
            "ifup",
            "ifdown",
            "dhclient",
            "lvremove",
            "mkswap",
        ],
        Always,
    ),
    (&["kill", "pkill", "killall"], Unless(&["-0", "-l", "-L", "--list"])),
    (&["shutdown"], Unless(&["--show"])),
    (&["rsync"], Unless(&["-n", "--dry-run", "--list-only", "--version"])),
    (&["patch"], Unless(&["--dry-run", "-C", "--version"])),
    (&["fsck"], Unless(&["-n", "-N"])),
    (&["modprobe"], Unless(&["-n", "--dry-run", "-c", "--showconfig", "-D", "--show-depends", "-V"])),
    (&["swapon"], Unless(&["-s", "--show", "--summary"])),
    (&["passwd"], Unless(&["-S", "--status"])),
    (&["crontab"], Unless(&["-l"])),
    (&["ntpdate"], Unless(&["-q", "-qu", "-uq"])),
    (&["resize2fs"], Unless(&["-P"])),
    (&["xfs_growfs"], Unless(&["-n"])),
    (&["lvextend", "lvcreate"], Unless(&["-t", "--test"])),
    (&["tune2fs"], Unless(&["-l"])),
    (
        &["apt-get", "apt"],
        Unless(&[
            "-s",
            "--simulate",
            "--dry-run",
            "check",
            "list",
            "show",
            "search",
            "policy",
            "depends",
            "rdepends",
            "changelog",
        ]),
    ),
    (
        &["yum", "dnf"],
        Words(&[
            "install",
            "remove",
            "purge",
            "update",
            "upgrade",
            "dist-upgrade",
            "full-upgrade",
            "autoremove",
            "clean",
            "reinstall",
            "downgrade",
        ]),
    ),
    (&["birdc", "birdc6", "birdcl"], Unless(&["show", "sh", "s", "help", "check"])),
    (
        &["esxcli"],
        Words(&[
            "set", "add", "remove", "start", "stop", "restart", "kill", "load", "unload", "reload",
            "install", "update", "enable", "disable", "create", "delete", "attach", "detach", "claim",
            "refresh", "rescan",
        ]),
    ),
    (&["vim-cmd"], UnlessPart(&["get", "info", "summary", "environment", "help", "search"])),
    (&["xe"], UnlessPart(&["-list", "-get", "-query", "-info", "-compute", "help"])),
    (&["sysctl"], Assigns(&["-w", "--write", "-p", "--load", "--system", "-f"])),
    (&["ip"], Words(&["add", "del", "delete", "set", "flush", "change", "replace", "append"])),
    (&["bridge", "tc"], Words(&["add", "del", "delete", "set", "flush", "change", "replace"])),
    (
        &["systemctl"],
        Words(&[
            "start",
            "stop",
            "restart",
            "reload",
            "try-restart",
            "reload-or-restart",
            "enable",
            "disable",
            "reenable",
            "mask",
            "unmask",
            "kill",
            "daemon-reload",
            "daemon-reexec",
            "set-property",
            "reset-failed",
            "isolate",
            "edit",
            "link",
            "revert",
            "preset",
            "set-default",
            "set-environment",
            "reboot",
            "poweroff",
            "halt",
            "suspend",
            "clean",
            "freeze",
            "thaw",
        ]),
    ),
    (&["service"], Words(&["start", "stop", "restart", "reload", "onestart", "onestop", "onerestart"])),
    (
        &["timedatectl", "hostnamectl", "localectl"],
        Words(&["set-time", "set-timezone", "set-ntp", "set-hostname", "set-local-rtc", "set-locale"]),
    ),
    (&["chronyc"], Words(&["makestep", "burst", "add", "delete", "online", "offline", "settime", "reload"])),
    (
        &["loginctl"],
        Words(&["terminate-session", "terminate-user", "kill-session", "kill-user", "enable-linger"]),
    ),
    (&["openssl"], Words(&["-out", "-CAcreateserial", "genrsa", "genpkey"])),
    (
        &["ifconfig"],
        Words(&[
            "up", "down", "add", "delete", "alias", "-alias", "create", "destroy", "mtu", "netmask",
            "promisc", "-promisc", "vhid",
        ]),
    ),
    (&["mount"], Operand),
    (
        &["nft"],
        Words(&[
            "add", "create", "insert", "delete", "destroy", "flush", "replace", "rename", "reset", "-f",
            "--file",
        ]),
    ),
    (
        &["iptables", "ip6tables"],
        Words(&[
            "-A", "-D", "-I", "-R", "-F", "-X", "-P", "-N", "-E", "-Z", "--append", "--delete", "--insert",
            "--flush", "--policy",
        ]),
    ),
    (&["ipset"], Words(&["add", "del", "create", "destroy", "flush", "swap", "rename", "restore"])),
    (
        &["conntrack"],
        Words(&["-D", "-F", "-I", "-U", "-A", "--delete", "--flush", "--create", "--update", "--add"]),
    ),
    (&["route", "arp"], Words(&["add", "del", "delete", "change", "flush", "-s", "-d"])),
    (
        &["zfs", "zpool"],
        Words(&["set", "create", "destroy", "rollback", "scrub", "clear", "replace", "export"]),
    ),
    (&["ethtool"], Words(&["-s", "-K", "-G", "-C", "-A", "-L", "--change", "--offload", "--reset"])),
    (&["sed", "perl"], Words(&["-i", "--in-place"])),
    (&["find"], Words(&["-delete", "-fprint", "-fprintf", "-fls"])),
    (&["dmesg"], Words(&["-C", "-c", "--clear", "--read-clear", "-n", "-D", "-E"])),
    (
        &["journalctl"],
        Words(&["--rotate", "--flush", "--sync", "--vacuum-size", "--vacuum-time", "--vacuum-files"]),
    ),
    (
        &["docker", "podman"],
        Words(&["run", "start", "stop", "restart", "kill", "rm", "rmi", "prune", "pull", "up", "down"]),
    ),
    (
        &["kubectl"],
        Words(&[
            "apply", "delete", "create", "edit", "patch", "scale", "drain", "cordon", "uncordon", "restart",
        ]),
    ),
];

/// Words that stand before the command itself.
const WRAPPERS: &[&str] = &[
    "sudo", "doas", "env", "command", "nice", "nohup", "timeout", "time", "exec", "busybox", "!", "if",
    "while", "until", "then", "do", "else", "elif",
];

/// Where a redirection changes nothing.
const SINKS: &[&str] = &["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"];

/// A check that writes is no check.
pub(super) fn writes(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    for check in runbook.checks.iter().filter(|check| check.script.language != Language::Cisco) {
        let shell = ShellText::new(&check.script.text);
        for command in shell.simple_commands() {
            let Some(Write { tool, word }) = write_of(check, &command) else { continue };
            // The text of a script is that of the page, so the same words stand in both.
            let page = runbook.source.slice(check.span);
            let script = page.find(&check.script.text).unwrap_or(0);
            let begins = page.floor_char_boundary(script + command.begins());
            let at = page[begins..].find(word).map_or(begins, |at| begins + at);
            let (what, instead) = match tool {
                None => {
                    (format!("> {word}"), "write into a pipe, or with `allow=tmp` below `$TMPDIR`".into())
                }
                Some(tool) if tool == word => (tool.to_owned(), "leave it out".to_owned()),
                Some(tool) => (format!("{tool} {word}"), format!("use a form of `{tool}` that only shows")),
            };
            let message = format!("`{what}` changes something, and a check only reads");
            let hint = format!(
                "Move it to a fix, or {instead}. Over ssh and by hand nothing but this holds a check."
            );
            let span = check.span.part(at..at + word.len());
            found.push(Diagnostic::warning("lint-writes", span, message).hint(hint));
        }
    }
}

/// What writes.
struct Write<'a> {
    /// None is a redirection.
    tool: Option<&'a str>,
    /// The word by which it writes; that of the tool itself where it always does.
    word: &'a str,
}

fn write_of<'a>(check: &Check, command: &Command<'a>) -> Option<Write<'a>> {
    if let Some(word) = command.written.iter().find(|file| changes(check, file)) {
        return Some(Write { tool: None, word });
    }
    let skip = command.words.iter().take_while(|word| is_before(word)).count();
    let words = &command.words[skip..];
    let tool = words.first()?.rsplit('/').next()?;
    let own_folder = check.allow.tmp && FILES.contains(&tool);
    let own_process = tool == "kill" && check.script.text.contains("$!");
    let rest = &words[1..];
    let to_nowhere = tool == "tee" && rest.iter().all(|word| word.starts_with('-') || SINKS.contains(word));
    if own_folder || own_process || to_nowhere {
        return None;
    }
    let word = if tool == "dd" {
        rest.iter().find(|word| word.strip_prefix("of=").is_some_and(|file| changes(check, file)))?
    } else {
        let (_, writes) = TOOLS.iter().find(|(names, _)| names.contains(&tool))?;
        writing_word(writes, tool, rest)?
    };
    Some(Write { tool: Some(tool), word })
}

/// The word by which a tool writes.
fn writing_word<'a>(writes: &Writes, tool: &'a str, rest: &[&'a str]) -> Option<&'a str> {
    let is_operand = |word: &&&str| !word.starts_with('-');
    // The file that an option names is no verb.
    let is_name = |word: &&&str| word.starts_with(['"', '\'', '$', '/', '.', '~']);
    let verb = || rest.iter().find(|word| is_operand(word) && !is_name(word)).copied();
    match writes {
        Words(known) => rest.iter().find(|word| known.iter().any(|known| is_word(word, known))).copied(),
        Unless(reads) if rest.iter().any(|word| reads.contains(word)) => None,
        UnlessPart(reads) if rest.iter().any(|word| reads.iter().any(|read| word.contains(read))) => None,
        Unless(_) if tool.starts_with("birdc") => verb(),
        Always | Unless(_) => Some(tool),
        UnlessPart(_) => verb(),
        Operand => {
            // `-t` takes the first for a kind of file system.
            let first = usize::from(rest.contains(&"-t"));
            rest.iter().filter(is_operand).nth(first).copied()
        }
        Assigns(options) => {
            let assigns = |word: &&&str| word.contains('=') && is_operand(word) && !is_name(word);
            rest.iter().find(|word| options.contains(*word) || assigns(word)).copied()
        }
    }
}

fn is_before(word: &str) -> bool {
    WRAPPERS.contains(&word)
        || word.starts_with('-')
        || word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `-i` is also in `-i.bak`, `--vacuum-size` in `--vacuum-size=1G`.
fn is_word(word: &str, known: &str) -> bool {
    word == known
        || (known.starts_with("--") && word.split('=').next() == Some(known))
        || (known == "-i" && word.starts_with("-i") && !word.starts_with("--"))
}

/// A file that is written by a redirection, other than those where nothing stays.
fn changes(check: &Check, file: &str) -> bool {
    let file = file.trim_matches(['"', '\'']);
    let own_folder = check.allow.tmp && (file.starts_with("$TMPDIR") || file.starts_with("${TMPDIR"));
    !(SINKS.contains(&file) || own_folder || file.starts_with('&'))
}
