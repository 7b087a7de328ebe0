//! How the events of one quota are counted, under each strategy, with the meaning of the Python package `limits`.
//!
//! Pure: the time is handed in, in milliseconds since any start, and never goes back for one counter (see
//! [`Window::latest`]). What is counted has a cost, which is 1 for a request and its tokens for a reservation.

mod fixed;
mod moving;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod replay;
mod sliding;

use super::{quota::Quota, standing::Standing};
use crate::config::Strategy;
use fixed::{Fixed, Growth};
use moving::Log;
use sliding::Sliding;
use std::time::Duration;

/// The counter of one quota; 32 bytes, and a heap of its own for a moving window.
#[derive(Clone, Debug)]
pub(super) enum Window {
    Fixed(Fixed),
    Elastic(Fixed),
    Moving(Box<Log>),
    Sliding(Sliding),
}

/// What a counter may take of the memory that is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spare(pub(super) usize);

impl Window {
    pub(super) fn new(strategy: Strategy) -> Self {
        match strategy {
            Strategy::FixedWindow => Window::Fixed(Fixed::default()),
            Strategy::FixedWindowElasticExpiry => Window::Elastic(Fixed::default()),
            Strategy::MovingWindow => Window::Moving(Box::new(Log::new())),
            Strategy::SlidingWindowCounter => Window::Sliding(Sliding::default()),
        }
    }

    /// The latest time that this counter knows of. Threads read the clock before they take a counter's lock, so
    /// whoever counts takes the later of this and its own time.
    pub(super) fn latest(&self, quota: &Quota) -> u64 {
        match self {
            Window::Fixed(fixed) | Window::Elastic(fixed) => fixed.start,
            Window::Moving(log) => log.latest(),
            Window::Sliding(sliding) => sliding.start(millis(quota)),
        }
    }

    /// Counts an event as the package's `hit` does, and says whether it is allowed. One that is refused still counts
    /// in fixed windows; only there it changes anything.
    pub(super) fn hit(&mut self, quota: &Quota, now: u64, cost: u64, spare: Spare) -> bool {
        let allowed = self.room(quota, now) >= cost;
        if allowed || matches!(self, Window::Fixed(_) | Window::Elastic(_)) {
            self.take(quota, now, cost, spare);
        }
        allowed
    }

    /// What may still be counted at `now`.
    pub(super) fn room(&mut self, quota: &Quota, now: u64) -> u64 {
        let used = match self {
            Window::Fixed(fixed) | Window::Elastic(fixed) => fixed.used(now),
            Window::Moving(log) => log.used(millis(quota), now),
            Window::Sliding(sliding) => sliding.used(millis(quota), now),
        };
        quota.count.saturating_sub(used)
    }

    /// Counts without asking whether there is room.
    pub(super) fn take(&mut self, quota: &Quota, now: u64, cost: u64, spare: Spare) {
        let period = millis(quota);
        match self {
            Window::Fixed(fixed) => fixed.take(period, now, cost, Growth::Stays),
            Window::Elastic(fixed) => fixed.take(period, now, cost, Growth::Extends),
            Window::Moving(log) => log.take(quota, now, cost, spare),
            Window::Sliding(sliding) => sliding.take(period, now, cost),
        }
    }

    /// A reservation was refused: nothing is counted, but a window that each event extends is extended.
    pub(super) fn refuse(&mut self, quota: &Quota, now: u64) {
        if let Window::Elastic(fixed) = self {
            fixed.take(millis(quota), now, 0, Growth::Extends);
        }
    }

    /// What was counted at `at` turned out to be `to` instead of `from`. Nothing happens where that window is over.
    pub(super) fn adjust(&mut self, quota: &Quota, at: u64, from: u64, to: u64) {
        match self {
            Window::Fixed(fixed) | Window::Elastic(fixed) => fixed.adjust(at, from, to),
            Window::Moving(log) => log.adjust(quota, at, from, to),
            Window::Sliding(sliding) => sliding.adjust(millis(quota), at, from, to),
        }
    }

    /// How the quota stands at `now`.
    pub(super) fn standing(&mut self, quota: &Quota, now: u64) -> Standing {
        let remaining = self.room(quota, now);
        let period = millis(quota);
        let reset = match self {
            Window::Fixed(fixed) | Window::Elastic(fixed) => fixed.reset(now),
            Window::Moving(log) => log.reset(period, now),
            Window::Sliding(sliding) => sliding.reset(period, now),
        };
        Standing { limit: quota.count, remaining, reset: Duration::from_millis(reset) }
    }

    /// How long until `cost` more would pass if nothing else is counted: at least a millisecond. A cost above the
    /// quota never passes; the period is told for it.
    pub(super) fn wait(&mut self, quota: &Quota, now: u64, cost: u64) -> Duration {
        let period = millis(quota);
        let wait = if cost > quota.count {
            period
        } else {
            match self {
                Window::Fixed(fixed) | Window::Elastic(fixed) => fixed.reset(now),
                Window::Moving(log) => log.wait(quota, now, cost),
                Window::Sliding(sliding) => sliding.wait(quota, now, cost),
            }
        };
        Duration::from_millis(wait.max(1))
    }

    /// From when on this counter is as good as a new one.
    pub(super) fn end(&self, quota: &Quota) -> u64 {
        match self {
            Window::Fixed(fixed) | Window::Elastic(fixed) => fixed.end,
            Window::Moving(log) => log.end(millis(quota)),
            Window::Sliding(sliding) => sliding.end(millis(quota)),
        }
    }

    /// Bytes beside its own 32.
    pub(super) fn heap(&self) -> usize {
        match self {
            Window::Moving(log) => log.heap(),
            Window::Fixed(_) | Window::Elastic(_) | Window::Sliding(_) => 0,
        }
    }
}

/// The period of a quota, in milliseconds.
pub(super) fn millis(quota: &Quota) -> u64 {
    quota.period().as_secs().saturating_mul(1_000).max(1)
}

/// `total` with `from` of it replaced by `to`.
fn replaced(total: u64, from: u64, to: u64) -> u64 {
    total.saturating_sub(from).saturating_add(to)
}
