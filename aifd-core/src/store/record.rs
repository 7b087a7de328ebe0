//! A forward key as it lies in the store: what is the default is left out, since keys are many.

use crate::{
    config::Level,
    key::{ForwardKey, KeyHash, KeyId, KeyQuotas, Masked, PreviousSecret},
    limit::quota::Quotas,
};
use chrono::{
    DateTime, Utc,
    serde::{ts_milliseconds, ts_milliseconds_option},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A key without its id, under which it lies. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(super) struct KeyRecord {
    /// Left out where the id serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    level: Level,
    #[serde(default, skip_serializing_if = "is_default")]
    models: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    routes: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    requests: Quotas,
    #[serde(default, skip_serializing_if = "is_default")]
    tokens: Quotas,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    concurrent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "ts_milliseconds_option")]
    expires: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "is_default")]
    disabled: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    metadata: BTreeMap<String, String>,
    #[serde(with = "ts_milliseconds")]
    created: DateTime<Utc>,
    hash: KeyHash,
    masked: Masked,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<PreviousSecret>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl KeyRecord {
    pub(super) fn of(key: &ForwardKey) -> Self {
        KeyRecord {
            name: (key.name != key.id.0).then(|| key.name.clone()),
            level: key.level,
            models: key.models.clone(),
            routes: key.routes.clone(),
            requests: key.quotas.requests.clone(),
            tokens: key.quotas.tokens.clone(),
            concurrent: key.quotas.concurrent,
            expires: key.expires,
            disabled: !key.enabled,
            metadata: key.metadata.clone(),
            created: key.created,
            hash: key.hash,
            masked: key.masked.clone(),
            previous: key.previous.clone(),
        }
    }

    /// The key of this id. When it was last used lies elsewhere.
    pub(super) fn key(self, id: String) -> ForwardKey {
        ForwardKey {
            name: self.name.unwrap_or_else(|| id.clone()),
            id: KeyId(id),
            level: self.level,
            models: self.models,
            routes: self.routes,
            quotas: KeyQuotas { requests: self.requests, tokens: self.tokens, concurrent: self.concurrent },
            expires: self.expires,
            enabled: !self.disabled,
            metadata: self.metadata,
            created: self.created,
            last_used: None,
            hash: self.hash,
            masked: self.masked,
            previous: self.previous,
        }
    }
}
