//! Makes the data of `benches/speed.py`: a log, folders of runbooks, and the same signatures as lists
//! of patterns for other tools.
//!
//! ```sh
//! cargo bench --bench data -- FOLDER [MIB]
//! ```
//!
//! The same arguments give the same bytes. The log is what healthy machines write (the shapes of
//! `src/proof/noise`), with a line of some signature every few ten thousand lines. Sets of N
//! signatures are nested: the first ten of the set of 100 are the set of 10.

#![expect(clippy::disallowed_methods, reason = "it writes the files that are measured")]
#![expect(clippy::print_stderr, reason = "it says what it does")]

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Lines between two that hold a signature, on average.
const NEEDLE_EVERY: u64 = 40_000;
const SEED: u64 = 20_261_129;
const DAYS: usize = 30;

fn main() -> io::Result<()> {
    // `cargo bench` adds an argument of its own.
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let usage = || io::Error::other("usage: cargo bench --bench data -- FOLDER [MIB]");
    let folder = PathBuf::from(arguments.next().ok_or_else(usage)?);
    let mib: usize = arguments.next().map_or(Ok(1024), |mib| mib.parse()).map_err(|_| usage())?;
    fs::create_dir_all(&folder)?;

    let mixed_set: Vec<Signature> = (0..10_000).map(|number| mixed(number, number % 5 == 4)).collect();
    let literal_set: Vec<Signature> = (0..10_000).map(|number| mixed(number, false)).collect();
    let natural_set: Vec<Signature> = (0..1_000).map(natural).collect();
    for count in [10, 100, 1_000, 10_000] {
        write_set(&folder, "mixed", &mixed_set[..count])?;
    }
    for count in [10, 100, 1_000, 10_000] {
        write_set(&folder, "literal", &literal_set[..count])?;
    }
    write_set(&folder, "natural", &natural_set)?;

    eprintln!("writing the log");
    let log = log(mib << 20, &mixed_set);
    fs::write(folder.join("log"), &log)?;
    fs::write(folder.join("ten-lines"), first_lines(&log, 10))?;
    eprintln!("writing a month of rotated logs");
    month(&folder.join("month"), &log)
}

/// A signature as kb and other tools read it, and a line that it matches.
struct Signature {
    /// As it stands in a runbook.
    kb: String,
    /// As a regular expression, or as text for sets of text.
    plain: String,
    example: String,
    /// It demands less text than `kb lint` likes.
    broad: bool,
}

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn pick<'w>(&mut self, words: &'w str) -> &'w str {
        let count = words.split('|').count();
        words.split('|').nth(self.below(count)).unwrap_or_default()
    }
}

const VERBS: &str = "failed to allocate|cannot map|unable to load|error while flushing|giving up on|could not \
    register|lost contact with|timed out waiting for|refused to start|failed to resume|invalid state of|no reply \
    from|dropping|checksum mismatch in|cannot read|failed to write|retry limit reached for|out of space on|bad \
    descriptor of|unexpected end of";
const THINGS: &str = "the receive ring|the firmware image|the mailbox|the transmit queue|the shared memory \
    segment|the write-ahead log|the replication slot|the lease|the session table|the interrupt vector|the quota \
    file|the page table|the routing table|the journal|the snapshot|the backing device|the control socket|the \
    certificate store|the key schedule|the neighbour cache|the partition map|the event channel|the token bucket|the \
    message queue|the resync bitmap|the multipath map|the link partner|the thermal zone|the power domain|the \
    phy";
const OWNERS: &str = "adapter|port|vdev|volume|tenant|shard|bridge|tunnel|peer|node|zone|pool|cpu|slot|channel|\
    enclosure|host|instance|namespace|replica";
const REASONS: &str = "no memory left|device is gone|operation was cancelled|remote side closed|permission was \
    denied|version is not supported|resource is busy|limit was exceeded|signature is wrong|data is stale|clock went \
    backwards|queue is full|parity error|carrier lost|quorum lost|epoch is too old|address is taken|descriptor is \
    closed|policy forbids it|image is damaged";
const PROGRAMS: &str = "qlx|mpsd|ixnet|storaged|leased|quorumd|hvd|bgpx|raidd|vaultd|meshd|fcoed|nvmx|cephx|ipsecd|\
    authz|sched|dhcpx|zpoold|telemetryd";

/// Nested sets of signatures of 15 to 45 bytes, as kernels and daemons print them: text, or text with
/// values.
fn mixed(number: usize, regex: bool) -> Signature {
    let mut dice = Dice(SEED + number as u64);
    let (program, verb, thing) = (dice.pick(PROGRAMS), dice.pick(VERBS), dice.pick(THINGS));
    let (owner, reason) = (dice.pick(OWNERS), dice.pick(REASONS));
    let value = dice.below(10_000);
    if !regex {
        let text = match number % 3 {
            0 => format!("{program}{number}: {reason}"),
            1 => format!("{verb} {thing} {number:04}"),
            _ => format!("{owner}{number} {reason}"),
        };
        return Signature { kb: text.clone(), plain: text.clone(), example: text, broad: false };
    }
    let (plain, example) = match number % 3 {
        0 => (
            format!(r"{program}{number}: {owner} \d+ {reason}"),
            format!("{program}{number}: {owner} {value} {reason}"),
        ),
        1 => (
            format!(r"(?:error|warning|fatal): .*{verb} {thing} {number:04}"),
            format!("error: cpu3: {verb} {thing} {number:04}"),
        ),
        _ => (
            format!(r"{program}\[\d+\]: \S+ of {owner}{number}: {reason}"),
            format!("{program}[{value}]: 0x{value:x} of {owner}{number}: {reason}"),
        ),
    };
    Signature { kb: format!("/{plain}/"), plain, example, broad: false }
}

/// Signatures as collections of rules have them: mostly fine, some that hardly say anything.
fn natural(number: usize) -> Signature {
    let mut dice = Dice(SEED ^ number as u64);
    let (owner, reason) = (dice.pick(OWNERS), dice.pick(REASONS));
    let (plain, broad) = match number % 40 {
        3 => (format!(r"data.*{owner}.*{reason}"), true),
        7 => (format!(r"(?:panic|fatal|oops).*{owner}{number}"), true),
        11 => (format!(r"{owner}{number} (?:went )?(?:down|up|away) .*{reason}"), true),
        19 => (format!(r"[Ee]rror .*code={number}\b"), true),
        23 => (format!(r"OOM\w* .*{owner}\d+.*{reason}"), true),
        31 => (format!(r"level=(?:error|fatal) .*msg=.{}.*{reason}", dice.pick(THINGS)), false),
        _ => return mixed(number, number.is_multiple_of(3)),
    };
    Signature { kb: format!("/{plain}/"), plain, example: String::new(), broad }
}

fn write_set(folder: &Path, kind: &str, signatures: &[Signature]) -> io::Result<()> {
    let count = signatures.len();
    eprintln!("writing {kind}-{count}");
    let plain: String = signatures.iter().map(|signature| signature.plain.clone() + "\n").collect();
    fs::write(folder.join(format!("{kind}-{count}.txt")), plain)?;
    let pages = folder.join(format!("{kind}-{count}"));
    fs::create_dir_all(&pages)?;
    for (number, signature) in signatures.iter().enumerate() {
        fs::write(pages.join(format!("bench-{number:05}.md")), page(number, signature))?;
    }
    Ok(())
}

/// A page of about two thousand bytes.
fn page(number: usize, signature: &Signature) -> String {
    let mut dice = Dice(SEED * 3 + number as u64);
    let broad = if signature.broad { " broad" } else { "" };
    let mut out = format!("# Problem {number}: {} {}\n\n", dice.pick(VERBS), dice.pick(THINGS));
    let _ =
        writeln!(out, "## Symptoms\n\n```text symptom{broad}\n{}\n```\n\n## Why it happens\n", signature.kb);
    for _ in 0..9 {
        let sentence = format!(
            "When {} of the {} meets {}, {} {} says so: {}. Look at `{}{}` and at `/etc/{}.d/{}.conf` before anything is restarted.",
            dice.pick(THINGS),
            dice.pick(OWNERS),
            dice.pick(THINGS),
            dice.pick(PROGRAMS),
            dice.below(90),
            dice.pick(REASONS),
            dice.pick(PROGRAMS),
            dice.below(9000),
            dice.pick(PROGRAMS),
            dice.pick(OWNERS),
        );
        let _ = writeln!(out, "{sentence}\n");
    }
    out
}

/// A log of so many bytes with lines of the signatures in it: of the first ones more often.
fn log(bytes: usize, signatures: &[Signature]) -> Vec<u8> {
    let noise = kb::proof::noise(SEED, bytes);
    let mut dice = Dice(SEED * 7);
    let mut out = Vec::with_capacity(bytes + (bytes >> 6));
    for line in noise.split_inclusive(|&byte| byte == b'\n') {
        if dice.below(NEEDLE_EVERY as usize) == 0 {
            let among = [10, 100, 1_000, 10_000][dice.below(4)];
            let needle = &signatures[dice.below(among)].example;
            out.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            out.extend_from_slice(format!(" {needle}\n").as_bytes());
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

fn first_lines(log: &[u8], count: usize) -> &[u8] {
    let end = log.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(count - 1);
    end.map_or(log, |(at, _)| &log[..=at])
}

/// The log as a month of files: the last two as they are, the others packed, most of them by gzip.
fn month(folder: &Path, log: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut start = 0;
    for day in 1..=DAYS {
        let wanted = log.len() * day / DAYS;
        let end =
            log[wanted..].iter().position(|&byte| byte == b'\n').map_or(log.len(), |at| wanted + at + 1);
        let text = &log[start..end];
        start = end;
        let name = format!("messages-202611{day:02}");
        let (ending, packed) = match day {
            29 => (".1", text.to_vec()),
            30 => ("", text.to_vec()),
            _ if day % 10 == 3 => (".xz", read_all(liblzma::read::XzEncoder::new(text, 1))?),
            _ if day % 10 == 7 => {
                (".zst", ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest))
            }
            _ => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(text)?;
                (".gz", encoder.finish()?)
            }
        };
        let name = if day == 30 {
            "messages".to_owned()
        } else if day == 29 {
            "messages.1".to_owned()
        } else {
            name + ending
        };
        fs::write(folder.join(name), packed)?;
    }
    Ok(())
}

fn read_all(mut reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    reader.read_to_end(&mut out)?;
    Ok(out)
}
