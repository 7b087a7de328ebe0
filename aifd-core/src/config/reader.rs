//! Takes typed values out of what the sources hold; what does not fit becomes a problem and its default.

use super::{
    keys::{Key, Kind, Secrecy},
    mask, near,
    node::{Node, Value},
    origin::Origin,
    problem::{Problem, What},
    scalar,
    sources::{self, Given},
    table::KEYS,
};
use crate::secret::Secret;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// The given values, the defaults behind them, and the problems found so far.
pub(super) struct Reader<'a> {
    pub(super) given: &'a Given,
    pub(super) directory: &'a Path,
    pub(super) problems: Vec<Problem>,
    /// Keys asked for, so that a test can tell that none is forgotten.
    #[cfg(test)]
    pub(super) asked: std::collections::BTreeSet<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(given: &'a Given, directory: &'a Path, problems: Vec<Problem>) -> Self {
        Reader {
            given,
            directory,
            problems,
            #[cfg(test)]
            asked: std::collections::BTreeSet::new(),
        }
    }

    /// Where a key was set.
    pub(super) fn origin(&self, path: &str) -> Origin {
        self.given.get(path).map_or(Origin::Default, |node| node.origin.clone())
    }

    pub(super) fn error(&mut self, origin: &Origin, key: impl Into<String>, what: What) {
        self.problems.push(Problem::error(origin, key, what));
    }

    /// A value of parts, or its default: the parts report their problems themselves.
    pub(super) fn parts<T: Default>(
        &mut self,
        path: &'static str,
        read: impl FnOnce(&mut Self, &Key, &Node) -> T,
    ) -> T {
        let Some(key) = self.key(path) else { return T::default() };
        let empty = |node: &&Node| matches!(&node.value, Value::List(items) if items.is_empty());
        match self.given.get(path).filter(|node| !node.is_empty() && !empty(node)) {
            Some(node) => {
                duplicates(key.secrecy(), key.path, node, &mut self.problems);
                read(self, key, node)
            }
            None => match default(key) {
                Some(node) => read(self, key, &node),
                None => T::default(),
            },
        }
    }

    /// A value read by a function that says what is wrong, or its default.
    pub(super) fn checked<T: Default>(
        &mut self,
        path: &'static str,
        read: impl Fn(&Node) -> Result<T, What>,
    ) -> T {
        let Some(key) = self.key(path) else { return T::default() };
        if let Some(node) = self.given.get(path).filter(|node| !node.is_empty()) {
            match read(node) {
                Ok(value) => return value,
                Err(what) => {
                    let what = if key.is_secret() { what.hidden() } else { what };
                    self.error(&node.origin, path, what);
                }
            }
        }
        default(key).and_then(|node| read(&node).ok()).unwrap_or_default()
    }

    /// A value of one word, or its default.
    pub(super) fn word<T: Default>(&mut self, path: &'static str, read: impl Fn(&str) -> Option<T>) -> T {
        let Some(key) = self.key(path) else { return T::default() };
        self.checked(path, |node| node.text().and_then(&read).ok_or_else(|| wrong(&key.kind, node)))
    }

    pub(super) fn boolean(&mut self, path: &'static str) -> bool {
        self.word(path, scalar::boolean)
    }

    pub(super) fn integer(&mut self, path: &'static str) -> Option<u64> {
        let Some(Kind::Integer { min, max }) = self.key(path).map(|key| key.kind) else { return None };
        self.word(path, |text| scalar::integer(text).filter(|n| (min..=max).contains(n)).map(Some))
    }

    /// A whole number, or none for `off` and zero.
    pub(super) fn count(&mut self, path: &'static str) -> Option<usize> {
        self.word(path, |text| match scalar::is_off(text) {
            true => Some(None),
            false => {
                let count = scalar::integer(text).and_then(|n| usize::try_from(n).ok())?;
                Some(Some(count).filter(|count| *count > 0))
            }
        })
    }

    pub(super) fn port(&mut self, path: &'static str) -> u16 {
        self.integer(path).and_then(|port| u16::try_from(port).ok()).unwrap_or_default()
    }

    pub(super) fn duration(&mut self, path: &'static str) -> Duration {
        let zero = self.key(path).is_some_and(|key| key.kind == Kind::DurationOrZero);
        self.word(path, |text| scalar::duration(text).filter(|time| zero || !time.is_zero()))
    }

    /// A time, or none for `off` and zero.
    pub(super) fn bound(&mut self, path: &'static str) -> Option<Duration> {
        self.word(path, |text| match scalar::is_off(text) {
            true => Some(None),
            false => scalar::duration(text).map(|time| Some(time).filter(|time| !time.is_zero())),
        })
    }

    pub(super) fn size(&mut self, path: &'static str) -> usize {
        let Some(Kind::Size { min, max }) = self.key(path).map(|key| key.kind) else { return 0 };
        let size = self.word(path, |text| scalar::size(text).filter(|n| (min..=max).contains(n)));
        usize::try_from(size).unwrap_or(usize::MAX)
    }

    /// A size, or none for `off` and zero.
    pub(super) fn size_bound(&mut self, path: &'static str) -> Option<u64> {
        self.word(path, |text| match scalar::is_off(text) {
            true => Some(None),
            false => scalar::size(text).map(|size| Some(size).filter(|size| *size > 0)),
        })
    }

    /// One of the words that the table lists.
    pub(super) fn choice(&mut self, path: &'static str) -> &'static str {
        let Some(Kind::Choice(words)) = self.key(path).map(|key| key.kind) else { return "" };
        self.word(path, |text| scalar::choice(text, words))
    }

    pub(super) fn text(&mut self, path: &'static str) -> Option<String> {
        self.word(path, |text| Some(Some(text.to_owned())))
    }

    /// A path; a relative one begins at the working directory.
    pub(super) fn path(&mut self, path: &'static str) -> Option<PathBuf> {
        self.text(path).map(|text| self.at_directory(&text))
    }

    pub(super) fn at_directory(&self, path: &str) -> PathBuf {
        match self.directory.as_os_str().is_empty() || self.directory == Path::new(".") {
            true => PathBuf::from(path),
            false => self.directory.join(path.strip_prefix("./").unwrap_or(path)),
        }
    }

    /// Texts of a list, or between commas.
    pub(super) fn texts(&mut self, path: &'static str) -> Vec<String> {
        self.parts(path, |reader, key, node| {
            let texts = reader.items(key, node);
            texts.into_iter().map(|(text, _)| text).collect()
        })
    }

    /// The texts of a list, or between commas, each with its place.
    pub(super) fn items(&mut self, key: &Key, node: &Node) -> Vec<(String, Origin)> {
        let mut texts = Vec::new();
        match &node.value {
            Value::Scalar(scalar) => {
                let parts = scalar::between_commas(&scalar.text);
                texts.extend(parts.map(|part| (part.to_owned(), node.origin.clone())));
            }
            Value::List(items) => {
                for item in items.iter().filter(|item| !item.is_empty()) {
                    match item.text() {
                        Some(text) => texts.push((text.to_owned(), item.origin.clone())),
                        None => self.error(&item.origin, key.path, wrong(&Kind::Text, item)),
                    }
                }
            }
            _ => self.error(&node.origin, key.path, wrong(&key.kind, node)),
        }
        texts
    }

    fn key(&mut self, path: &'static str) -> Option<&'static Key> {
        #[cfg(test)]
        self.asked.insert(path);
        KEYS.iter().find(|key| key.path == path)
    }
}

/// The default of a key as a value.
pub(super) fn default(key: &Key) -> Option<Node> {
    sources::decode(key, Node::plain(key.default, Origin::Default)).ok().filter(|node| !node.is_empty())
}

/// What is wrong with a value that does not have its form.
pub(super) fn wrong(kind: &Kind, node: &Node) -> What {
    let nearest = match (kind, node.text()) {
        (Kind::Choice(words), Some(text)) => near::nearest(text, words.iter().copied()).map(str::to_owned),
        _ => None,
    };
    What::Wrong { expected: kind.expected(), found: mask::found(node), nearest }
}

/// A name within a value, fit to be shown.
pub(super) fn shown_name(secrecy: Secrecy, name: &str) -> String {
    match secrecy == Secrecy::Keys && scalar::integer(name).is_none() {
        true => Secret::new(name).to_string(),
        false => mask::name(name),
    }
}

/// Reports names given twice in one mapping, at any depth.
fn duplicates(secrecy: Secrecy, path: &str, node: &Node, problems: &mut Vec<Problem>) {
    match &node.value {
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                duplicates(secrecy, &format!("{path}[{i}]"), item, problems);
            }
        }
        Value::Map(entries) => {
            let mut seen: BTreeMap<&str, &Origin> = BTreeMap::new();
            for entry in entries {
                let path = format!("{path}.{}", shown_name(secrecy, &entry.name));
                match seen.get(entry.name.as_str()) {
                    Some(first) => {
                        let what = What::DuplicateName { first: (*first).clone() };
                        problems.push(Problem::error(&entry.origin, path.as_str(), what));
                    }
                    None => {
                        seen.insert(&entry.name, &entry.origin);
                    }
                }
                duplicates(secrecy.below(&entry.name), &path, &entry.value, problems);
            }
        }
        Value::Null | Value::Scalar(_) => {}
    }
}
