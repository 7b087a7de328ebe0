//! Two neighbouring windows, the earlier one weighted by how much of it lies in the period before now.

use super::{millis, replaced};
use crate::limit::quota::Quota;

/// Windows are counted from the start of the clock, each a period long.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::limit) struct Sliding {
    /// Number of the current window.
    index: u64,
    current: u64,
    /// In the window before.
    previous: u64,
}

impl Sliding {
    pub(super) fn start(&self, period: u64) -> u64 {
        self.index.saturating_mul(period)
    }

    pub(super) fn used(&mut self, period: u64, now: u64) -> u64 {
        self.roll(period, now);
        weighted(self.previous, rest(period, now), period).saturating_add(self.current)
    }

    pub(super) fn take(&mut self, period: u64, now: u64, cost: u64) {
        self.roll(period, now);
        self.current = self.current.saturating_add(cost);
    }

    pub(super) fn adjust(&mut self, period: u64, at: u64, from: u64, to: u64) {
        let index = at / period;
        if index == self.index {
            self.current = replaced(self.current, from, to);
        } else if index + 1 == self.index {
            self.previous = replaced(self.previous, from, to);
        }
    }

    /// Until one more is free because the earlier window weighs less, or the current one ends.
    pub(super) fn reset(&self, period: u64, now: u64) -> u64 {
        let rest = rest(period, now);
        let previous = match u128::from(self.previous) {
            0 => None,
            previous => {
                let beyond = u128::from(rest) * previous % u128::from(period);
                Some(u64::try_from(beyond.div_ceil(previous)).unwrap_or(u64::MAX))
            }
        };
        let current = (self.current > 0).then_some(rest % period);
        previous.into_iter().chain(current).min().unwrap_or(0)
    }

    /// Looks for the moment in the current window, the next, and the one after, which finds both empty.
    pub(super) fn wait(&mut self, quota: &Quota, now: u64, cost: u64) -> u64 {
        let period = millis(quota);
        self.roll(period, now);
        let rest = rest(period, now);
        let room = quota.count.saturating_sub(cost);
        if let Some(room) = room.checked_sub(self.current)
            && let Some(then) = heaviest(self.previous, room, period)
        {
            return rest.saturating_sub(then);
        }
        match heaviest(self.current, room, period) {
            Some(then) => rest + (period - then),
            None => rest.saturating_add(period),
        }
    }

    pub(super) fn end(&self, period: u64) -> u64 {
        let windows = if self.current > 0 { 2 } else { 1 };
        (self.index + windows).saturating_mul(period)
    }

    fn roll(&mut self, period: u64, now: u64) {
        let index = now / period;
        if index > self.index {
            let previous = if index == self.index + 1 { self.current } else { 0 };
            *self = Sliding { index, current: 0, previous };
        }
    }
}

/// Milliseconds from `now` to the end of its window: 1 to `period`.
fn rest(period: u64, now: u64) -> u64 {
    period - now % period
}

/// What `count` of the earlier window weighs while `rest` of the current one is left, rounded down.
fn weighted(count: u64, rest: u64, period: u64) -> u64 {
    let product = u128::from(count) * u128::from(rest);
    u64::try_from(product / u128::from(period)).unwrap_or(u64::MAX)
}

/// The most milliseconds left of a window in which `count` of the one before weighs no more than `room`, if any.
fn heaviest(count: u64, room: u64, period: u64) -> Option<u64> {
    if count <= room {
        return Some(period);
    }
    let rest = ((u128::from(room) + 1) * u128::from(period)).div_ceil(u128::from(count)) - 1;
    u64::try_from(rest).ok().filter(|rest| *rest > 0)
}
