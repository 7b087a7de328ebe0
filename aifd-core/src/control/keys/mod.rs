//! Forward keys: listed, made, changed, rotated, deleted, exported and restored.

mod change;
mod create;
mod export;

pub(super) use change::{change, delete, rotate};
pub(super) use create::create;
pub(super) use export::{export, restore};

use super::{Administration, ControlError, KeyName, KeyView, Response};
use crate::{
    clock,
    key::{ActiveKey, KeyId, KeySource},
};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Keys of a store at most.
const MAX_KEYS: u64 = 250_000;

pub(super) fn list(on: &Administration) -> Response {
    let now = clock::utc();
    Response::Keys(on.book.all().iter().map(|key| view(key, now)).collect())
}

pub(super) fn show(on: &Administration, name: &KeyName) -> Result<Response, ControlError> {
    let key = named(on, name)?;
    Ok(Response::Keys(vec![view(&key, clock::utc())]))
}

/// The key of this id or name.
pub(super) fn named(on: &Administration, name: &KeyName) -> Result<Arc<ActiveKey>, ControlError> {
    on.book.by_name(&name.0).ok_or_else(|| ControlError::NoSuchKey { name: name.0.clone() })
}

/// Keys of the store, each once.
fn changeable(on: &Administration, names: &[KeyName]) -> Result<Vec<Arc<ActiveKey>>, ControlError> {
    let mut keys: Vec<Arc<ActiveKey>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for name in names {
        let key = named(on, name)?;
        if key.source == KeySource::Configuration {
            return Err(ControlError::Configured { name: key.name().to_owned() });
        }
        if seen.insert(key.id().clone()) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The keys of these ids, as they are now.
fn views_of(on: &Administration, ids: impl IntoIterator<Item = KeyId>, now: DateTime<Utc>) -> Vec<KeyView> {
    let keys = ids.into_iter().filter_map(|id| on.book.by_id(&id.0));
    keys.map(|key| view(&key, now)).collect()
}

/// # Errors
/// A store would hold more keys than [`MAX_KEYS`].
fn room_for(on: &Administration, more: usize) -> Result<(), ControlError> {
    if on.store()?.key_count() + more as u64 <= MAX_KEYS {
        return Ok(());
    }
    let why = format!("a store holds {MAX_KEYS} keys at most");
    Err(ControlError::Invalid { field: "keys".to_owned(), why, index: None })
}

fn view(key: &ActiveKey, now: DateTime<Utc>) -> KeyView {
    let shown = key.forward_key();
    KeyView {
        state: shown.state(now),
        source: key.source,
        created: (key.source == KeySource::Store).then_some(shown.created),
        last_used: shown.last_used,
        previous_until: shown.previous.map(|previous| previous.until).filter(|until| *until > now),
        id: shown.id,
        name: shown.name,
        key: shown.masked,
        level: shown.level,
        models: shown.models,
        routes: shown.routes,
        quotas: shown.quotas,
        expires: shown.expires,
        enabled: shown.enabled,
        metadata: shown.metadata,
    }
}
