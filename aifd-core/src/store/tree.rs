//! A tree of the database: texts to values, which lie there as JSON.

use super::{StoreError, error::Damage};
use serde::{Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, ops::RangeBounds, path::Path, path::PathBuf};

/// A tree whose values are of one type.
pub(super) struct Tree<V> {
    tree: sled::Tree,
    path: PathBuf,
    values: PhantomData<fn() -> V>,
}

impl<V: Serialize + DeserializeOwned> Tree<V> {
    pub(super) fn open(db: &sled::Db, path: &Path, name: &str) -> Result<Self, StoreError> {
        let tree = db.open_tree(name).map_err(|error| StoreError::failed(path, error))?;
        Ok(Tree { tree, path: path.to_owned(), values: PhantomData })
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<V>, StoreError> {
        self.get_beside(key)
    }

    /// An entry that is no value of this tree.
    pub(super) fn get_beside<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let found = self.tree.get(key).map_err(|error| StoreError::failed(&self.path, error))?;
        found
            .map(|bytes| serde_json::from_slice(&bytes).map_err(|error| self.unreadable(key, &error)))
            .transpose()
    }

    pub(super) fn put(&self, key: &str, value: &V) -> Result<(), StoreError> {
        self.apply([(key, Some(value))])
    }

    /// Sets and (with `None`) removes entries: after a crash, all of it was done or none.
    pub(super) fn apply<K: AsRef<[u8]>, R: std::borrow::Borrow<V>>(
        &self,
        changes: impl IntoIterator<Item = (K, Option<R>)>,
    ) -> Result<(), StoreError> {
        self.apply_beside(changes, None)
    }

    /// The same, together with the one entry that is no value of this tree.
    pub(super) fn apply_beside<K: AsRef<[u8]>, R: std::borrow::Borrow<V>>(
        &self,
        changes: impl IntoIterator<Item = (K, Option<R>)>,
        beside: Option<(&str, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        if let Some((key, bytes)) = beside {
            batch.insert(key, bytes);
        }
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key.as_ref(), self.bytes(key.as_ref(), value.borrow())?),
                None => batch.remove(key.as_ref()),
            }
        }
        self.tree.apply_batch(batch).map_err(|error| StoreError::failed(&self.path, error))
    }

    /// Entries whose keys begin so, by key.
    pub(super) fn scan(&self, prefix: &str) -> impl Iterator<Item = Result<(String, V), StoreError>> {
        self.read(self.tree.scan_prefix(prefix))
    }

    /// Entries whose keys lie in a range, by key.
    pub(super) fn range<R: RangeBounds<String>>(
        &self,
        range: R,
    ) -> impl Iterator<Item = Result<(String, V), StoreError>> {
        let bytes = |bound: std::ops::Bound<&String>| bound.map(|key| key.as_bytes().to_vec());
        self.read(self.tree.range::<Vec<u8>, _>((bytes(range.start_bound()), bytes(range.end_bound()))))
    }

    fn read(&self, entries: sled::Iter) -> impl Iterator<Item = Result<(String, V), StoreError>> {
        entries.map(|entry| {
            let (key, value) = entry.map_err(|error| StoreError::failed(&self.path, error))?;
            let key = String::from_utf8_lossy(&key).into_owned();
            let value = self.value(&key, &value)?;
            Ok((key, value))
        })
    }

    fn value(&self, key: &str, bytes: &[u8]) -> Result<V, StoreError> {
        serde_json::from_slice(bytes).map_err(|error| self.unreadable(key, &error))
    }

    fn bytes(&self, key: &[u8], value: &V) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(value).map_err(|error| self.unreadable(&String::from_utf8_lossy(key), &error))
    }

    /// An entry that is not what it should be.
    pub(super) fn unreadable(&self, key: &str, error: &serde_json::Error) -> StoreError {
        // Only where it went wrong: an error's own words may quote a value.
        let why = format!("column {}: {:?}", error.column(), error.classify());
        StoreError::damaged(&self.path, Damage::Entry { entry: key.to_owned(), why })
    }
}
