//! The ledger as it is stored: counts by day, key and model.

use super::{Store, StoreError};
use crate::key::KeyId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Distinct models that are told apart for a key on a day; further ones count as [`OTHER`].
pub(crate) const MAX_MODELS: usize = 200;

/// The models past [`MAX_MODELS`].
pub(crate) const OTHER: &str = "(other)";

/// Between the parts of a place; no day and no id holds it.
const SEPARATOR: char = '\0';

/// Entries that are removed at once at most.
const REMOVED_AT_ONCE: usize = 10_000;

/// What is counted apart; ordered by day, key and model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LedgerKey {
    pub(crate) day: NaiveDate,
    pub(crate) key: KeyId,
    pub(crate) model: String,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    #[serde(rename = "r")]
    pub(crate) requests: u64,
    #[serde(rename = "e", default)]
    pub(crate) errors: u64,
    #[serde(rename = "p", default)]
    pub(crate) prompt_tokens: u64,
    #[serde(rename = "c", default)]
    pub(crate) completion_tokens: u64,
    #[serde(rename = "w", default)]
    pub(crate) without_usage: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, more: &Counts) {
        self.requests = self.requests.saturating_add(more.requests);
        self.errors = self.errors.saturating_add(more.errors);
        self.prompt_tokens = self.prompt_tokens.saturating_add(more.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(more.completion_tokens);
        self.without_usage = self.without_usage.saturating_add(more.without_usage);
    }
}

impl LedgerKey {
    /// Where what was counted of a key on a day begins.
    fn prefix(day: NaiveDate, key: &KeyId) -> String {
        format!("{day}{SEPARATOR}{key}{SEPARATOR}")
    }

    fn place(&self) -> String {
        Self::prefix(self.day, &self.key) + &self.model
    }

    fn of(place: &str) -> Option<Self> {
        let mut parts = place.splitn(3, SEPARATOR);
        let day = parts.next()?.parse().ok()?;
        Some(LedgerKey { day, key: KeyId(parts.next()?.to_owned()), model: parts.next()?.to_owned() })
    }
}

impl Store {
    /// Adds to what was counted. On disk when this returns; after a crash, all of it was added or nothing.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub(crate) fn count(&self, counted: &[(LedgerKey, Counts)]) -> Result<(), StoreError> {
        let mut models = HashMap::new();
        let mut sums: BTreeMap<String, Counts> = BTreeMap::new();
        for (key, counts) in counted {
            let place = self.place(key, &mut models)?;
            let sum = match sums.get_mut(&place) {
                Some(sum) => sum,
                None => {
                    let stored = self.ledger.get(&place)?;
                    sums.entry(place).or_insert(stored.unwrap_or_default())
                }
            };
            sum.add(counts);
        }
        self.ledger.apply(sums.iter().map(|(place, sum)| (place, Some(sum))))?;
        self.flush()
    }

    /// Where a model is counted: under its name, as long as there is room for another.
    fn place<'a>(
        &self,
        key: &'a LedgerKey,
        models: &mut HashMap<(NaiveDate, &'a KeyId), Vec<String>>,
    ) -> Result<String, StoreError> {
        let place = key.place();
        if key.model == OTHER || self.ledger.get(&place)?.is_some() {
            return Ok(place);
        }
        let prefix = LedgerKey::prefix(key.day, &key.key);
        let known = match models.entry((key.day, &key.key)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                let stored = self.ledger.scan(&prefix).take(MAX_MODELS + 1);
                let places = stored.map(|entry| entry.map(|(place, _)| place));
                vacant.insert(places.collect::<Result<Vec<_>, _>>()?)
            }
        };
        let other = prefix + OTHER;
        if known.contains(&place) {
            Ok(place)
        } else if known.iter().filter(|known| **known != other).count() < MAX_MODELS {
            known.push(place.clone());
            Ok(place)
        } else {
            Ok(other)
        }
    }

    /// What was counted from one day to another, both included, by day, key and model.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn counted(
        &self,
        since: Option<NaiveDate>,
        until: Option<NaiveDate>,
    ) -> impl Iterator<Item = Result<(LedgerKey, Counts), StoreError>> {
        let first = since.map_or_else(String::new, |day| day.to_string());
        // ':' follows the digits, and no place of a later day sorts before it.
        let last = until.map_or_else(|| ":".to_owned(), |day| format!("{day}{}", '\u{1}'));
        let entries = self.ledger.range(first..last);
        entries.filter_map(|entry| match entry {
            Ok((place, counts)) => LedgerKey::of(&place).map(|key| Ok((key, counts))),
            Err(error) => Some(Err(error)),
        })
    }

    /// Forgets what was counted before a day.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub(crate) fn forget_before(&self, day: NaiveDate) -> Result<(), StoreError> {
        loop {
            let old = self.ledger.range(String::new()..day.to_string()).take(REMOVED_AT_ONCE);
            let old = old.map(|entry| entry.map(|(place, _)| place)).collect::<Result<Vec<_>, _>>()?;
            if old.is_empty() {
                return Ok(());
            }
            self.ledger.apply(old.iter().map(|place| (place, None::<Counts>)))?;
            self.flush()?;
        }
    }
}
