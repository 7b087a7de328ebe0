//! How a field of one chunk goes together with what earlier ones said of it.

use super::Object;
use serde_json::Value;

/// The last that says something stands: null, an empty text and a zero replace nothing.
pub(super) fn keep(known: &mut Object, name: String, value: Value) {
    match known.get_mut(&name) {
        None => {
            known.insert(name, value);
        }
        Some(old) if old.is_null() || !says_nothing(&value) => *old = value,
        Some(_) => {}
    }
}

fn says_nothing(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_f64() == Some(0.0)
}

/// Texts and lists are joined, fields of objects kept each by itself, of anything else the last stands; null replaces
/// nothing. `false` where that cannot be told: a text that goes on as a list.
pub(super) fn join(known: &mut Object, name: String, value: Value) -> bool {
    let Some(old) = known.get_mut(&name) else {
        known.insert(name, value);
        return true;
    };
    match (old, value) {
        (_, Value::Null) => {}
        (old @ Value::Null, value) => *old = value,
        (Value::String(old), Value::String(piece)) => old.push_str(&piece),
        (Value::Array(old), Value::Array(mut piece)) => old.append(&mut piece),
        (Value::Object(old), Value::Object(piece)) => {
            piece.into_iter().for_each(|(name, value)| keep(old, name, value));
        }
        (Value::String(_) | Value::Array(_) | Value::Object(_), _)
        | (_, Value::String(_) | Value::Array(_) | Value::Object(_)) => return false,
        (old, value) => *old = value,
    }
    true
}

/// Joins the fields of one object with those of another, each by itself.
pub(super) fn join_fields(known: &mut Object, name: &str, value: Value) -> bool {
    let Value::Object(piece) = value else { return join(known, name.to_owned(), value) };
    let old = known.entry(name).or_insert(Value::Null);
    if old.is_null() {
        *old = Value::Object(Object::new());
    }
    let Value::Object(old) = old else { return false };
    piece.into_iter().fold(true, |exact, (name, value)| join(old, name, value) && exact)
}
