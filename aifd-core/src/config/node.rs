//! A value as it was written, with its place: what YAML, JSON and plain text have in common.

use super::origin::Origin;
use std::collections::BTreeMap;

/// Levels of nesting that are followed; deeper is a problem, not a crash.
pub(super) const MAX_DEPTH: usize = 32;
/// Values that one source may hold, aliases expanded; more is a problem, not a full memory.
pub(super) const MAX_NODES: usize = 50_000;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Written as text in quotes, so `"1"` and `1` can be told apart where that matters.
    pub(super) quoted: bool,
    /// Part of it was read from a variable or a file, so it is not shown in problems.
    pub(super) hidden: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) value: Node,
}

impl Node {
    /// Text that was not written in any notation: a flag, a variable, a default.
    pub(super) fn plain(text: &str, origin: Origin) -> Self {
        let text = text.trim().to_owned();
        Node { value: Value::Scalar(Scalar { text, quoted: false, hidden: false }), origin }
    }

    pub(super) fn null(origin: Origin) -> Self {
        Node { value: Value::Null, origin }
    }

    /// Null and empty text both mean: not set.
    pub(super) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Scalar(scalar) => scalar.text.trim().is_empty(),
            Value::List(_) | Value::Map(_) => false,
        }
    }

    /// The text of a scalar, without the blanks around it.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar.text.trim()),
            _ => None,
        }
    }

    /// Whether both say the same, wherever they stand.
    pub(super) fn says_same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Scalar(a), Value::Scalar(b)) => a.text.trim() == b.text.trim(),
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_same(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let b: BTreeMap<_, _> = b.iter().map(|e| (e.name.as_str(), &e.value)).collect();
                a.len() == b.len()
                    && a.iter().all(|e| b.get(e.name.as_str()).is_some_and(|o| o.says_same(&e.value)))
            }
            _ => false,
        }
    }
}
