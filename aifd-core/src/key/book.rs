//! Every key that is known now: looked up by secret for each request, and by id or name for its administration.

use super::{
    ActiveKey, ForwardKey, Hasher, KeyHash, KeyId, KeyQuotas, KeySource, KeyState, KeyUse, Masked,
    index::Index, shared::SharedRules,
};
use crate::config::{ForwardKeyConfig, Strategy};
use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};
use std::{collections::HashMap, sync::Arc};

/// Parts of the table of secrets, each with a lock of its own, so that a change of many keys holds up nobody.
const SHARDS: usize = 16;

/// The key of a secret.
#[derive(Clone)]
pub(crate) struct Found {
    /// The key.
    pub(crate) key: Arc<ActiveKey>,
    /// Until when the secret is good, where it was replaced by another.
    pub(crate) replaced_until: Option<DateTime<Utc>>,
}

/// Every key that is known now.
///
/// The table is keyed by keyed hashes, so that the time a lookup takes tells nothing of any secret.
pub(crate) struct KeyBook {
    own: Hasher,
    /// How the own quotas of keys count.
    strategy: Strategy,
    /// Of stores that keys were restored from; looked at only where the own one finds nothing.
    others: RwLock<Vec<Hasher>>,
    shards: [RwLock<HashMap<KeyHash, Found>>; SHARDS],
    index: RwLock<Index>,
    rules: SharedRules,
    configured: Box<[ForwardKeyConfig]>,
    /// Held by whoever writes the store: one change after the other.
    pub(crate) changing: Mutex<()>,
}

impl Found {
    /// Whether it can be used at `now`: the key, and this secret of it.
    pub(crate) fn state(&self, now: DateTime<Utc>) -> KeyState {
        match self.key.state(now) {
            KeyState::Active if self.replaced_until.is_some_and(|until| until <= now) => KeyState::Expired,
            state => state,
        }
    }
}

impl KeyBook {
    /// The keys of the configuration alone.
    pub(crate) fn new(own: Hasher, configured: &[ForwardKeyConfig], strategy: Strategy) -> Self {
        let book = KeyBook {
            own,
            strategy,
            others: RwLock::default(),
            shards: Default::default(),
            index: RwLock::default(),
            rules: SharedRules::default(),
            configured: configured.into(),
            changing: Mutex::default(),
        };
        for key in configured {
            let key = Arc::new(book.of_configuration(key));
            book.learn(&key);
            book.index.write().push_configured(key);
        }
        book
    }

    fn of_configuration(&self, key: &ForwardKeyConfig) -> ActiveKey {
        let id = self.own.configured_id(key.key.expose());
        let key = ForwardKey {
            name: id.0.clone(),
            id,
            level: key.level,
            models: Vec::new(),
            routes: Vec::new(),
            quotas: KeyQuotas::default(),
            expires: None,
            enabled: true,
            metadata: Default::default(),
            created: DateTime::UNIX_EPOCH,
            last_used: None,
            hash: self.own.hash(key.key.expose()),
            masked: Masked::of(key.key.expose()),
            previous: None,
        };
        let usage = Arc::new(KeyUse::since(None));
        ActiveKey::new(key, KeySource::Configuration, usage, |rules| self.rules.share(rules))
    }

    /// The key of a secret, whatever its state.
    pub(crate) fn find(&self, secret: &str) -> Option<Found> {
        self.find_hash(&self.own.hash(secret)).or_else(|| {
            let others = self.others.read();
            others.iter().find_map(|hasher| self.find_hash(&hasher.hash(secret)))
        })
    }

    /// The key with a secret of this hash.
    pub(crate) fn find_hash(&self, hash: &KeyHash) -> Option<Found> {
        self.shard(hash).read().get(hash).cloned()
    }

    /// The keys of the configuration by the hashes of their secrets under each of these.
    pub(crate) fn configured_hashes(&self, hashers: &[Hasher]) -> HashMap<KeyHash, KeyId> {
        let of = |key: &ForwardKeyConfig| self.own.configured_id(key.key.expose());
        let hashes = hashers.iter().flat_map(|hasher| {
            self.configured.iter().map(move |key| (hasher.hash(key.key.expose()), of(key)))
        });
        hashes.collect()
    }

    /// The hasher of new secrets.
    pub(crate) fn hasher(&self) -> &Hasher {
        &self.own
    }

    /// All hashers, its own first.
    pub(crate) fn hashers(&self) -> Vec<Hasher> {
        std::iter::once(self.own.clone()).chain(self.others.read().iter().cloned()).collect()
    }

    /// Learns of the hashers of other stores, in the place of those it knew.
    pub(crate) fn set_other_hashers(&self, hashers: Vec<Hasher>) {
        *self.others.write() = hashers;
    }

    /// The key of this id.
    pub(crate) fn by_id(&self, id: &str) -> Option<Arc<ActiveKey>> {
        self.index.read().by_id(id)
    }

    /// The key of this id or else of this name.
    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<ActiveKey>> {
        let index = self.index.read();
        index.by_id(name).or_else(|| index.by_name(name))
    }

    /// Every key: those of the configuration in its order, then those of the store, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<ActiveKey>> {
        self.index.read().iter().cloned().collect()
    }

    /// The keys of the store, oldest first.
    pub(crate) fn stored(&self) -> Vec<Arc<ActiveKey>> {
        self.index.read().stored().cloned().collect()
    }

    /// Takes a key of the store in; one of the same id is replaced, and what was counted of it stays.
    pub(crate) fn put(&self, key: ForwardKey) {
        let before = self.by_id(&key.id.0);
        let usage = match &before {
            Some(before) => before.usage.clone(),
            None => Arc::new(KeyUse::since(key.last_used)),
        };
        let key = ActiveKey::new(key, KeySource::Store, usage, |rules| self.rules.share(rules));
        key.usage.meters(&key.rules.quotas, self.strategy);
        let key = Arc::new(key);
        self.learn(&key);
        if let Some(before) = &before {
            let kept: Vec<_> = key.hashes().map(|(hash, _)| hash).collect();
            before.hashes().filter(|(hash, _)| !kept.contains(hash)).for_each(|(hash, _)| {
                self.forget(&hash, before.id());
            });
        }
        self.index.write().put(key, before.as_ref());
    }

    /// Forgets a key of the store.
    pub(crate) fn remove(&self, id: &KeyId) {
        let Some(key) = self.by_id(&id.0) else { return };
        key.hashes().for_each(|(hash, _)| self.forget(&hash, id));
        self.index.write().remove(&key);
    }

    /// Makes the secrets of a key find it. A key of the configuration stays found by its own.
    fn learn(&self, key: &Arc<ActiveKey>) {
        for (hash, replaced_until) in key.hashes() {
            let mut shard = self.shard(&hash).write();
            let known = shard.get(&hash);
            if known.is_none_or(|known| known.key.source == KeySource::Store) {
                shard.insert(hash, Found { key: key.clone(), replaced_until });
            }
        }
    }

    fn forget(&self, hash: &KeyHash, id: &KeyId) {
        let mut shard = self.shard(hash).write();
        if shard.get(hash).is_some_and(|found| found.key.id() == id) {
            shard.remove(hash);
        }
    }

    fn shard(&self, hash: &KeyHash) -> &RwLock<HashMap<KeyHash, Found>> {
        &self.shards[usize::from(hash.0[0]) % SHARDS]
    }
}
