//! Text whose shape says that it is a secret: private keys, tokens that name their issuer, passwords
//! behind the words that announce them.
//!
//! Prose that only speaks of passwords ("Failed password for root") is left alone, and so is what names
//! a value without being one (`$token`, `<password>`, `password: incorrect`).

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexSet};

/// What is cut is the group `s`.
const SHAPES: &[&str] = &[
    // Tokens that say what they are.
    r"\b(?P<s>eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*)",
    r"\b(?P<s>(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})\b",
    r"\b(?P<s>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,})",
    r"\b(?P<s>xox[abeoprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,})",
    r"\b(?P<s>sk-[A-Za-z0-9_-]{20,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{30,}|dop_v1_[a-f0-9]{40,})",
    // Hashes as crypt(3) writes them.
    r"(?P<s>\$(?:1|2[abxy]?|5|6|7|8|9|y|gy|argon2(?:id?|d)|scrypt|sha1)\$[A-Za-z0-9./$=,+*-]{12,})",
    // Headers.
    r#"(?i)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:basic|bearer|digest|negotiate|ntlm|token|apikey|aws4-hmac-sha256)\s+(?P<s>[^\r\n"']+)"#,
    r#"(?im)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?P<w>[^\s"']{6,})["']?\s*$"#,
    r#"(?i)\b(?:x-api-key|x-auth-token|x-vault-token|private-token|(?:set-)?cookie)["']?\s*:\s*["']?(?P<s>[^\r\n"']+)"#,
    r"(?i)\b(?:bearer)\s+(?P<s>[A-Za-z0-9._~+/-]{16,}=*)",
    // The password in an address.
    r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@'\x22]*:(?P<s>[^\s/@'\x22]+)@",
    // NAME=VALUE, "name": "value"; the value is judged.
    r#"(?i)(?P<x>\b(?:unexpected|invalid|unknown|bad|next|fetch|get)\s+)?(?P<n>\b[\w.-]*(?:password|passwd|passphrase|passwort|secret|token|psk|community|auth_pass|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|pre-?shared[_-]?key|encryption[_-]?key)|\b(?:[\w.-]*[_-])?(?:pwd|pass|pw))["']?\s*(?P<o>=>|:=|==?|:)\s*(?:"(?P<d>[^"\r\n]*)"|'(?P<q>[^'\r\n]*)'|(?P<v>[^\s"',;|]+)(?P<f>[ \t]+["'(]?[A-Za-z]+)?)"#,
    r"(?i)\bpassphrase\s*[:=]\s*(?P<s>[A-Za-z]+(?: [A-Za-z]+){2,})",
    r"(?i)<(?P<n>password|passwd|passphrase|secret|token|psk)>(?P<s>[^<\s]+)</",
    // Options of commands.
    r"(?i)(?:^|\s)--?[\w-]*(?:password|passwd|passphrase|token|secret|psk|api-key|auth-pass)\s+(?P<w>[^\s-]\S*)",
    r"\bsshpass\s+-p\s*(?P<w>\S+)",
    r"\b(?:curl|wget)\b[^\r\n]*\s-u\s*['\x22]?[^\s:'\x22]+:(?P<w>[^\s'\x22]+)",
    r"\bmysql\w*\b[^\r\n]*\s-p(?P<w>[^\s=]\S*)",
    r"(?i)\bidentified\s+by\s+(?:password\s+)?'(?P<s>[^']+)'",
    r"(?i)\blogin\s+\S+\s+password\s+(?P<w>\S+)",
    // Configurations of network devices and daemons.
    r"(?i)\b(?:password|passwd|secret)\s+(?:encrypted\s+)?[05789]\s+(?P<w>\S+)",
    r"(?i)\bkey\s+[067]\s+(?P<w>\S+)",
    r"(?i)\b(?:enable|username\s+\S+(?:\s+privilege\s+\d+)?)\s+(?:password|secret)\s+(?P<w>\S+)",
    r"(?im)^\s*(?:enable\s+)?passwd\s+(?P<w>\S+)",
    r"(?i)\b(?:password|passwd|secret|key)\s+(?P<w>\S+)\s+(?:encrypted|pbkdf2|nt-encrypted)\b",
    r"(?i)\bpre-shared-key\s+(?:(?:local|remote|ascii-text|hexadecimal|hex|address\s+\S+|[0-9])\s+)*(?P<w>[^\s:=]\S*)",
    r"(?i)\bcrypto\s+isakmp\s+key\s+(?:[0-9]\s+)?(?P<w>\S+)",
    r"(?i)\b(?:tacacs|radius)-server\s+(?:host\s+\S+\s+)?(?:\S+\s+)*?key\s+(?:[0-9]\s+)?(?P<w>\S+)",
    r"(?i)\bkey-string\s+(?:[0-9]\s+)?(?P<w>\S+)",
    r"(?i)\bsnmp-server\s+community\s+(?:[08]\s+)?(?P<w>\S+)",
    r"(?i)\bsnmp-server\s+host\s+(?:\S+\s+)*?community\s+(?:[08]\s+)?(?P<w>\S+)",
    r"(?im)^\s*(?:ro|rw|trap)community6?\s+(?P<w>\S+)",
    r"(?i)\bsnmp(?:walk|get|bulkwalk|set)\b[^\r\n]*\s-[cAX]\s*(?P<w>\S+)",
    r"(?i)\b(?:password|passphrase)\s+\x22(?P<s>[^\x22\r\n]+)\x22",
    r"(?i)\bauth_pass\s+(?P<w>\S+)",
    r"(?i)\bvhid\s+\d+\b[^\r\n]*?\bpass\s+(?P<w>\S+)",
    r"(?i)\bip(?:v6)?\s+ospf\s+(?:message-digest-key\s+\d+\s+md5|authentication-key)\s+(?:[0-9]\s+)?(?P<w>\S+)",
    r"(?i)\bneighbor\s+\S+\s+password\s+(?:[0-9]\s+)?(?P<w>\S+)",
];

/// Words that stand where a secret would, and are none.
const NO_SECRETS: &[&str] = &[
    "yes",
    "no",
    "true",
    "false",
    "on",
    "off",
    "none",
    "null",
    "nil",
    "undefined",
    "required",
    "optional",
    "incorrect",
    "invalid",
    "expired",
    "missing",
    "empty",
    "changed",
    "unchanged",
    "set",
    "unset",
    "not",
    "is",
    "was",
    "for",
    "from",
    "failed",
    "failure",
    "ok",
    "unknown",
    "disabled",
    "enabled",
    "authentication",
    "unexpected",
    "default",
    "prompt",
    "ask",
    "the",
    "a",
    "an",
    "and",
    "or",
    "error",
    "denied",
    "rejected",
    "accepted",
    "mismatch",
    "wrong",
    "bad",
    "cannot",
    "could",
    "no-such",
    "denied.",
    "publickey",
    "encrypted",
    "pbkdf2",
    "policy",
    "expiry",
    "file",
    "hash",
    "encryption",
    "recovery",
    "login",
    "in",
    "to",
    "has",
    "with",
    "times",
    "of",
    "more",
    "minutes",
    "seconds",
];

static ALL: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let bytes: Vec<String> = SHAPES.iter().map(|shape| format!("(?-u){shape}")).collect();
    let each = bytes.iter().map(|shape| Regex::new(shape).expect("a constant pattern"));
    (RegexSet::new(&bytes).expect("constant patterns"), each.collect())
});

/// The text without what looks like a secret; `mask` says what stands there.
pub(super) fn cut(text: &[u8], mask: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
    let mut text = keys(text, mask);
    let (set, each) = &*ALL;
    for at in set.matches(&text) {
        let replaced = each[at].replace_all(&text, |found: &Captures<'_>| one(found, mask)).into_owned();
        text = replaced;
    }
    text
}

/// One find, with its secret masked, or as it is when that is none.
fn one(found: &Captures<'_>, mask: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
    let whole = found.get(0).expect("group 0 is the match");
    let secret = ["s", "w", "d", "q", "v"].iter().find_map(|name| Some((*name, found.name(name)?)));
    let Some((kind, secret)) = secret else { return whole.as_bytes().to_vec() };
    let colon = kind == "v" && found.name("o").is_some_and(|sign| sign.as_bytes() == b":");
    let prose = Prose {
        colon,
        goes_on: found.name("f").is_some() || found.name("x").is_some(),
        counts: colon || found.name("n").is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"pass")),
    };
    // `PWD=/home/alice` is where a shell stands.
    let name = found.name("n").map_or(&b""[..], |name| name.as_bytes());
    let folder = name.to_ascii_lowercase().ends_with(b"pwd") && secret.as_bytes().starts_with(b"/");
    if folder
        || kind != "s" && !is_one(secret.as_bytes(), prose)
        || secret.as_bytes().starts_with(super::MASK.as_bytes())
    {
        return whole.as_bytes().to_vec();
    }
    let (start, end) = (secret.start() - whole.start(), secret.end() - whole.start());
    let mut out = whole.as_bytes()[..start].to_vec();
    out.extend_from_slice(mask(secret.as_bytes()).as_bytes());
    out.extend_from_slice(&whole.as_bytes()[end..]);
    out
}

/// What speaks for a sentence about a secret in the place of one.
#[derive(Clone, Copy)]
struct Prose {
    /// It stands behind a colon.
    colon: bool,
    /// A word follows, or one stands ahead with which it is a sentence.
    goes_on: bool,
    /// A small number is a count.
    counts: bool,
}

/// A value, not a word of prose or the name of one.
fn is_one(value: &[u8], prose: Prose) -> bool {
    let text = String::from_utf8_lossy(value);
    let bare = text.trim_matches(['"', '\'', '(', ')', '[', ']', '{', '}', ',', ';']);
    let word = bare.trim_end_matches(['.', ':', '!', '?']).to_ascii_lowercase();
    if word.is_empty() || NO_SECRETS.contains(&word.as_str()) || is_name(bare) {
        return false;
    }
    let letters = bare.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let count = bare.len() < 6 && bare.bytes().all(|byte| byte.is_ascii_digit());
    !(prose.colon && letters && prose.goes_on || prose.counts && count)
}

/// A variable, a placeholder, a pattern: `$pass`, `${pass}`, `$(pass)`, `<password>`, `%s`, `.*`.
fn is_name(bare: &str) -> bool {
    let named =
        |rest: &str| rest.starts_with(['{', '(', '_']) || rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let numbered = |rest: &str| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit());
    bare.strip_prefix('$').is_some_and(|rest| named(rest) || numbered(rest))
        || bare.starts_with('<') && bare.ends_with('>')
        || matches!(bare, "%s" | "%q" | "*" | ".*" | "...")
        || bare.bytes().all(|byte| byte == b'*')
}

/// Private keys over several lines, also those of which only one end is there.
fn keys(text: &[u8], mask: &dyn Fn(&[u8]) -> String) -> Vec<u8> {
    if memchr::memmem::find(text, b"PRIVATE KEY").is_none()
        && memchr::memmem::find(text, b"Private-Lines").is_none()
    {
        return text.to_vec();
    }
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let begins = find(line, b"-----BEGIN ").filter(|_| find(line, b"PRIVATE KEY").is_some());
        if let Some(start) = begins {
            at = block(&lines, at, start, &mut out, mask);
        } else if find(line, b"-----END ").is_some() && find(line, b"PRIVATE KEY").is_some() {
            headless(&mut out, line, mask);
            at += 1;
        } else {
            out.extend_from_slice(line);
            at += 1;
        }
    }
    out
}

fn find(line: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(line, what)
}

/// From a `BEGIN` line to its `END` line, or as far as lines look like a key; the next line.
fn block(
    lines: &[&[u8]],
    at: usize,
    start: usize,
    out: &mut Vec<u8>,
    mask: &dyn Fn(&[u8]) -> String,
) -> usize {
    let line = lines[at];
    let head = start + b"-----BEGIN ".len();
    let body = find(&line[head..], b"-----").map_or(line.len(), |at| head + at + 5);
    out.extend_from_slice(&line[..body]);
    if let Some(end) = find(&line[body..], b"-----END ") {
        out.extend_from_slice(mask(&line[body..body + end]).as_bytes());
        out.extend_from_slice(&line[body + end..]);
        return at + 1;
    }
    let rest = &lines[at + 1..];
    let end = rest.iter().position(|line| find(line, b"-----END ").is_some());
    let length = end.unwrap_or_else(|| rest.iter().take_while(|line| is_key_line(line)).count());
    let secret: Vec<u8> = rest[..length].concat();
    if length > 0 || line[body..].trim_ascii().len() > 16 {
        out.push(b'\n');
        out.extend_from_slice(mask(&secret).as_bytes());
    }
    out.push(b'\n');
    if let Some(end) = end {
        out.extend_from_slice(rest[end]);
    }
    at + 1 + length + usize::from(end.is_some())
}

/// An `END` line whose `BEGIN` was lost: the lines above it that look like a key go too.
fn headless(out: &mut Vec<u8>, end: &[u8], mask: &dyn Fn(&[u8]) -> String) {
    let mut from = out.len();
    loop {
        let above = out[..from].strip_suffix(b"\n").unwrap_or(&out[..from]);
        let start = memchr::memrchr(b'\n', above).map_or(0, |at| at + 1);
        if from == 0 || !is_key_line(&out[start..from]) {
            break;
        }
        from = start;
    }
    if from < out.len() {
        let secret = mask(&out[from..]);
        out.truncate(from);
        out.extend_from_slice(secret.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(end);
}

/// A line of base64, behind whatever a log or a quote puts before it; or a header of a key.
fn is_key_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let last = line.rsplit(u8::is_ascii_whitespace).next().unwrap_or(b"");
    let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    line.is_empty()
        || line.starts_with(b"Proc-Type:")
        || line.starts_with(b"DEK-Info:")
        || (last.len() >= 4 && last.iter().all(base64) && (last.len() >= 24 || last == line))
}
