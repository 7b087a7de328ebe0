//! One answer of a stream of chat completions, piece by piece.

use super::{array, fields, inner, items, number, quoted};
use aifd_log::{
    literal,
    record::{Choice, Raw},
};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// An answer under way. Texts are kept with their JSON escapes, so that pieces of them can be joined as they came.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// A number, or what stood in its place.
    pub(super) index: Vec<u8>,
    role: Option<Vec<u8>>,
    /// What stands between the quotes.
    pub(super) content: Vec<u8>,
    /// Parts, where the content comes as arrays.
    parts: Vec<Vec<u8>>,
    pub(super) reasoning: Vec<u8>,
    refusal: Option<Vec<u8>>,
    calls: Vec<Call>,
    more: Map<String, Value>,
    pub(super) finish_reason: Option<Vec<u8>>,
}

/// A tool call under way: the fields of its first piece, and texts that grow.
#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    fields: Vec<(String, Vec<u8>)>,
    function: Vec<(String, Vec<u8>)>,
}

impl Pieces {
    pub(super) fn at(index: &[u8]) -> Self {
        Pieces { index: index.to_vec(), ..Pieces::default() }
    }

    pub(super) fn delta(&mut self, delta: &[u8]) {
        fields(delta, |name, value| {
            if value == b"null" {
                return;
            }
            match (name, inner(value)) {
                ("role", Some(_)) => {
                    self.role.get_or_insert_with(|| value.to_vec());
                }
                ("content" | "text", Some(text)) => self.content.extend_from_slice(text),
                ("content", None) => self.content_parts(value),
                ("reasoning_content" | "reasoning", Some(text)) => self.reasoning.extend_from_slice(text),
                ("refusal", Some(text)) => self.refusal.get_or_insert_default().extend_from_slice(text),
                ("tool_calls", None) => {
                    items(value, |call| self.tool_call(call));
                }
                _ => self.further(name, value),
            }
        });
    }

    fn content_parts(&mut self, value: &[u8]) {
        let one = !items(value, |part| self.parts.push(part.to_vec()));
        if one {
            self.parts.push(value.to_vec());
        }
    }

    /// A piece belongs to the call of its index, unless it begins another under the same one, as some services do.
    fn tool_call(&mut self, piece: &[u8]) {
        let (mut index, mut id) = (None, None);
        fields(piece, |name, value| match name {
            "index" => index = number(value),
            "id" => id = Some(value).filter(|id| id.len() > 2 && id.starts_with(b"\"")),
            _ => {}
        });
        let begins = |call: &Call| id.is_some_and(|id| call.id().is_some_and(|known| known != id));
        let same = |call: &&mut Call| match index {
            Some(_) => call.index == index && !begins(call),
            None => id.is_none() || call.id() == id,
        };
        match self.calls.iter_mut().rev().find(same) {
            Some(call) => call.grow(piece),
            None => {
                let mut call = Call { index, ..Call::default() };
                call.grow(piece);
                self.calls.push(call);
            }
        }
    }

    fn further(&mut self, name: &str, value: &[u8]) {
        if let Ok(value) = serde_json::from_slice(value) {
            match self.more.get_mut(name) {
                Some(known) => merge(known, value),
                None => {
                    self.more.insert(name.to_owned(), value);
                }
            }
        }
    }

    pub(super) fn into_choice(self) -> Choice<'static> {
        let calls: Vec<Vec<u8>> = self.calls.iter().map(Call::json).collect();
        let content = match (self.parts.is_empty(), self.content.is_empty()) {
            (true, true) if !calls.is_empty() => None,
            (true, _) => Some(quoted(&self.content)),
            (false, true) => Some(array(self.parts.iter().map(Vec::as_slice))),
            (false, false) => {
                let text = [b"{\"type\":\"text\",\"text\":\"", &self.content[..], b"\"}"].concat();
                Some(array(self.parts.iter().map(Vec::as_slice).chain([&text[..]])))
            }
        };
        Choice {
            index: Cow::Owned(self.index),
            role: self.role.map(Cow::Owned),
            content,
            tool_calls: (!calls.is_empty()).then(|| array(calls.iter().map(Vec::as_slice))),
            reasoning: (!self.reasoning.is_empty()).then(|| quoted(&self.reasoning)),
            refusal: self.refusal.as_deref().map(quoted),
            more: self.more.into_iter().map(|(name, value)| (name, text(&value))).collect(),
            finish_reason: self.finish_reason.map(Cow::Owned),
        }
    }
}

impl Call {
    fn id(&self) -> Option<&[u8]> {
        self.fields.iter().find(|(name, _)| name == "id").map(|(_, id)| &id[..]).filter(|id| id.len() > 2)
    }

    fn grow(&mut self, piece: &[u8]) {
        fields(piece, |name, value| match name {
            "function" | "custom" => {
                if !self.fields.iter().any(|(known, _)| known == name) {
                    // Its place; what it holds is in `function`.
                    self.fields.push((name.to_owned(), Vec::new()));
                }
                fields(value, |name, value| grow(&mut self.function, name, value, name != "name"));
            }
            _ => grow(&mut self.fields, name, value, false),
        });
    }

    fn json(&self) -> Vec<u8> {
        let mut out = vec![b'{'];
        for (at, (name, value)) in self.fields.iter().enumerate() {
            named(name, at > 0, &mut out);
            if value.is_empty() {
                out.push(b'{');
                for (at, (name, value)) in self.function.iter().enumerate() {
                    named(name, at > 0, &mut out);
                    out.extend_from_slice(value);
                }
                out.push(b'}');
            } else {
                out.extend_from_slice(value);
            }
        }
        out.push(b'}');
        out
    }
}

fn named(name: &str, behind: bool, out: &mut Vec<u8>) {
    if behind {
        out.push(b',');
    }
    literal::push_json_text(name, out);
    out.push(b':');
}

/// A field of a tool call: texts that come in pieces are joined, other values are kept as they came first.
fn grow(known: &mut Vec<(String, Vec<u8>)>, name: &str, value: &[u8], in_pieces: bool) {
    let Some((_, old)) = known.iter_mut().find(|(known, _)| known == name) else {
        known.push((name.to_owned(), value.to_vec()));
        return;
    };
    match (inner(old).map(<[u8]>::len), inner(value)) {
        (Some(_), Some(more)) if in_pieces => {
            old.pop();
            old.extend_from_slice(more);
            old.push(b'"');
        }
        // A name or an id that was empty or null before.
        (Some(0), Some(_)) | (None, Some(_)) if value != b"\"\"" => *old = value.to_vec(),
        _ => {}
    }
}

/// Joins the pieces of a value that is not known: texts and arrays grow, objects field by field, others are replaced.
fn merge(known: &mut Value, piece: Value) {
    match (known, piece) {
        (Value::String(known), Value::String(piece)) => known.push_str(&piece),
        (Value::Array(known), Value::Array(piece)) => known.extend(piece),
        (Value::Object(known), Value::Object(piece)) => {
            for (name, piece) in piece {
                match known.get_mut(&name) {
                    // These say the same again.
                    Some(_) if matches!(&*name, "id" | "type" | "index" | "object") => {}
                    Some(known) => merge(known, piece),
                    None => {
                        known.insert(name, piece);
                    }
                }
            }
        }
        (_, Value::Null) => {}
        (known, piece) => *known = piece,
    }
}

/// A value as JSON.
pub(super) fn text(value: &Value) -> Raw<'static> {
    Cow::Owned(value.to_string().into_bytes())
}

/// A message that came whole.
pub(super) fn of_message(message: &[u8]) -> Choice<'_> {
    let mut choice = Choice::default();
    fields(message, |name, value| match name {
        "role" => choice.role = super::some(value),
        "content" => choice.content = super::some(value),
        "tool_calls" => choice.tool_calls = super::some(value).filter(|calls| literal::is_truthy(calls)),
        "reasoning_content" | "reasoning" => choice.reasoning = super::some(value),
        "refusal" => choice.refusal = super::some(value),
        _ if literal::is_truthy(value) => choice.more.push((name.to_owned(), Cow::Borrowed(value))),
        _ => {}
    });
    choice
}

/// A choice that borrows from nothing.
pub(super) fn owned(choice: Choice<'_>) -> Choice<'static> {
    let own = |raw: Option<Raw<'_>>| raw.map(|raw| Cow::Owned(raw.into_owned()));
    Choice {
        index: Cow::Owned(choice.index.into_owned()),
        role: own(choice.role),
        content: own(choice.content),
        tool_calls: own(choice.tool_calls),
        reasoning: own(choice.reasoning),
        refusal: own(choice.refusal),
        more: choice.more.into_iter().map(|(name, raw)| (name, Cow::Owned(raw.into_owned()))).collect(),
        finish_reason: own(choice.finish_reason),
    }
}
