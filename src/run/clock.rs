//! The clock of a run, as a seam: tests neither wait nor depend on the time of day.
#![expect(clippy::disallowed_methods, reason = "the one real clock of a run; the rest is given it")]

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::target::InterruptFlag;

/// Tells the time and lets it pass.
pub trait Clock {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Waits; ends early, with `false`, when the person interrupts.
    fn sleep(&self, time: Duration, interrupt: &InterruptFlag) -> bool;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, time: Duration, interrupt: &InterruptFlag) -> bool {
        let end = Instant::now() + time;
        loop {
            if interrupt.load(Ordering::Relaxed) {
                return false;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}
