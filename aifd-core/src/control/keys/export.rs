//! Keys with their hashes: taken out of a store, and put into another.

use super::{create::Taken, room_for, views_of};
use crate::{
    clock,
    control::{Administration, ControlError, KeyExport, Response},
    key::{ForwardKey, Hasher, KeyHash},
    store::{Hashers, MAX_HASH_KEYS},
};

/// The form of an export.
const VERSION: u32 = 1;

pub(in crate::control) fn export(on: &Administration) -> Result<Response, ControlError> {
    on.store()?;
    let hash_keys = on.book.hashers().into_iter().map(|hasher| hasher.key());
    let (own, others) = (on.book.hasher().key(), hash_keys.skip(1).collect());
    let keys = on.book.stored().iter().map(|key| key.forward_key()).collect();
    Ok(Response::Export(KeyExport { version: VERSION, hash_key: own, other_hash_keys: others, keys }))
}

pub(in crate::control) fn restore(
    on: &Administration,
    mut export: KeyExport,
) -> Result<Response, ControlError> {
    let _changing = on.book.changing.lock();
    room_for(on, export.keys.len())?;
    if export.version != VERSION {
        return Err(invalid("version", format!("is {}; {VERSION} is known", export.version)));
    }
    let others = further_hashers(on, &export)?;
    let mut hashers = on.book.hashers();
    hashers.extend(others.iter().cloned());
    let configured = on.book.configured_hashes(&hashers);
    let mut taken = Taken::default();
    let mut ids = std::collections::HashSet::new();
    for (index, key) in export.keys.iter_mut().enumerate() {
        key.tidy();
        checked(key, index)?;
        if on.book.by_id(&key.id.0).is_some() || !ids.insert(key.id.clone()) {
            return Err(ControlError::NameTaken { name: key.id.0.clone(), index: Some(index) });
        }
        if let Some(id) = configured.get(&key.hash) {
            return Err(ControlError::SecretTaken { name: id.0.clone(), index: Some(index) });
        }
        taken.take(on, key, Some(index))?;
    }
    write(on, others, export.keys)
}

fn write(on: &Administration, others: Vec<Hasher>, keys: Vec<ForwardKey>) -> Result<Response, ControlError> {
    let store = on.store()?;
    let all: Vec<_> = on.book.hashers().into_iter().skip(1).chain(others).collect();
    // Before the keys: a hasher that no key needs does no harm, a key without its hasher is never found.
    store.set_hashers(&Hashers { own: on.book.hasher().clone(), others: all.clone() })?;
    on.book.set_other_hashers(all);
    let used = keys.iter().filter_map(|key| Some((key.id.0.as_str(), Some(key.last_used?.timestamp()))));
    store.set_last_used(used)?;
    let plain: Vec<_> = keys.iter().map(|key| ForwardKey { last_used: None, ..key.clone() }).collect();
    store.add_keys(&plain)?;
    let ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
    keys.into_iter().for_each(|key| on.book.put(key));
    Ok(Response::Keys(views_of(on, ids, clock::utc())))
}

fn checked(key: &ForwardKey, index: usize) -> Result<(), ControlError> {
    if !key.id.is_stored() {
        let why = format!("`{}` is no id of a stored key", key.id);
        return Err(ControlError::Invalid { field: "id".to_owned(), why, index: Some(index) });
    }
    key.check().map_err(|fault| ControlError::invalid(&fault, Some(index)))
}

/// What the secrets of the export are hashed with and this store does not know yet.
fn further_hashers(on: &Administration, export: &KeyExport) -> Result<Vec<Hasher>, ControlError> {
    let known: Vec<KeyHash> = on.book.hashers().iter().map(Hasher::key).collect();
    let mut further: Vec<KeyHash> = Vec::new();
    if !export.keys.is_empty() {
        for key in std::iter::once(&export.hash_key).chain(&export.other_hash_keys) {
            if !known.contains(key) && !further.contains(key) {
                further.push(*key);
            }
        }
    }
    if known.len() + further.len() > MAX_HASH_KEYS {
        let why = format!("keys of more than {MAX_HASH_KEYS} stores do not fit into one");
        return Err(invalid("hash_key", why));
    }
    Ok(further.into_iter().map(Hasher::new).collect())
}

fn invalid(field: &str, why: String) -> ControlError {
    ControlError::Invalid { field: field.to_owned(), why, index: None }
}
