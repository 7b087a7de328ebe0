//! The store: what outlives the process (forward keys, when they were last used, the ledger), in one sled database.
//!
//! Only this folder knows sled and how things are stored. A write of keys is on disk when it returns.

mod error;
mod folder;
mod holder;
mod image;
mod keys;
mod ledger;
mod lock;
mod mark;
mod open;
pub(crate) mod quiet;
mod record;
#[cfg(test)]
mod tests;
mod tree;

pub use error::{Damage, StoreError};
pub(crate) use folder::DataFolder;
pub(crate) use ledger::{Counts, LedgerKey, OTHER};

use crate::key::{Hasher, KeyHash};
use std::path::{Path, PathBuf};
use tree::Tree;

/// The form of what is stored. A store of a higher one is refused.
pub const STORE_VERSION: u32 = 1;

/// Folder of the database within the data folder.
const STATE: &str = "state";

/// Keys under which hashes may stand at most: the store's own, and those of stores that keys were restored from.
pub(crate) const MAX_HASH_KEYS: usize = 8;

/// Where they stand.
const HASH_KEYS: &str = "hash_keys";

/// Bytes that sled may cache. It takes the number as a hint, and 1 GiB where none is given.
const CACHE_BYTES: u64 = 4 << 20;

/// An open store. It is nobody else's until it is dropped.
pub(crate) struct Store {
    folder: DataFolder,
    path: PathBuf,
    meta: Tree<serde_json::Value>,
    keys: keys::KeyTree,
    last_used: Tree<i64>,
    ledger: Tree<Counts>,
    /// After the trees, so that they are gone before it is.
    db: sled::Db,
    /// The last field: nobody else may look at the files before all is gone.
    _lock: std::sync::Arc<lock::Lock>,
}

/// What secrets are hashed with.
#[derive(Clone)]
pub(crate) struct Hashers {
    /// The store's own: for all new ones.
    pub(crate) own: Hasher,
    /// Those of stores that keys were restored from.
    pub(crate) others: Vec<Hasher>,
}

impl Store {
    /// The folder that holds the database and the control socket.
    pub(crate) fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// The folder of the database.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that the database takes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        folder::bytes_below(&self.path)
    }

    /// What secrets are hashed with.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn hashers(&self) -> Result<Hashers, StoreError> {
        let stored = self.meta.get(HASH_KEYS)?.unwrap_or_default();
        let keys = serde_json::from_value::<Vec<KeyHash>>(stored);
        let keys = keys.map_err(|error| self.meta.unreadable(HASH_KEYS, &error))?;
        let mut hashers = keys.into_iter().map(Hasher::new);
        let missing = || Damage::Entry { entry: HASH_KEYS.to_owned(), why: "it is empty".to_owned() };
        let own = hashers.next().ok_or_else(|| StoreError::damaged(&self.path, missing()))?;
        Ok(Hashers { own, others: hashers.collect() })
    }

    /// Remembers what secrets are hashed with. On disk when this returns.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(crate) fn set_hashers(&self, hashers: &Hashers) -> Result<(), StoreError> {
        let keys: Vec<KeyHash> =
            std::iter::once(&hashers.own).chain(&hashers.others).map(Hasher::key).collect();
        self.meta.put(HASH_KEYS, &serde_json::json!(keys))?;
        self.flush()
    }

    /// When keys were last used: their ids, and seconds since 1970.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn last_used(&self) -> Result<Vec<(String, i64)>, StoreError> {
        self.last_used.scan("").collect()
    }

    /// Remembers when keys were last used; `None` forgets it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(crate) fn set_last_used<'a>(
        &self,
        used: impl IntoIterator<Item = (&'a str, Option<i64>)>,
    ) -> Result<(), StoreError> {
        self.last_used.apply(used)?;
        self.flush()
    }

    /// Returns when everything that was written is on disk.
    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(drop).map_err(|error| StoreError::failed(&self.path, error))
    }
}
