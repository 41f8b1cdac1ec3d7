//! All inputs read, unpacked and scanned, on as many threads as there are.
//!
//! A worker takes the first input whose text nobody else is reading, cuts the next piece off it, lets
//! go of the input, scans the piece and hands it to the input's [`Track`], which takes pieces in the
//! order of the text. So one large file keeps all workers busy, many compressed ones are unpacked at
//! the same time, and what comes out is the same for any number of workers: the hits of the first
//! input in the order of its lines, then those of the second.
//!
//! Memory is bounded: so many cuts are in flight, and an input whose hits nobody has taken yet is left
//! alone when they are many.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::Input;
use super::input::{self, Cut, Cutter};
use super::track::{Followed, Found, Matcher, Seen, Step, Track};
use super::wrapped;
use crate::signature::{Searching, SignatureHit};

/// Hits of one input that may wait to be taken.
const HELD_BYTES_MAX: usize = 4 << 20;
/// Cuts that may be in flight for each worker.
const CUTS_FOR_EACH: usize = 3;
/// So much is done before other threads are started: a paste does not need them.
const ALONE_STEPS: usize = 4;
/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);

/// What comes out.
pub(super) enum Event {
    /// Hits of the input at hand.
    Found(Vec<Found>),
    /// The input at hand is over; the next event is of the next one.
    Ended(Box<Followed>),
    /// So many bytes were taken from the readers.
    Progress(u64),
}

/// Reads all inputs on at most so many threads and tells what came out, in the order of the inputs.
pub(super) fn read(inputs: Vec<Input>, matcher: Matcher<'_>, threads: usize, tell: &mut dyn FnMut(Event)) {
    let flow = Flow::new(inputs, matcher, threads);
    let mut searching = Searching::default();
    for _ in 0..if threads > 1 { ALONE_STEPS } else { usize::MAX } {
        if flow.work(&mut searching, Wait::No).is_break() {
            break;
        }
        flow.tell(tell);
    }
    flow.tell(tell);
    if flow.gate().is_over() {
        return;
    }
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _closed = CloseOnPanic(&flow);
                let mut searching = Searching::default();
                while flow.work(&mut searching, Wait::Yes).is_continue() {}
            });
        }
        while flow.wait_for_news() {
            flow.tell(tell);
        }
    });
}

/// Text that is not cut yet.
enum Source {
    Unopened(Box<dyn std::io::Read + Send>),
    Open(Cutter),
}

/// Where the text of an input is.
enum Slot {
    /// Here, and the number of its next cut.
    Free(Source, u64),
    /// A worker is reading it.
    Taken,
    /// All of it was cut.
    Empty,
}

/// One input as the workers see it.
struct Lane {
    slot: Slot,
    held_bytes: usize,
    /// There are hits to take, or there will be no more.
    news: bool,
    ended: bool,
}

struct Gate {
    /// The first input that is not over.
    front: usize,
    lanes: Vec<Lane>,
    in_flight: usize,
    buffers: Vec<Vec<u8>>,
    closed: bool,
}

impl Gate {
    fn is_over(&self) -> bool {
        self.closed || self.front == self.lanes.len()
    }
}

struct Flow<'a> {
    matcher: Matcher<'a>,
    gate: Mutex<Gate>,
    /// Something may be read.
    room: Condvar,
    /// Something may be told.
    news: Condvar,
    tracks: Vec<Mutex<Track<'a>>>,
    stored: Arc<AtomicU64>,
    cuts_max: usize,
}

struct Task {
    lane: usize,
    source: Source,
    number: u64,
    buffer: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    Yes,
    No,
}

impl<'a> Flow<'a> {
    fn new(inputs: Vec<Input>, matcher: Matcher<'a>, threads: usize) -> Self {
        let mut lanes = Vec::with_capacity(inputs.len());
        let mut tracks = Vec::with_capacity(inputs.len());
        for (input, number) in inputs.into_iter().zip(0..) {
            tracks.push(Mutex::new(Track::new(number, input.name, input.modified, matcher)));
            let slot = Slot::Free(Source::Unopened(input.reader), 0);
            lanes.push(Lane { slot, held_bytes: 0, news: false, ended: false });
        }
        let gate = Gate { front: 0, lanes, in_flight: 0, buffers: Vec::new(), closed: false };
        Self {
            matcher,
            gate: Mutex::new(gate),
            room: Condvar::new(),
            news: Condvar::new(),
            tracks,
            stored: Arc::default(),
            cuts_max: CUTS_FOR_EACH * threads,
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn track(&self, lane: usize) -> MutexGuard<'_, Track<'a>> {
        self.tracks[lane].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts, scans and hands on one piece of text; breaks off when there is none (left).
    fn work(&self, searching: &mut Searching, wait: Wait) -> ControlFlow<()> {
        let Some(Task { lane, source, number, buffer }) = self.pick(wait) else {
            return ControlFlow::Break(());
        };
        let (slot, step) = match cut(source, buffer, &self.stored) {
            Ok((source, cut)) => (Slot::Free(source, number + 1), Ok(cut)),
            Err(end) => (Slot::Empty, Err(end)),
        };
        self.gate().lanes[lane].slot = slot;
        self.room.notify_one();
        let step = match step {
            Ok(cut) => self.scan(cut, number, searching),
            Err(end) => Step::End(end),
        };
        let mut free = Vec::new();
        let (held_bytes, ended) = {
            let mut track = self.track(lane);
            track.take(number, step, &mut free);
            (track.held_bytes(), track.is_ended())
        };
        let mut gate = self.gate();
        // An end gives back the memory it did not use and that of the text before it.
        gate.in_flight -= free.len().min(gate.in_flight);
        gate.buffers.append(&mut free);
        let lane = &mut gate.lanes[lane];
        lane.held_bytes = held_bytes;
        lane.ended = ended;
        lane.news |= held_bytes > 0 || ended;
        if lane.news {
            self.news.notify_one();
        }
        drop(gate);
        self.room.notify_all();
        ControlFlow::Continue(())
    }

    fn scan(&self, cut: Cut, number: u64, searching: &mut Searching) -> Step {
        let text = cut.text();
        let mut hits = Vec::new();
        let line_ends = self.matcher.signatures.scan_with(searching, text, &mut |hit| hits.push(hit));
        if number == 0 {
            wrapped::add_hits(self.matcher.signatures, searching, text, &mut hits);
        }
        let (mut lines_above, mut counted) = (0, 0);
        let seen = |hit: SignatureHit| {
            lines_above += memchr::memchr_iter(b'\n', &text[counted..hit.line.start]).count() as u64;
            counted = hit.line.start;
            Seen { lines_above, hit }
        };
        let hits = hits.into_iter().map(seen).collect();
        Step::Scanned { cut, line_ends, hits }
    }

    /// The first text that nobody reads and that may be read now.
    fn pick(&self, wait: Wait) -> Option<Task> {
        let mut gate = self.gate();
        loop {
            if gate.is_over() {
                return None;
            }
            let room = gate.in_flight < self.cuts_max;
            let front = gate.front;
            let free =
                |lane: &&mut Lane| matches!(lane.slot, Slot::Free(..)) && lane.held_bytes < HELD_BYTES_MAX;
            let mut lanes = gate.lanes.iter_mut().enumerate().skip(front);
            if let Some((lane, found)) = lanes.find(|(_, lane)| room && free(lane))
                && let Slot::Free(source, number) = std::mem::replace(&mut found.slot, Slot::Taken)
            {
                gate.in_flight += 1;
                let buffer = gate.buffers.pop().unwrap_or_default();
                return Some(Task { lane, source, number, buffer });
            }
            if wait == Wait::No {
                return None;
            }
            gate = self.room.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until there is something to tell; `false` when all was told.
    fn wait_for_news(&self) -> bool {
        let gate = self.gate();
        if gate.is_over() {
            return false;
        }
        if !gate.lanes[gate.front].news {
            let waited = self.news.wait_timeout(gate, TICK);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        true
    }

    /// Tells what the first inputs came to, as far as it is known.
    fn tell(&self, tell: &mut dyn FnMut(Event)) {
        tell(Event::Progress(self.stored.load(Ordering::Relaxed)));
        loop {
            let front = {
                let mut gate = self.gate();
                let front = gate.front;
                let Some(lane) = gate.lanes.get_mut(front).filter(|lane| lane.news) else { return };
                lane.news = false;
                front
            };
            let (found, followed) = {
                let mut track = self.track(front);
                (track.found(), track.is_ended().then(|| Box::new(track.finish())))
            };
            tell(Event::Found(found));
            let mut gate = self.gate();
            gate.lanes[front].held_bytes = 0;
            if let Some(followed) = followed {
                gate.front += 1;
                drop(gate);
                tell(Event::Ended(followed));
            }
            self.room.notify_all();
        }
    }
}

/// The next cut of a text, or why there is none.
fn cut(source: Source, buffer: Vec<u8>, stored: &Arc<AtomicU64>) -> Result<(Source, Cut), Option<String>> {
    let failed = |error: std::io::Error| Some(error.to_string());
    let mut cutter = match source {
        Source::Open(cutter) => cutter,
        Source::Unopened(reader) => input::open(reader, Arc::clone(stored)).map_err(failed)?,
    };
    let cut = cutter.next(buffer).map_err(failed)?.ok_or(None)?;
    Ok((Source::Open(cutter), cut))
}

/// Lets the others go when a worker dies, so that its panic is seen and nobody waits for it.
struct CloseOnPanic<'f, 'a>(&'f Flow<'a>);

impl Drop for CloseOnPanic<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.gate().closed = true;
            self.0.room.notify_all();
            self.0.news.notify_all();
        }
    }
}
