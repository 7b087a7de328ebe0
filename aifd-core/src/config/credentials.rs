//! Keys, levels and models, in every spelling that openai-forward's versions had.

use super::{
    AccessConfig, ForwardKeyConfig, Level, UpstreamKeyConfig,
    keys::Key,
    network,
    node::{Entry, Node, Value},
    origin::Origin,
    problem::{Found, Problem, What},
    reader::{Reader, shown_name, wrong},
    scalar,
};
use crate::secret::Secret;
use std::{collections::BTreeMap, fs::File, io::Read};

const OPENAI_KEY: &str = "api_key.openai_key";
const LEVEL: &str = "a level: a whole number";
const A_KEY: &str = "a key of visible ASCII characters";
/// Bytes of a `file:` credential that are read at most.
const MAX_KEY: u64 = 64 << 10;

/// Who may call, with which keys.
pub(super) fn access(reader: &mut Reader<'_>) -> AccessConfig {
    AccessConfig {
        upstream_keys: reader.parts(OPENAI_KEY, upstream_keys),
        forward_keys: reader.parts("api_key.forward_key", forward_keys),
        level_models: reader.parts("api_key.level", level_models),
        ip_allow: network::ip_list(reader, "ip_whitelist"),
        ip_deny: network::ip_list(reader, "ip_blacklist"),
        require_forward_key: reader.boolean("access.require_forward_key"),
        key_cooldown: reader.duration("access.key_cooldown"),
        max_inspected_body: reader.size("access.max_inspected_body"),
        trusted_proxies: network::ip_list(reader, "trusted_proxies"),
        proxy_protocol: reader.boolean("proxy_protocol"),
    }
}

/// The keys of one route's upstream; `path` is their place in the file (`forward[0].openai_key`).
pub(super) fn route_keys(reader: &mut Reader<'_>, path: &str, node: &Node) -> Vec<UpstreamKeyConfig> {
    let Some(key) = Key::find(OPENAI_KEY) else { return Vec::new() };
    let told = reader.problems.len();
    let keys = upstream_keys(reader, key, node);
    for problem in &mut reader.problems[told..] {
        let within = problem.key.strip_prefix(OPENAI_KEY).unwrap_or_default();
        problem.key = format!("{path}{within}");
    }
    keys
}

fn upstream_keys(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Vec<UpstreamKeyConfig> {
    let mut keys = Vec::new();
    for entry in entries(reader, key, node) {
        let levels = levels(reader, key, entry);
        if let Some(key) = secret(reader, key, &entry.name, &entry.origin) {
            keys.push(UpstreamKeyConfig { key, levels });
        }
    }
    keys
}

/// Level → keys, and key → level, which the form of each entry tells apart.
fn forward_keys(reader: &mut Reader<'_>, key: &Key, node: &Node) -> Vec<ForwardKeyConfig> {
    let mut found: Vec<(Level, String, Origin)> = Vec::new();
    for entry in entries(reader, key, node) {
        match level(&entry.name).filter(|_| !is_number(&entry.value)) {
            Some(level) => {
                let keys = reader.items(key, &entry.value);
                found.extend(keys.into_iter().map(|(text, origin)| (level, text, origin)));
            }
            None => match levels(reader, key, entry).as_slice() {
                [level] => found.push((*level, entry.name.clone(), entry.origin.clone())),
                [] => {}
                _ => {
                    let path = format!("{}.{}", key.path, shown_name(key.secrecy(), &entry.name));
                    reader.error(&entry.value.origin, path, expected(LEVEL, Found::List));
                }
            },
        }
    }
    distinct(reader, key, found)
}

fn distinct(
    reader: &mut Reader<'_>,
    key: &Key,
    found: Vec<(Level, String, Origin)>,
) -> Vec<ForwardKeyConfig> {
    let mut places: BTreeMap<String, Origin> = BTreeMap::new();
    let mut keys = Vec::new();
    for (level, text, origin) in found {
        let Some(secret) = secret(reader, key, &text, &origin) else { continue };
        match places.get(secret.expose()) {
            Some(first) => {
                let what = What::DuplicateName { first: first.clone() };
                reader.error(&origin, format!("{}.{secret}", key.path), what);
            }
            None => {
                places.insert(secret.expose().to_owned(), origin);
                keys.push(ForwardKeyConfig { key: secret, level });
            }
        }
    }
    keys
}

fn level_models(reader: &mut Reader<'_>, key: &Key, node: &Node) -> BTreeMap<Level, Vec<String>> {
    let mut models = BTreeMap::new();
    for entry in entries(reader, key, node) {
        let Some(level) = level(&entry.name) else {
            let path = format!("{}.{}", key.path, shown_name(key.secrecy(), &entry.name));
            reader.error(&entry.origin, path, expected(LEVEL, Found::Hidden));
            continue;
        };
        let names = match entry.value.is_empty() {
            true => Vec::new(),
            false => reader.items(key, &entry.value).into_iter().map(|(name, _)| name).collect(),
        };
        models.entry(level).or_insert_with(Vec::new).extend(names);
    }
    models
}

fn entries<'n>(reader: &mut Reader<'_>, key: &Key, node: &'n Node) -> &'n [Entry] {
    match &node.value {
        Value::Map(entries) => entries,
        Value::List(items) if items.is_empty() => &[],
        _ => {
            reader.error(&node.origin, key.path, wrong(&key.kind, node).hidden());
            &[]
        }
    }
}

/// Levels of a key: a list, one number, or text between commas.
fn levels(reader: &mut Reader<'_>, key: &Key, entry: &Entry) -> Vec<Level> {
    let path = format!("{}.{}", key.path, shown_name(key.secrecy(), &entry.name));
    if entry.value.is_empty() || matches!(entry.value.value, Value::Map(_)) {
        let what = wrong(&key.kind, &entry.value).hidden();
        reader.error(&entry.value.origin, path, what);
        return Vec::new();
    }
    let mut levels = Vec::new();
    for (text, origin) in reader.items(key, &entry.value) {
        match level(&text) {
            Some(level) => levels.push(level),
            None => reader.error(&origin, path.as_str(), expected(LEVEL, Found::Hidden)),
        }
    }
    levels
}

/// A level as a number or as text.
pub(super) fn level(text: &str) -> Option<Level> {
    scalar::integer(text.trim()).and_then(|n| u32::try_from(n).ok()).map(Level)
}

/// An unquoted number, which is a level wherever it stands.
fn is_number(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if !scalar.quoted && level(&scalar.text).is_some())
}

/// A credential, read from a file where it says `file:PATH`; an empty one is left out with a warning.
fn secret(reader: &mut Reader<'_>, key: &Key, text: &str, origin: &Origin) -> Option<Secret> {
    let text = match text.trim().strip_prefix("file:") {
        Some(path) => match file(reader, path.trim()) {
            Ok(text) => text,
            Err(what) => {
                reader.error(origin, key.path, what);
                return None;
            }
        },
        None => text.trim().to_owned(),
    };
    if text.is_empty() {
        reader.problems.push(Problem::warning(origin, key.path, What::EmptyKey));
        return None;
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        reader.error(origin, key.path, expected(A_KEY, Found::Hidden));
        return None;
    }
    Some(Secret::new(text))
}

fn file(reader: &Reader<'_>, path: &str) -> Result<String, What> {
    let path = reader.at_directory(path);
    let mut text = String::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_KEY).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text.trim().to_owned()),
        Err(error) => Err(What::Unreadable { file: path, kind: error.kind() }),
    }
}

fn expected(form: &str, found: Found) -> What {
    What::Wrong { expected: form.to_owned(), found, nearest: None }
}
