//! The file's layout: which place in it is which key, and which is none.

use super::{
    env::Environment,
    interpolate,
    keys::Key,
    mask, near,
    node::{Node, Value},
    origin::Origin,
    problem::{Problem, What},
    sources::Given,
    table::KEYS,
};
use std::collections::BTreeMap;

/// Problems up to which an unknown key is compared with every known one.
const MOST_COMPARED: usize = 1_000;

/// The settings that the file's root holds; everything else in it is a problem.
pub(super) fn settings(root: Node, environment: &Environment, problems: &mut Vec<Problem>) -> Given {
    let mut layout = Layout { given: BTreeMap::new(), spelled: BTreeMap::new(), environment, problems };
    layout.section(root, "");
    layout.given
}

struct Layout<'a> {
    given: Given,
    /// The spelling that a key was given under.
    spelled: BTreeMap<&'static str, String>,
    environment: &'a Environment,
    problems: &'a mut Vec<Problem>,
}

impl Layout<'_> {
    fn section(&mut self, node: Node, prefix: &str) {
        match node.value {
            Value::Map(entries) => {
                let mut seen: BTreeMap<String, Origin> = BTreeMap::new();
                for entry in entries {
                    let path = format!("{prefix}{}", entry.name);
                    match seen.get(&entry.name) {
                        Some(first) => {
                            let what = What::DuplicateName { first: first.clone() };
                            self.problems.push(Problem::error(&entry.origin, mask::name(&path), what));
                        }
                        None => {
                            seen.insert(entry.name, entry.origin.clone());
                            self.entry(path, entry.origin, entry.value);
                        }
                    }
                }
            }
            _ if node.is_empty() => {}
            _ => self.not_a_section(&node, prefix.trim_end_matches('.')),
        }
    }

    fn not_a_section(&mut self, node: &Node, path: &str) {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        let names = KEYS.iter().filter_map(|key| key.path.strip_prefix(&prefix));
        let expected = match path {
            "" => "a mapping of keys like `forward`".to_owned(),
            _ => format!("a mapping with {}", names.collect::<Vec<_>>().join(", ")),
        };
        let found = mask::found(node);
        let what = What::Wrong { expected, found, nearest: None };
        self.problems.push(Problem::error(&node.origin, path, what.hidden()));
    }

    fn entry(&mut self, path: String, origin: Origin, value: Node) {
        let prefix = format!("{path}.");
        let section = KEYS.iter().any(|key| key.paths().any(|p| p.starts_with(&prefix)));
        let has_parts = matches!(value.value, Value::Map(_));
        match Key::find(&path) {
            // A place for anchors, as in the files of docker compose.
            None if path.starts_with("x-") => {}
            Some(key) if !(section && has_parts) => self.setting(key, path, value),
            _ if section => self.section(value, &prefix),
            _ => {
                // Comparing with every name takes a while; who has that many problems mends the first ones first.
                let compared = self.problems.len() < MOST_COMPARED;
                let nearest = compared.then(|| near::key(&path)).flatten().map(str::to_owned);
                let key = match path.rsplit_once('.') {
                    Some((section, name)) => format!("{section}.{}", mask::name(name)),
                    None => mask::name(&path),
                };
                self.problems.push(Problem::error(&origin, key, What::UnknownKey { nearest }));
            }
        }
    }

    fn setting(&mut self, key: &'static Key, path: String, mut value: Node) {
        interpolate::node(&mut value, self.environment, key.path, self.problems);
        if value.is_empty() {
            return;
        }
        match self.given.get(key.path) {
            Some(first) if !first.says_same(&value) => {
                let other = self.spelled.get(key.path).cloned().unwrap_or_default();
                let what = What::TwoSpellings { other, first: first.origin.clone() };
                self.problems.push(Problem::error(&value.origin, path, what));
            }
            Some(_) => {}
            None => {
                self.given.insert(key.path, value);
                self.spelled.insert(key.path, path);
            }
        }
    }
}
