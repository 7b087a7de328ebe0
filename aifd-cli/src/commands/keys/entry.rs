//! A key's settings as they stand in a file: one entry of a JSON array, or one row of a table.

use crate::moment;
use aifd_core::{
    clock,
    config::Level,
    control::KeyView,
    key::{KeyDraft, KeyQuotas},
    limit::quota::Quotas,
    secret::Secret,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// The columns of a table, in their order.
pub(super) const COLUMNS: [&str; 11] = [
    "name",
    "secret",
    "level",
    "models",
    "routes",
    "requests",
    "tokens",
    "concurrent",
    "expires",
    "enabled",
    "metadata",
];

/// The settings of a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<Secret>,
    pub(super) level: Option<Level>,
    pub(super) models: Vec<String>,
    pub(super) routes: Vec<String>,
    pub(super) requests: Option<Quotas>,
    pub(super) tokens: Option<Quotas>,
    pub(super) concurrent: Option<u32>,
    /// The three before together, as `aifd keys show --json` has them.
    #[serde(skip_serializing)]
    pub(super) quotas: Option<KeyQuotas>,
    #[serde(deserialize_with = "time")]
    pub(super) expires: Option<DateTime<Utc>>,
    pub(super) enabled: Option<bool>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// As wherever an end is given; it may lie behind, since what is imported may have ended.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| moment::end(&text, clock::utc())).transpose().map_err(serde::de::Error::custom)
}

impl Entry {
    /// The settings of a key that there is, without its secret.
    pub(super) fn of(key: &KeyView) -> Self {
        let some = |quotas: &Quotas| (!quotas.0.is_empty()).then(|| quotas.clone());
        Entry {
            name: (key.name != key.id.0).then(|| key.name.clone()),
            secret: None,
            level: Some(key.level),
            models: key.models.clone(),
            routes: key.routes.clone(),
            requests: some(&key.quotas.requests),
            tokens: some(&key.quotas.tokens),
            concurrent: key.quotas.concurrent,
            quotas: None,
            expires: key.expires,
            enabled: Some(key.enabled),
            metadata: key.metadata.clone(),
        }
    }

    /// What a key with these settings shall be.
    pub(super) fn draft(self, level: Level) -> KeyDraft {
        let quotas = self.quotas.unwrap_or_default();
        KeyDraft {
            name: self.name.filter(|name| !name.is_empty()),
            secret: self.secret,
            level: self.level.unwrap_or(level),
            models: self.models,
            routes: self.routes,
            quotas: KeyQuotas {
                requests: self.requests.unwrap_or(quotas.requests),
                tokens: self.tokens.unwrap_or(quotas.tokens),
                concurrent: self.concurrent.or(quotas.concurrent),
            },
            expires: self.expires,
            enabled: self.enabled,
            metadata: self.metadata,
        }
    }

    /// As a row of a table, in the order of the columns.
    pub(super) fn row(&self) -> [String; COLUMNS.len()] {
        let text = |quotas: &Option<Quotas>| quotas.as_ref().map(Quotas::to_string).unwrap_or_default();
        let pairs = self.metadata.iter().map(|(name, value)| format!("{name}={value}"));
        [
            self.name.clone().unwrap_or_default(),
            self.secret.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default(),
            self.level.map(|level| level.to_string()).unwrap_or_default(),
            joined(self.models.iter().cloned()),
            joined(self.routes.iter().cloned()),
            text(&self.requests),
            text(&self.tokens),
            self.concurrent.map(|count| count.to_string()).unwrap_or_default(),
            self.expires.map(moment::exact).unwrap_or_default(),
            self.enabled.map(|enabled| enabled.to_string()).unwrap_or_default(),
            joined(pairs),
        ]
    }
}

/// What separates the items of a cell.
const SEPARATOR: char = ';';

/// Items in one cell; a backslash takes a separator's meaning away.
fn joined(items: impl Iterator<Item = String>) -> String {
    let escaped = items.map(|item| item.replace('\\', "\\\\").replace(SEPARATOR, "\\;"));
    escaped.collect::<Vec<_>>().join(";")
}

/// The items of a cell, without blanks around them and without empty ones.
pub(super) fn items(cell: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut characters = cell.chars();
    while let Some(c) = characters.next() {
        let kept = match c {
            '\\' => characters.next().unwrap_or('\\'),
            SEPARATOR => {
                items.push(String::new());
                continue;
            }
            other => other,
        };
        if let Some(item) = items.last_mut() {
            item.push(kept);
        }
    }
    items.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_out_of_a_cell_as_they_went_in() {
        for list in [&[][..], &["a"], &["a", "b c"], &["a;b", "c\\d", "e=f;"]] {
            let list: Vec<String> = list.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(items(&joined(list.iter().cloned())), list);
        }
        assert_eq!(items(" a ;; b;"), ["a", "b"]);
    }
}
