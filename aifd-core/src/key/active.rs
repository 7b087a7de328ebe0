//! A key that is known now, held small since there are many, and what of it outlives a change.

use super::{ForwardKey, KeyHash, KeyId, KeyQuotas, KeySource, KeyState, Masked, PreviousSecret};
use crate::{
    config::{Level, Strategy},
    limit::KeyMeter,
};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

/// A key that is known now. A change puts another in its place, with the same `usage`.
pub(crate) struct ActiveKey {
    id: KeyId,
    /// `None`: its id serves.
    name: Option<Box<str>>,
    masked: Box<str>,
    hash: KeyHash,
    created: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
    enabled: bool,
    /// Where it was made.
    pub(crate) source: KeySource,
    /// What it may do; keys that may do the same share it.
    pub(crate) rules: Arc<KeyRules>,
    rare: Option<Box<Rare>>,
    /// What a change does not touch.
    pub(crate) usage: Arc<KeyUse>,
}

/// What a key may do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyRules {
    /// As [`ForwardKey::level`].
    pub(crate) level: Level,
    /// As [`ForwardKey::models`].
    pub(crate) models: Box<[String]>,
    /// As [`ForwardKey::routes`].
    pub(crate) routes: Box<[String]>,
    /// As [`ForwardKey::quotas`].
    pub(crate) quotas: KeyQuotas,
}

/// What few keys have.
struct Rare {
    metadata: BTreeMap<String, String>,
    previous: Option<PreviousSecret>,
}

/// What is counted of a key, whatever is changed in it.
#[derive(Debug)]
pub(crate) struct KeyUse {
    /// Seconds since 1970; [`NEVER`] where it was not used.
    last: AtomicI64,
    /// What of it is stored.
    stored: AtomicI64,
    /// What its own quotas count, since it first had one.
    meter: OnceLock<KeyMeter>,
}

const NEVER: i64 = i64::MIN;

impl ActiveKey {
    /// `share` gives the rules that equal ones share.
    pub(super) fn new(
        key: ForwardKey,
        source: KeySource,
        usage: Arc<KeyUse>,
        share: impl FnOnce(KeyRules) -> Arc<KeyRules>,
    ) -> Self {
        let has_rare = !key.metadata.is_empty() || key.previous.is_some();
        let rules = KeyRules {
            level: key.level,
            models: key.models.into(),
            routes: key.routes.into(),
            quotas: key.quotas,
        };
        ActiveKey {
            name: (key.name != key.id.0).then(|| key.name.into()),
            id: key.id,
            masked: key.masked.0.into(),
            hash: key.hash,
            created: key.created,
            expires: key.expires,
            enabled: key.enabled,
            source,
            rules: share(rules),
            rare: has_rare.then(|| Box::new(Rare { metadata: key.metadata, previous: key.previous })),
            usage,
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> &KeyId {
        &self.id
    }

    /// Its name; its id where it has none.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id.0)
    }

    /// Its secret, as it may be shown.
    pub(crate) fn masked(&self) -> Masked {
        Masked(self.masked.as_ref().to_owned())
    }

    /// Its level.
    pub(crate) fn level(&self) -> Level {
        self.rules.level
    }

    /// Whether it can be used at `now`.
    pub(crate) fn state(&self, now: DateTime<Utc>) -> KeyState {
        KeyState::of(self.enabled, self.expires, now)
    }

    /// The whole key, with when it was last used.
    pub(crate) fn forward_key(&self) -> ForwardKey {
        let rules = &*self.rules;
        ForwardKey {
            id: self.id.clone(),
            name: self.name().to_owned(),
            level: rules.level,
            models: rules.models.to_vec(),
            routes: rules.routes.to_vec(),
            quotas: rules.quotas.clone(),
            expires: self.expires,
            enabled: self.enabled,
            metadata: self.rare.as_ref().map(|rare| rare.metadata.clone()).unwrap_or_default(),
            created: self.created,
            last_used: self.usage.last_used(),
            hash: self.hash,
            masked: self.masked(),
            previous: self.rare.as_ref().and_then(|rare| rare.previous.clone()),
        }
    }

    /// The hashes of its secrets, and until when each is good where it was replaced.
    pub(super) fn hashes(&self) -> impl Iterator<Item = (KeyHash, Option<DateTime<Utc>>)> {
        let previous = self.rare.iter().filter_map(|rare| rare.previous.as_ref());
        std::iter::once((self.hash, None))
            .chain(previous.map(|previous| (previous.hash, Some(previous.until))))
    }
}

impl KeyUse {
    /// Of a key whose last use is stored.
    pub(crate) fn since(last: Option<DateTime<Utc>>) -> Self {
        let seconds = last.map_or(NEVER, |time| time.timestamp());
        KeyUse { last: AtomicI64::new(seconds), stored: AtomicI64::new(seconds), meter: OnceLock::new() }
    }

    /// Notes that the key is used now. Costs a load where that was noted within this second.
    pub(crate) fn note(&self, now: DateTime<Utc>) {
        let seconds = now.timestamp();
        if self.last.load(Relaxed) < seconds {
            self.last.fetch_max(seconds, Relaxed);
        }
    }

    /// The counters of its own quotas, if it has or had any.
    pub(crate) fn meter(&self) -> Option<&KeyMeter> {
        self.meter.get()
    }

    /// These quotas hold from now on; what was counted stays.
    pub(super) fn meters(&self, quotas: &KeyQuotas, strategy: Strategy) {
        if *quotas == KeyQuotas::default() && self.meter.get().is_none() {
            return;
        }
        let KeyQuotas { requests, tokens, concurrent } = quotas.clone();
        let fresh = || KeyMeter::new(strategy, requests.clone(), tokens.clone(), concurrent);
        self.meter.get_or_init(fresh).change(requests.clone(), tokens.clone(), concurrent);
    }

    /// When the key was last used, to the second.
    pub(crate) fn last_used(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.last.load(Relaxed), 0)
    }

    /// The last use, if it is not stored yet.
    pub(crate) fn unstored(&self) -> Option<i64> {
        let last = self.last.load(Relaxed);
        (last != self.stored.load(Relaxed)).then_some(last)
    }

    pub(crate) fn mark_stored(&self, seconds: i64) {
        self.stored.store(seconds, Relaxed);
    }

    /// Takes over what is stored.
    pub(crate) fn restore(&self, seconds: i64) {
        self.last.store(seconds, Relaxed);
        self.stored.store(seconds, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_small() {
        // A hundred thousand of them, with their texts and the tables they stand in, shall stay below 50 MB.
        assert!(size_of::<ActiveKey>() <= 168, "{}", size_of::<ActiveKey>());
        assert!(size_of::<super::super::Found>() <= 24);
    }

    #[test]
    fn the_last_use_never_goes_back_and_is_stored_once() {
        let at = |seconds| DateTime::from_timestamp(seconds, 500_000_000).unwrap();
        let usage = KeyUse::since(None);
        assert_eq!((usage.last_used(), usage.unstored()), (None, None));
        usage.note(at(20));
        usage.note(at(10));
        assert_eq!((usage.last_used(), usage.unstored()), (DateTime::from_timestamp(20, 0), Some(20)));
        usage.mark_stored(20);
        assert_eq!(usage.unstored(), None);
        usage.note(at(20));
        assert_eq!(usage.unstored(), None);
        usage.note(at(21));
        assert_eq!(usage.unstored(), Some(21));
    }
}
