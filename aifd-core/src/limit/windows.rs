//! The counters of a list of quotas that hold together.

use super::{
    quota::Quota,
    reservation::Estimate,
    standing::{Refusal, Standing},
    window::{Spare, Window},
};
use crate::config::Strategy;

/// One counter for each quota of a list, in its order.
#[derive(Clone, Debug)]
pub(super) enum Windows {
    /// Most lists have one quota: no heap for it.
    One(Window),
    Many(Box<[Window]>),
}

/// What a reservation took from one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// When, on the counters' clock.
    pub(super) at: u64,
    /// How much, of each quota.
    pub(super) amount: u64,
    /// How the tightest quota stands with it.
    pub(super) standing: Option<Standing>,
}

impl Windows {
    /// For a list of `length` quotas.
    pub(super) fn new(strategy: Strategy, length: usize) -> Self {
        if length == 1 {
            Windows::One(Window::new(strategy))
        } else {
            Windows::Many((0..length).map(|_| Window::new(strategy)).collect())
        }
    }

    /// Counts one request in quota after quota until one refuses; those before it keep the request.
    pub(super) fn hit(
        &mut self,
        quotas: &[Quota],
        now: u64,
        spare: Spare,
    ) -> Result<Option<Standing>, Refusal> {
        let now = self.latest(quotas).max(now);
        let spare = self.share(spare);
        let mut tightest = None;
        for (quota, window) in quotas.iter().zip(self.all_mut()) {
            let allowed = window.hit(quota, now, 1, spare);
            if !allowed {
                return Err(refusal(quota, window, now, 1));
            }
            tightest = Standing::tightest(tightest, Some(window.standing(quota, now)));
        }
        Ok(tightest)
    }

    /// Takes an estimate from every quota, or from none.
    pub(super) fn reserve(
        &mut self,
        quotas: &[Quota],
        estimate: Estimate,
        now: u64,
        spare: Spare,
    ) -> Result<Taken, Refusal> {
        let now = self.latest(quotas).max(now);
        let spare = self.share(spare);
        let amount = self.affordable(quotas, estimate, now)?;
        let mut standing = None;
        for (quota, window) in quotas.iter().zip(self.all_mut()) {
            window.take(quota, now, amount, spare);
            standing = Standing::tightest(standing, Some(window.standing(quota, now)));
        }
        Ok(Taken { at: now, amount, standing })
    }

    /// How much of an estimate every quota has left.
    fn affordable(&mut self, quotas: &[Quota], estimate: Estimate, now: u64) -> Result<u64, Refusal> {
        let least = estimate.least();
        let mut pairs = quotas.iter().zip(self.all_mut());
        // First of all, since waiting for another quota would not help.
        if let Some((quota, window)) = pairs.find(|(quota, _)| least > quota.count) {
            return Err(refusal(quota, window, now, least));
        }
        let mut amount = estimate.most();
        for (quota, window) in quotas.iter().zip(self.all_mut()) {
            let room = window.room(quota, now);
            if room < least {
                window.refuse(quota, now);
                return Err(refusal(quota, window, now, least));
            }
            amount = amount.min(room);
        }
        Ok(amount)
    }

    /// What was taken turned out to be `used`.
    pub(super) fn settle(&mut self, quotas: &[Quota], taken: Taken, used: u64) {
        for (quota, window) in quotas.iter().zip(self.all_mut()) {
            window.adjust(quota, taken.at, taken.amount, used);
        }
    }

    /// From when on these counters are as good as new ones.
    pub(super) fn end(&self, quotas: &[Quota]) -> u64 {
        quotas.iter().zip(self.all()).map(|(quota, window)| window.end(quota)).max().unwrap_or(0)
    }

    /// Bytes beside its own 32.
    pub(super) fn heap(&self) -> usize {
        let boxed = match self {
            Windows::One(_) => 0,
            Windows::Many(windows) => windows.len() * size_of::<Window>(),
        };
        boxed + self.all().iter().map(Window::heap).sum::<usize>()
    }

    /// Takes over the counter of each quota that stays the same.
    pub(super) fn kept(mut self, before: &[Quota], now: &[Quota], strategy: Strategy) -> Windows {
        let mut kept = Windows::new(strategy, now.len());
        for (quota, window) in now.iter().zip(kept.all_mut()) {
            if let Some(index) = before.iter().position(|other| other == quota)
                && let Some(old) = self.all_mut().get_mut(index)
            {
                std::mem::swap(window, old);
            }
        }
        kept
    }

    fn latest(&self, quotas: &[Quota]) -> u64 {
        quotas.iter().zip(self.all()).map(|(quota, window)| window.latest(quota)).max().unwrap_or(0)
    }

    /// Each counter may take as much as the others.
    fn share(&self, spare: Spare) -> Spare {
        Spare(spare.0 / self.all().len().max(1))
    }

    fn all(&self) -> &[Window] {
        match self {
            Windows::One(window) => std::slice::from_ref(window),
            Windows::Many(windows) => windows,
        }
    }

    fn all_mut(&mut self) -> &mut [Window] {
        match self {
            Windows::One(window) => std::slice::from_mut(window),
            Windows::Many(windows) => windows,
        }
    }
}

fn refusal(quota: &Quota, window: &mut Window, now: u64, cost: u64) -> Refusal {
    let standing = window.standing(quota, now);
    let retry_after = window.wait(quota, now, cost);
    Refusal { quota: *quota, standing, retry_after, never: cost > quota.count }
}
