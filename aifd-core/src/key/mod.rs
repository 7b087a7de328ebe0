//! Forward keys: what callers hold in the place of the upstream's own keys, and what each may do.

mod active;
pub(crate) mod book;
mod hasher;
mod id;
mod index;
pub mod pattern;
mod rules;
mod secret;
mod shared;

pub(crate) use active::{ActiveKey, KeyRules, KeyUse};
pub(crate) use book::{Found, KeyBook};
pub(crate) use hasher::Hasher;
pub(crate) use id::Ids;
pub use rules::{KeyFault, TextFault};
pub(crate) use rules::{check_expiry, check_secret};
pub use secret::{KeyHash, Masked};

use crate::{config::Level, limit::quota::Quotas, secret::Secret};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Characters of a name, a model pattern, a route or a metadata entry at most.
pub const MAX_TEXT: usize = 200;

/// Entries of one list (models, routes) or of the metadata of a key at most.
pub const MAX_ENTRIES: usize = 100;

/// A key's id: `key_` and 16 characters for one of the store, `cfg_` and 16 for one of the configuration. Never
/// reused, and safe to show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// With `aifd keys`: it can be changed at run time.
    Store,
    /// In the configuration, which alone can change it.
    Configuration,
}

/// What a key may use of the gateway, beside what its level and its route allow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyQuotas {
    /// Requests; none: unlimited.
    pub requests: Quotas,
    /// Tokens of prompts and answers together; none: unlimited.
    pub tokens: Quotas,
    /// Requests under way at once; `None`: unlimited.
    pub concurrent: Option<u32>,
}

/// A forward key and what it may do. Its secret is known only as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardKey {
    /// Its id.
    pub id: KeyId,
    /// What people call it; distinct among the keys of the store.
    pub name: String,
    /// Its level, which decides on its upstream keys and models.
    pub level: Level,
    /// Patterns of models (`gpt-4o*`); empty: what the level allows. Both must allow a model.
    pub models: Vec<String>,
    /// Prefixes of routes that it may use, as they stand in `forward`; empty: all.
    pub routes: Vec<String>,
    /// Its own quotas.
    pub quotas: KeyQuotas,
    /// When it ends; `None`: never.
    pub expires: Option<DateTime<Utc>>,
    /// Whether it may be used at all.
    pub enabled: bool,
    /// Whatever its administrators want to remember.
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it was last used, to the second; `None`: never.
    pub last_used: Option<DateTime<Utc>>,
    /// Its secret's hash.
    pub hash: KeyHash,
    /// Its secret as it may be shown.
    pub masked: Masked,
    /// The secret before the last rotation, while that is still good.
    pub previous: Option<PreviousSecret>,
}

/// A secret that was replaced and is good for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// Its hash.
    pub hash: KeyHash,
    /// As it may be shown.
    pub masked: Masked,
    /// Until when it is good.
    pub until: DateTime<Utc>,
}

/// Whether a key can be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It can.
    Active,
    /// It was switched off.
    Disabled,
    /// Its time is over.
    Expired,
}

impl ForwardKey {
    /// Whether it can be used at `now`.
    pub fn state(&self, now: DateTime<Utc>) -> KeyState {
        KeyState::of(self.enabled, self.expires, now)
    }
}

impl KeyState {
    fn of(enabled: bool, expires: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        match expires {
            _ if !enabled => KeyState::Disabled,
            Some(expires) if expires <= now => KeyState::Expired,
            _ => KeyState::Active,
        }
    }
}

/// What a new key shall be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyDraft {
    /// Its name; `None`: its id serves.
    pub name: Option<String>,
    /// Its secret; `None`: a random one is made.
    pub secret: Option<Secret>,
    /// Its level.
    pub level: Level,
    /// As [`ForwardKey::models`].
    pub models: Vec<String>,
    /// As [`ForwardKey::routes`].
    pub routes: Vec<String>,
    /// As [`ForwardKey::quotas`].
    pub quotas: KeyQuotas,
    /// As [`ForwardKey::expires`].
    pub expires: Option<DateTime<Utc>>,
    /// As [`ForwardKey::enabled`], `true` where it is not given.
    pub enabled: Option<bool>,
    /// As [`ForwardKey::metadata`].
    pub metadata: BTreeMap<String, String>,
}

/// What shall change in a key; `None` leaves things as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyChange {
    /// A new name.
    pub name: Option<String>,
    /// A new level.
    pub level: Option<Level>,
    /// New model patterns; an empty list takes them away.
    pub models: Option<Vec<String>>,
    /// New route prefixes; an empty list takes them away.
    pub routes: Option<Vec<String>>,
    /// A new quota of requests; an empty one takes it away.
    pub requests: Option<Quotas>,
    /// A new quota of tokens; an empty one takes it away.
    pub tokens: Option<Quotas>,
    /// A new bound on requests under way; `Some(None)` takes it away.
    #[serde(with = "given")]
    pub concurrent: Option<Option<u32>>,
    /// A new end; `Some(None)` takes it away.
    #[serde(with = "given")]
    pub expires: Option<Option<DateTime<Utc>>>,
    /// Switches it on or off.
    pub enabled: Option<bool>,
    /// Metadata to set; an empty value takes an entry away. Others stay.
    pub metadata: BTreeMap<String, String>,
}

/// `null` that was given, told from a field that was not.
mod given {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // Told apart by being an array of none or one.
        value.as_ref().map(|inner| inner.as_slice()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        let items = Option::<Vec<T>>::deserialize(deserializer)?;
        Ok(items.map(|mut items| items.pop()))
    }
}

impl std::borrow::Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
