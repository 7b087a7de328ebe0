//! The order of keys, and their ids and names.

use super::{ActiveKey, KeySource};
use std::{
    borrow::Borrow,
    cmp::Ordering,
    collections::{BTreeSet, HashSet},
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Keys by id, which sorts them by age, and by name. It holds no text of its own: keys are many.
#[derive(Default)]
pub(super) struct Index {
    /// In the order of the configuration.
    pub(super) configured: Vec<Arc<ActiveKey>>,
    by_id: BTreeSet<ById>,
    by_name: HashSet<ByName>,
}

struct ById(Arc<ActiveKey>);

struct ByName(Arc<ActiveKey>);

impl Index {
    pub(super) fn by_id(&self, id: &str) -> Option<Arc<ActiveKey>> {
        let stored = self.by_id.get(id).map(|key| &key.0);
        stored.or_else(|| self.configured.iter().find(|key| key.id().0 == id)).cloned()
    }

    pub(super) fn by_name(&self, name: &str) -> Option<Arc<ActiveKey>> {
        self.by_name.get(name).map(|key| key.0.clone())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<ActiveKey>> {
        self.configured.iter().chain(self.stored())
    }

    pub(super) fn stored(&self) -> impl Iterator<Item = &Arc<ActiveKey>> {
        self.by_id.iter().map(|key| &key.0)
    }

    /// Takes a key of the store in, in the place of the one before a change.
    pub(super) fn put(&mut self, key: Arc<ActiveKey>, before: Option<&Arc<ActiveKey>>) {
        if let Some(before) = before {
            self.by_name.remove(before.name());
        }
        self.by_id.replace(ById(key.clone()));
        self.by_name.replace(ByName(key));
    }

    pub(super) fn remove(&mut self, key: &Arc<ActiveKey>) {
        if key.source == KeySource::Store {
            self.by_id.remove(key.id().0.as_str());
            self.by_name.remove(key.name());
        }
    }
}

impl Borrow<str> for ById {
    fn borrow(&self) -> &str {
        &self.0.id().0
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.id() == other.0.id()
    }
}

impl Eq for ById {}

impl PartialOrd for ById {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ById {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.id().0.cmp(&other.0.id().0)
    }
}

impl Borrow<str> for ByName {
    fn borrow(&self) -> &str {
        self.0.name()
    }
}

impl PartialEq for ByName {
    fn eq(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }
}

impl Eq for ByName {}

impl Hash for ByName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name().hash(state);
    }
}
