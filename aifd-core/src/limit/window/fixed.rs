//! A window that begins with the first event after the one before, and, if it is elastic, ends later with each.

use super::replaced;

/// One window; all zero before the first event.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::limit) struct Fixed {
    pub(super) start: u64,
    /// The first millisecond after it.
    pub(super) end: u64,
    used: u64,
}

/// What an event does to the end of the window that it falls in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    Stays,
    Extends,
}

impl Fixed {
    pub(super) fn used(&self, now: u64) -> u64 {
        if now < self.end { self.used } else { 0 }
    }

    pub(super) fn take(&mut self, period: u64, now: u64, cost: u64, growth: Growth) {
        if now >= self.end {
            *self = Fixed { start: now, end: now.saturating_add(period), used: cost };
            return;
        }
        self.used = self.used.saturating_add(cost);
        if growth == Growth::Extends {
            self.end = now.saturating_add(period);
        }
    }

    /// A window that began after `at` is another one.
    pub(super) fn adjust(&mut self, at: u64, from: u64, to: u64) {
        if self.start <= at && at < self.end {
            self.used = replaced(self.used, from, to);
        }
    }

    pub(super) fn reset(&self, now: u64) -> u64 {
        self.end.saturating_sub(now)
    }
}
