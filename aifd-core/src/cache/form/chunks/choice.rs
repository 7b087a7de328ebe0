//! One choice, put together from its pieces.

use super::calls::{self, Calls};
use crate::cache::form::{
    Api, Object,
    join::{join, join_fields, keep},
};
use serde_json::{Value, json};

pub(super) struct Choice {
    api: Api,
    /// With its fields in the order of a whole answer; what further ones come stands behind them.
    whole: Object,
    /// Of a chat.
    message: Object,
    calls: Option<Calls>,
}

impl Choice {
    pub(super) fn new(api: Api, index: u64) -> Self {
        let mut whole = Object::from_iter([("index".to_owned(), json!(index))]);
        let mut message = Object::new();
        if api == Api::Chat {
            message.insert("role".to_owned(), "assistant".into());
            message.insert("content".to_owned(), Value::Null);
            whole.insert("message".to_owned(), Value::Null);
        } else {
            whole.insert("text".to_owned(), "".into());
        }
        Choice { api, whole, message, calls: None }
    }

    /// Takes a piece; `false` if some of it cannot be told.
    pub(super) fn take(&mut self, piece: Object) -> bool {
        let mut exact = true;
        for (name, value) in piece {
            exact &= match (&*name, value) {
                ("index", _) => true,
                ("delta", Value::Object(delta)) if self.api == Api::Chat => self.delta(delta),
                ("delta", Value::Null) => true,
                ("delta" | "message", _) if self.api == Api::Chat => false,
                ("text", Value::Null) => true,
                ("text", value @ Value::String(_)) => join(&mut self.whole, name, value),
                ("text", _) if self.api == Api::Completion => false,
                ("logprobs", value) => join_fields(&mut self.whole, "logprobs", value),
                (_, value @ Value::Object(_)) => join(&mut self.whole, name, value),
                (_, value) => {
                    keep(&mut self.whole, name, value);
                    true
                }
            };
        }
        exact
    }

    fn delta(&mut self, delta: Object) -> bool {
        let mut exact = true;
        for (name, value) in delta {
            exact &= match (&*name, value) {
                ("role", value) => {
                    keep(&mut self.message, name, value);
                    true
                }
                ("content", value) if !value.is_string() && !value.is_null() => false,
                ("tool_calls", Value::Array(pieces)) => {
                    // The calls have their place among the fields from the first of them on.
                    self.message.insert(name, Value::Null);
                    let calls = self.calls.get_or_insert_default();
                    let mut all = true;
                    for piece in pieces {
                        all &= calls.take(piece);
                    }
                    all
                }
                ("tool_calls", value) if !value.is_null() => false,
                ("function_call", Value::Object(piece)) => {
                    let known = self.message.entry(name).or_insert(Value::Null);
                    calls::function(known, piece)
                }
                ("audio", Value::Object(piece)) => {
                    let known = self.message.entry(name).or_insert(Value::Null);
                    audio(known, piece)
                }
                (_, value) => join(&mut self.message, name, value),
            };
        }
        exact
    }

    pub(super) fn whole(mut self) -> Value {
        if let Some(calls) = self.calls {
            self.message.insert("tool_calls".to_owned(), calls.whole());
        }
        if self.api == Api::Chat {
            self.whole.insert("message".to_owned(), Value::Object(self.message));
        }
        let reason = self.whole.entry("finish_reason").or_insert(Value::Null).take();
        self.whole.insert("finish_reason".to_owned(), reason);
        Value::Object(self.whole)
    }
}

/// Sound comes in pieces of base64, and its transcript in pieces of text.
fn audio(known: &mut Value, piece: Object) -> bool {
    if known.is_null() {
        *known = Value::Object(Object::new());
    }
    let Value::Object(known) = known else { return false };
    let mut exact = true;
    for (name, value) in piece {
        exact &= match (&*name, &value) {
            ("data", Value::String(piece)) => {
                // Behind padding, or within a group of four, base64 does not go on.
                let before = known.get("data").and_then(Value::as_str).unwrap_or_default();
                let goes_on = piece.is_empty() || (before.len() % 4 == 0 && !before.ends_with('='));
                goes_on && join(known, name, value)
            }
            ("transcript", _) => join(known, name, value),
            _ => {
                keep(known, name, value);
                true
            }
        };
    }
    exact
}
