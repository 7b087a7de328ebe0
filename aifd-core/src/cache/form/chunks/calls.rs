//! The calls of tools in a message, put together from their pieces.

use crate::cache::form::{
    Object,
    join::{join, keep},
    text,
};
use serde_json::Value;

/// Calls with the index that the stream gave each.
#[derive(Default)]
pub(super) struct Calls(Vec<(u64, Object)>);

impl Calls {
    /// Takes a piece of one of them; `false` if some of it cannot be told.
    pub(super) fn take(&mut self, piece: Value) -> bool {
        let Value::Object(piece) = piece else { return false };
        let call = self.of(&piece);
        let mut exact = true;
        for (name, value) in piece {
            exact &= match (&*name, value) {
                ("index", _) => true,
                ("function" | "custom", Value::Object(piece)) => {
                    function(call.entry(name).or_insert(Value::Null), piece)
                }
                (_, value) => {
                    keep(call, name, value);
                    true
                }
            };
        }
        exact
    }

    /// The call that a piece belongs to. Some providers give all calls the same index, or none; then the id tells them
    /// apart.
    fn of(&mut self, piece: &Object) -> &mut Object {
        let index = piece.get("index").and_then(Value::as_u64);
        let id = text(piece, "id").filter(|id| !id.is_empty());
        let known = self.0.iter().rposition(|(known, call)| {
            let named = text(call, "id").filter(|id| !id.is_empty());
            let same_name = match (id, named) {
                (Some(id), Some(named)) => id == named,
                (Some(_), None) => index.is_some(),
                (None, _) => true,
            };
            index.is_none_or(|index| index == *known) && same_name
        });
        let at = known.unwrap_or_else(|| {
            let next = self.0.iter().map(|(index, _)| index.saturating_add(1)).max().unwrap_or_default();
            self.0.push((index.unwrap_or(next), Object::new()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    pub(super) fn whole(mut self) -> Value {
        self.0.sort_by_key(|(index, _)| *index);
        self.0.into_iter().map(|(_, call)| Value::Object(call)).collect()
    }
}

/// A piece of what is called: its name comes once, or again in each piece, the rest in pieces.
pub(super) fn function(known: &mut Value, piece: Object) -> bool {
    if known.is_null() {
        *known = Value::Object(Object::new());
    }
    let Value::Object(known) = known else { return false };
    let mut exact = true;
    for (name, value) in piece {
        exact &= match (&*name, known.get(&name)) {
            ("name", Some(Value::String(old))) if value == **old || old.is_empty() => {
                keep(known, name, value);
                true
            }
            _ => join(known, name, value),
        };
    }
    exact
}
