//! The upstream's own keys: which serves next, and which are set aside since the provider refused them.

use crate::{
    clock,
    config::{Level, UpstreamKeyConfig},
    secret::Secret,
};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Why a provider refused a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 401: the key is wrong or was revoked.
    Unauthorized,
    /// 429 with `insufficient_quota`: its account has nothing left.
    InsufficientQuota,
}

impl Refusal {
    /// As `aifd status` shows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Refusal::Unauthorized => "401 unauthorized",
            Refusal::InsufficientQuota => "429 insufficient_quota",
        }
    }
}

/// One upstream key.
pub(crate) struct UpstreamKey {
    pub(crate) secret: Secret,
    pub(crate) levels: Vec<Level>,
    /// Nanoseconds after `epoch` until which it is set aside; the request path reads only this.
    until: AtomicU64,
    why: Mutex<Option<Refusal>>,
    epoch: Instant,
}

impl UpstreamKey {
    fn new(config: &UpstreamKeyConfig) -> Self {
        UpstreamKey {
            secret: config.key.clone(),
            levels: config.levels.clone(),
            until: AtomicU64::new(0),
            why: Mutex::new(None),
            epoch: clock::now(),
        }
    }

    /// Sets the key aside for a while.
    pub(crate) fn set_aside(&self, why: Refusal, cooldown: Duration) {
        *self.why.lock() = Some(why);
        let until = clock::now().duration_since(self.epoch) + cooldown;
        self.until.store(u64::try_from(until.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// How much longer it is set aside; `None`: it serves.
    pub(crate) fn aside(&self, now: Instant) -> Option<Duration> {
        let until = Duration::from_nanos(self.until.load(Relaxed));
        until.checked_sub(now.duration_since(self.epoch)).filter(|left| !left.is_zero())
    }

    /// Why it was set aside last.
    pub(crate) fn why(&self) -> Option<Refusal> {
        *self.why.lock()
    }
}

/// The keys of one level, in turn.
#[derive(Default)]
pub(crate) struct Cycle {
    keys: Vec<Arc<UpstreamKey>>,
    next: AtomicUsize,
}

impl Cycle {
    /// Where the next request begins; every request moves the cycle on.
    pub(crate) fn turn(&self) -> usize {
        self.next.fetch_add(1, Relaxed)
    }

    /// The first key from `turn` on that serves, and is none of those that one request has `tried`.
    pub(crate) fn serving(
        &self,
        turn: usize,
        now: Instant,
        tried: &[Arc<UpstreamKey>],
    ) -> Option<&Arc<UpstreamKey>> {
        let count = self.keys.len();
        (0..count)
            .map(|step| &self.keys[turn.wrapping_add(step) % count])
            .find(|key| key.aside(now).is_none() && !tried.iter().any(|other| Arc::ptr_eq(other, key)))
    }

    /// When the first of them serves again, if all are set aside.
    pub(crate) fn back_in(&self, now: Instant) -> Duration {
        self.keys.iter().filter_map(|key| key.aside(now)).min().unwrap_or_default()
    }
}

/// The upstream keys of a route, by level.
#[derive(Default)]
pub(crate) struct UpstreamKeys {
    pub(crate) keys: Vec<Arc<UpstreamKey>>,
    levels: BTreeMap<Level, Arc<Cycle>>,
}

impl UpstreamKeys {
    pub(crate) fn new(config: &[UpstreamKeyConfig]) -> Self {
        let keys: Vec<_> = config.iter().map(|key| Arc::new(UpstreamKey::new(key))).collect();
        let mut levels: BTreeMap<Level, Cycle> = BTreeMap::new();
        for key in &keys {
            for level in &key.levels {
                let cycle = levels.entry(*level).or_default();
                if !cycle.keys.iter().any(|known| Arc::ptr_eq(known, key)) {
                    cycle.keys.push(key.clone());
                }
            }
        }
        UpstreamKeys {
            keys,
            levels: levels.into_iter().map(|(level, cycle)| (level, Arc::new(cycle))).collect(),
        }
    }

    /// The keys of a level.
    pub(crate) fn of(&self, level: Level) -> Option<&Arc<Cycle>> {
        self.levels.get(&level)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> UpstreamKeys {
        let key = |name: &str, levels: &[u32]| UpstreamKeyConfig {
            key: Secret::new(name),
            levels: levels.iter().copied().map(Level).collect(),
        };
        UpstreamKeys::new(&[key("sk-a", &[0]), key("sk-b", &[1]), key("sk-c", &[1, 2, 1])])
    }

    fn next(keys: &UpstreamKeys, level: u32) -> Option<&str> {
        let cycle = keys.of(Level(level))?;
        Some(cycle.serving(cycle.turn(), clock::now(), &[])?.secret.expose())
    }

    #[test]
    fn the_keys_of_a_level_serve_in_turn() {
        let keys = keys();
        let seen: Vec<_> = (0..4).map(|_| next(&keys, 1).unwrap()).collect();
        assert_eq!(seen, ["sk-b", "sk-c", "sk-b", "sk-c"]);
        assert_eq!((next(&keys, 0), next(&keys, 2), next(&keys, 3)), (Some("sk-a"), Some("sk-c"), None));
    }

    #[test]
    fn one_that_is_set_aside_is_passed_over_until_it_is_back() {
        let keys = keys();
        let hour = Duration::from_secs(3_600);
        keys.keys[1].set_aside(Refusal::Unauthorized, hour);
        assert_eq!([next(&keys, 1), next(&keys, 1)], [Some("sk-c"); 2]);
        keys.keys[2].set_aside(Refusal::InsufficientQuota, hour / 2);
        assert_eq!((next(&keys, 1), next(&keys, 2), next(&keys, 0)), (None, None, Some("sk-a")));
        let cycle = keys.of(Level(1)).unwrap();
        let later = clock::now() + hour / 2;
        assert!(cycle.back_in(clock::now()) <= hour / 2 && !cycle.back_in(clock::now()).is_zero());
        assert_eq!(cycle.serving(0, later, &[]).unwrap().secret.expose(), "sk-c");
        assert_eq!(keys.keys[1].why(), Some(Refusal::Unauthorized));
    }
}
