//! New keys: all of them, or none.

use super::{room_for, view};
use crate::{
    clock,
    control::{Administration, ControlError, CreatedKey, Response},
    key::{ForwardKey, KeyDraft, KeyHash, KeyId, Masked, check_secret},
    secret::Secret,
};
use chrono::{DateTime, SubsecRound, Utc};
use std::collections::HashMap;

pub(in crate::control) fn create(
    on: &Administration,
    drafts: Vec<KeyDraft>,
) -> Result<Response, ControlError> {
    let _changing = on.book.changing.lock();
    room_for(on, drafts.len())?;
    let now = clock::utc().trunc_subsecs(3);
    let mut taken = Taken::default();
    let mut keys = Vec::with_capacity(drafts.len());
    let mut secrets = Vec::with_capacity(drafts.len());
    let several = drafts.len() > 1;
    for (index, draft) in drafts.into_iter().enumerate() {
        let index = several.then_some(index);
        let secret = chosen(on, draft.secret.clone(), index)?;
        free(on, &secret, index)?;
        let key = drawn_up(on, draft, &secret, now, index)?;
        taken.take(on, &key, index)?;
        keys.push(key);
        secrets.push(secret);
    }
    on.store()?.add_keys(&keys)?;
    let mut created = Vec::with_capacity(keys.len());
    for (key, secret) in keys.into_iter().zip(secrets) {
        let id = key.id.clone();
        on.book.put(key);
        created.extend(on.book.by_id(&id.0).map(|key| CreatedKey { key: view(&key, now), secret }));
    }
    Ok(Response::Created(created))
}

/// The secret that was chosen, or a random one.
pub(super) fn chosen(
    on: &Administration,
    secret: Option<Secret>,
    index: Option<usize>,
) -> Result<Secret, ControlError> {
    match secret {
        Some(secret) => {
            check_secret(&secret).map_err(|fault| ControlError::invalid(&fault, index))?;
            Ok(secret)
        }
        None => Secret::random().map_err(|error| on.no_random(error)),
    }
}

/// # Errors
/// The secret is another key's, hashed by whichever store.
pub(super) fn free(on: &Administration, secret: &Secret, index: Option<usize>) -> Result<(), ControlError> {
    let other = on.book.find(secret.expose());
    other.map_or(Ok(()), |other| Err(ControlError::SecretTaken { name: other.key.name().to_owned(), index }))
}

fn drawn_up(
    on: &Administration,
    draft: KeyDraft,
    secret: &Secret,
    now: DateTime<Utc>,
    index: Option<usize>,
) -> Result<ForwardKey, ControlError> {
    let id = new_id(on, now)?;
    let mut key = ForwardKey {
        name: draft.name.unwrap_or_else(|| id.0.clone()),
        id,
        level: draft.level,
        models: draft.models,
        routes: draft.routes,
        quotas: draft.quotas,
        expires: draft.expires,
        enabled: draft.enabled.unwrap_or(true),
        metadata: draft.metadata,
        created: now,
        last_used: None,
        hash: on.book.hasher().hash(secret.expose()),
        masked: Masked::of(secret.expose()),
        previous: None,
    };
    key.tidy();
    let checked = key.check();
    checked.map(|()| key).map_err(|fault| ControlError::invalid(&fault, index))
}

/// An id that no key has. One can be taken where the clock went back, or a key was restored.
fn new_id(on: &Administration, now: DateTime<Utc>) -> Result<KeyId, ControlError> {
    loop {
        let id = on.ids.next(now).map_err(|error| on.no_random(error))?;
        if on.book.by_id(&id.0).is_none() {
            return Ok(id);
        }
    }
}

/// Names and secrets that keys of one request take, beside those that are taken already.
#[derive(Default)]
pub(super) struct Taken {
    names: HashMap<String, ()>,
    hashes: HashMap<KeyHash, String>,
}

impl Taken {
    /// # Errors
    /// The name or a secret of the key is another's.
    pub(super) fn take(
        &mut self,
        on: &Administration,
        key: &ForwardKey,
        index: Option<usize>,
    ) -> Result<(), ControlError> {
        let named = on.book.by_name(&key.name).is_some_and(|other| *other.id() != key.id);
        if named || self.names.insert(key.name.clone(), ()).is_some() {
            return Err(ControlError::NameTaken { name: key.name.clone(), index });
        }
        let previous = key.previous.as_ref().map(|previous| previous.hash);
        for hash in std::iter::once(key.hash).chain(previous) {
            let known = on.book.find_hash(&hash).map(|found| found.key.name().to_owned());
            if let Some(name) = known.or_else(|| self.hashes.insert(hash, key.name.clone())) {
                return Err(ControlError::SecretTaken { name, index });
            }
        }
        Ok(())
    }
}
