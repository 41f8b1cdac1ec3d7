//! The rounds of `kb doctor`: many runbooks examined at once, told of in their own order.
//!
//! As many work as the machine has processors. Whoever is told is told of each runbook when all
//! before it are done, so the answer is the same on every run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use crate::cli::ui::person::Person;
use crate::cli::ui::waiting::Waiting;
use crate::render::human::Examined;
use crate::render::json;
use crate::report::Outcome;
use crate::run::clock::SystemClock;
use crate::run::engine::{self, Earlier, Hands, Job, RunError, Targets};
use crate::run::trust::pins::Pins;
use crate::run::values::Given;
use crate::run::{plan, trust};
use crate::runbook::{HostName, Runbook};
use crate::target::local::Local;
use crate::target::{Helper, InterruptFlag};

/// Between two looks at the clock and at Ctrl-C.
const TICK: Duration = Duration::from_millis(50);

/// What every examination needs.
pub(super) struct Practice {
    pub(super) helper: Helper,
    pub(super) pins: Pins,
    pub(super) zone: TimeZone,
    pub(super) who: String,
    pub(super) require_confined: bool,
    /// When it has to be over.
    pub(super) deadline: Option<Instant>,
    /// Set by Ctrl-C.
    pub(super) interrupt: InterruptFlag,
}

/// What came of one runbook: for people, and as records.
pub(super) struct Visit {
    pub(super) examined: Examined,
    pub(super) records: Vec<u8>,
}

/// Examines all of them. `tell` hears of each in its order, `progress` how many are done whenever
/// one is. `false`: interrupted.
pub(super) fn all<E>(
    practice: &Practice,
    runbooks: &[Runbook],
    mut progress: impl FnMut(usize),
    mut tell: impl FnMut(&Runbook, Visit) -> Result<(), E>,
) -> Result<bool, E> {
    let stop: InterruptFlag = Arc::new(AtomicBool::new(false));
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(runbooks.len());
    let (sender, visits) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, stop, next) = (sender.clone(), &stop, &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(runbook) = runbooks.get(at) else { return };
                    if sender.send((at, visit(practice, runbook, stop))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let (mut done, mut told) = (0, 0);
        let mut result = Ok(());
        loop {
            match visits.recv_timeout(TICK) {
                Ok((at, visit)) => {
                    done += 1;
                    progress(done);
                    waiting.insert(at, visit);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if practice.interrupt.load(Ordering::SeqCst) || practice.is_over() || result.is_err() {
                stop.store(true, Ordering::SeqCst);
            }
            while result.is_ok()
                && let Some(visit) = waiting.remove(&told)
            {
                result = tell(&runbooks[told], visit);
                told += 1;
            }
        }
        result.map(|()| !practice.interrupt.load(Ordering::SeqCst))
    })
}

impl Practice {
    fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

fn visit(practice: &Practice, runbook: &Runbook, stop: &InterruptFlag) -> Visit {
    let mut records = Vec::new();
    let mut watch = json::RunWatch::new(&mut records, &runbook.id);
    let examined = examine(practice, runbook, &mut watch, stop);
    if let Examined::Done(report) = &examined {
        // A vector takes everything.
        let _ = json::outcome(&mut records, report);
    }
    Visit { examined, records }
}

fn examine(
    practice: &Practice,
    runbook: &Runbook,
    watch: &mut json::RunWatch<'_>,
    stop: &InterruptFlag,
) -> Examined {
    if !runbook.has_blocks() || runbook.checks.is_empty() {
        return Examined::NoChecks;
    }
    let Ok(trusted) = trust::admit(runbook, &practice.pins) else { return Examined::NotTrusted };
    let here = HostName::here();
    if plan::hosts(runbook).iter().any(|host| *host != here) {
        return Examined::Elsewhere;
    }
    if stop.load(Ordering::SeqCst) {
        return Examined::OutOfTime;
    }
    let job = Job {
        runbook: trusted,
        given: Given::default(),
        dry_run: true,
        even_if_unknown: false,
        require_confined: practice.require_confined,
        allow_declared: BTreeSet::new(),
        yes: BTreeSet::new(),
        zone: practice.zone.clone(),
        state: None,
        who: practice.who.clone(),
        earlier: Earlier::default(),
    };
    let local = Local::new(practice.helper.clone(), Arc::clone(stop));
    let targets: Targets<'_> = BTreeMap::from([(here, Box::new(local) as Box<_>)]);
    let approver = &mut Person::new(None, Arc::clone(stop), Waiting::new(false));
    let hands = Hands { targets, approver, watch, clock: &SystemClock, interrupt: Arc::clone(stop) };
    match engine::run(&job, hands) {
        Ok(report) if report.outcome == Outcome::Interrupted => Examined::OutOfTime,
        Ok(report) => Examined::Done(report),
        Err(RunError::ValuesMissing(names)) => Examined::NeedsValues(names),
        Err(error) => Examined::Failed(error.to_string()),
    }
}
