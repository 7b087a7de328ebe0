//! How much a caller may ask for: requests, tokens, requests under way, and the pace of streamed answers.
//!
//! A request asks, in this order: [`Limiter::admit`] counts it, [`Limiter::enter`] gives it a place among those under
//! way, [`Limiter::reserve`] takes the tokens that it may use, [`Limiter::pace`] says how fast its answer may stream.

mod counters;
pub(crate) mod events;
mod meter;
pub(crate) mod pace;
pub mod quota;
mod reservation;
mod rules;
mod slots;
mod standing;
mod table;
#[cfg(test)]
mod tests;
mod window;
mod windows;

pub use crate::client::CallerId;
pub use meter::KeyMeter;
pub use reservation::{DEFAULT_ANSWER, Estimate, Reservation};
pub use slots::{Entered, MAX_WAITING};
pub use standing::{Counted, Crowded, Exceeded, Standing, Whose};

use crate::{
    clock,
    config::{Level, LimitsConfig},
};
use counters::{Counter, CounterId, Counters, ListId};
use quota::Quotas;
use rules::{Rules, trimmed};
use slots::Slots;
use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};
use table::Table;

/// Who asks, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The whole path of the request, the prefix of its route included, without query. Runs of slashes are one slash;
    /// one slash at its end makes no difference.
    pub path: &'a str,
    /// The caller's level.
    pub level: Level,
    /// The caller.
    pub caller: CallerId,
    /// The counters of the caller's forward key, if it has one.
    pub key: Option<&'a KeyMeter>,
}

/// Every limit of the configuration, and the counters of those that count by caller.
#[derive(Debug)]
pub struct Limiter {
    requests: Rules<List>,
    global: List,
    tokens: Rules<List>,
    pace: Rules<Option<Duration>>,
    counters: Arc<dyn Counters>,
    /// Those under way; `None`: unbounded.
    under_way: Option<Arc<Slots>>,
    patience: Duration,
    /// When the counters' clock began.
    began: Instant,
    hashing: [RandomState; 2],
}

/// A list of quotas whose counters are elsewhere; without an id it is no limit.
#[derive(Debug)]
struct List {
    id: Option<ListId>,
    whose: Whose,
}

impl Limiter {
    /// With every counter at zero.
    pub fn new(config: &LimitsConfig) -> Self {
        Limiter::bounded(config, table::MAX_BYTES)
    }

    fn bounded(config: &LimitsConfig, bytes: usize) -> Self {
        let mut lists = Vec::new();
        let mut list = |whose: Whose, quotas: &Quotas| {
            let id = (!quotas.0.is_empty()).then(|| ListId(u32::try_from(lists.len()).unwrap_or(u32::MAX)));
            lists.extend(id.map(|_| quotas.0.clone().into_boxed_slice()));
            List { id, whose }
        };
        let requests = Rules::new(&config.requests, |path, quotas| list(Whose::Route(path.clone()), quotas));
        let tokens =
            Rules::new(&config.token_quotas, |path, quotas| list(Whose::Route(path.clone()), quotas));
        let global = list(Whose::Global, &config.global);
        Limiter {
            requests,
            global,
            tokens,
            pace: Rules::new(&config.tokens, |_, quotas| quotas.0.first().map(pace::interval)),
            counters: Arc::new(Table::new(config.strategy, lists, bytes)),
            under_way: config
                .max_concurrent
                .map(|most| Arc::new(Slots::new(Some(u32::try_from(most).unwrap_or(u32::MAX))))),
            patience: config.queue_timeout,
            began: clock::now(),
            hashing: [RandomState::new(), RandomState::new()],
        }
    }

    /// Counts a request: for its path and caller in the first list whose path covers it, else in the global one, and
    /// then in its key's own. Tells how the tightest quota stands, if there is any.
    ///
    /// # Errors
    /// The first quota that is used up; those before it keep the request.
    pub fn admit(&self, asked: &Asked<'_>, now: Instant) -> Result<Option<Standing>, Exceeded> {
        let now = self.millis(now);
        let own = self.requests.covering(asked.path).and_then(|rule| rule.at(asked.level));
        let list = own.unwrap_or(&self.global);
        let listed = match list.id {
            Some(id) => {
                let counter = self.counter(id, asked.caller, trimmed(asked.path));
                let hit = self.counters.hit(counter, now);
                hit.map_err(|refusal| Exceeded::new(Counted::Requests, list.whose.clone(), refusal))?
            }
            None => None,
        };
        let Some(key) = asked.key else { return Ok(listed) };
        let hit = key.hit(now);
        let of_key = hit.map_err(|refusal| Exceeded::new(Counted::Requests, Whose::Key, refusal))?;
        Ok(Standing::tightest(listed, of_key))
    }

    /// Takes tokens from the quota of the first path that covers the request, which counts by caller alone, and from
    /// its key's own; `None` where no quota holds. Without a maximum in the estimate, an answer of
    /// [`DEFAULT_ANSWER`] is taken as far as that is left; the prompt must fit.
    ///
    /// # Errors
    /// A quota that has not enough left; then nothing is taken from any.
    pub fn reserve(
        &self,
        asked: &Asked<'_>,
        estimate: Estimate,
        now: Instant,
    ) -> Result<Option<Reservation>, Exceeded> {
        let now = self.millis(now);
        // Dropped on the way out, it gives back what it holds.
        let mut reservation = Reservation::default();
        let list = self.tokens.covering(asked.path).and_then(|rule| rule.at(asked.level));
        if let Some((list, id)) = list.and_then(|list| Some((list, list.id?))) {
            let held = self.counters.reserve(self.counter(id, asked.caller, ""), estimate, now);
            let exceeded = |refusal| Exceeded::new(Counted::Tokens, list.whose.clone(), refusal);
            reservation.of_list(&self.counters, held.map_err(exceeded)?);
        }
        if let Some(key) = asked.key {
            let exceeded = |refusal| Exceeded::new(Counted::Tokens, Whose::Key, refusal);
            if let Some(taken) = key.reserve(estimate, now).map_err(exceeded)? {
                reservation.of_key(key, taken);
            }
        }
        Ok((!reservation.is_empty()).then_some(reservation))
    }

    /// Gives a request a place among those under way, of its key and of all, and waits for one as long as
    /// `queue_timeout` allows. First come, first served.
    ///
    /// # Errors
    /// The bound that was still reached then, or had [`MAX_WAITING`] waiting already.
    pub fn enter(&self, asked: &Asked<'_>) -> impl Future<Output = Result<Entered, Crowded>> + Send + use<> {
        slots::enter(asked.key.cloned(), self.under_way.clone(), self.patience)
    }

    /// Whether any limit counts callers apart.
    pub fn counts_callers(&self) -> bool {
        self.global.id.is_some() || !self.requests.is_empty() || !self.tokens.is_empty()
    }

    /// Whether a quota of tokens may count a request, so that its body has to be looked into.
    pub fn counts_tokens(&self, asked: &Asked<'_>) -> bool {
        let listed = || self.tokens.covering(asked.path)?.at(asked.level)?.id;
        asked.key.is_some_and(KeyMeter::counts_tokens) || listed().is_some()
    }

    /// The least time between two pieces of a streamed answer to exactly this path, for a level; `None`: no limit.
    pub fn pace(&self, path: &str, level: Level) -> Option<Duration> {
        *self.pace.of(path)?.at(level)?
    }

    fn counter(&self, list: ListId, caller: CallerId, path: &str) -> Counter {
        let id = self.hashing.each_ref().map(|hashing| hashing.hash_one((list.0, caller.0, path)));
        Counter { list, id: CounterId(id) }
    }

    fn millis(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }
}
