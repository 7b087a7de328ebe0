//! Forward keys as they are stored: each under its id, beside the number of the last change and how many there are.

use super::{Store, StoreError, error::Damage, mark, record::KeyRecord, tree::Tree};
use crate::key::{ForwardKey, KeyId};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the head stands; it sorts before every id.
const HEAD: &str = "!";

/// What ids of the store begin with.
const IDS: &str = "key_";

/// What is written together with each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// The number of the last change.
    change: u64,
    /// Keys there are after it.
    keys: u64,
}

/// The tree of keys.
pub(super) struct KeyTree {
    tree: Tree<KeyRecord>,
    path: PathBuf,
    head: Mutex<Head>,
}

impl KeyTree {
    pub(super) fn open(db: &sled::Db, path: &Path) -> Result<Self, StoreError> {
        let tree = Tree::open(db, path, "keys")?;
        let head = tree.get_beside(HEAD)?.unwrap_or_default();
        Ok(KeyTree { tree, path: path.to_owned(), head: Mutex::new(head) })
    }

    /// # Errors
    /// A change that was told as done is not there.
    pub(super) fn check(&self, written: u64) -> Result<(), StoreError> {
        match self.head.lock().change {
            found if found < written => Err(StoreError::damaged(&self.path, Damage::Lost { found, written })),
            _ => Ok(()),
        }
    }

    fn write_mark(&self, change: u64) -> Result<(), StoreError> {
        mark::write(&self.path, change)
            .map_err(|why| StoreError::Failed { path: self.path.clone(), why: why.to_string() })
    }
}

impl Store {
    /// Hands out every key, oldest first, one at a time: they are many.
    ///
    /// # Errors
    /// The store cannot be read, or does not hold what was written; some keys were handed out then.
    pub(crate) fn each_key(&self, mut take: impl FnMut(ForwardKey)) -> Result<(), StoreError> {
        let written = self.keys.head.lock().keys;
        let mut found = 0;
        for entry in self.keys.tree.scan(IDS) {
            let (id, record) = entry?;
            take(record.key(id));
            found += 1;
        }
        if found == written {
            Ok(())
        } else {
            Err(StoreError::damaged(&self.path, Damage::Count { found, written }))
        }
    }

    /// How many keys there are.
    pub(crate) fn key_count(&self) -> u64 {
        self.keys.head.lock().keys
    }

    /// Adds keys: all of them or, where it fails, none. On disk when this returns.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(crate) fn add_keys(&self, keys: &[ForwardKey]) -> Result<(), StoreError> {
        let count = self.key_count() + keys.len() as u64;
        self.write_keys(count, keys.iter().map(|key| (&key.id, Some(key))))
    }

    /// Replaces keys that are there: all of them or, where it fails, none. On disk when this returns.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(crate) fn replace_keys(&self, keys: &[ForwardKey]) -> Result<(), StoreError> {
        self.write_keys(self.key_count(), keys.iter().map(|key| (&key.id, Some(key))))
    }

    /// Removes keys that are there: all of them or, where it fails, none. On disk when this returns.
    ///
    /// # Errors
    /// The store cannot be written.
    pub(crate) fn remove_keys(&self, ids: &[KeyId]) -> Result<(), StoreError> {
        let count = self.key_count().saturating_sub(ids.len() as u64);
        self.write_keys(count, ids.iter().map(|id| (id, None)))?;
        self.last_used.apply(ids.iter().map(|id| (id.0.as_str(), None::<i64>)))
    }

    fn write_keys<'a>(
        &self,
        count: u64,
        changes: impl Iterator<Item = (&'a KeyId, Option<&'a ForwardKey>)>,
    ) -> Result<(), StoreError> {
        let mut head = self.keys.head.lock();
        let next = Head { change: head.change + 1, keys: count };
        let bytes = serde_json::to_vec(&next).map_err(|error| self.keys.tree.unreadable(HEAD, &error))?;
        let changes = changes.map(|(id, key)| (id.0.as_str(), key.map(KeyRecord::of)));
        self.keys.tree.apply_beside(changes, Some((HEAD, bytes)))?;
        *head = next;
        self.flush()?;
        self.sync().map_err(|why| StoreError::Failed { path: self.path.clone(), why: why.to_string() })?;
        if let Err(error) = self.keys.write_mark(next.change) {
            // An older mark finds less, and nothing that is not there.
            tracing::warn!(%error, "the number of the last change could not be written");
        }
        Ok(())
    }

    /// sled asks the system for the bytes of its file alone, and not for its length.
    fn sync(&self) -> std::io::Result<()> {
        std::fs::File::open(self.path.join("db"))?.sync_all()
    }
}
