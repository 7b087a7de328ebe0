//! A log of what was counted in the period before now.

use super::{Spare, millis, replaced};
use crate::limit::quota::Quota;
use std::collections::VecDeque;

/// Slots of one log at most. A quota of no more events than this has the time of each.
pub(in crate::limit) const MAX_SLOTS: u64 = 1_024;

/// Parts of a period that events of a larger quota are told apart by: a closed period touches two more.
const PARTS: u64 = MAX_SLOTS - 2;

/// Slots that a new log has room for, and one that was empty for a while.
const FIRST_SLOTS: usize = 4;

/// What was counted, oldest first. Events of one part of the period share a slot, which is as old as its latest
/// event, so a quota is never laxer for it, and stricter for at most one part.
#[derive(Clone, Debug)]
pub(in crate::limit) struct Log {
    slots: VecDeque<Slot>,
    /// Sum of the slots.
    used: u64,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    at: u64,
    cost: u64,
}

impl Log {
    pub(super) fn new() -> Self {
        Log { slots: VecDeque::with_capacity(FIRST_SLOTS), used: 0 }
    }

    pub(super) fn latest(&self) -> u64 {
        self.slots.back().map_or(0, |slot| slot.at)
    }

    pub(super) fn used(&mut self, period: u64, now: u64) -> u64 {
        while let Some(oldest) = self.slots.front().filter(|slot| slot.at.saturating_add(period) < now) {
            self.used = self.used.saturating_sub(oldest.cost);
            self.slots.pop_front();
        }
        self.used
    }

    /// Where neither a slot nor memory for more is left, the newest slot takes the event as well: again stricter.
    pub(super) fn take(&mut self, quota: &Quota, now: u64, cost: u64, spare: Spare) {
        if cost == 0 {
            return;
        }
        self.used(millis(quota), now);
        if self.slots.is_empty() {
            self.slots.shrink_to(FIRST_SLOTS);
        }
        self.used = self.used.saturating_add(cost);
        let part = part(quota);
        let full = self.slots.len() == self.slots.capacity() && slots_size(self.slots.capacity()) > spare.0;
        match self.slots.back_mut() {
            Some(slot) if full || slot.at / part == now / part => {
                slot.at = now;
                slot.cost = slot.cost.saturating_add(cost);
            }
            _ => self.slots.push_back(Slot { at: now, cost }),
        }
    }

    pub(super) fn adjust(&mut self, quota: &Quota, at: u64, from: u64, to: u64) {
        let part = part(quota);
        let Ok(index) = self.slots.binary_search_by_key(&(at / part), |slot| slot.at / part) else { return };
        let slot = &mut self.slots[index];
        self.used = replaced(self.used, from.min(slot.cost), to);
        slot.cost = replaced(slot.cost, from, to);
        if slot.cost == 0 {
            self.slots.remove(index);
        }
    }

    pub(super) fn reset(&self, period: u64, now: u64) -> u64 {
        let oldest = self.slots.front().map_or(now, |slot| slot.at);
        oldest.saturating_add(period).saturating_sub(now)
    }

    pub(super) fn wait(&mut self, quota: &Quota, now: u64, cost: u64) -> u64 {
        let period = millis(quota);
        let mut used = self.used(period, now);
        for slot in &self.slots {
            used = used.saturating_sub(slot.cost);
            if used.saturating_add(cost) <= quota.count {
                return (slot.at + 1).saturating_add(period).saturating_sub(now);
            }
        }
        0
    }

    pub(super) fn end(&self, period: u64) -> u64 {
        self.slots.back().map_or(0, |slot| slot.at.saturating_add(period).saturating_add(1))
    }

    pub(super) fn heap(&self) -> usize {
        size_of::<Log>() + slots_size(self.slots.capacity())
    }
}

fn slots_size(slots: usize) -> usize {
    slots * size_of::<Slot>()
}

/// Length of the parts that a period is told apart by, in milliseconds.
pub(super) fn part(quota: &Quota) -> u64 {
    if quota.count <= MAX_SLOTS { 1 } else { millis(quota).div_ceil(PARTS) }
}
