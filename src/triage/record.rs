//! The record a line belongs to: its stamp, its host, and the line it begins on.
//!
//! A record is a stamped line with the unstamped lines below it. Where there is no stamp above, a
//! line is a record of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Options;
use super::hit::{LINES_WITHOUT_TIMES, Mark};
use super::input::Block;
use super::time::{Reference, Resolved, header};
use crate::report::Clock;
use crate::signature::clean;

/// Hosts are kept once each, up to this many.
const HOSTS_MAX: usize = 10_000;

/// What is known of a line from its record.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// Its stamp, or that of the line above.
    pub(super) stamp: Option<Resolved>,
    /// Its host, or that of the line above.
    pub(super) host: Option<Arc<[u8]>>,
    /// The number of the line that the record begins on.
    pub(super) head: u64,
}

/// The records of one input, asked for in the order of lines.
#[derive(Debug)]
pub(super) struct Records {
    file: u32,
    reference: Reference,
    /// The last line that was asked for.
    last: Option<(u64, Record)>,
    /// The clock of the first stamp; lines of another one are sorted by their neighbours.
    clock: Option<Clock>,
    key: i64,
    hosts: BTreeSet<Arc<[u8]>>,
}

impl Records {
    /// Of the input with this number.
    pub(super) fn new(file: u32, options: &Options, modified: Option<Timestamp>) -> Self {
        Self {
            file,
            reference: Reference::new(options, modified),
            last: None,
            clock: None,
            key: i64::MIN,
            hosts: BTreeSet::new(),
        }
    }

    /// The record of the line that starts at `start` in the text of a block.
    pub(super) fn of_line(&mut self, block: &Block<'_>, start: usize, number: u64) -> Record {
        let known = self.last.as_ref().filter(|(last, _)| *last == number).map(|(_, record)| record.clone());
        let record = match (known, block.head) {
            // The first piece of the line may have been a hole of zeros.
            (Some(known), Some(head)) if known.stamp.is_none() => self.read(head, number),
            (Some(known), _) => return known,
            (None, _) => self.find(block, start, number),
        };
        self.last = Some((number, record.clone()));
        record
    }

    fn find(&mut self, block: &Block<'_>, start: usize, number: u64) -> Record {
        let mut record = self.read(first_line(&block.text[start..]), number);
        let own_host = record.host.take();
        let mut lines = block.lines_above(start);
        let mut above = number;
        while record.stamp.is_none() && above > 1 && number - above < LINES_WITHOUT_TIMES {
            above -= 1;
            if let Some((last, known)) = &self.last
                && *last == above
            {
                record = known.clone();
                break;
            }
            let Some(line) = lines.next() else { break };
            record = self.read(first_line(line), above);
        }
        if record.stamp.is_none() {
            return Record { stamp: None, host: own_host, head: number };
        }
        Record { host: own_host.or(record.host), ..record }
    }

    fn read(&mut self, line: &[u8], number: u64) -> Record {
        let line = clean(line);
        let header = header(&line);
        let host = header.host.map(|host| self.host(&line[host]));
        let stamp = header.written.and_then(|written| self.reference.resolve(written));
        Record { stamp, host, head: number }
    }

    /// The mark of the first of these lines that has a stamp, or of the line with this number.
    pub(super) fn edge<'l>(&self, mut lines: impl Iterator<Item = &'l [u8]>, number: u64) -> Mark {
        let resolved = lines.find_map(|line| self.reference.resolve(header(&clean(line)).written?));
        let stamp = resolved.map(|resolved| resolved.stamp);
        Mark {
            key: 0,
            file: self.file,
            line: number,
            part: 0,
            stamp,
            zones: resolved.map(|resolved| resolved.zones),
        }
    }

    fn host(&mut self, name: &[u8]) -> Arc<[u8]> {
        if let Some(known) = self.hosts.get(name) {
            return Arc::clone(known);
        }
        let host: Arc<[u8]> = name.into();
        if self.hosts.len() < HOSTS_MAX {
            self.hosts.insert(Arc::clone(&host));
        }
        host
    }

    /// Where a line stands in the order of everything.
    pub(super) fn mark(&mut self, record: &Record, line: u64) -> Mark {
        let stamp = record.stamp.map(|resolved| resolved.stamp);
        if let Some(stamp) = stamp
            && *self.clock.get_or_insert(stamp.clock) == stamp.clock
        {
            self.key = stamp.micros;
        }
        Mark {
            key: self.key,
            file: self.file,
            line,
            part: 0,
            stamp,
            zones: record.stamp.map(|resolved| resolved.zones),
        }
    }
}

/// The head of a line is enough for its stamp and host.
const LINE_HEAD_BYTES: usize = 16 << 10;

fn first_line(text: &[u8]) -> &[u8] {
    let zeros = text.iter().take_while(|&&byte| byte == 0).count();
    let head = &text[zeros..text.len().min(zeros + LINE_HEAD_BYTES)];
    &head[..memchr::memchr(b'\n', head).unwrap_or(head.len())]
}
