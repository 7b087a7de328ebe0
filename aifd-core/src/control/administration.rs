//! What administration works on: the store, and the keys and counts of this process.

use super::Status;
use crate::{
    cache::Cache,
    config::Config,
    key::{Hasher, Ids, KeyBook},
    ledger::Ledger,
    store::{Store, StoreError},
};
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How a running server tells how it does.
pub(crate) type StatusSource = Box<dyn Fn() -> Status + Send + Sync>;

/// What administration works on. It holds the store: nobody else can open it until this is dropped.
pub(crate) struct Administration {
    pub(super) store: Option<Store>,
    pub(super) book: Arc<KeyBook>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) ids: Ids,
    /// Of the store, also where there is none.
    pub(super) data_dir: PathBuf,
    status: OnceLock<StatusSource>,
    /// The running server's cache, if it has one.
    pub(super) live_cache: OnceLock<Arc<Cache>>,
    /// The cache on disk, where no server has it open.
    pub(super) own_cache: Arc<Cache>,
}

impl Administration {
    /// Opens the store, and reads its keys beside those of the configuration. `wait` is how long another process
    /// that has the store open is waited for.
    ///
    /// # Errors
    /// The store cannot be opened or read; none of its files was changed then.
    pub(crate) fn open(config: &Config, wait: Duration) -> Result<Self, StoreError> {
        let (store, book) = Store::open_with(&config.data_dir.path, wait, |store| read_keys(store, config))?;
        Ok(Self::of(config, Some(store), book))
    }

    /// The keys of the configuration alone: nothing can be changed, and nothing is kept.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn without_store(config: &Config) -> Result<Self, getrandom::Error> {
        let book = KeyBook::new(Hasher::random()?, &config.access.forward_keys, config.limits.strategy);
        Ok(Self::of(config, None, book))
    }

    fn of(config: &Config, store: Option<Store>, book: KeyBook) -> Self {
        Administration {
            store,
            book: Arc::new(book),
            ledger: Arc::default(),
            ids: Ids::default(),
            data_dir: config.data_dir.path.clone(),
            status: OnceLock::new(),
            live_cache: OnceLock::new(),
            own_cache: Arc::new(Cache::administered(config)),
        }
    }

    /// Every key that is known now.
    pub(crate) fn book(&self) -> &Arc<KeyBook> {
        &self.book
    }

    /// The ledger, where there is a store to write it to.
    pub(crate) fn ledger(&self) -> Option<&Arc<Ledger>> {
        self.store.as_ref().map(|_| &self.ledger)
    }

    /// Whether there is a store.
    pub(crate) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Says how the server's state is found out. The first one holds; `store` of what it tells is filled in here.
    pub(crate) fn tell_status(&self, source: StatusSource) {
        let _ = self.status.set(source);
    }

    /// Says which cache the server answers from. The first one holds.
    pub(crate) fn tell_cache(&self, cache: &Arc<Cache>) {
        let _ = self.live_cache.set(cache.clone());
    }

    pub(super) fn status(&self) -> Option<Status> {
        self.status.get().map(|source| source())
    }
}

fn read_keys(store: &Store, config: &Config) -> Result<KeyBook, StoreError> {
    let hashers = store.hashers()?;
    let book = KeyBook::new(hashers.own, &config.access.forward_keys, config.limits.strategy);
    book.set_other_hashers(hashers.others);
    let configured = book.configured_hashes(&book.hashers());
    store.each_key(|key| {
        if let Some(id) = configured.get(&key.hash) {
            tracing::warn!(
                key = %key.id, configured = %id,
                "the secret of a stored key stands in the configuration too, which holds"
            );
        }
        book.put(key);
    })?;
    for (id, seconds) in store.last_used()? {
        if let Some(key) = book.by_id(&id) {
            key.usage.restore(seconds);
        }
    }
    Ok(book)
}
