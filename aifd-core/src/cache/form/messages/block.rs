//! One content block, put together from how it began and its deltas.

use crate::cache::form::{Object, join::join};
use serde_json::Value;

pub(super) struct Block {
    block: Object,
    /// The JSON of a tool's input, as far as it has come.
    input: String,
    ended: bool,
}

impl Block {
    pub(super) fn new(block: Object) -> Self {
        Block { block, input: String::new(), ended: false }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Takes a delta; `false` if it is of no known kind.
    pub(super) fn take(&mut self, delta: Option<Value>) -> bool {
        let Some(Value::Object(mut delta)) = delta else { return false };
        let mut of = |name: &str| delta.remove(name).filter(|value| !value.is_null());
        match of("type").as_ref().and_then(Value::as_str) {
            Some("text_delta") => self.join("text", of("text")),
            Some("thinking_delta") => self.join("thinking", of("thinking")),
            Some("signature_delta") => self.join("signature", of("signature")),
            Some("input_json_delta") => match of("partial_json") {
                Some(Value::String(piece)) => {
                    self.input.push_str(&piece);
                    true
                }
                _ => false,
            },
            Some("citations_delta") => match of("citation") {
                Some(citation) => join(&mut self.block, "citations".to_owned(), Value::Array(vec![citation])),
                None => false,
            },
            _ => false,
        }
    }

    fn join(&mut self, name: &str, piece: Option<Value>) -> bool {
        match piece {
            Some(piece @ Value::String(_)) => join(&mut self.block, name.to_owned(), piece),
            _ => false,
        }
    }

    /// `None` if its input is no JSON: a model may be cut off within it.
    pub(super) fn whole(mut self) -> Option<Value> {
        if !self.input.is_empty() {
            let input: Value = serde_json::from_str(&self.input).ok()?;
            self.block.insert("input".to_owned(), input);
        }
        Some(Value::Object(self.block))
    }
}
