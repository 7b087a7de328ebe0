//! Keys that are there: changed, rotated, deleted.

use super::{
    changeable,
    create::{chosen, free},
    named, view, views_of,
};
use crate::{
    clock,
    control::{Administration, ControlError, CreatedKey, KeyName, Response},
    key::{ForwardKey, KeyChange, KeySource, Masked, PreviousSecret, check_expiry},
    secret::Secret,
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// How long a replaced secret can stay good, in seconds: ten years.
const MAX_GRACE_S: u64 = 10 * 366 * 86_400;

pub(in crate::control) fn change(
    on: &Administration,
    names: &[KeyName],
    change: &KeyChange,
) -> Result<Response, ControlError> {
    let _changing = on.book.changing.lock();
    let store = on.store()?;
    let now = clock::utc();
    let keys = changeable(on, names)?;
    let changed = keys.iter().map(|key| changed(on, key.forward_key(), change, now));
    let changed = changed.collect::<Result<Vec<_>, _>>()?;
    if let (Some(name), true) = (&change.name, changed.len() > 1) {
        return Err(ControlError::NameTaken { name: name.clone(), index: None });
    }
    store.replace_keys(&changed)?;
    let ids: Vec<_> = changed.iter().map(|key| key.id.clone()).collect();
    changed.into_iter().for_each(|key| on.book.put(key));
    Ok(Response::Keys(views_of(on, ids, now)))
}

fn changed(
    on: &Administration,
    mut key: ForwardKey,
    change: &KeyChange,
    now: DateTime<Utc>,
) -> Result<ForwardKey, ControlError> {
    set(&mut key.name, &change.name);
    set(&mut key.level, &change.level);
    set(&mut key.models, &change.models);
    set(&mut key.routes, &change.routes);
    set(&mut key.quotas.requests, &change.requests);
    set(&mut key.quotas.tokens, &change.tokens);
    set(&mut key.quotas.concurrent, &change.concurrent);
    set(&mut key.expires, &change.expires);
    set(&mut key.enabled, &change.enabled);
    key.metadata.extend(change.metadata.clone());
    key.tidy();
    let checked = key.check().and_then(|()| check_expiry(change.expires.flatten(), now));
    checked.map_err(|fault| ControlError::invalid(&fault, None))?;
    match on.book.by_name(&key.name) {
        Some(other) if *other.id() != key.id => Err(ControlError::NameTaken { name: key.name, index: None }),
        _ => Ok(key),
    }
}

fn set<T: Clone>(field: &mut T, to: &Option<T>) {
    if let Some(to) = to {
        field.clone_from(to);
    }
}

pub(in crate::control) fn rotate(
    on: &Administration,
    name: &KeyName,
    grace_s: u64,
    secret: Option<Secret>,
) -> Result<Response, ControlError> {
    let _changing = on.book.changing.lock();
    let store = on.store()?;
    let key = named(on, name)?;
    if key.source == KeySource::Configuration {
        return Err(ControlError::Configured { name: key.name().to_owned() });
    }
    let now = clock::utc();
    let until = good_until(now, grace_s)?;
    let secret = chosen(on, secret, None)?;
    free(on, &secret, None)?;
    let before = key.forward_key();
    // Kept also when its time is over at once: it is refused then, and not passed on as if it were no key.
    let previous = PreviousSecret { hash: before.hash, masked: before.masked.clone(), until };
    let rotated = ForwardKey {
        hash: on.book.hasher().hash(secret.expose()),
        masked: Masked::of(secret.expose()),
        previous: Some(previous),
        ..before
    };
    store.replace_keys(std::slice::from_ref(&rotated))?;
    let id = rotated.id.clone();
    on.book.put(rotated);
    let created = views_of(on, [id], now).into_iter().map(|key| CreatedKey { key, secret: secret.clone() });
    Ok(Response::Created(created.collect()))
}

fn good_until(now: DateTime<Utc>, grace_s: u64) -> Result<DateTime<Utc>, ControlError> {
    let too_long = || ControlError::Invalid {
        field: "grace_s".to_owned(),
        why: format!("is more than {MAX_GRACE_S} seconds"),
        index: None,
    };
    let grace = i64::try_from(grace_s.min(MAX_GRACE_S + 1)).ok().and_then(TimeDelta::try_seconds);
    let until = grace.filter(|_| grace_s <= MAX_GRACE_S).and_then(|grace| now.checked_add_signed(grace));
    until.map(|until| until.trunc_subsecs(3)).ok_or_else(too_long)
}

pub(in crate::control) fn delete(on: &Administration, names: &[KeyName]) -> Result<Response, ControlError> {
    let _changing = on.book.changing.lock();
    let store = on.store()?;
    let now = clock::utc();
    let keys = changeable(on, names)?;
    let ids: Vec<_> = keys.iter().map(|key| key.id().clone()).collect();
    store.remove_keys(&ids)?;
    ids.iter().for_each(|id| on.book.remove(id));
    Ok(Response::Keys(keys.iter().map(|key| view(key, now)).collect()))
}
