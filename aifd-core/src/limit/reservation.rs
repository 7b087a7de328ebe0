//! Tokens that are taken from quotas before a request, and settled with what was used at its end.

use super::{
    counters::{Counters, Held},
    meter::{KeyMeter, KeyTaken},
    standing::Standing,
};
use std::sync::Arc;

/// Tokens that are reserved for an answer where the request names no maximum, as far as that many are left.
pub const DEFAULT_ANSWER: u64 = 512;

/// What a request is thought to use, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Of its prompt.
    pub prompt: u64,
    /// Of its answer: the maximum that it names, if it names one.
    pub answer: Option<u64>,
}

impl Estimate {
    /// What must be left: at least one, so that nothing passes where nothing is left.
    pub(super) fn least(self) -> u64 {
        self.prompt.saturating_add(self.answer.unwrap_or(0)).max(1)
    }

    /// What is taken if it is left.
    pub(super) fn most(self) -> u64 {
        self.prompt.saturating_add(self.answer.unwrap_or(DEFAULT_ANSWER)).max(1)
    }
}

/// Tokens that were taken. Dropped without [`settle`](Reservation::settle), it gives all of them back.
#[derive(Debug, Default)]
#[must_use = "dropping it gives the tokens back"]
pub struct Reservation {
    listed: Option<(Arc<dyn Counters>, Held)>,
    key: Option<(KeyMeter, KeyTaken)>,
}

impl Reservation {
    pub(super) fn of_list(&mut self, counters: &Arc<dyn Counters>, held: Held) {
        self.listed = Some((counters.clone(), held));
    }

    pub(super) fn of_key(&mut self, key: &KeyMeter, taken: KeyTaken) {
        self.key = Some((key.clone(), taken));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_none() && self.key.is_none()
    }

    /// How the tightest quota stood once the tokens were taken.
    pub fn standing(&self) -> Option<Standing> {
        let listed = self.listed.as_ref().and_then(|(_, held)| held.taken.standing);
        let key = self.key.as_ref().and_then(|(_, taken)| taken.taken.standing);
        Standing::tightest(listed, key)
    }

    /// The request used so many tokens. The difference is given back to or taken from each quota, in the window in
    /// which the tokens were taken, if that still runs. Where more was used than taken a quota may be overdrawn: it
    /// then refuses until its window has room again.
    pub fn settle(mut self, used: u64) {
        self.finish(used);
    }

    fn finish(&mut self, used: u64) {
        if let Some((counters, held)) = self.listed.take() {
            counters.settle(held, used);
        }
        if let Some((key, taken)) = self.key.take() {
            key.settle(taken, used);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.finish(0);
    }
}
