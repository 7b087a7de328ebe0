//! What a limiter asks of the place that holds its counters.
//!
//! [`Table`](super::table::Table) holds them in this process. Each call says all that belongs to one counter and
//! takes or refuses it as a whole, so that a server that several processes share could answer it with one script;
//! between two calls nothing is held.

use super::{
    reservation::Estimate,
    standing::{Refusal, Standing},
    windows::Taken,
};
use std::fmt;

/// Which counter of a list: a keyed hash of whom and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CounterId(pub(super) [u64; 2]);

/// Which of the configured lists of quotas: its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListId(pub(super) u32);

/// One counter: whose it is, and the quotas that hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counter {
    pub(super) list: ListId,
    pub(super) id: CounterId,
}

/// What a reservation took, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) counter: Counter,
    /// Whether it is the counter of callers that have none of their own.
    pub(super) shared: bool,
    pub(super) taken: Taken,
}

/// Holds the counters of the configured lists. Times are milliseconds of one clock.
pub(super) trait Counters: fmt::Debug + Send + Sync {
    /// Counts one request in the list's quotas, in their order, until one refuses; those before it keep the request.
    fn hit(&self, counter: Counter, now: u64) -> Result<Option<Standing>, Refusal>;

    /// Takes an estimate of tokens from all the list's quotas, or from none.
    fn reserve(&self, counter: Counter, estimate: Estimate, now: u64) -> Result<Held, Refusal>;

    /// What was taken turned out to be `used`. Nothing happens where its window is over.
    fn settle(&self, held: Held, used: u64);
}
