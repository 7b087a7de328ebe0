//! A key that is known now, and what of it outlives a change.

use super::{ForwardKey, KeyId, KeySource, pattern};
use chrono::{DateTime, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

/// A key that is known now. A change puts another in its place, with the same `usage`.
pub(crate) struct ActiveKey {
    /// The key; its `last_used` is not kept up, see [`KeyUse`].
    pub(crate) key: ForwardKey,
    /// Where it was made.
    pub(crate) source: KeySource,
    /// What a change does not touch.
    pub(crate) usage: Arc<KeyUse>,
}

/// What is counted of a key, whatever is changed in it.
#[derive(Debug)]
pub(crate) struct KeyUse {
    /// Seconds since 1970; [`NEVER`] where it was not used.
    last: AtomicI64,
    /// What of it is stored.
    stored: AtomicI64,
}

const NEVER: i64 = i64::MIN;

impl ActiveKey {
    pub(crate) fn id(&self) -> &KeyId {
        &self.key.id
    }

    /// Whether the key's own patterns allow a model; its level may still refuse it.
    pub(crate) fn allows_model(&self, model: &str) -> bool {
        self.key.models.is_empty() || self.key.models.iter().any(|each| pattern::matches(each, model))
    }

    /// Whether the key may use the route of this prefix, as the configuration has it (the root route is the empty
    /// text; a key names it `/`).
    pub(crate) fn allows_route(&self, prefix: &str) -> bool {
        let prefix = if prefix.is_empty() { "/" } else { prefix };
        self.key.routes.is_empty() || self.key.routes.iter().any(|each| each == prefix)
    }

    /// The key with when it was last used.
    pub(crate) fn snapshot(&self) -> ForwardKey {
        ForwardKey { last_used: self.usage.last_used(), ..self.key.clone() }
    }
}

impl KeyUse {
    /// Of a key whose last use is stored.
    pub(crate) fn since(last: Option<DateTime<Utc>>) -> Self {
        let seconds = last.map_or(NEVER, |time| time.timestamp());
        KeyUse { last: AtomicI64::new(seconds), stored: AtomicI64::new(seconds) }
    }

    /// Notes that the key is used now. Costs a load where that was noted within this second.
    pub(crate) fn note(&self, now: DateTime<Utc>) {
        let seconds = now.timestamp();
        if self.last.load(Relaxed) < seconds {
            self.last.fetch_max(seconds, Relaxed);
        }
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

    pub(crate) fn restore(&self, last: i64) {
        self.last.store(last, Relaxed);
        self.stored.store(last, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
