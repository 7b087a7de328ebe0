//! The counters of one forward key's own quotas: requests, tokens, and requests under way.

use super::{
    quota::{Quota, Quotas},
    reservation::Estimate,
    slots::Slots,
    standing::{Refusal, Standing},
    window::Spare,
    windows::{Taken, Windows},
};
use crate::config::Strategy;
use parking_lot::Mutex;
use std::sync::Arc;

/// The counters of a forward key. Clones are the same counters. About 100 bytes, and 24 for each quota, until it is
/// used; then 32 more for each, and for a moving window up to 16 KiB while it is busy.
#[derive(Clone, Debug)]
pub struct KeyMeter(Arc<Meter>);

#[derive(Debug)]
struct Meter {
    slots: Slots,
    lists: Mutex<Lists>,
}

#[derive(Debug)]
struct Lists {
    strategy: Strategy,
    requests: Metered,
    tokens: Metered,
    /// How often the quotas of tokens changed.
    change: u32,
}

/// A list of quotas, and its counters once it was used.
#[derive(Debug)]
struct Metered {
    quotas: Box<[Quota]>,
    windows: Option<Box<Windows>>,
}

/// What a reservation took of a key's tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyTaken {
    pub(super) taken: Taken,
    change: u32,
}

impl KeyMeter {
    /// Counters for a key with these quotas; empty lists and `None` are no limit.
    pub fn new(strategy: Strategy, requests: Quotas, tokens: Quotas, concurrent: Option<u32>) -> Self {
        let (requests, tokens) = (Metered::new(requests), Metered::new(tokens));
        let lists = Mutex::new(Lists { strategy, requests, tokens, change: 0 });
        KeyMeter(Arc::new(Meter { slots: Slots::new(concurrent), lists }))
    }

    /// The key has other quotas from now on. What was counted stays counted where a quota is the same. A larger bound
    /// on requests under way lets waiting ones go on at once, a smaller one ends none. A reservation of tokens that
    /// is made before their quotas change stays counted as it was taken.
    pub fn change(&self, requests: Quotas, tokens: Quotas, concurrent: Option<u32>) {
        let mut lists = self.0.lists.lock();
        let strategy = lists.strategy;
        lists.requests.change(requests, strategy);
        if lists.tokens.change(tokens, strategy) {
            lists.change = lists.change.wrapping_add(1);
        }
        drop(lists);
        self.0.slots.change(concurrent);
    }

    /// Whether it has a quota of tokens.
    pub(super) fn counts_tokens(&self) -> bool {
        !self.0.lists.lock().tokens.quotas.is_empty()
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.0.slots
    }

    pub(super) fn hit(&self, now: u64) -> Result<Option<Standing>, Refusal> {
        let Lists { strategy, requests, .. } = &mut *self.0.lists.lock();
        let Some((windows, quotas)) = requests.counted(*strategy) else { return Ok(None) };
        windows.hit(quotas, now, Spare(usize::MAX))
    }

    pub(super) fn reserve(&self, estimate: Estimate, now: u64) -> Result<Option<KeyTaken>, Refusal> {
        let Lists { strategy, tokens, change, .. } = &mut *self.0.lists.lock();
        let Some((windows, quotas)) = tokens.counted(*strategy) else { return Ok(None) };
        let taken = windows.reserve(quotas, estimate, now, Spare(usize::MAX))?;
        Ok(Some(KeyTaken { taken, change: *change }))
    }

    pub(super) fn settle(&self, taken: KeyTaken, used: u64) {
        let Lists { strategy, tokens, change, .. } = &mut *self.0.lists.lock();
        if taken.change == *change
            && let Some((windows, quotas)) = tokens.counted(*strategy)
        {
            windows.settle(quotas, taken.taken, used);
        }
    }
}

impl Metered {
    fn new(quotas: Quotas) -> Self {
        Metered { quotas: quotas.0.into_boxed_slice(), windows: None }
    }

    /// The counters, if there is anything to count.
    fn counted(&mut self, strategy: Strategy) -> Option<(&mut Windows, &[Quota])> {
        if self.quotas.is_empty() {
            return None;
        }
        let fresh = || Box::new(Windows::new(strategy, self.quotas.len()));
        Some((self.windows.get_or_insert_with(fresh), &self.quotas))
    }

    /// Whether the quotas are others than before.
    fn change(&mut self, quotas: Quotas, strategy: Strategy) -> bool {
        if *self.quotas == *quotas.0 {
            return false;
        }
        if let Some(windows) = self.windows.take() {
            self.windows = Some(Box::new(windows.kept(&self.quotas, &quotas.0, strategy)));
        }
        self.quotas = quotas.0.into_boxed_slice();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unused_key_is_small() {
        let counts = 2 * size_of::<usize>();
        let quotas = 2 * size_of::<Quota>();
        assert!(counts + size_of::<Meter>() + quotas <= 152, "{}", counts + size_of::<Meter>() + quotas);
    }
}
