//! The ledger: requests and tokens by day, key and model, counted by any worker and written by one thread.

use crate::{
    clock,
    key::KeyId,
    store::{Counts, LedgerKey, OTHER, Store, StoreError},
};
use chrono::{Days, NaiveDate};
use parking_lot::Mutex;
use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Days that are kept, today included; older ones are forgotten.
pub(crate) const KEPT_DAYS: u64 = 400;

/// Characters of a model's name that are kept.
const MAX_MODEL: usize = 128;

/// The model of requests that name none, and the key of callers without one.
const NONE: &str = "-";

/// Parts that are counted apart until they are written, so that workers do not meet.
const SHARDS: usize = 16;

/// Models that a part holds between two writes at most; further ones of a key count together.
const MAX_PENDING: usize = 4096;

/// A request that was let through to the upstream, at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// The caller's key; `None`: a caller without one.
    pub(crate) key: Option<&'a KeyId>,
    /// The model as it was asked for.
    pub(crate) model: Option<&'a str>,
    /// Whether it ended with a status of 400 or more, or broke off.
    pub(crate) failed: bool,
    /// What the answer told of tokens.
    pub(crate) tokens: Option<Tokens>,
}

/// The tokens of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Of the prompt.
    pub(crate) prompt: u64,
    /// Of the answer.
    pub(crate) completion: u64,
}

type Models = HashMap<Box<str>, Counts>;

#[derive(Default)]
struct Part {
    days: BTreeMap<NaiveDate, HashMap<KeyId, Models>>,
    models: usize,
}

/// What was counted and is not written yet.
#[derive(Default)]
pub(crate) struct Ledger {
    parts: [Mutex<Part>; SHARDS],
    /// Held while what was counted is on its way into the store.
    writing: Mutex<()>,
}

impl Entry<'_> {
    fn counts(&self) -> Counts {
        let tokens = self.tokens.unwrap_or_default();
        Counts {
            requests: 1,
            errors: u64::from(self.failed),
            prompt_tokens: tokens.prompt,
            completion_tokens: tokens.completion,
            without_usage: u64::from(self.tokens.is_none()),
        }
    }
}

impl Ledger {
    /// Counts a request that ends now. Does no I/O.
    pub(crate) fn count(&self, entry: Entry<'_>) {
        self.count_on(clock::utc().date_naive(), entry);
    }

    fn count_on(&self, day: NaiveDate, entry: Entry<'_>) {
        let key = entry.key.map_or(NONE, |key| &key.0);
        let model = entry.model.filter(|model| !model.is_empty()).unwrap_or(NONE);
        let end = model.char_indices().nth(MAX_MODEL).map_or(model.len(), |(at, _)| at);
        self.parts[part_of_this_thread()].lock().add(day, key, &model[..end], &entry.counts());
    }

    /// Writes what was counted. What cannot be written is kept, and counted on.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub(crate) fn write(&self, store: &Store) -> Result<(), StoreError> {
        let _writing = self.writing.lock();
        let counted = self.take();
        if counted.is_empty() {
            return Ok(());
        }
        store.count(&counted).inspect_err(|_| {
            for (key, counts) in &counted {
                self.parts[0].lock().add(key.day, &key.key.0, &key.model, counts);
            }
        })
    }

    fn take(&self) -> Vec<(LedgerKey, Counts)> {
        let mut counted = Vec::new();
        for part in &self.parts {
            let part = std::mem::take(&mut *part.lock());
            for (day, keys) in part.days {
                for (key, models) in keys {
                    counted.extend(models.into_iter().map(|(model, counts)| {
                        (LedgerKey { day, key: key.clone(), model: model.into_string() }, counts)
                    }));
                }
            }
        }
        counted
    }
}

impl Part {
    fn add(&mut self, day: NaiveDate, key: &str, model: &str, counts: &Counts) {
        let keys = self.days.entry(day).or_default();
        if !keys.contains_key(key) {
            keys.insert(KeyId(key.to_owned()), Models::new());
        }
        let Some(models) = keys.get_mut(key) else { return };
        if let Some(sum) = models.get_mut(model) {
            return sum.add(counts);
        }
        let model = if self.models < MAX_PENDING { model } else { OTHER };
        self.models += usize::from(!models.contains_key(model));
        models.entry(model.into()).or_default().add(counts);
    }
}

/// The first day that is kept.
pub(crate) fn first_kept(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(KEPT_DAYS - 1)).unwrap_or(today)
}

/// Each thread counts in a part of its own, as long as there are enough.
fn part_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PART: Cell<Option<usize>> = const { Cell::new(None) };
    }
    PART.with(|part| {
        let own = part.get().unwrap_or_else(|| NEXT.fetch_add(1, Relaxed) % SHARDS);
        part.set(Some(own));
        own
    })
}

#[cfg(test)]
mod tests;
