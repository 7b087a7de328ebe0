//! Each key with its value as people may see it, and where that came from.

use super::{
    Config,
    keys::{Key, Kind, Secrecy, Status},
    mask,
    node::{Node, Value},
    origin::Origin,
    reader, scalar,
    sources::Given,
    table::KEYS,
};
use crate::secret::Secret;
use serde_json::{Map, Value as Json};
use std::{collections::HashMap, fmt};

/// A key, its value with credentials masked, and where that came from.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// Its value; null for none.
    pub value: Json,
    /// Where it was set.
    pub origin: Origin,
}

impl fmt::Display for Setting {
    /// The value alone, as it would stand in a file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Json::Null => Ok(()),
            Json::String(text) => f.write_str(text),
            other => other.fmt(f),
        }
    }
}

/// Every key in the order of the table.
pub(super) fn all(given: &Given, config: &Config) -> Vec<Setting> {
    KEYS.iter().map(|key| setting(key, given, config)).collect()
}

/// Those that somebody made, to something other than the default, and that do nothing.
pub(super) fn not_in_effect(settings: &[Setting]) -> Vec<Setting> {
    let idle = settings.iter().filter(|setting| {
        let machine = setting.key.machine_wide && matches!(setting.origin, Origin::Environment(_));
        let default = reader::default(setting.key).map_or(Json::Null, |node| value(setting.key, &node));
        let set = setting.origin != Origin::Default && setting.value != default && !nothing(&setting.value);
        setting.key.status != Status::InEffect && set && !machine
    });
    idle.cloned().collect()
}

fn nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

fn setting(key: &'static Key, given: &Given, config: &Config) -> Setting {
    let set = given.get(key.path).filter(|node| !node.is_empty());
    let (value, origin) = match set {
        Some(node) => (value(key, node), node.origin.clone()),
        None if key.path == "workers" => (config.workers.get().into(), Origin::Default),
        None => (reader::default(key).map_or(Json::Null, |node| value(key, &node)), Origin::Default),
    };
    Setting { key, value, origin }
}

fn value(key: &Key, node: &Node) -> Json {
    match (&key.kind, node.text()) {
        (Kind::Bool, Some(text)) => scalar::boolean(text).map_or(Json::Null, Json::from),
        (Kind::Integer { .. }, Some(text)) => scalar::integer(text).map_or(Json::Null, Json::from),
        (Kind::Choice(words), Some(text)) => scalar::choice(text, words).into(),
        (Kind::Texts | Kind::Origins | Kind::IpList | Kind::Statuses, Some(text)) => {
            scalar::between_commas(text).collect()
        }
        _ => json(key.secrecy(), node),
    }
}

fn json(secrecy: Secrecy, node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(scalar) => match scalar::integer(&scalar.text) {
            Some(number) if !scalar.quoted => number.into(),
            _ => masked(secrecy, &scalar.text).into(),
        },
        Value::List(items) => items.iter().map(|item| json(secrecy, item)).collect(),
        Value::Map(entries) => {
            let mut map = Map::new();
            let mut alike: HashMap<String, usize> = HashMap::new();
            for entry in entries {
                // Short keys all look alike once masked: number them, so that none is lost.
                let name = masked(secrecy, &entry.name);
                let count = alike.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
                let name = if *count == 1 { name } else { format!("{name} ({count})") };
                map.insert(name, json(secrecy.below(&entry.name), &entry.value));
            }
            Json::Object(map)
        }
    }
}

fn masked(secrecy: Secrecy, text: &str) -> String {
    match secrecy {
        Secrecy::Keys if scalar::integer(text).is_none() => Secret::new(text).to_string(),
        Secrecy::Urls | Secrecy::Routes if text.contains('@') || text.contains('?') => mask::url(text),
        Secrecy::Open if text.contains("://") && text.contains('@') => mask::url(text),
        _ => text.to_owned(),
    }
}

/// A value as JSON, nothing masked: for tests of the schema.
#[cfg(test)]
pub(super) fn plain(node: &Node) -> Json {
    match node.text() {
        Some(text) if text.parse::<bool>().is_ok() => scalar::boolean(text).into(),
        _ => match &node.value {
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|e| (e.name.clone(), plain(&e.value))).collect())
            }
            _ => json(Secrecy::Open, node),
        },
    }
}
